"""The event scheduler: a queue of tasks by (time, order of entry)."""

from micropython import const

_MS = const(1000)
_STRIDE_S = const(600)  # longest wait taken in one piece: keeps milliseconds * 1000 under 2**30
_POLL_EVERY = const(63)  # steps without a pace, a power of two less one
_LATE_MS = const(20)  # of wall time: an task that starts later than this is counted


class Task:
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


class RealTimePacer:
    """Holds mission time to wall time: `milli_speed` / 1000 mission seconds for each second of the wall.

    wall_clock: gives `elapsed_ms()`, wall milliseconds since the last call. line: gives `idle(ms)`, which waits at most
    so long and lets queued frames go, and `has_input()`, whether something has come in.
    """

    def __init__(self, milli_speed, wall_clock, line):
        self._milli_speed = milli_speed
        self._elapsed_ms = wall_clock.elapsed_ms
        self._line = line
        self._ahead_ms = 0  # how far the wall still lags behind mission time
        self._rest = 0  # of the division by the speed, carried on
        self.late = 0  # tasks that started late ...
        self.worst_ms = 0  # ... and by how much at most

    def begin(self):
        """The mission begins now: what building the craft took does not count."""
        self._elapsed_ms()

    def wait(self, mission_ms):
        """Waits until the wall has done its share of the next milliseconds of the mission, 600,000 at most.

        Returns -1; or, when something has come in meanwhile, the milliseconds of the mission that are left.
        """
        due = mission_ms * 1000 + self._rest
        self._rest = due % self._milli_speed
        self._ahead_ms += due // self._milli_speed - self._elapsed_ms()
        if self._ahead_ms <= 0:
            # Who has no time to wait must speak and poll all the same
            self._line.idle(0)
        while self._ahead_ms > 0:
            if self._line.has_input():
                self._line.idle(0)
                return self._give_back()
            self._line.idle(self._ahead_ms)
            self._ahead_ms -= self._elapsed_ms()
        return 0 if self._line.has_input() else -1

    def note(self):
        """Counts an task that starts now, if it starts late."""
        if self.is_late():
            self.late += 1
            self.worst_ms = max(self.worst_ms, -self._ahead_ms)

    def is_late(self):
        """Whether the mission is behind the wall by more than may be."""
        return self._ahead_ms < -_LATE_MS

    def _give_back(self):
        """What the wall has not done its share of yet, in milliseconds of the mission."""
        micro = self._ahead_ms * self._milli_speed
        self._ahead_ms = 0
        self._rest += micro % 1000
        return micro // 1000


class Scheduler:
    """Calls each task at its mission time, those of one millisecond in the order in which they entered.

    clock: is set to each task's time before it is called, and never goes back: an task entered for a time that
    has gone is called at once. pacer: None jumps from event to event; else its `wait` is called before each step.
    watch: is told each task's number and time (s) before it is called. poll: is called between tasks when
    something has come in, at the mission time of that moment; without a pace now and then.
    """

    def __init__(self, clock, pacer, watch, poll):
        self._clock = clock
        self._pacer = pacer
        self._watch = watch
        self._poll = poll
        self._turn = 0
        self._first = None

    def at(self, task, s, ms=0):
        """Calls `task` at world time (s, ms). One that waits already is moved."""
        if task.waiting:
            self.cancel(task)
        clock = self._clock
        if s < clock.s or (s == clock.s and ms < clock.ms):
            s, ms = clock.s, clock.ms
        task.s = s
        task.ms = ms
        task.waiting = True
        before = None
        entry = self._first
        while entry is not None and entry.s <= s and (entry.s < s or entry.ms <= ms):
            before = entry
            entry = entry.next
        task.next = entry
        if before is None:
            self._first = task
        else:
            before.next = task

    def after(self, task, s, ms=0):
        """Calls `task` in `s` seconds and `ms` milliseconds from now."""
        clock = self._clock
        s += clock.s
        ms += clock.ms
        if ms >= _MS:
            s += ms // _MS
            ms %= _MS
        self.at(task, s, ms)

    def cancel(self, task):
        """Takes `task` out of the queue, if it waits there."""
        if not task.waiting:
            return
        task.waiting = False
        if self._first is task:
            self._first = task.next
        else:
            entry = self._first
            while entry is not None and entry.next is not task:
                entry = entry.next
            if entry is not None:
                entry.next = task.next
        task.next = None

    def clear(self):
        """Takes all tasks out of the queue."""
        while self._first is not None:
            self.cancel(self._first)

    def run(self, end_s, end_ms=0):
        """Runs all that is due up to and including (end_s, end_ms), and leaves the clock there if it is not past it."""
        watch = self._watch
        while True:
            task = self._first
            over = task is None or task.s > end_s or (task.s == end_s and task.ms > end_ms)
            if not (self._go_to(end_s, end_ms) if over else self._go_to(task.s, task.ms)):
                # What is heard may change what is next
                self._poll()
                continue
            if over:
                return
            self._first = task.next
            task.next = None
            task.waiting = False
            watch(task.number, task.s)
            task.call()

    def _go_to(self, s, ms):
        """Sets the clock to (s, ms), when it is time; whether it is not time to poll before."""
        clock, pacer = self._clock, self._pacer
        if s < clock.s or (s == clock.s and ms <= clock.ms):
            return True
        if pacer is None:
            clock.s = s
            clock.ms = ms
            self._turn = (self._turn + 1) & _POLL_EVERY
            return self._turn != 0
        while s - clock.s > _STRIDE_S:
            if not self._wait(_STRIDE_S * _MS):
                return False
        if not self._wait((s - clock.s) * _MS + ms - clock.ms):
            return False
        pacer.note()
        return True

    def _wait(self, mission_ms):
        """Lets the clock go on by so much; or less, and False, when something comes in."""
        clock = self._clock
        left_ms = self._pacer.wait(mission_ms)
        ms = clock.ms + mission_ms - max(left_ms, 0)
        clock.s += ms // _MS
        clock.ms = ms % _MS
        return left_ms < 0
