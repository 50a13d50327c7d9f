"""The ground around the landing site, made up from a seed: heights and brightness at any place, in integers.

Places are in mm east and north of the lander, within 16 km of it; heights in mm. The plain rolls by value noise in four
octaves; on it lie craters of four sizes, bowls with a rim, and rocks of two. Each cell of a size holds one of its kind
or none, whole: so a place asks one cell a size, and nothing need be stored.
"""

import sys
from array import array

import micropython
from micropython import const

CRATERS = const(4)  # sizes of them, the widest first
OCTAVES = const(6)  # of noise: four lift the ground, two brighten it
HEIGHT = const(9)  # bits by which `relief` shifts a height, above the soil's brightness, ...
EVEN = const(8192)  # ... and mm that it adds before: no height is negative

# Value noise: lattice of 2**n mm; by how many mm, or per mille of light, it lifts or lowers at most; its salt
_NOISE = array("H", (16, 2500, 0, 13, 220, 1, 11, 40, 2, 9, 8, 3, 13, 8, 48, 10, 8, 49))
_LIFTS = const(4)
# Craters: cell of 2**n mm; of 8 cells so many have one; depth of the freshest in 1/16 of the radius (a fresh bowl is as
# deep as a fifth of its width, old ones are worn down; the widest here are all old)
_BOWLS = array("H", (17, 3, 2, 15, 4, 4, 13, 4, 5, 11, 3, 4))
_CRATER_SALT = const(16)
# Rocks, of two sizes: one of eight cells of 2**12 and of 2**10 mm has one, half as wide as a crater there would be
_ROCK_BITS = const(12)
_ROCK_SALT = const(32)

_ONE = const(0x4000)
_RIM_END = const(0x9000)  # 2.25: square of how many radii the rim reaches out
_SOIL = const(75)  # per mille of the light that mare soil gives back, more or less, and what is added at most by ...
_FRESH = const(40)  # ... a young crater's floor
_ROCK = const(25)

if sys.implementation.name == "cpython":

    def ptr16(buffer):
        """What viper knows as a pointer; elsewhere a buffer is what it is."""
        return buffer


class Ground:
    """One ground. seed: 0 to 2**30 - 1."""

    def __init__(self, seed):
        self.salt = chance(seed & 0x7FFF, seed >> 15, 0)  # of all its chance

    def height(self, x, y):
        """Height of the ground at a place, rocks and all, in mm."""
        return (relief(x, y, self.salt, _LIFTS, CRATERS) >> HEIGHT) - EVEN + (rocks(x, y, self.salt) >> 2)

    def slope(self, x, y):
        """(east, north): how the ground rises over the metre around a place, in mm."""
        return (
            self.height(x + 500, y) - self.height(x - 500, y),
            self.height(x, y + 500) - self.height(x, y - 500),
        )

    def albedo(self, x, y):
        """Share of the light that the ground gives back at a place, in per mille."""
        soil = relief(x, y, self.salt, OCTAVES, CRATERS) & (1 << HEIGHT) - 1
        return soil + _ROCK * (rocks(x, y, self.salt) & 3)


