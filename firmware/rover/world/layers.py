"""What the two channels of the lunar penetrating radar hear: echoes of layers and of buried rocks, made up from a seed.

Below the ground lies fine soil, then a bed with rocks, then lava with a seam in it; Chang'e-4 saw soil to 12 m, rocks
to 24 m, then more. Each interface sinks and rises smoothly from place to place, and sends back a wavelet from straight
below; a rock sends one back from wherever it lies, later the farther it is: a hyperbola along the way. The receiver's
gain, fixed in time, undoes spreading and loss, and makes its noise grow. Time counts from when the wave goes down.
"""

import sys
from array import array

from micropython import const

from .ground import chance
from .ground import noise as swell

SAMPLES = (256, 512)  # of 60 MHz, each 4 ns; of 500 MHz, each 0.625 ns
LAYERS = const(4)  # interfaces
PERMITTIVITY = (340, 440, 600, 700)  # relative, in hundredths, above each interface; below the last as above it
_INDEX = (1844, 2098, 2449, 2646)  # of refraction, its square root, in thousandths

# Each interface: depth, and by how much it swings over 33 m and over 2 m at most, in mm. The second is always in time
# for the window of 500 MHz
_INTERFACES = ((11600, 800, 60), (23000, 800, 60), (38000, 1200, 120), (55000, 1600, 160))
# What each sends back, by channel, in eighths of a count, negative as it is denser below. Deeper goes 60 MHz alone
_STRENGTHS = ((-360, -400, -300, -280), (-440, -380))
# Wavelets differ in time alone. Its unit is 1/400 of a period, 41.7 ps and 5 ps: how many of them a sample takes, and
# how many quarters of mm deep times index a wave goes down and up in one
_SAMPLE = (96, 125)
_PER_UNIT = (24983, 2998)
# The wave straight over the ground, and what the antenna rings after it: time and strength
_DIRECT = ((200, 3200), (420, -2200), (640, 1200), (860, -560), (1080, 220))

# Rocks: some in each cell of 2**13 mm, heard from as far aside; between the first two interfaces wherever these stand
_ROCKS = const(8)
_CELL = const(13)
_REACH = const(0x4000000)  # mm squared
_HIGHEST = const(12600)  # mm deep
_BED = const(9400)  # mm thick
_ROCK_SHIFT = (2, 0)  # to 60 MHz they are small

_SWING_SALT = const(64)
_RIPPLE_SALT = const(68)
_STRENGTH_SALT = const(72)
_ROCK_SALT = const(76)

# Half a Ricker wavelet, 127 at its peak, a step each 8 units
_RICKER = array(
    "b",
    [
        127, 126, 121, 114, 104, 92, 79, 64, 49, 33, 18, 4, -10, -22, -32, -41, -47, -52, -55, -57, -57, -55, -53, -50,
        -46, -42, -38, -34, -30, -26, -22, -19, -16, -13, -11, -9, -7, -6, -4, -3, -3, -2, -2, -1, -1, -1, 0, 0,
    ],
)  # fmt: skip
_WIDTH = const(376)  # units from its peak to its end


