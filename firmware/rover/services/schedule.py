"""The schedule, ST[11] (ECSS-E-ST-70-41C, 6.11): executes each command at its on-board time, once at the most.

A command leaves the store before it is executed: a reset in between loses it, and never lets it be executed twice. One
that is due while the rover cannot execute it, as it restarts, follows within 60 s, or is dropped and told.
"""

from micropython import const

from ..kernel.scheduler import Task
from ..tables import SCHEDULE, SCHEDULE_DROPPED, WAS_DISABLED, WAS_LATE, WAS_LOST

_MOST_LATE_S = const(60)
_CLOCK_END = const(0x3FFFFFFF)
_PACKET = const(29)  # where it begins in an entry


class Schedule:
    """The schedule of a craft.

    clock, scheduler: the kernel's. events: the service. execute: gets buffer, start and size of a telecommand packet.
    make_schedule_table: gives what is in the store; it stays in memory while there is something.
    """

    def __init__(self, clock, scheduler, events, execute, make_schedule_table):
        self._clock = clock
        self._scheduler = scheduler
        self._events = events
        self._execute = execute
        self._make = make_schedule_table
        self._schedule_table = None
        self._is_on = False
        self._next = Task(SCHEDULE, self._release)

    def begin(self):
        """The craft wakes up: what is due is executed from now on."""
        self._is_on = True
        lost = self.open().lost
        if lost:
            self._events.report(SCHEDULE_DROPPED, lost, WAS_LOST)
        self.settle()

    def end(self):
        """The craft falls asleep."""
        self._is_on = False
        self._scheduler.cancel(self._next)

    def open(self):
        """The schedule table; who has changed it calls `settle`."""
        if self._schedule_table is None:
            self._schedule_table = self._make()
        return self._schedule_table

    def settle(self):
        """Another command may be due next, or at another time."""
        schedule_table = self._schedule_table
        self._scheduler.cancel(self._next)
        if schedule_table is None:
            return
        if not schedule_table.count:
            self._schedule_table = None
        elif self._is_on:
            s, ms = self._left(schedule_table)
            s = min(s, _CLOCK_END - self._clock.s)
            self._scheduler.after(self._next, max(s, 0), ms if s >= 0 else 0)

    def _left(self, schedule_table):
        """Time until the next command is due: s, below 0 when it is late, and ms, 0 to 999."""
        clock, place = self._clock, schedule_table.places[0]
        s, ms = schedule_table.s[place] - clock.onboard_s(), schedule_table.ms[place] - clock.onboard_ms()
        return (s - 1, ms + 1000) if ms < 0 else (s, ms)

    def _release(self):
        schedule_table = self._schedule_table
        late = 0
        while schedule_table.count and self._left(schedule_table)[0] < -_MOST_LATE_S:
            self._take_out(schedule_table)
            late += 1
        if late:
            self._events.report(SCHEDULE_DROPPED, late, WAS_LATE)
        elif self._left(schedule_table) <= (0, 0):
            self._release_first(schedule_table)
        self.settle()

    def _release_first(self, schedule_table):
        entry = schedule_table.read(schedule_table.places[0])
        if not self._take_out(schedule_table) or entry is None:
            self._events.report(SCHEDULE_DROPPED, 1, WAS_LOST)
        elif not schedule_table.enabled:
            self._events.report(SCHEDULE_DROPPED, 1, WAS_DISABLED)
        else:
            self._execute(entry, _PACKET, len(entry) - _PACKET)

    def _take_out(self, schedule_table):
        """Whether the next command is out of the store; out of memory it is."""
        place = schedule_table.places[0]
        if schedule_table.remove(place):
            return True
        schedule_table.forget(place)
        return False
