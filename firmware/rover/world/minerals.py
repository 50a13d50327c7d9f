"""What the ground gives back of sunlight from 450 to 2400 nm, and what the spectrometer VNIS counts of it, in integers.

Soil is a mixture that changes from place to place. Its minerals absorb in bands, each a Gaussian, on a continuum that
reddens (after Sunshine et al. 1990, J. Geophys. Res. 95, 6955). Pyroxene's bands near 1 and 2 um lie farther out the
more calcium it holds (Adams 1974, doi 10.1029/JB079i032p04829); olivine has three around 1 um and none at 2,
plagioclase one at 1.25 um, glass broad ones. Of the mafic minerals clinopyroxene rules, as was told of this place.
"""

import sys
from array import array

from micropython import const

from .ground import noise

BANDS = const(391)
FIRST_NM = const(450)
STEP_NM = const(5)

DARK = const(0)  # kinds of scans: with the shutter closed, ...
TARGET = const(1)  # ... of the ground, ...
PANEL = const(2)  # ... of the inside of the dust cover, which is white

MINERALS = const(5)
CLINOPYROXENE = const(0)
ORTHOPYROXENE = const(1)
OLIVINE = const(2)
GLASS = const(3)
PLAGIOCLASE = const(4)

# Share of the soil in per mille, and by how much it differs at most; plagioclase is the rest
_SHARES = ((330, 80), (90, 50), (70, 35), (260, 90))
# Mineral, middle and standard deviation in nm, per mille of the light that the pure mineral absorbs in the middle
ABSORPTIONS = (
    (CLINOPYROXENE, 990, 88, 420),
    (CLINOPYROXENE, 1200, 90, 60),
    (CLINOPYROXENE, 2180, 185, 360),
    (ORTHOPYROXENE, 920, 75, 450),
    (ORTHOPYROXENE, 1900, 190, 360),
    (OLIVINE, 850, 80, 120),
    (OLIVINE, 1050, 75, 250),
    (OLIVINE, 1250, 150, 160),
    (GLASS, 1060, 200, 60),
    (GLASS, 1950, 250, 30),
    (PLAGIOCLASE, 1250, 120, 30),
)
# A Gaussian scaled 2**14, from its middle to 4 standard deviations in 64 steps
_BELL = array(
    "H",
    [
        16384, 16352, 16256, 16099, 15880, 15603, 15272, 14889, 14459, 13987, 13477, 12936, 12367,
        11778, 11173, 10558, 9937, 9317, 8701, 8095, 7501, 6924, 6366, 5830, 5319, 4834,
        4375, 3945, 3543, 3170, 2825, 2508, 2217, 1953, 1713, 1497, 1304, 1130, 976,
        840, 720, 615, 523, 443, 373, 314, 263, 219, 182, 151, 124, 102,
        83, 68, 55, 45, 36, 29, 23, 18, 14, 11, 9, 7, 5,
    ],
)  # fmt: skip
_REACH = const(16384)  # 4 standard deviations in 1/4096

# Sunlight and detectors together: counts of a white ground under a Sun in the zenith in 256, each 50 nm. One detector
# takes the light up to 900 nm, the other from 950 on
_WHITE = (
    b"\x46\x64\x82\x96\x9b\x96\x8a\x78\x60\x48\x5a\x73\x82\x8c\x91\x94\x96\x98\x98\x96"
    b"\x92\x8e\x88\x8a\x8c\x8a\x88\x85\x80\x7c\x76\x70\x6a\x66\x60\x5a\x52\x4a\x40\x36\x36"
)
_PANEL = const(9900)  # 1/10000 of the light that the panel gives back
_COLD = const(-400)  # 0.1 degC: colder than this the detectors' dark counts are ...
_DARK = const(9)  # ... so many; each 8 K doubles them
_READ = const(96)  # noise of reading, 4 counts; as `_root` wants it

_SALT = const(80)


