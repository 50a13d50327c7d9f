"""The ground around the landing site, made up from a seed: heights and brightness at any place, in integers.

Places are in mm east and north of the lander, within 16 km of it; heights in mm. The plain rolls by value noise in four
octaves; on it lie craters of four sizes, bowls with a rim, and rocks of two. Each cell of a size holds one of its kind
or none, whole: so a place asks one cell a size, and nothing need be stored.
"""

import sys

from micropython import const

# Value noise: lattice of 2**n mm, and by how many mm it lifts or sinks at most
_OCTAVES = ((16, 2500), (13, 220), (11, 40), (9, 8))
# Craters: cell of 2**n mm; of 8 cells so many have one; depth of the freshest in 1/16 of the radius (a fresh bowl is as
# deep as a fifth of its width, old ones are worn down; the widest here are all old)
_CRATERS = ((17, 3, 2), (15, 4, 4), (13, 4, 5), (11, 3, 4))
# Rocks: cell, of 8 cells so many, shift of the radius of a crater in such a cell
_ROCKS = ((12, 1, 1), (10, 1, 1))

_ONE = const(0x4000)
_RIM_END = const(0x9000)  # 2.25: square of how many radii the rim reaches out
_DARKEST = const(60)  # per mille of the light that mare soil gives back, and what is added at most by ...
_MOTTLED = const(15)  # ... chance from place to place
_FRESH = const(40)  # ... a young crater's floor
_ROCK = const(25)

_CRATER_SALT = const(16)
_ROCK_SALT = const(32)
_MOTTLE_SALT = const(48)


