"""The Moon as the rover's sensors see it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.kernel.clock import Clock
from rover.kernel.noise import Noise
from rover.world.moon import Moon
from rover.world.sun import millidegrees, sun, sunrise, sunset

GRID_S = 600
DAY = sunrise(24), sunset(24)
DAYTIMES = st.integers(DAY[0] + GRID_S, DAY[1] - GRID_S)
TIMES = st.integers(0, 2**30 - 1 - GRID_S)
NOISE = 60  # millidegrees


class Calm:
    """Chance that never strikes."""

    def around_zero(self, most):
        return 0


@pytest.fixture(scope="session")
def moon_at():
    """`moon_at(times, noise)`: what the sensors of one rover read at these times, one after the other."""

    def moon_at(times, noise=None):
        clock = Clock()
        moon = Moon(clock, noise or Calm())
        readings = []
        for clock.s in times:
            readings.append((moon.sun_elevation(), moon.sun_azimuth()))
        return readings

    return moon_at


@given(st.lists(TIMES, min_size=1, max_size=5), st.lists(st.integers(0, 3000), max_size=10))
def test_what_is_seen_does_not_depend_on_who_looks_when(moon_at, times, steps):
    """steps: looks that another rover takes in between."""
    times.sort()
    alone = dict(zip(times, moon_at(times), strict=True))
    looks = sorted({*times, *(min(time + step, 2**30 - 1) for time in times for step in steps)})
    among_others = dict(zip(looks, moon_at(looks), strict=True))
    assert all(among_others[time] == reading for time, reading in alone.items())


@given(DAYTIMES)
def test_between_grid_points_the_sun_runs_straight_enough(moon_at, time):
    elevation, azimuth = moon_at([time])[0]
    true_elevation, true_azimuth = map(millidegrees, sun(time))
    # one binary unit is a third of a millidegree, and the Sun is computed for each 10 s
    assert abs(elevation - true_elevation) <= 8
    assert abs(azimuth - true_azimuth) <= 8 or abs(azimuth - true_azimuth) >= 360_000 - 8


@given(DAYTIMES, st.integers(0, 2**30 - 1))
def test_the_elevation_is_noisy_within_bounds_and_the_azimuth_is_not(moon_at, time, seed):
    (calm_elevation, calm_azimuth), (elevation, azimuth) = moon_at([time])[0], moon_at([time], Noise(seed, 1))[0]
    assert azimuth == calm_azimuth
    assert abs(elevation - calm_elevation) <= NOISE
    assert elevation >= 0


@given(st.integers(0, 1000), st.integers(0, 2**30 - 1))
def test_a_sun_on_the_horizon_reads_no_less_than_nothing(moon_at, after_sunrise, seed):
    looks = [DAY[0] + after_sunrise] * 5
    assert all(0 <= elevation < 200 for elevation, _ in moon_at(looks, Noise(seed, 1)))


def test_each_reading_draws_its_own_noise(moon_at):
    time = DAY[0] + 500_000
    assert len(set(moon_at([time] * 50, Noise(7, 1)))) > 20


def test_in_the_dark_the_sensors_read_nothing_and_draw_no_chance(moon_at):
    class NoChance:
        def around_zero(self, most):
            pytest.fail("the generator moved in the dark")

    night = range(DAY[1] + GRID_S, sunrise(25) - GRID_S, 7001)
    assert set(moon_at(night, NoChance())) == {(0, 0)}


def test_the_azimuth_runs_through_north_without_a_jump(moon_at):
    azimuths = [azimuth for _, azimuth in moon_at(range(DAY[0] + GRID_S, DAY[1] - GRID_S, 60))]
    steps = [(earlier - later) % 360_000 for earlier, later in pairwise(azimuths)]
    assert min(azimuths) < 20 and max(azimuths) > 359_980
    assert max(steps) < 30  # it only ever turns from east over north to west


@given(TIMES)
def test_no_step_reaches_2_to_the_30(pico_int, moon_at, time):
    times = [pico_int(time), pico_int(min(time + GRID_S, 2**30 - 1 - GRID_S))]
    # The integers themselves fail where a step is too large
    assert len(moon_at(times, Noise(pico_int(7), pico_int(1)))) == 2
