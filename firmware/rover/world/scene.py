"""What the cameras on the mast see from one stop: relief, rocks and shadows, a column of a picture at a time.

Near the rover the ground is surveyed once, on a square of cells; farther out it is asked for along a few rays, when the
cameras turn there. Rocks and the smallest craters are finer than cells: they are drawn as what they are. Rows of a
column go upward, so that what they see lies farther and farther out. Angles are binary, 2**20 a turn.

Places here are in mm of an origin some 131 m south-west of the rover, that no coordinate is negative; heights in mm
over the ground at the mast, plus _EVEN. A tangent is scaled 2**14, plus _LEVEL. Light is in per mille of what a white
ground under a Sun in the zenith would give back.
"""

import sys
from array import array

import micropython
from micropython import const

from .ground import CRATERS, HEIGHT, OCTAVES, chance, noise, relief
from .sun import sine

ROWS = const(48)
COLUMNS = const(64)

_QUARTER = const(0x40000)
_RADIAN = const(166886)
_ORIGIN_BITS = const(12)  # the origin lies on a corner of the widest cells that are looked into
_ORIGIN = const(0x20000)
_EVEN = const(0x4000)
_LEVEL = const(0x4000)
_EYE = const(1700)  # mm of the cameras over the ground

_BITS = const(8)  # a cell of the survey is 2**8 mm wide
_CELLS = const(96)
_HALF = const(12288)  # mm from the middle of the survey to its edge
_SOILS = const(48)  # brightness has cells twice as wide
_EDGE = const(11264)  # mm: how far a ray goes on the survey, from either eye
_UNSHADED = const(128)  # a shade is how high shadow stands over the ground, in 4 mm, plus this

_SPOKES = const(18)  # rays of the far ground, ...
_SPOKE_BITS = const(12)  # ... so many units of angle apart, ...
_RINGS = const(24)  # ... and rings of places on them: ...
_SPREAD = const(20)  # ... the first lie evenly as seen from the eye, the n-th at _EDGE * 20 / (20 - n), ...
_END = const(1200000)  # ... and the last, in mm, where the walls of the great crater stand
_STEEPEST = const(3277)  # tangent at the mast of ground that may rise into a picture from below

# What may stand at a place: cell of 2**n mm, salt, of 8 cells so many have one, mm to which it is drawn / 256. A small
# rock, a crater, a big rock; and the rocks of both sizes whose shadow may reach it
_KINDS = bytes((10, 33, 1, 80, 11, 19, 3, 110, 12, 32, 1, 250, 10, 33, 1, 80, 12, 32, 1, 250))
_CRATER = const(1)
_STANDING = const(3)
_ALL = const(5)
_WIDEST = const(384)  # mm: radius of the biggest rock, ...
_TALLEST = const(288)  # ... and its height
_FRESH = const(40)
_ROCK = const(25)
_ONE = const(0x4000)
_RIM_END = const(0x9000)

if sys.implementation.name == "cpython":

    def ptr8(buffer):
        """What viper knows as a pointer; elsewhere a buffer is what it is."""
        return buffer

    ptr16 = ptr32 = ptr8