class Ground:
    """One ground. seed: 0 to 2**30 - 1."""

    def __init__(self, seed):
        self.salt = chance(seed & 0x7FFF, seed >> 15, 0)  # of all its chance
        self._radius = 0  # of what `_disc` has found, in mm
        self._chance = 0  # what is left of its chance, 15 bits

    def height(self, x, y):
        """Height of the ground at a place, rocks and all, in mm."""
        height = 0
        for layer in range(len(_OCTAVES)):
            bits, amplitude = _OCTAVES[layer]
            height += noise(self.salt ^ layer << 20, bits, x, y) * amplitude >> 14
        for layer in range(len(_CRATERS)):
            bits, share, depth = _CRATERS[layer]
            square = self._disc(_CRATER_SALT + layer, bits, share, 0, x, y)
            if square < _RIM_END:
                height += _bowl(square, self._radius * depth * (4 + (self._chance & 3)) // 112)
        for layer in range(len(_ROCKS)):
            bits, share, smaller = _ROCKS[layer]
            square = self._disc(_ROCK_SALT + layer, bits, share, smaller, x, y)
            if square < _ONE:
                height += (self._radius * 3 >> 2) * (_ONE - square) >> 14
        return height

    def slope(self, x, y):
        """(east, north): how the ground rises over the metre around a place, in mm."""
        return (
            self.height(x + 500, y) - self.height(x - 500, y),
            self.height(x, y + 500) - self.height(x, y - 500),
        )

    def albedo(self, x, y):
        """Share of the light that the ground gives back at a place, in per mille."""
        albedo = _DARKEST + (noise(self.salt ^ _MOTTLE_SALT << 20, 13, x, y) >> 11)
        albedo += noise(self.salt ^ _MOTTLE_SALT + 1 << 20, 10, x, y) >> 11
        for layer in range(len(_CRATERS)):
            bits, share, _ = _CRATERS[layer]
            square = self._disc(_CRATER_SALT + layer, bits, share, 0, x, y)
            # The deepest are the youngest
            if square < _RIM_END and self._chance & 3 == 3:
                albedo += _FRESH * (_RIM_END - square) // _RIM_END
        for layer in range(len(_ROCKS)):
            bits, share, smaller = _ROCKS[layer]
            if self._disc(_ROCK_SALT + layer, bits, share, smaller, x, y) < _ONE:
                albedo += _ROCK
        return albedo + _MOTTLED

    def _disc(self, salt, bits, share, smaller, x, y):
        """How far a place lies from the middle of what its cell holds: square of the distance in radii, scaled 2**14.

        _RIM_END where that is farther, or the cell holds none.
        """
        found = chance(x >> bits, y >> bits, self.salt ^ salt << 20)
        if found & 7 >= share:
            return _RIM_END
        # A cell is 2**14 units wide; with its rim, at most 1.5 radii, the disc lies within
        radius = (1024 + (found >> 3 & 0x7FF)) >> smaller
        room = _ONE - 3 * radius
        across, along = x & (1 << bits) - 1, y & (1 << bits) - 1
        if bits > 14:
            across >>= bits - 14
            along >>= bits - 14
        else:
            across <<= 14 - bits
            along <<= 14 - bits
        across -= (radius * 3 >> 1) + ((found >> 14 & 0xFF) * room >> 8)
        along -= (radius * 3 >> 1) + ((found >> 22 & 0xFF) * room >> 8)
        square = across * across + along * along
        span = radius * radius
        if square >= span * 9 >> 2:
            return _RIM_END
        self._radius = radius << bits >> 14
        self._chance = found >> 12
        return (square << 5) // (span >> 9)


def chance_plain(column, row, salt):
    """30 bits of chance that belong to a cell and a salt; cells repeat after 2**15. `chance` without viper."""
    mixed = ((column & 0x7FFF) * 26699 ^ (row & 0x7FFF) * 31153 ^ salt) & 0x3FFFFFFF
    mixed = (mixed & 0x7FFF) * 28411 + (mixed >> 15)
    mixed ^= mixed >> 11
    mixed = (mixed & 0x7FFF) * 30011 + (mixed >> 15)
    mixed ^= mixed >> 13
    return (mixed & 0x7FFF) * 32749 + (mixed >> 15)


def noise_plain(salt, bits, x, y):
    """Value noise, -2**14 to 2**14, smooth between the corners of a lattice of 2**bits mm. `noise` without viper."""
    column, row = x >> bits, y >> bits
    along = _smooth(((x & (1 << bits) - 1) << 10) >> bits)
    across = _smooth(((y & (1 << bits) - 1) << 10) >> bits)
    here = chance_plain(column, row, salt) >> 15
    here += ((chance_plain(column + 1, row, salt) >> 15) - here) * along >> 10
    above = chance_plain(column, row + 1, salt) >> 15
    above += ((chance_plain(column + 1, row + 1, salt) >> 15) - above) * along >> 10
    return here + ((above - here) * across >> 10) - _ONE


def _smooth(part):
    """A part of a cell, 0 to 1023, bent so that slopes meet at its edges."""
    return (part * part >> 6) * (3072 - 2 * part) >> 14


if sys.implementation.name == "micropython":
    import micropython

    # A height asks for ten cells and four lattices: in bytecode 2.4 ms on a Pico
    @micropython.viper
    def chance(column: int, row: int, salt: int) -> int:
        """30 bits of chance that belong to a cell and a salt."""
        mixed: int = ((column & 0x7FFF) * 26699 ^ (row & 0x7FFF) * 31153 ^ salt) & 0x3FFFFFFF
        mixed = (mixed & 0x7FFF) * 28411 + (mixed >> 15)
        mixed ^= mixed >> 11
        mixed = (mixed & 0x7FFF) * 30011 + (mixed >> 15)
        mixed ^= mixed >> 13
        return (mixed & 0x7FFF) * 32749 + (mixed >> 15)

    @micropython.viper
    def noise(salt: int, bits: int, x: int, y: int) -> int:
        """Value noise, -2**14 to 2**14."""
        along = ((x & (1 << bits) - 1) << 10) >> bits
        along = (along * along >> 6) * (3072 - 2 * along) >> 14
        across = ((y & (1 << bits) - 1) << 10) >> bits
        across = (across * across >> 6) * (3072 - 2 * across) >> 14
        here = 0
        below = 0
        corner = 0
        while corner < 4:
            column = (x >> bits) + (corner & 1)
            row = (y >> bits) + (corner >> 1)
            mixed = ((column & 0x7FFF) * 26699 ^ (row & 0x7FFF) * 31153 ^ salt) & 0x3FFFFFFF
            mixed = (mixed & 0x7FFF) * 28411 + (mixed >> 15)
            mixed ^= mixed >> 11
            mixed = (mixed & 0x7FFF) * 30011 + (mixed >> 15)
            mixed ^= mixed >> 13
            mixed = ((mixed & 0x7FFF) * 32749 + (mixed >> 15)) >> 15
            if corner & 1:
                here += (mixed - here) * along >> 10
            else:
                below = here
                here = mixed
            corner += 1
        return below + ((here - below) * across >> 10) - 0x4000

else:
    chance = chance_plain
    noise = noise_plain


def _bowl(square, depth):
    """Height of a crater so far from its middle, `square` as `_disc` gives it, `depth` mm deep below the plain."""
    rim = depth >> 2
    if square < _ONE:
        return ((depth + rim) * square >> 14) - depth
    fall = (_RIM_END - square) * _ONE // (_RIM_END - _ONE)
    return (rim * fall >> 14) * fall >> 14
