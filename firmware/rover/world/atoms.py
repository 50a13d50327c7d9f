"""What comes off the ground where the solar wind hits it, as the neutral atom detector ASAN counts it, in integers.

Two kinds of atoms. Hydrogen of the solar wind, scattered back: fewer with rising energy, none over the wind's own
(Funsten et al. 2013, doi 10.1002/jgre.20055). Atoms of the ground that the wind knocks out, a third as many, falling as
a power law past what binds them (Thompson's law; of oxygen 0.2 to 0.4 as many, Vorburger et al. 2014, doi
10.1002/2013JA019207). A channel takes in a fixed share of its energy, so it counts as the flux does times the energy.
"""

from array import array

from micropython import const

CHANNELS = const(24)  # equally wide on a logarithmic scale from 10 eV to 10 keV

# Their middles in eV
_ENERGIES = array(
    "H",
    [
        12, 15, 21, 27, 37, 49, 65, 87, 115, 154, 205, 274,
        365, 487, 649, 866, 1155, 1540, 2054, 2738, 3652, 4870, 6494, 8660,
    ],
)  # fmt: skip
_WIND = const(1000)  # eV of a proton in the solar wind, at 440 km/s
_BINDING = const(6)  # eV that hold an atom in the ground
# In 3 s under a Sun in the zenith this makes 48 counts of hydrogen, and 17 of the ground's atoms
_HYDROGEN = const(35)
_SPUTTERED = const(100000)

# Poisson's law where one count is expected: below these of 2**15 come none, at most one, at most two and so on
_ONE_EXPECTED = array("H", (12055, 24109, 30137, 32146, 32648, 32749, 32765, 32768))


def _in_the_zenith(energy):
    """Counts to be expected in 3 s under a Sun in the zenith, in 1/1024."""
    tied = energy + _BINDING
    counts = _SPUTTERED // tied * energy // tied * energy // tied
    if energy < _WIND:
        counts += energy * (_WIND - energy) // _HYDROGEN
    return counts


_IN_THE_ZENITH = array("H", [_in_the_zenith(energy) for energy in _ENERGIES])


def expected(channel, up):
    """Counts to be expected in a channel in 3 s, in 1/1024. up: sine of the Sun's elevation, scaled 2**14."""
    return _IN_THE_ZENITH[channel] * up >> 14 if up > 0 else 0


def count(up, noise, into, at):
    """Writes the counts of 24 channels in 3 s, an octet each, into `into` at `at`. up: as `expected` takes it."""
    below = noise.below
    for channel in range(CHANNELS):
        mean = expected(channel, up)
        counts = 0
        while mean > 0:
            chance = below(0x8000)
            come = 0
            while chance >= _ONE_EXPECTED[come]:
                come += 1
            # Of the last some go, each by the same chance: what stays keeps to Poisson's law
            if mean < 1024:
                for _ in range(come):
                    come -= below(1024) >= mean
            counts += come
            mean -= 1024
        into[at + channel] = counts