class Scene:
    """The ground around one place under one Sun.

    ground: of the world. x, y: where the rover stands, in mm. azimuth, elevation: of the Sun, binary angles. Call
    `survey` until it is False, then `face` and `column` as often as wanted.
    """

    def __init__(self, ground, x, y, azimuth, elevation):
        self._salt = ground.salt
        self._origin_x = (x >> _ORIGIN_BITS << _ORIGIN_BITS) - _ORIGIN
        self._origin_y = (y >> _ORIGIN_BITS << _ORIGIN_BITS) - _ORIGIN
        self._x = x - self._origin_x
        self._y = y - self._origin_y
        self._west = (self._x >> _BITS << _BITS) - _HALF
        self._south = (self._y >> _BITS << _BITS) - _HALF
        self._base = (relief(x, y, self._salt, OCTAVES, CRATERS - 1) >> HEIGHT) - _EVEN
        # Toward the Sun; its light on level ground, and on a wall
        self._sun_x = sine(azimuth)
        self._sun_y = sine(azimuth + _QUARTER)
        self._up = max(0, sine(elevation))
        self._level = max(1, sine(elevation + _QUARTER)) if self._up else 0
        self._heights = array("H", bytes(2 * _CELLS * _CELLS))
        self._shades = bytearray(_CELLS * _CELLS)
        self._soils = bytearray(_SOILS * _SOILS)
        self._tops = [array("H", bytes(2 * _CELLS)), array("H", bytes(2 * _CELLS))]
        self._surveyed = 0
        self._tangents = array("H", bytes(2 * ROWS))
        self._first_spoke = 0
        self._right_x = self._right_y = 0  # of the direction that it faces
        self._rings = array("I", [_EDGE * _SPREAD // (_SPREAD - ring) for ring in range(_SPREAD - 1)])
        while len(self._rings) < _RINGS - 1:
            self._rings.append(self._rings[-1] * 5 >> 2)
        self._rings.append(_END)
        self._far_heights = array("H", bytes(2 * _SPOKES * _RINGS))
        self._far_rises = array("H", bytes(2 * _SPOKES * _RINGS))
        self._far_soils = bytearray(_SPOKES * _RINGS)
        grain = bytes([chance(cell, 0, self._salt ^ 52 << 20) >> 22 for cell in range(256)])
        self._drawn = (
            (self._heights, self._far_heights, self._shades, self._far_rises, self._soils, self._far_soils),
            (self._tangents, self._rings, array("I", bytes(4 * 5 * _ALL)), grain),
            (self._west, self._south, self._origin_x, self._origin_y, self._salt),
            (self._sun_x, self._sun_y, self._up, self._level),
        )

    def survey(self):
        """Takes one row of cells: first heights and soil, then shadow. Returns whether there is more to do."""
        row = self._surveyed
        if row < _CELLS:
            y = self._south + self._origin_y + (row << _BITS)
            place = (self._west + self._origin_x, y, self._salt, self._base)
            _measure(self._drawn[0], row, place)
        else:
            self._cast(row - _CELLS)
        self._surveyed += 1
        return self._surveyed < 2 * _CELLS

    def _cast(self, row):
        """Shadow of a row, or column, of cells across the Sun's light, from the sunny edge on."""
        ahead, aside = self._sun_y, self._sun_x
        stride, step = _CELLS, 1
        if abs(ahead) < abs(aside):
            ahead, aside = aside, ahead
            stride, step = step, stride
        if ahead > 0:
            row = _CELLS - 1 - row
        # From one row to the next the light goes so much aside and down
        shift = (aside << 8) // abs(ahead)
        drop = (256 << 14) // abs(ahead) * self._up // self._level if self._level else 0
        _cast(self._drawn[0], self._tops, row * stride, step, shift, drop)
        self._tops.reverse()

    def face(self, azimuth, pitch, width, height):
        """Turns to a direction: the picture's middle, and how much it takes in; binary angles."""
        for row in range(ROWS):
            angle = pitch + (2 * row + 1 - ROWS) * height // (2 * ROWS)
            self._tangents[row] = _LEVEL + (sine(angle) << 14) // sine(angle + _QUARTER)
        self._right_x = sine(azimuth + _QUARTER)
        self._right_y = -sine(azimuth)
        self._first_spoke = (azimuth - (width >> 1) >> _SPOKE_BITS) - 1
        lowest = 0xFFFF
        for spoke in range(_SPOKES):
            self._look_far(spoke, 0, 1)
            lowest = min(lowest, self._far_heights[spoke])
        if self._tangents[ROWS - 1] > _LEVEL + (lowest - _EVEN - _EYE << 14) // _EDGE:
            # It sees over the edge of the survey
            for spoke in range(_SPOKES):
                self._look_far(spoke, 1, _RINGS)

    def _look_far(self, spoke, first, end):
        """Takes heights, soil and rises toward the Sun on some rings of a ray."""
        angle = (self._first_spoke + spoke) << _SPOKE_BITS
        sin, cos = sine(angle), sine(angle + _QUARTER)
        at = first * _SPOKES + spoke
        for ring in range(first, min(end, _RINGS - 1)):
            distance = self._rings[ring]
            x = self._x + self._origin_x + ((distance >> 6) * sin >> 8)
            y = self._y + self._origin_y + ((distance >> 6) * cos >> 8)
            found = relief(x, y, self._salt, OCTAVES, CRATERS - 1)
            there = relief(x + (self._sun_x >> 5), y + (self._sun_y >> 5), self._salt, 4, CRATERS - 1)
            self._far_heights[at] = (found >> HEIGHT) - self._base
            self._far_rises[at] = _EVEN + 2 * ((there >> HEIGHT) - (found >> HEIGHT))
            self._far_soils[at] = min(found & (1 << HEIGHT) - 1, 255)
            at += _SPOKES
        if end < _RINGS:
            return
        # The walls of the great crater look the same from every stop
        high = noise(self._salt ^ 50 << 20, 13, sin << 2, cos << 2) * 6 >> 3
        high += noise(self._salt ^ 51 << 20, 11, sin << 2, cos << 2) * 3 >> 4
        self._far_heights[at] = _EVEN + 8000 + high
        self._far_rises[at] = (
            _EVEN + ((self._sun_x * sin >> 14) + (self._sun_y * cos >> 14)) * 350 // 16384 + (high >> 7)
        )
        self._far_soils[at] = 80

    def column(self, pixels, at, angle, aside, gain, salt):
        """Writes a column of ROWS pixels, from the lowest, into `pixels` at `at`.

        angle: its direction. aside: mm by which the eye stands right of the mast. gain: pixel values for 256 of light.
        salt: of the detector's noise, one for each picture.
        """
        sin, cos = sine(angle), sine(angle + _QUARTER)
        x = self._x + (aside * self._right_x >> 14)
        y = self._y + (aside * self._right_y >> 14)
        part = angle - (self._first_spoke << _SPOKE_BITS) & 0xFFFFF
        _draw(x, y, 0, self._drawn, sin, cos, part, aside, pixels, at, gain, salt ^ angle)


@micropython.viper
def _measure(maps, row: int, place):
    """Heights of a row of cells, and on every second one the soil's brightness."""
    heights = ptr16(maps[0])
    soils = ptr8(maps[4])
    x = int(place[0])
    y = int(place[1])
    salt = int(place[2])
    base = int(place[3])
    cell = 0
    while cell < _CELLS:
        octaves = 4 if (row | cell) & 1 else 6
        found = int(relief(x, y, salt, octaves, 3))
        height = (found >> 9) - base
        heights[row * _CELLS + cell] = 0 if height < 0 else height
        if octaves == 6:
            found &= 511
            soils[(row >> 1) * _SOILS + (cell >> 1)] = 255 if found > 255 else found
        x += 256
        cell += 1


@micropython.viper
def _cast(maps, tops, at: int, step: int, shift: int, drop: int):
    """Shadow on a row of cells. tops: of what is in shadow or of the ground, on the row before and, written, this."""
    heights = ptr16(maps[0])
    shades = ptr8(maps[2])
    before = ptr16(tops[0])
    after = ptr16(tops[1])
    whole = shift >> 8
    part = shift & 0xFF
    cell = 0
    while cell < _CELLS:
        top = 0
        beside = cell + whole
        if beside >= 0 and beside < _CELLS - 1:
            top = int(before[beside])
            top += (int(before[beside + 1]) - top) * part >> 8
            top -= drop
        height = int(heights[at])
        shade = (top - height >> 2) + _UNSHADED
        shades[at] = 0 if shade < 0 else 255 if shade > 255 else shade
        after[cell] = top if top > height else height
        at += step
        cell += 1


@micropython.viper
def _draw(
    x: int,
    y: int,
    square: int,
    scene,
    sin: int,
    cos: int,
    part: int,
    aside: int,
    pixels,
    at: int,
    gain: int,
    dice: int,
):
    """Goes outward from an eye over the ground; where the ray of a row meets it, writes the light of that place.

    x, y: of the eye. square: of no matter. The first three are kept in registers.
    """
    picture = ptr8(pixels)
    maps = scene[0]
    heights = ptr16(maps[0])
    far_heights = ptr16(maps[1])
    shades = ptr8(maps[2])
    far_rises = ptr16(maps[3])
    soils = ptr8(maps[4])
    far_soils = ptr8(maps[5])
    maps = scene[1]
    tangents = ptr16(maps[0])
    rings = ptr32(maps[1])
    looks = ptr32(maps[2])
    grain = ptr8(maps[3])
    kinds = ptr8(_KINDS)
    maps = scene[2]
    west = int(maps[0])
    south = int(maps[1])
    origin_x = int(maps[2])
    origin_y = int(maps[3])
    salt = int(maps[4])
    maps = scene[3]
    sun_x = int(maps[0])
    sun_y = int(maps[1])
    up = int(maps[2])
    level = int(maps[3])
    eye_x = x
    eye_y = y
    steep = (up << 10) // level if level > 0 else 0
    longest = _TALLEST * level // up + _WIDEST if up > 0 else 0
    if longest > 4000:
        longest = 4000
    shadow_x = sun_x * longest >> 14
    shadow_y = sun_y * longest >> 14
    dice = (dice & 0x7FFF) * 28411 + (dice >> 15 & 0x7FFF) * 31153
    ring = 0
    row = 0
    last = 0
    last_tangent = 0
    distance = 0
    tangent = 0 - 0x10000
    step = 6000
    if int(tangents[0]) < _LEVEL:
        step = (_EYE - 300 << 14) // (_LEVEL + _STEEPEST - int(tangents[0]))
    rise = 0
    soil = 0
    tilt = 0
    lit = 0
    height = 0
    # The maps that serve where it is, and how many cells a row of them has
    land = heights
    dirt = soils
    stride = 0
    while row < ROWS:
        # Either a row looks to this side of the last place, or it takes another step
        value = 0
        meets = 1
        place = distance
        if int(tangents[row]) > tangent:
            meets = 0
            last = distance
            last_tangent = tangent
            distance += step
            place = distance
            if distance >= _END:
                tangent = 0x10000
                continue
        elif last > 0 and distance < _END:
            place = last + (
                (distance - last) * (((int(tangents[row]) - last_tangent) << 8) // (tangent - last_tangent)) >> 8
            )
        if place < _END:
            # Farther out than 2**18 mm places no longer matter
            x = place >> 2 if place < 0x40000 else 0xFFFF
            y = eye_y + (x * cos >> 12)
            x = eye_x + (x * sin >> 12)
            lit = 256
            if place < _EDGE:
                across = x - west
                along = y - south
                land = heights
                stride = _CELLS
                cell = (along >> _BITS) * _CELLS + (across >> _BITS)
                if meets > 0:
                    low = int(shades[cell])
                    low += (int(shades[cell + 1]) - low) * (across & 0xFF) >> 8
                    high = int(shades[cell + _CELLS])
                    high += (int(shades[cell + _CELLS + 1]) - high) * (across & 0xFF) >> 8
                    lit = 128 - ((low + ((high - low) * (along & 0xFF) >> 8) - _UNSHADED) << 5)
                    # How the ground rises over half a metre toward the Sun
                    rise = 0
                    side = 0 - 1
                    while side < 2:
                        across = x - west + (side * sun_x >> 6)
                        along = y - south + (side * sun_y >> 6)
                        cell = (along >> _BITS) * _CELLS + (across >> _BITS)
                        low = int(heights[cell])
                        low += (int(heights[cell + 1]) - low) * (across & 0xFF) >> 8
                        high = int(heights[cell + _CELLS])
                        high += (int(heights[cell + _CELLS + 1]) - high) * (across & 0xFF) >> 8
                        rise += side * (low + ((high - low) * (along & 0xFF) >> 8))
                        side += 2
                    rise *= 2
                    across = x - west >> 1
                    along = y - south >> 1
                    dirt = soils
                    stride = _SOILS
                    cell = (along >> _BITS) * _SOILS + (across >> _BITS)
                across &= 0xFF
                along &= 0xFF
            else:
                while int(rings[ring + 1]) <= place:
                    ring += 1
                while int(rings[ring]) > place:
                    ring -= 1
                land = far_heights
                dirt = far_soils
                stride = _SPOKES
                across = part + aside * _RADIAN // place
                cell = ring * _SPOKES + (across >> _SPOKE_BITS)
                across = (across & 0xFFF) >> 4
                along = ((place - int(rings[ring])) << 8) // (int(rings[ring + 1]) - int(rings[ring]))
                if meets > 0:
                    rise = int(far_rises[cell])
                    rise += (int(far_rises[cell + 1]) - rise) * across >> 8
                    high = int(far_rises[cell + _SPOKES])
                    high += (int(far_rises[cell + _SPOKES + 1]) - high) * across >> 8
                    rise += ((high - rise) * along >> 8) - _EVEN
            if meets > 0:
                soil = int(dirt[cell])
                soil += (int(dirt[cell + 1]) - soil) * across >> 8
                high = int(dirt[cell + stride])
                high += (int(dirt[cell + stride + 1]) - high) * across >> 8
                soil += (high - soil) * along >> 8
                tilt = 0x4000
            else:
                height = int(land[cell])
                height += (int(land[cell + 1]) - height) * across >> 8
                high = int(land[cell + stride])
                high += (int(land[cell + stride + 1]) - high) * across >> 8
                height += (high - height) * along >> 8
                step = distance >> 4
                if distance > 5000 and distance < 12000:
                    step = distance >> 5
                elif distance > 64000:
                    step = distance >> 2
            back = 0
            kind = 0
            while kind < (_ALL if meets > 0 else _STANDING):
                radius = 0
                bits = int(kinds[4 * kind])
                sample = 5 * kind
                if place < int(kinds[4 * kind + 3]) << 8:
                    across = x
                    along = y
                    if kind >= _STANDING:
                        # The small are a fourth of the big
                        across += shadow_x >> (12 - bits)
                        along += shadow_y >> (12 - bits)
                    key = (along >> bits) << 10 | across >> bits
                    if int(looks[sample]) != key:
                        looks[sample] = key
                        looks[sample + 3] = 0
                        mixed = (
                            (across + origin_x >> bits & 0x7FFF) * 26699
                            ^ (along + origin_y >> bits & 0x7FFF) * 31153
                            ^ salt
                        )
                        mixed = (mixed ^ int(kinds[4 * kind + 1]) << 20) & 0x3FFFFFFF
                        mixed = (mixed & 0x7FFF) * 28411 + (mixed >> 15)
                        mixed ^= mixed >> 11
                        mixed = (mixed & 0x7FFF) * 30011 + (mixed >> 15)
                        mixed ^= mixed >> 13
                        mixed = (mixed & 0x7FFF) * 32749 + (mixed >> 15)
                        if mixed & 7 < int(kinds[4 * kind + 2]):
                            radius = 1024 + (mixed >> 3 & 0x7FF)
                            if kind != _CRATER:
                                radius >>= 1
                            room = 0x4000 - 3 * radius
                            square = (radius * 3 >> 1) + ((mixed >> 14 & 0xFF) * room >> 8)
                            looks[sample + 1] = (across >> bits << bits) + (square >> 14 - bits)
                            square = (radius * 3 >> 1) + ((mixed >> 22 & 0xFF) * room >> 8)
                            looks[sample + 2] = (along >> bits << bits) + (square >> 14 - bits)
                            radius = radius << bits >> 14
                            looks[sample + 3] = radius
                            looks[sample + 4] = radius * 4 * (4 + (mixed >> 12 & 3)) // 112
                    radius = int(looks[sample + 3])
                if radius > 0:
                    across = int(looks[sample + 1]) - x
                    along = int(looks[sample + 2]) - y
                    square = across * across + along * along
                    span = radius * radius
                    if meets > 0:
                        # Its middle, as one looks toward the Sun
                        ahead = across * sun_x + along * sun_y >> 14
                        across = (across * sun_y >> 14) - (along * sun_x >> 14)
                        if kind == _CRATER:
                            if square < span * 9 >> 2:
                                depth = int(looks[sample + 4])
                                # The deepest are the youngest, and bright
                                if 9 * depth > 2 * radius:
                                    soil += _FRESH - (_FRESH * 4) * square // (9 * span)
                                if square < span:
                                    depth = depth * 5 >> 2
                                    rise -= 2 * ahead * ((depth << 10) // radius) // radius
                                    # The rim's shadow is its own disc, moved
                                    along = (radius * steep >> 10) * radius // depth + ahead
                                    if along * along + across * across < span:
                                        lit = 0
                                else:
                                    square = _RIM_END - (square << 11) // (span >> 3)
                                    square = ((depth >> 2) * square // (_RIM_END - _ONE) << 10) // radius
                                    rise += square * 13 // 4 * ahead // radius
                        elif kind < _STANDING and square < span:
                            rise += (ahead * 3 << 9) // radius
                            tilt = (0x4000 << 8) // (256 + square * 205 // span)
                            soil += _ROCK
                            # It has facets
                            mixed = (x >> (bits >> 1)) * 26699 ^ (y >> (bits >> 1)) * 31153
                            mixed = (mixed & 0x7FFF) * 28411 >> 7
                            rise += (mixed & 0xFF) - 128 << 1
                            tilt += tilt * ((mixed >> 8 & 0x7F) - 64) >> 8
                        elif across < 2 * radius and across + 2 * radius > 0 and ahead * 3072 > radius * steep * 2:
                            # The shadow of a cap is a parabola
                            depth = ahead * steep + (across * across * 3 << 8) // radius - (radius * 3 << 8)
                            if depth < (steep * steep >> 10) * radius // 3:
                                lit = 0
                    elif kind == _CRATER:
                        if square < span * 9 >> 2:
                            square = (square << 11) // (span >> 3)
                            depth = int(looks[sample + 4])
                            if square < _ONE:
                                height += ((depth + (depth >> 2)) * square >> 14) - depth
                            elif square < _RIM_END:
                                square = (_RIM_END - square) * _ONE // (_RIM_END - _ONE)
                                height += ((depth >> 2) * square >> 14) * square >> 14
                            if step > radius >> 2:
                                step = radius >> 2
                    else:
                        if square < span:
                            height += (radius * 3 >> 2) - square * 3 // (4 * radius)
                        # Stop where it begins, then go on in small steps
                        ahead = (across * sin + along * cos >> 14) - radius
                        across = (across * cos >> 14) - (along * sin >> 14)
                        if across < radius and across > 0 - radius and ahead + 2 * radius > last - distance:
                            if ahead > 0:
                                step = ahead if ahead < step else step
                            elif ahead < 0 and distance + ahead > last and last > 0:
                                back = distance + ahead
                            elif ahead + 2 * radius > 0 and step > radius >> 2:
                                step = radius >> 2
                kind += 1
            if back > 0:
                # It has stepped too far
                step = back - last
                distance = last
                tangent = last_tangent
            elif meets == 0:
                tangent = _LEVEL + ((height - _EVEN - _EYE) << 14) // distance
                if step < 8:
                    step = 8
            else:
                # Grain as fine as a pixel, turned to the cells
                high = 3 if place < 4000 else 4 if place < 8000 else 5
                across = x * 7 + y * 3 >> high
                along = y * 7 - x * 3 >> high
                cell = along >> 2 & 0xF0
                high = along + 64 >> 2 & 0xF0
                low = int(grain[cell | across >> 6 & 15])
                low += (int(grain[cell | across + 64 >> 6 & 15]) - low) * (across & 63) >> 6
                cell = int(grain[high | across >> 6 & 15])
                cell += (int(grain[high | across + 64 >> 6 & 15]) - cell) * (across & 63) >> 6
                low += (cell - low) * (along & 63) >> 6
                value = up - (level * rise >> 10)
                value = 0 if value < 0 else value * tilt >> 14
                if value > 0x4000:
                    value = 0x4000
                lit = 0 if lit < 0 else 256 if lit > 256 else lit
                value = (value * lit >> 8) + (up >> 5)
                value = (soil * value >> 10) * (low + 896) >> 10
                value = value * gain >> 12
        if meets > 0:
            dice = (dice & 0x7FFF) * 28411 + (dice >> 15)
            value += (dice >> 6 & 1) + (dice >> 9 & 1) - 1
            picture[at + row] = 0 if value < 0 else 255 if value > 255 else value
            row += 1
