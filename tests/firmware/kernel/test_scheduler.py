"""The event scheduler, beside a plain model of it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rover.kernel.clock import Clock
from rover.kernel.scheduler import Scheduler, Task

ACTIVITIES = 5
WHICH = st.integers(0, ACTIVITIES - 1)
# Near together, so that times meet, and far beyond 2**30 ms
TIME_MS = st.one_of(st.integers(0, 5), st.integers(0, 3000), st.integers(0, 2**29 * 1000))
ACTION = st.one_of(
    st.tuples(st.just("at"), WHICH, TIME_MS),
    st.tuples(st.just("after"), WHICH, TIME_MS),
    st.tuples(st.just("cancel"), WHICH, st.just(0)),
)
STEP = st.one_of(ACTION, st.tuples(st.just("run"), st.just(0), TIME_MS))


class Real:
    """The firmware's scheduler; `doing[n]` is what activity n does each time it is called."""

    def __init__(self, start_ms, doing):
        self.clock = Clock(*divmod(start_ms, 1000))
        self.calls = []
        self.watched = []
        self._scheduler = Scheduler(self.clock, None, lambda number, s: self.watched.append((number, s)), lambda: None)
        self._doing = [list(actions) for actions in doing]
        self._activities = [Task(n, lambda n=n: self._called(n)) for n in range(ACTIVITIES)]

    @property
    def now(self):
        return self.clock.s * 1000 + self.clock.ms

    def take(self, action, which, time_ms):
        if action == "run":
            self._scheduler.run(*divmod(self.now + time_ms, 1000))
        elif action == "cancel":
            self._scheduler.cancel(self._activities[which])
        else:
            getattr(self._scheduler, action)(self._activities[which], *divmod(time_ms, 1000))

    def _called(self, which):
        self.calls.append((which, self.now))
        if self._doing[which]:
            self.take(*self._doing[which].pop(0))


class Model:
    """What it should do: a list, searched for the earliest."""

    def __init__(self, start_ms, doing):
        self.now = start_ms
        self.calls = []
        self._queue = []  # (time, order of entry, which)
        self._entries = 0
        self._doing = [list(actions) for actions in doing]

    def take(self, action, which, time_ms):
        if action == "run":
            self._run(self.now + time_ms)
            return
        self._queue = [entry for entry in self._queue if entry[2] != which]
        if action != "cancel":
            time_ms += self.now if action == "after" else 0
            self._entries += 1
            self._queue.append((max(time_ms, self.now), self._entries, which))

    def _run(self, end):
        while self._queue and min(self._queue)[0] <= end:
            entry = min(self._queue)
            self._queue.remove(entry)
            self.now, _, which = entry
            self.calls.append((which, self.now))
            if self._doing[which]:
                self.take(*self._doing[which].pop(0))
        self.now = end


@given(
    start_ms=TIME_MS,
    doing=st.lists(st.lists(ACTION, max_size=3), min_size=ACTIVITIES, max_size=ACTIVITIES),
    steps=st.lists(STEP, max_size=30),
)
@example(0, [[("after", 0, 0)] * 3, [("at", 0, 0)], [], [], []], [("at", 0, 1), ("at", 1, 1), ("run", 0, 1)])
def test_calls_in_order_of_time_then_of_entry(start_ms, doing, steps):
    real, model = Real(start_ms, doing), Model(start_ms, doing)
    for step in [*steps, ("run", 0, 2**29 * 1000)]:
        real.take(*step)
        model.take(*step)
        assert real.now == model.now
        assert real.calls == model.calls
    assert real.watched == [(which, time_ms // 1000) for which, time_ms in real.calls]


@pytest.fixture
def clock():
    return Clock(1000)


@pytest.fixture
def scheduler(clock):
    return Scheduler(clock, None, lambda number, s: None, lambda: None)


def test_an_activity_for_a_time_that_has_gone_is_called_at_once(clock, scheduler):
    called = []
    scheduler.at(Task(0, lambda: called.append((clock.s, clock.ms))), 3)
    scheduler.run(1000)
    assert called == [(1000, 0)]


def test_runs_what_is_due_at_the_very_end_and_nothing_after_it(clock, scheduler):
    called = []
    for ms in (499, 500, 501):
        scheduler.at(Task(0, lambda: called.append(clock.ms)), 1000, ms)
    scheduler.run(1000, 500)
    assert called == [499, 500]
    assert (clock.s, clock.ms) == (1000, 500)


def test_the_clock_never_goes_back(clock, scheduler):
    scheduler.run(999, 999)
    assert (clock.s, clock.ms) == (1000, 0)
