"""The event scheduler: a queue of activities by (time, order of entry)."""

from micropython import const

_MS = const(1000)
_STRIDE_S = const(600)  # longest wait taken in one piece: keeps milliseconds * 1000 under 2**30
_LATE_MS = const(20)  # of wall time: an activity that starts later than this is counted


class Activity:
    """Something that asks to be called at a mission time. Make it once; it waits in the queue at most once.

    number: by which a crash report names it.
    """

    def __init__(self, number, call):
        self.number = number
        self.call = call
        self.s = 0
        self.ms = 0
        self.waiting = False
        self.next = None


class Pace:
    """Holds mission time to wall time: `milli_speed` / 1000 mission seconds for each second of the wall.

    board: gives `elapsed_ms()`, wall milliseconds since the last call, and `idle(ms)`, which waits at most so long and
    does what the line wants.
    """

    def __init__(self, milli_speed, board):
        self._milli_speed = milli_speed
        self._board = board
        self._ahead_ms = 0  # how far the wall still lags behind mission time
        self._rest = 0  # of the division by the speed, carried on
        self.late = 0  # activities that started late ...
        self.worst_ms = 0  # ... and by how much at most

    def begin(self):
        """The mission begins now: what building the craft took does not count."""
        self._board.elapsed_ms()

    def wait(self, s, ms):
        """Waits until the wall has done its share of the next `s` seconds and `ms` milliseconds of the mission."""
        while s > _STRIDE_S:
            self._wait(_STRIDE_S * _MS)
            s -= _STRIDE_S
        self._wait(s * _MS + ms)
        if self.is_late():
            self.late += 1
            self.worst_ms = max(self.worst_ms, -self._ahead_ms)

    def is_late(self):
        """Whether the mission is behind the wall by more than may be."""
        return self._ahead_ms < -_LATE_MS

    def _wait(self, mission_ms):
        due = mission_ms * 1000 + self._rest
        self._rest = due % self._milli_speed
        self._ahead_ms += due // self._milli_speed - self._board.elapsed_ms()
        if self._ahead_ms <= 0:
            # Who has no time to wait must speak and listen all the same
            self._board.idle(0)
        while self._ahead_ms > 0:
            self._board.idle(self._ahead_ms)
            self._ahead_ms -= self._board.elapsed_ms()


class Scheduler:
    """Calls each activity at its mission time, those of one millisecond in the order in which they entered.

    clock: is set to each activity's time before it is called, and never goes back: an activity entered for a time that
    has gone is called at once. pace: None jumps from event to event; else its `wait` is called before each step.
    watch: is told each activity's number and time (s) before it is called.
    """

    def __init__(self, clock, pace, watch):
        self._clock = clock
        self._pace = pace
        self._watch = watch
        self._first = None

    def at(self, activity, s, ms=0):
        """Calls `activity` at world time (s, ms). One that waits already is moved."""
        if activity.waiting:
            self.cancel(activity)
        clock = self._clock
        if s < clock.s or (s == clock.s and ms < clock.ms):
            s, ms = clock.s, clock.ms
        activity.s = s
        activity.ms = ms
        activity.waiting = True
        before = None
        entry = self._first
        while entry is not None and entry.s <= s and (entry.s < s or entry.ms <= ms):
            before = entry
            entry = entry.next
        activity.next = entry
        if before is None:
            self._first = activity
        else:
            before.next = activity

    def after(self, activity, s, ms=0):
        """Calls `activity` in `s` seconds and `ms` milliseconds from now."""
        clock = self._clock
        s += clock.s
        ms += clock.ms
        if ms >= _MS:
            s += ms // _MS
            ms %= _MS
        self.at(activity, s, ms)

    def cancel(self, activity):
        """Takes `activity` out of the queue, if it waits there."""
        if not activity.waiting:
            return
        activity.waiting = False
        if self._first is activity:
            self._first = activity.next
        else:
            entry = self._first
            while entry is not None and entry.next is not activity:
                entry = entry.next
            if entry is not None:
                entry.next = activity.next
        activity.next = None

    def clear(self):
        """Takes all activities out of the queue."""
        while self._first is not None:
            self.cancel(self._first)

    def run(self, end_s, end_ms=0):
        """Runs all that is due up to and including (end_s, end_ms), and leaves the clock there if it is not past it."""
        watch = self._watch
        while True:
            activity = self._first
            if activity is None or activity.s > end_s or (activity.s == end_s and activity.ms > end_ms):
                self._go_to(end_s, end_ms)
                return
            self._first = activity.next
            activity.next = None
            activity.waiting = False
            s = activity.s
            self._go_to(s, activity.ms)
            watch(activity.number, s)
            activity.call()

    def _go_to(self, s, ms):
        clock = self._clock
        now = clock.s
        if s <= now and (s < now or ms < clock.ms):
            return
        if self._pace is not None:
            s_ahead = s - clock.s
            ms_ahead = ms - clock.ms
            if ms_ahead < 0:
                s_ahead -= 1
                ms_ahead += _MS
            self._pace.wait(s_ahead, ms_ahead)
        clock.s = s
        clock.ms = ms