class Minerals:
    """The soil at one place, x and y in mm of the lander on `ground`."""

    def __init__(self, ground, x, y):
        shares = array("H", MINERALS * [0])
        rest = 1000
        for mineral in range(len(_SHARES)):
            share, spread = _SHARES[mineral]
            salt = ground.salt ^ _SALT + 2 * mineral << 20
            chance = noise(salt, 13, x, y) + noise(salt ^ 1 << 20, 10, x, y)
            shares[mineral] = share + (chance * spread >> 15)
            rest -= shares[mineral]
        shares[PLAGIOCLASE] = rest
        self._shares = shares
        self._curve = array("H", bytes(2 * BANDS))
        depths = array("H", len(ABSORPTIONS) * [0])
        places = array("H", 2 * len(ABSORPTIONS) * [0])
        for number in range(len(ABSORPTIONS)):
            mineral, places[2 * number], places[2 * number + 1], strength = ABSORPTIONS[number]
            depths[number] = shares[mineral] * strength // 100
        absorb(self._curve, ground.albedo(x, y), places, depths)

    def weight(self, mineral):
        """Share of a mineral in the soil, in per mille."""
        return self._shares[mineral]

    def reflectance(self, band):
        """Share of the light of a band that the ground gives back, in 1/10000."""
        return self._curve[band]

    def scan(self, kind, up, detector, noise, into, at):
        """Writes a scan's 391 counts into `into` at `at`, each in two octets, big-endian.

        kind: DARK, TARGET or PANEL. up: sine of the Sun's elevation, scaled 2**14. detector: how warm it is, 0.1 degC.
        """
        sun = max(0, up)
        warmth = min(max(0, detector - _COLD), 1000)
        dark = (_DARK * (80 + warmth % 80) << warmth // 80) // 80
        fixed = _PANEL if kind == PANEL else 0
        curve, around_zero = self._curve, noise.around_zero
        white = step = root = 0
        for band in range(BANDS):
            if band % 10 == 0:
                white = _WHITE[band // 10] * sun >> 2
                step = ((_WHITE[band // 10 + 1] * sun >> 2) - white) // 10
            level = dark + (white >> 4) * (curve[band] if kind == TARGET else fixed) // 10000
            white += step
            spread = level + _READ
            while root * root > spread:
                root -= 1
            while (root + 1) * (root + 1) <= spread:
                root += 1
            level += around_zero(root)
            if level < 0:
                level = 0
            elif level > 0xFFFF:
                level = 0xFFFF
            into[at] = level >> 8
            into[at + 1] = level & 0xFF
            at += 2


def absorb_plain(curve, albedo, places, depths):
    """Fills `curve` with the reflectances of all bands. `absorb` without viper."""
    for band in range(BANDS):
        nm = FIRST_NM + STEP_NM * band
        absorbed = 0
        for number in range(len(depths)):
            away = (abs(nm - places[2 * number]) << 12) // places[2 * number + 1]
            if away < _REACH:
                low = _BELL[away >> 8]
                absorbed += depths[number] * (low - ((low - _BELL[(away >> 8) + 1]) * (away & 0xFF) >> 8))
        tilt = 620 + (band * 6793 >> 10) - (band * band * 328 >> 16)
        curve[band] = (albedo * tilt // 100) * (0x4000 - absorbed // 10000) >> 14


if sys.implementation.name == "micropython":
    import micropython

    @micropython.viper
    def absorb(curve, albedo: int, places, depths):
        """Fills `curve` with the reflectances of all bands."""
        into = ptr16(curve)  # noqa: F821
        place = ptr16(places)  # noqa: F821
        depth = ptr16(depths)  # noqa: F821
        bell = ptr16(_BELL)  # noqa: F821
        count = int(len(depths))  # noqa: RUF046
        band = 0
        while band < 391:
            nm = 450 + 5 * band
            absorbed = 0
            number = 0
            while number < count:
                away = nm - int(place[2 * number])
                if away < 0:
                    away = 0 - away
                away = (away << 12) // int(place[2 * number + 1])
                if away < 16384:
                    low = int(bell[away >> 8])
                    low -= (low - int(bell[(away >> 8) + 1])) * (away & 0xFF) >> 8
                    absorbed += int(depth[number]) * low
                number += 1
            tilt = 620 + (band * 6793 >> 10) - (band * band * 328 >> 16)
            into[band] = (albedo * tilt // 100) * (0x4000 - absorbed // 10000) >> 14
            band += 1

else:
    absorb = absorb_plain
