"""The wake and sleep scheduler: lives the lunar day by what the Sun sensor tells."""

from micropython import const

from ..generated import (
    ACTIVE,
    ACTIVE_START,
    DORMANT,
    EQUIPMENT_ON,
    NAP,
    NAP_END,
    NAP_START,
    PARKING,
    PARKING_START,
    SUN_LOOK,
    WAKING,
)
from ..kernel.scheduler import Activity
from .modes import due_move, mode_for, moves_of

_LOOK_S = const(60)
_LOOK_IN_THE_DARK_S = const(600)  # the wake-up circuit spares the battery
_CONFIRM = const(3)  # looks in a row that must ask for the same move: one noisy reading moves nothing
_WAKING_S = const(1200)  # until the equipment is on and ready
_WEST = const(180000)  # millidegrees of azimuth: from here on the Sun sinks


# How the board's light tells the mode: ms on, ms off
_LIGHT = (
    (0, 1000),  # DORMANT
    (100, 100),  # WAKING
    (1000, 0),  # ACTIVE
    (100, 1900),  # NAP
    (500, 500),  # PARKING
)


class LunarDay:
    """Puts a craft to sleep and wakes it.

    craft: constants of the dictionary. scheduler: the kernel's. sensors: gives sun_elevation() and sun_azimuth() in
    millidegrees, 0 and 0 in the dark. events, housekeeping, telemetry: how it speaks; in the night it does not.
    board: shows the mode by its light. mode, elevation, azimuth: as of the last look. notices: what to report as soon
    as it speaks, event ids with raw values.
    """

    def __init__(self, craft, scheduler, sensors, events, housekeeping, telemetry, board):
        self.notices = []
        self.mode = DORMANT
        self.elevation = 0
        self.azimuth = 0
        self._craft = craft
        self._moves = moves_of(craft)
        self._scheduler = scheduler
        self._sensors = sensors
        self._events = events
        self._housekeeping = housekeeping
        self._telemetry = telemetry
        self._board = board
        self._asked = None  # the move that the last looks asked for ...
        self._times = 0  # ... so often in a row
        self._next_look = Activity(SUN_LOOK, self._look)
        self._equipment_on = Activity(EQUIPMENT_ON, self._work)

    def start(self):
        """Takes up the mode that the Sun calls for, without a report of a wake-up that was not seen."""
        self._sense()
        self._set(mode_for(self._moves, self.azimuth < _WEST, self.elevation))
        self._look_later()
        if self.mode != DORMANT:
            self._housekeeping.start()
            self._tell_notices()
            self._telemetry.announce()

    def _look(self):
        self._sense()
        self._look_later()
        move = due_move(self._moves, self.mode, self.azimuth < _WEST, self.elevation)
        self._times = self._times + 1 if move is self._asked else 1
        self._asked = move
        if move is not None and self._times >= _CONFIRM:
            self._enter(move.target)

    def _sense(self):
        self.elevation = self._sensors.sun_elevation()
        self.azimuth = self._sensors.sun_azimuth()

    def _look_later(self):
        in_the_dark = self.mode == DORMANT and self.elevation == 0
        self._scheduler.after(self._next_look, _LOOK_IN_THE_DARK_S if in_the_dark else _LOOK_S)

    def _enter(self, mode):
        left = self.mode
        self._set(mode)
        if mode == WAKING:
            self._housekeeping.start()
            self._events.report(self._craft.wake_event, self.elevation)
            self._tell_notices()
            self._telemetry.announce()
            self._scheduler.after(self._equipment_on, _WAKING_S)
        elif mode == NAP:
            self._events.report(NAP_START, self.elevation)
        elif mode == PARKING:
            self._events.report(PARKING_START, self.elevation)
        elif mode == DORMANT:
            self._events.report(self._craft.sleep_event, self.elevation)
            self._housekeeping.stop()
            self._telemetry.flush()
        elif left == NAP:
            self._events.report(NAP_END, self.elevation)

    def _set(self, mode):
        self.mode = mode
        self._board.show(*_LIGHT[mode])

    def _tell_notices(self):
        for values in self.notices:
            self._events.report(*values)
        self.notices.clear()

    def _work(self):
        self._set(ACTIVE)
        self._events.report(ACTIVE_START)
