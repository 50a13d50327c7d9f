"""Drives: turns to where the target lies, goes a step, looks ahead, and so on; around what stands in the way."""

from micropython import const

from ..kernel.scheduler import Task
from ..tables import (
    DEAD_LOAD,
    HAZARD_AHEAD,
    HAZARD_HEIGHT,
    HAZARD_SLOPE,
    HAZARD_STOP,
    LOAD_WHEELS,
    TOO_FAR,
    WHEEL_TURN,
)

_STEP_MM = const(500)
_MS_A_METRE = const(18462)  # 195 m an hour
_MDEG_A_S = const(3000)
_THERE_MM = const(100)
# Millidegrees off the way that are tried, the nearest first
_AROUND = const((0, 30000, -30000, 60000, -60000, 90000, -90000))
_KEPT_MM = const(2000)  # so often on the way the flight state is written: a restart costs no more of it
_LONGEST_WAY = const(3)  # times the distance

_TURN = const(360000)
_ONE = const(0x4000)

# What it does next
_STANDS = const(0)
_AIMS = const(1)
_GOES = const(2)
_TURNS = const(3)  # and that is all


class Driver:
    """Follows a way by wheels and compass.

    clock, scheduler: the kernel's. wheels: what it acts on and senses with: move, turn, compass, step_ahead, pitch,
    roll. switch: switches the wheels on or off, returns whether they draw power. flight_state: where the rover believes
    it is. events: the service. report_stop: reports where it has stopped. parameters: which step and slope are a
    hazard.
    """

    def __init__(self, *, clock, scheduler, wheels, switch, flight_state, events, report_stop, parameters):
        self._clock = clock
        self._scheduler = scheduler
        self._wheels = wheels
        self._switch = switch
        self._flight_state = flight_state
        self._events = events
        self._report_stop = report_stop
        self._parameters = parameters
        self._next = Task(WHEEL_TURN, self._go_on)
        self._state = _STANDS
        self._done = self._progress = None
        self._east = self._north = 0  # the target
        self._turn = 0  # that is being made, in millidegrees
        self._step = 0  # that is being made, in mm
        self._left = 0  # mm that it may drive at most

    def under_way(self):
        """Millimetres that the wheels have rolled in the step that is being made: by time, no other is told of them."""
        if self._state != _GOES:
            return 0
        clock, due = self._clock, self._next
        left_ms = (due.s - clock.s) * 1000 + due.ms - clock.ms
        return self._step - min(self._step, left_ms * 1000 // _MS_A_METRE)

    def moves(self):
        """Whether it is under way."""
        return self._state != _STANDS

    def drive(self, bearing, mm, done, progress=None):
        """Drives to the place `mm` away in direction `bearing`, in millidegrees; `done(failure, value)` follows.

        done: None, or who keeps the flight state then. failure: 0, or by the dictionary's enum `plan_failure`.
        progress: called each 2 m on the way, or None.
        """
        flight_state = self._flight_state
        self._east = flight_state.east + (mm * sine(bearing) >> 14)
        self._north = flight_state.north + (mm * sine(bearing + _TURN // 4) >> 14)
        self._left = mm * _LONGEST_WAY
        self._done = done
        self._progress = progress
        if self._switch(True):
            self._aim(bearing, 0)
        else:
            self._end(DEAD_LOAD, LOAD_WHEELS)

    def turn_to(self, bearing, done=None):
        """Turns on the spot; what follows is as for `drive`."""
        self._done = done
        if self._switch(True):
            self._start_turn(bearing, _TURNS)
        else:
            self._end(DEAD_LOAD, LOAD_WHEELS)

    def stop(self):
        """Stops at once; nothing follows."""
        if self._state != _STANDS:
            self._scheduler.cancel(self._next)
            self._rest()

    def _go_on(self):
        flight_state, wheels = self._flight_state, self._wheels
        if self._state == _GOES:
            wheels.move(self._step)
            flight_state.odometer += self._step
            flight_state.east += self._step * sine(flight_state.heading) >> 14
            flight_state.north += self._step * sine(flight_state.heading + _TURN // 4) >> 14
            self._left -= self._step
            flight_state.heading = wheels.compass()
            if flight_state.odometer % _KEPT_MM < self._step:
                flight_state.keep()
                if self._progress is not None:
                    self._progress()
            self._choose()
            return
        wheels.turn(self._turn)
        flight_state.heading = wheels.compass()
        if self._state == _AIMS:
            self._go()
        else:
            self._end(0, 0)

    def _choose(self):
        """After a step: is it there; if not, where next?"""
        to_east, to_north = self._east - self._flight_state.east, self._north - self._flight_state.north
        to_go = _length(to_east, to_north)
        if to_go <= _THERE_MM:
            self._end(0, 0)
        elif self._left <= 0:
            self._end(TOO_FAR, to_go)
        else:
            self._aim(bearing_of(to_east, to_north), to_go)

    def _aim(self, bearing, to_go):
        """Turns to `bearing`, or as little off it as the ground allows.

        to_go: mm to the target; 0 at the begin of a drive: a rover that stands on a steep slope must get away from it.
        """
        flight_state, wheels = self._flight_state, self._wheels
        slope = max(abs(wheels.pitch), abs(wheels.roll))
        off = bearing - flight_state.heading
        highest, steepest = self._parameters[HAZARD_HEIGHT], self._parameters[HAZARD_SLOPE]
        height = 0
        for aside in _AROUND:
            height = wheels.step_ahead(off + aside)
            if height <= highest and (slope <= steepest or not to_go):
                self._start_turn(bearing + aside, _AIMS)
                return
        to_go = to_go or _length(self._east - flight_state.east, self._north - flight_state.north)
        self._events.report(HAZARD_STOP, height, slope, to_go)
        self._end(HAZARD_AHEAD, to_go)

    def _start_turn(self, bearing, state):
        self._state = state
        self._turn = (bearing - self._flight_state.heading + _TURN // 2) % _TURN - _TURN // 2
        self._after_ms(abs(self._turn) * 1000 // _MDEG_A_S)

    def _go(self):
        flight_state = self._flight_state
        self._state = _GOES
        self._step = max(1, min(_STEP_MM, _length(self._east - flight_state.east, self._north - flight_state.north)))
        self._after_ms(self._step * _MS_A_METRE // 1000)

    def _after_ms(self, ms):
        self._scheduler.after(self._next, ms // 1000, ms % 1000)

    def _end(self, failure, value):
        done = self._done
        self._rest()
        if done is None:
            self._flight_state.keep()
        else:
            done(failure, value)

    def _rest(self):
        self._state = _STANDS
        self._done = self._progress = None
        self._switch(False)
        self._flight_state.stop = self._flight_state.stop + 1 & 0xFFFF
        self._report_stop()


def sine(millidegrees):
    """Sine scaled 2**14, within 8 of it."""
    millidegrees %= _TURN
    if millidegrees >= _TURN // 2:
        return -sine(millidegrees - _TURN // 2)
    # A quarter turn is 2**14; x (a - x**2 (b - c x**2)) is the fifth order that meets value, slope and bend at its end
    part = min(millidegrees, _TURN // 2 - millidegrees) * 1024 // 5625
    square = part * part >> 14
    return part * (25736 - (square * (10512 - (square * 1160 >> 14)) >> 14)) >> 14


def bearing_of(east, north):
    """Direction in millidegrees from north by east, within 0.3 degrees: enough to aim by, step by step."""
    across, along = abs(east), abs(north)
    if across == along == 0:
        return 0
    small, large = min(across, along), max(across, along)
    part = (small << 10) // large
    # Arc tangent of 0..1 in thousandths: 45 x + 15.6 x (1 - x)
    angle = (part * 45000 >> 10) + (part * (1024 - part) >> 10) * 15642 // 1024
    if across > along:
        angle = _TURN // 4 - angle
    if north < 0:
        angle = _TURN // 2 - angle
    return (-angle if east < 0 else angle) % _TURN


def _length(east, north):
    """Length in mm, within 1 per cent and 2 mm, of a way of at most 160 m."""
    east, north = abs(east), abs(north)
    large, small = max(east, north), min(east, north)
    if large == 0:
        return 0
    # Newton's root of the sum of squares, in 1/16 of a mm where that stays small
    shift = 0
    while large >> shift > 0x4000:
        shift += 1
    large >>= shift
    small >>= shift
    square = large * large + small * small
    root = large + (small >> 1)
    root = (root + square // root) >> 1
    return (root + square // root) >> 1 << shift