class Layers:
    """What lies below a ground, a `world.ground.Ground`."""

    def __init__(self, ground):
        self._salt = ground.salt

    def depth(self, layer, x, y):
        """How deep an interface, 0 to LAYERS - 1, lies below the ground at a place, in mm."""
        depth, swing, ripple = _INTERFACES[layer]
        depth += swell(self._salt ^ _SWING_SALT + layer << 20, 15, x, y) * swing >> 14
        return depth + (swell(self._salt ^ _RIPPLE_SALT + layer << 20, 11, x, y) * ripple >> 14)

    def trace(self, channel, x, y, noise, into, at):
        """Writes what a channel, 0: 60 MHz, 1: 500 MHz, hears at a place: SAMPLES[channel] signed octets from `at` on.

        noise: its `below` is the chance of the receiver's noise; all else belongs to the place.
        """
        samples, sample = SAMPLES[channel], _SAMPLE[channel]
        hiss(into, at, samples, noise.below(0x8000) << 15 | noise.below(0x8000) | 1)
        for time, strength in _DIRECT:
            echo(into, at, samples, sample, time, strength)
        time = above = 0
        strengths = _STRENGTHS[channel]
        for layer in range(len(strengths)):
            depth = self.depth(layer, x, y)
            time += (depth - above) * _INDEX[layer] * 4 // _PER_UNIT[channel]
            above = depth
            strength = strengths[layer]
            strength += swell(self._salt ^ _STRENGTH_SALT + layer << 20, 11, x, y) * strength >> 16
            echo(into, at, samples, sample, time, strength)
            if layer == 0:
                self._rocks(channel, x, y, depth, time, into, at)

    def _rocks(self, channel, x, y, top, time, into, at):
        """Adds the rocks around a place. top, time: depth of their bed there, and when its echo comes."""
        samples, sample = SAMPLES[channel], _SAMPLE[channel]
        for place in range(9 * _ROCKS):
            column = (x >> _CELL) + place % 3 - 1
            row = (y >> _CELL) + place // 3 % 3 - 1
            # Columns repeat after 2**15, far beyond the Moon that a rover sees: each rock has its own 2**12
            found = chance(column + (place // 9 << 12), row, self._salt ^ _ROCK_SALT << 20)
            across = (column << _CELL) + ((found & 0xFF) << 5) - x
            along = (row << _CELL) + ((found >> 8 & 0xFF) << 5) - y
            aside = across * across + along * along
            if aside < _REACH:
                depth = _HIGHEST + ((found >> 16 & 0xFF) * _BED >> 8)
                straight = time + (depth - top) * _INDEX[1] * 4 // _PER_UNIT[channel]
                # A square root: one step of Newton's from its series is right to a mm
                far = depth + aside // (2 * depth)
                far = (far + (depth * depth + aside) // far) >> 1
                strength = (found >> 24) + 4
                strength = (strength * strength // 44) * (_REACH - aside >> 16) >> 10 + _ROCK_SHIFT[channel]
                echo(into, at, samples, sample, straight + straight * (far - depth) // depth, -strength)


def echo_plain(into, at, samples, sample, time, strength):
    """Adds a wavelet of such a strength, its peak at a time, to a trace, cut where octets end. `echo` without viper."""
    number = max(0, (time - _WIDTH) // sample + 1)
    end = min(samples, (time + _WIDTH) // sample + 1)
    while number < end:
        value = into[at + number]
        value = (value ^ 0x80) - 0x80 + ((strength * _RICKER[abs(number * sample - time) + 4 >> 3] + 0x200) >> 10)
        into[at + number] = max(-128, min(value, 127)) & 0xFF
        number += 1


def hiss_plain(into, at, samples, state):
    """Writes the receiver's noise, at the end three times as loud as at the start. state: not 0. `hiss` without viper.

    Chance is that of the kernel's noise: multiply with carry.
    """
    for number in range(samples):
        state = 32760 * (state & 0x7FFF) + (state >> 15)
        # Triangular, standard deviation 0.6 counts at the start
        value = (((state >> 2 & 0xF) - (state >> 7 & 0xF)) * (samples + 2 * number) + 6 * samples) // (12 * samples)
        into[at + number] = value & 0xFF


if sys.implementation.name == "micropython":
    import micropython

    # A trace asks for 20 echoes and 512 samples of noise
    @micropython.viper
    def echo(into, at: int, samples: int, sample: int, time: int, strength: int):
        """Adds a wavelet of such a strength, its peak at a time, to a trace, cut where octets end."""
        octets = ptr8(into)  # noqa: F821
        ricker = ptr8(_RICKER)  # noqa: F821
        number = (time - 376) // sample + 1
        if number < 0:
            number = 0
        end = (time + 376) // sample + 1
        if end > samples:
            end = samples
        while number < end:
            step = number * sample - time
            if step < 0:
                step = 0 - step
            step = (int(ricker[step + 4 >> 3]) ^ 0x80) - 0x80
            value = (int(octets[at + number]) ^ 0x80) - 0x80 + ((strength * step + 0x200) >> 10)
            if value > 127:
                value = 127
            if value < -128:
                value = -128
            octets[at + number] = value & 0xFF
            number += 1

    @micropython.viper
    def hiss(into, at: int, samples: int, state: int):
        """Writes the receiver's noise, at the end three times as loud as at the start. state: not 0."""
        octets = ptr8(into)  # noqa: F821
        number = 0
        while number < samples:
            state = 32760 * (state & 0x7FFF) + (state >> 15)
            value = (((state >> 2 & 0xF) - (state >> 7 & 0xF)) * (samples + 2 * number) + 6 * samples) // (12 * samples)
            octets[at + number] = value & 0xFF
            number += 1

else:
    echo = echo_plain
    hiss = hiss_plain
