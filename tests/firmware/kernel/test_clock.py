"""The mission clock."""

from hypothesis import given
from hypothesis import strategies as st
from rover.kernel.clock import Clock

TIMES = st.tuples(st.integers(0, 2**30 - 1), st.integers(0, 999))
STEPS_MS = st.lists(st.integers(0, 10**8), max_size=5)


def in_ms(s, ms):
    return s * 1000 + ms


@given(TIMES)
def test_onboard_time_is_world_time_until_it_is_set(time):
    clock = Clock(*time)
    assert (clock.onboard_s(), clock.onboard_ms()) == time


@given(TIMES, TIMES, STEPS_MS)
def test_onboard_time_set_forward_or_back_goes_on_with_world_time(world, onboard, steps):
    clock = Clock(*world)
    clock.set_onboard(*onboard)
    assert (clock.s, clock.ms) == world
    assert (clock.onboard_s(), clock.onboard_ms()) == onboard
    now, expected = in_ms(*world), in_ms(*onboard)
    for step in steps:
        now += step
        expected += step
        clock.s, clock.ms = divmod(now, 1000)
        assert (clock.onboard_s(), clock.onboard_ms()) == divmod(expected, 1000)


@given(TIMES, TIMES, TIMES)
def test_the_last_set_of_onboard_time_holds(world, first, second):
    clock = Clock(*world)
    clock.set_onboard(*first)
    clock.set_onboard(*second)
    assert (clock.onboard_s(), clock.onboard_ms()) == second
