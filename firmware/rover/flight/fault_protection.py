"""Keeps a craft within its limits: what the monitors watch, and what follows when one fires."""

from micropython import const

from ..tables import (
    ARRAY_POWER,
    BATTERY_CHARGE,
    EXHAUSTED,
    FAULT,
    GO_SAFE,
    GO_TO_SLEEP,
    ISOLATE,
    LOAD_POWER,
    MEMORY_FREE,
    RESETS,
    RESPONSE,
    RESTORE_CLOCK,
    RETIRED,
    SELF,
    SELF_RESET,
    SHED,
    SUN_AZIMUTH,
    SUN_ELEVATION,
    USE_SPARE,
    WING,
)
from .mode_record import MOST_RESETS
from .monitors import Monitors

_HIGH_SUN = const(15000)  # millidegrees: from here on the array can be judged
_CELLS_AT = const(250)  # tenths of a degree C
_CELL_SLOPE = const(22)  # 0.22 % of its power for each degree

_PARAMETERS = const(10)
_CLOCK_STEP = const(5)  # as the dictionary's P_CLOCK_STEP


class FaultProtection:
    """Samples what the monitors watch, and responds.

    wing_mw: what a wing gives in full Sun. clock: the kernel's. validation, equipment, record: of the craft. events:
    the service. frames_sent, frames_lost: return how many frames the line took so far, and how many it did not.
    restart: called with the reason of a reset, and does not come back. parameters: for the monitors.

    monitors: their states. asked: events that responses ask for, a bit each. reason: for which safe mode is asked.
    nominal_s: since when no limit is broken. has_acted: whether a response may have changed what is to be kept.
    """

    def __init__(
        self,
        *,
        wing_mw,
        clock,
        validation,
        equipment,
        record,
        events,
        frames_sent,
        frames_lost,
        restart,
        parameters,
    ):
        self.monitors = Monitors(events, self._respond, self._limit_holds, parameters)
        self.asked = 0
        self.reason = 0
        self.has_acted = False
        self.nominal_s = clock.s
        self._wing_mw = wing_mw
        self._clock = clock
        self._validation = validation
        self._equipment = equipment
        self._record = record
        self._events = events
        self._frames_sent = frames_sent
        self._frames_lost = frames_lost
        self._restart = restart
        self._values = _PARAMETERS * [None]  # type: list
        self._shedders = 0  # monitors whose response it was to shed, a bit each
        self._looked_s = None
        self._looked_onboard_s = 0
        self._frames_lost_by = self._frames_told = frames_lost()  # by the last look, and told of
        self._frames_sent_then = 0  # when frames were lost last
        self._store_errors = record.store_errors()
        self._commanded_s = clock.s

    def begin(self):
        """A lunar day begins: what the night has cost does not count."""
        self.nominal_s = self._commanded_s = self._clock.s
        self._frames_lost_by = self._frames_told = self._frames_lost()
        self._store_errors = self._record.store_errors()

    def sample(self):
        """Lets the monitors check what this look has brought."""
        now = self._clock.s
        validation, values = self._validation, self._values
        # Not by senses.value(): each call of it costs a Pico 25 us
        read, lost = validation.values, validation.lost
        errors = self._record.store_errors()
        # In the order of the dictionary's enum `parameter`
        values[0] = None if lost & 1 << BATTERY_CHARGE else read[BATTERY_CHARGE]
        values[1] = validation.box()
        values[2] = None if lost & 1 << LOAD_POWER else read[LOAD_POWER] - self._equipment.expected()
        values[3] = self._array_share()
        values[4] = None if lost & 1 << MEMORY_FREE else read[MEMORY_FREE]
        values[_CLOCK_STEP] = self._clock_step(now)
        values[6] = self._frames_lost_until_now()
        values[7] = min(errors - self._store_errors, 0xFFFF)
        values[8] = (now - self._commanded_s) // 3600
        values[9] = None if lost & (1 << SUN_AZIMUTH | 1 << SUN_ELEVATION) else read[SUN_ELEVATION]
        self._store_errors = errors
        self.monitors.check(values, now)
        if self.monitors.broken:
            self.nominal_s = now

    def commanded(self):
        """The ground has called."""
        self._commanded_s = self._clock.s

    def set_time(self, s, ms):
        """The ground sets on-board time: from here on it may not jump."""
        self._clock.set_onboard(s, ms)
        self._looked_s, self._looked_onboard_s = self._clock.s, s

    def is_retired(self, monitor):
        """Return whether a monitor has fired so often that it is off for good."""
        return self.monitors.status[monitor] == RETIRED

    def ask_safe(self, reason):
        """Asks for safe mode; the first reason counts."""
        if not self.asked & 1 << FAULT:
            self.reason = reason
            self.asked |= 1 << FAULT

    def _frames_lost_until_now(self):
        """Frames that the line did not take, once it takes them again: before that nobody would hear of it."""
        lost, sent = self._frames_lost(), self._frames_sent()
        if lost != self._frames_lost_by:
            self._frames_lost_by, self._frames_sent_then = lost, sent
        if lost == self._frames_told or sent == self._frames_sent_then:
            return 0
        told, self._frames_told = lost - self._frames_told, lost
        return min(told, 0xFFFF)

    def _clock_step(self, now):
        """Seconds by which on-board time has gone otherwise than the tick counter since the last look."""
        onboard_s = self._clock.onboard_s()
        step = 0
        if self._looked_s is not None:
            step = (onboard_s - self._looked_onboard_s) - (now - self._looked_s)
        self._looked_s, self._looked_onboard_s = now, onboard_s
        return step

    def _array_share(self):
        """Per cent of what the array should give in this Sun; None where that cannot be judged."""
        validation = self._validation
        elevation = validation.values[SUN_ELEVATION]
        if elevation < _HIGH_SUN or not self._equipment.wing_open:
            return None
        if validation.lost & (1 << ARRAY_POWER | 1 << SUN_ELEVATION):
            return None
        # Sine by Bhaskara's formula, scaled 2**8: within 0.2 per cent
        degrees = elevation // 100
        degrees *= 1800 - degrees
        sine = (degrees << 10) // (4050000 - degrees)
        cells = 10000 - _CELL_SLOPE * (validation.values[WING] - _CELLS_AT) // 10
        # Two wings, in mW
        expected = ((self._wing_mw >> 7) * sine >> 4) * cells // 625
        return validation.values[ARRAY_POWER] * 100 // expected

    def _respond(self, monitor, action, level):
        if action == SELF_RESET and self._record.resets >= MOST_RESETS:
            action = GO_SAFE
            reason = RESETS
        else:
            reason = monitor
        if action == GO_SAFE and self._record.safe:
            return
        self.has_acted = True
        self._events.report(RESPONSE, monitor, action, level)
        if action == SHED:
            self._shedders |= 1 << monitor
            self._equipment.do_without(True)
        elif action == ISOLATE:
            self._equipment.isolate_excess()
        elif action == USE_SPARE:
            self._equipment.replace_dead()
        elif action == RESTORE_CLOCK:
            self._looked_onboard_s -= self._values[_CLOCK_STEP] or 0
            self._clock.set_onboard(self._looked_onboard_s, self._clock.onboard_ms())
        elif action == GO_SAFE:
            self.ask_safe(reason)
        elif action == GO_TO_SLEEP:
            self.asked |= 1 << EXHAUSTED
        elif action == SELF_RESET:
            self._restart(SELF)

    def _limit_holds(self, monitor):
        self._shedders &= ~(1 << monitor)
        if not self._shedders and self._equipment.shed:
            self._equipment.do_without(False)
