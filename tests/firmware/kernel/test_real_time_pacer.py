"""How mission time is held to wall time, on a wall clock of the test's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.kernel.clock import Clock
from rover.kernel.scheduler import RealTimePacer, Scheduler, Task

LONGEST_NAP_MS = 1000
STRIDE_MS = 600_000
# (s, ms): short ones, and a lunar night
WAITS = st.tuples(st.one_of(st.integers(0, 3), st.integers(0, 10**6)), st.integers(0, 999))


class Wall:
    """A board's wall clock that moves when it is slept on or when the test lets time pass; naps end early at times."""

    def __init__(self, naps=(), arrivals=()):
        self.ms = 0
        self.arrivals = sorted(arrivals)  # wall ms at which something comes in, as `listen` takes it
        self.turns = 0
        self._seen = 0
        self._naps = list(naps)

    def elapsed_ms(self):
        elapsed = self.ms - self._seen
        self._seen = self.ms
        return elapsed

    def has_input(self):
        return bool(self.arrivals) and self.arrivals[0] <= self.ms

    def listen(self):
        while self.has_input():
            self.arrivals.pop(0)

    def idle(self, ms):
        assert ms >= 0
        self.turns += 1
        early = self._naps.pop() if self._naps else LONGEST_NAP_MS
        until = max(0, self.arrivals[0] - self.ms) if self.arrivals else LONGEST_NAP_MS
        self.ms += min(ms, LONGEST_NAP_MS, early, until)


def wait(pacer, s, ms=0, number=int):
    """Waits as the scheduler does: in strides; then an activity starts."""
    left = s * 1000 + ms
    while left > STRIDE_MS:
        assert pacer.wait(number(STRIDE_MS)) == -1
        left -= STRIDE_MS
    assert pacer.wait(number(left)) == -1
    pacer.note()


@given(
    milli_speed=st.integers(1000, 10**8),
    waits=st.lists(WAITS, max_size=20),
    naps=st.lists(st.integers(1, 50), max_size=20),
)
def test_the_wall_keeps_step_without_drift(milli_speed, waits, naps):
    # at 10**6 s real time is a thousand naps; slower ones are tried below
    wall = Wall(naps)
    pacer = RealTimePacer(milli_speed, wall, wall)
    mission_ms = 0
    for s, ms in waits:
        s = min(s, milli_speed)
        wait(pacer, s, ms)
        mission_ms += s * 1000 + ms
        assert wall.ms == mission_ms * 1000 // milli_speed
    assert pacer.late == 0


@pytest.mark.parametrize("milli_speed", [1, 3, 333, 999, 60000])
def test_parts_of_a_millisecond_are_carried_on(milli_speed):
    wall = Wall()
    pacer = RealTimePacer(milli_speed, wall, wall)
    for steps in range(1, 101):
        wait(pacer, 0, 7)
        assert wall.ms == steps * 7000 // milli_speed


@pytest.mark.parametrize("milli_speed", [1, 1000, 333333, 10**8])
def test_a_long_wait_stays_in_small_integers(pico_int, milli_speed):
    class FarWall(Wall):
        """Sleeps in one piece, so that a night at a thousandth of real time is soon over."""

        def idle(self, ms):
            self.ms += int(ms)

    wall = FarWall()
    pacer = RealTimePacer(pico_int(milli_speed), wall, wall)
    for _ in range(3):
        wait(pacer, 1234567, 999, pico_int)
    assert wall.ms == 3 * 1234567999 * 1000 // milli_speed


@given(st.integers(1, 10**6), st.lists(st.tuples(st.integers(0, 100), st.integers(0, 500)), min_size=1, max_size=20))
def test_late_starts_are_counted_and_no_time_is_lost(speed, work):
    """work: mission seconds to wait, then wall milliseconds that the activity takes."""
    wall = Wall()
    pacer = RealTimePacer(speed * 1000, wall, wall)
    mission_s = late = worst = 0
    for wait_s, busy_ms in work:
        wait(pacer, wait_s, 0)
        mission_s += wait_s
        due = mission_s * 1000 // speed
        assert wall.ms >= due
        if wall.ms - due > 20:
            late += 1
            worst = max(worst, wall.ms - due)
        wall.ms += busy_ms
    assert (pacer.late, pacer.worst_ms) == (late, worst)
    rest_s = wall.ms * speed // 1000 + 1
    wait(pacer, rest_s, 0)
    assert wall.ms == (mission_s + rest_s) * 1000 // speed