# On CPython, these two are plain Python
@micropython.viper
def relief(x: int, y: int, salt: int, octaves: int, craters: int) -> int:
    """Height in mm + EVEN << HEIGHT, and below it the soil's brightness in per mille, of the ground without rocks.

    octaves: OCTAVES, or 4 where the brightness does not matter. craters: how many sizes of them, CRATERS for all.
    """
    table = ptr16(_NOISE)
    height = 0
    soil = _SOIL
    layer = 0
    while layer < octaves:
        bits = int(table[3 * layer])
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
            mixed = (column & 0x7FFF) * 26699 ^ (row & 0x7FFF) * 31153 ^ salt ^ int(table[3 * layer + 2]) << 20
            mixed &= 0x3FFFFFFF
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
        here = (below + ((here - below) * across >> 10) - _ONE) * int(table[3 * layer + 1]) >> 14
        if layer < _LIFTS:
            height += here
        else:
            soil += here
        layer += 1
    table = ptr16(_BOWLS)
    layer = 0
    while layer < craters:
        bits = int(table[3 * layer])
        mixed = (
            (x >> bits & 0x7FFF) * 26699 ^ (y >> bits & 0x7FFF) * 31153 ^ salt ^ (_CRATER_SALT + layer) << 20
        ) & 0x3FFFFFFF
        mixed = (mixed & 0x7FFF) * 28411 + (mixed >> 15)
        mixed ^= mixed >> 11
        mixed = (mixed & 0x7FFF) * 30011 + (mixed >> 15)
        mixed ^= mixed >> 13
        mixed = (mixed & 0x7FFF) * 32749 + (mixed >> 15)
        if mixed & 7 < int(table[3 * layer + 1]):
            # A cell is 2**14 units wide; with its rim, at most 1.5 radii, the bowl lies within
            radius = 1024 + (mixed >> 3 & 0x7FF)
            room = _ONE - 3 * radius
            # One of the two shifts is by 0
            more = bits - 14 if bits > 14 else 0
            less = 14 - bits if bits < 14 else 0
            across = ((x & (1 << bits) - 1) >> more << less) - (radius * 3 >> 1) - ((mixed >> 14 & 0xFF) * room >> 8)
            along = ((y & (1 << bits) - 1) >> more << less) - (radius * 3 >> 1) - ((mixed >> 22 & 0xFF) * room >> 8)
            span = radius * radius
            square = across * across + along * along
            if square < span * 9 >> 2:
                square = (square << 5) // (span >> 9)
                if square < _RIM_END:
                    age = mixed >> 12 & 3
                    depth = (radius << bits >> 14) * int(table[3 * layer + 2]) * (4 + age) // 112
                    rim = depth >> 2
                    if square < _ONE:
                        height += ((depth + rim) * square >> 14) - depth
                    else:
                        fall = (_RIM_END - square) * _ONE // (_RIM_END - _ONE)
                        height += (rim * fall >> 14) * fall >> 14
                    # The deepest are the youngest
                    if age == 3:
                        soil += _FRESH * (_RIM_END - square) // _RIM_END
        layer += 1
    return (height + EVEN << HEIGHT) + soil


@micropython.viper
def rocks(x: int, y: int, salt: int) -> int:
    """How high rocks stand at a place, in mm << 2, and below it how many there are: caps of 3/4 of their radius."""
    height = 0
    count = 0
    bits = _ROCK_BITS
    while bits >= _ROCK_BITS - 2:
        mixed = (
            (x >> bits & 0x7FFF) * 26699
            ^ (y >> bits & 0x7FFF) * 31153
            ^ salt
            ^ (_ROCK_SALT + (_ROCK_BITS - bits >> 1)) << 20
        )
        mixed &= 0x3FFFFFFF
        mixed = (mixed & 0x7FFF) * 28411 + (mixed >> 15)
        mixed ^= mixed >> 11
        mixed = (mixed & 0x7FFF) * 30011 + (mixed >> 15)
        mixed ^= mixed >> 13
        mixed = (mixed & 0x7FFF) * 32749 + (mixed >> 15)
        if mixed & 7 == 0:
            radius = 1024 + (mixed >> 3 & 0x7FF) >> 1
            room = _ONE - 3 * radius
            across = ((x & (1 << bits) - 1) << 14 - bits) - (radius * 3 >> 1) - ((mixed >> 14 & 0xFF) * room >> 8)
            along = ((y & (1 << bits) - 1) << 14 - bits) - (radius * 3 >> 1) - ((mixed >> 22 & 0xFF) * room >> 8)
            square = across * across + along * along
            if square < radius * radius:
                square = (square << 5) // (radius * radius >> 9)
                if square < _ONE:
                    height += ((radius << bits >> 14) * 3 >> 2) * (_ONE - square) >> 14
                    count += 1
        bits -= 2
    return height << 2 | count


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
