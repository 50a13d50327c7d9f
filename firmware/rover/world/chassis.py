"""Wheels on the ground: where the rover really is, and what its gyroscope, inclinometer and hazard cameras tell of it.

Places in mm east and north of the lander, directions in millidegrees from north by east, slopes in hundredths of a
degree. Slip and stray come from the slope and from chance.
"""

from micropython import const

from .sun import arctangent2, sine

_TURN = const(360000)
_QUARTER = const(0x40000)  # of a binary angle

_HALF_LENGTH = const(550)  # mm from the middle to the axles in front and behind
_HALF_WIDTH = const(500)
_LOOK_AHEAD = const(1100)  # where the hazard cameras look, from the middle
_LOOK_ASIDE = const(450)

_SLIP = const(20)  # per mille on level ground; ...
_SLIP_RISE = const(12500)  # ... on a slope of s/100 degrees s * s over this more: 10 % at 10 degrees
_SLIP_CHANCE = const(10)
_SLIDE = const(20)  # on a slope to the side it slides down by a part of its way: sine over this
_STRAY = const(300)  # millidegrees that it turns by chance within a metre, at most
_TURN_ERROR = const(8)  # per mille, at most
_LITTLE = const(5000)  # millidegrees: who turns by less stands as before
_COMPASS_ERROR = const(400)  # millidegrees, at most: the heading is found from the Sun


class Chassis:
    """The rover's body on its wheels.

    ground: gives height(x, y). chance: its stream. x, y, heading: where it is in truth. obstacle: mm of a step that
    stands in its way whatever the ground, 0: none.
    """

    def __init__(self, ground, chance, x, y, heading):
        self.x = x
        self.y = y
        self.heading = heading
        self.obstacle = 0
        self._ground = ground
        self._chance = chance
        self._level()

    def move(self, mm):
        """Its wheels turn by `mm`: it goes not quite so far, and not quite straight."""
        slip = _SLIP + self._chance.around_zero(_SLIP_CHANCE)
        if self.pitch > 0:
            slip += self.pitch * self.pitch // _SLIP_RISE
        ahead = mm * max(0, 1000 - slip) // 1000
        aside = mm * self._tilt_right // (1000 * _SLIDE)
        sin, cos = _direction(self.heading)
        self.x += (ahead * sin + aside * cos) >> 14
        self.y += (ahead * cos - aside * sin) >> 14
        self.heading = (self.heading + self._chance.around_zero(_STRAY) * mm // 1000) % _TURN
        self._level()

    def turn(self, millidegrees):
        """It turns on the spot, to the right if positive."""
        error = self._chance.around_zero(_TURN_ERROR)
        self.heading = (self.heading + millidegrees + millidegrees // 1000 * error) % _TURN
        if abs(millidegrees) > _LITTLE:
            self._level()

    def compass(self):
        """The heading, as it is found from the Sun."""
        return (self.heading + self._chance.around_zero(_COMPASS_ERROR)) % _TURN

    def step_ahead(self, aside):
        """How much the ground ahead departs from the plane of the wheels, in mm; aside: direction from its heading."""
        if self.obstacle:
            return self.obstacle
        sin, cos = _direction(aside)
        worst = 0
        for across in (-_LOOK_ASIDE, 0, _LOOK_ASIDE):
            ahead = (_LOOK_AHEAD * cos - across * sin) >> 14
            right = (_LOOK_AHEAD * sin + across * cos) >> 14
            there = self._height(ahead, right)
            plane = self._middle + (ahead * self._tilt_ahead - right * self._tilt_right) // 1000
            worst = max(worst, abs(there - plane))
        return worst

    def _level(self):
        """Takes the slope of the place: pitch (nose up) and roll (left side up), in hundredths of a degree."""
        front_left = self._height(_HALF_LENGTH, -_HALF_WIDTH)
        front_right = self._height(_HALF_LENGTH, _HALF_WIDTH)
        back_left = self._height(-_HALF_LENGTH, -_HALF_WIDTH)
        back_right = self._height(-_HALF_LENGTH, _HALF_WIDTH)
        self._middle = (front_left + front_right + back_left + back_right) >> 2
        # mm a metre: up ahead, down to the right
        self._tilt_ahead = (front_left + front_right - back_left - back_right) * 500 // (2 * _HALF_LENGTH)
        self._tilt_right = (front_left + back_left - front_right - back_right) * 500 // (2 * _HALF_WIDTH)
        self.pitch = _slope(self._tilt_ahead)
        self.roll = _slope(self._tilt_right)

    def _height(self, ahead, right):
        sin, cos = _direction(self.heading)
        x = self.x + ((ahead * sin + right * cos) >> 14)
        y = self.y + ((ahead * cos - right * sin) >> 14)
        return self._ground.height(x, y)


def _direction(heading):
    """(sine, cosine) of millidegrees, scaled 2**14."""
    # 2**20 units are 360,000 millidegrees: * 65536 / 22500 in two steps, under 2**30
    angle = heading % _TURN * 2912 // 1000 + heading % _TURN * 711 // 1000000
    return sine(angle), sine(angle + _QUARTER)


def _slope(tilt):
    """Hundredths of a degree of so many mm a metre."""
    angle = arctangent2(abs(tilt), 1000) * 1125 >> 15
    return angle if tilt >= 0 else -angle