@given(st.integers(1000, 10**8), st.lists(st.integers(0, 3_000_000), max_size=10))
def test_the_scheduler_calls_each_activity_when_the_wall_says_so(milli_speed, times_ms):
    wall, clock = Wall(), Clock(1000)
    scheduler = Scheduler(clock, RealTimePacer(milli_speed, wall, wall), lambda number, s: None, lambda: None)
    called = []
    for ms in times_ms:
        scheduler.at(Task(0, lambda: called.append((clock.s, clock.ms, wall.ms))), 1000 + ms // 1000, ms % 1000)
    scheduler.run(5000)
    assert called == [(1000 + ms // 1000, ms % 1000, ms * 1000 // milli_speed) for ms in sorted(times_ms)]
    assert wall.ms == 4000 * 10**6 // milli_speed


def test_who_is_behind_still_lets_the_line_have_its_turn():
    wall = Wall()
    pacer = RealTimePacer(1000, wall, wall)
    wall.ms = 10**6
    for _ in range(10):
        turns = wall.turns
        wait(pacer, 1, 0)
        assert wall.turns == turns + 1
    assert wall.ms == 10**6


def test_what_came_before_the_beginning_does_not_count():
    wall = Wall()
    pacer = RealTimePacer(1000, wall, wall)
    wall.ms = 500
    pacer.begin()
    wait(pacer, 1, 0)
    assert (wall.ms, pacer.late) == (1500, 0)


@given(
    milli_speed=st.integers(1000, 10**6),
    times_ms=st.lists(st.integers(0, 3_000_000), max_size=10),
    arrivals=st.lists(st.integers(0, 4_000_000), max_size=10),
)
def test_what_comes_in_is_heard_at_the_mission_time_of_that_moment(milli_speed, times_ms, arrivals):
    wall, clock = Wall(arrivals=arrivals), Clock(1000)
    heard, called = [], []

    def listen():
        heard.append((clock.s * 1000 + clock.ms - 1_000_000, wall.ms))
        wall.listen()

    scheduler = Scheduler(clock, RealTimePacer(milli_speed, wall, wall), lambda number, s: None, listen)
    for ms in times_ms:
        scheduler.at(Task(0, lambda: called.append((clock.s, clock.ms, wall.ms))), 1000 + ms // 1000, ms % 1000)
    scheduler.run(5000)
    # Nothing that is due is moved, and no time is lost
    assert called == [(1000 + ms // 1000, ms % 1000, ms * 1000 // milli_speed) for ms in sorted(times_ms)]
    assert wall.ms == 4000 * 10**6 // milli_speed
    assert not wall.has_input()
    for mission_ms, wall_ms in heard:
        # within two milliseconds of the wall: what is due is called in the millisecond that it begins in
        assert abs(mission_ms * 1000 - wall_ms * milli_speed) <= 2 * milli_speed + 1000
    assert [moment for _, moment in heard] == sorted({moment for _, moment in heard})


def test_what_is_heard_may_change_what_is_next():
    wall, clock = Wall(arrivals=[500]), Clock(0)
    called = []
    later = Task(0, lambda: called.append("later"))
    sooner = Task(0, lambda: called.append(("sooner", clock.s, clock.ms)))

    def listen():
        wall.listen()
        scheduler.cancel(later)
        scheduler.after(sooner, 0, 100)

    scheduler = Scheduler(clock, RealTimePacer(1000, wall, wall), lambda number, s: None, listen)
    scheduler.at(later, 1)
    scheduler.run(2)
    assert called == [("sooner", 0, 600)]


def test_without_a_pace_it_listens_now_and_then():
    clock, heard = Clock(0), []
    scheduler = Scheduler(clock, None, lambda number, s: None, lambda: heard.append(clock.s))

    def again():
        scheduler.after(activity, 1)

    activity = Task(0, again)
    scheduler.at(activity, 1)
    scheduler.run(1000)
    assert heard == list(range(64, 1001, 64))


def test_a_flood_does_not_keep_it_from_what_is_due():
    class Flood(Wall):
        """Something comes in whenever one looks; to take it needs 5 ms."""

        def has_input(self):
            return True

        def listen(self):
            self.ms += 5

    wall, clock = Flood(), Clock(0)
    pacer = RealTimePacer(1000, wall, wall)
    scheduler = Scheduler(clock, pacer, lambda number, s: None, wall.listen)
    called = []

    def again():
        called.append(wall.ms - clock.s * 1000 - clock.ms)
        scheduler.after(activity, 0, 50)

    activity = Task(0, again)
    scheduler.at(activity, 0, 50)
    scheduler.run(60)
    assert len(called) == 1200
    assert min(called) >= 0 and max(called) <= 10
    assert pacer.late == 0
