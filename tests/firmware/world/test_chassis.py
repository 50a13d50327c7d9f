"""Wheels on the ground: slip, stray and slide, what the sensors of the way tell, and steps ahead."""

from math import atan, degrees, hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.kernel.random_stream import RandomStream
from rover.world.chassis import Chassis
from rover.world.ground import Ground

HEADINGS = st.integers(0, 359_999)


class Plane:
    """A ground that rises by so many mm a metre to the east and to the north; a step of `high` mm lies from `at` on."""

    def __init__(self, east=0, north=0, at=None, high=0):
        self.east, self.north, self.at, self.high = east, north, at, high

    def height(self, x, y):
        step = self.high if self.at is not None and y >= self.at else 0
        return (x * self.east + y * self.north) // 1000 + step


def chassis(ground=None, heading=0, seed=7):
    return Chassis(ground or Plane(), RandomStream(seed, 4), 0, 0, heading)


def rolled(ground, heading, steps=20, mm=500, seed=7):
    """A chassis after so many steps of its wheels."""
    wheels = chassis(ground, heading, seed)
    for _ in range(steps):
        wheels.move(mm)
    return wheels


@given(HEADINGS, st.integers(0, 2**30 - 1))
def test_on_level_ground_it_goes_nearly_as_far_as_its_wheels_and_nearly_straight(heading, seed):
    wheels = rolled(Plane(), heading, seed=seed)
    way = hypot(wheels.x, wheels.y)
    assert 0.95 * 10_000 < way < 0.995 * 10_000
    turned = (wheels.heading - heading + 180_000) % 360_000 - 180_000
    assert abs(turned) < 20 * 500 * 300 // 1000


@pytest.mark.parametrize(("heading", "sign"), [(0, (0, 1)), (90_000, (1, 0)), (180_000, (0, -1)), (270_000, (-1, 0))])
def test_headings_go_from_north_by_east(heading, sign):
    wheels = rolled(Plane(), heading, steps=2)
    assert (round(wheels.x / 1000), round(wheels.y / 1000)) == sign


def test_uphill_it_slips_and_the_steeper_the_more():
    ways = [rolled(Plane(north=rise), 0).y for rise in (0, 100, 200, 300)]
    assert ways == sorted(ways, reverse=True)
    # Ten degrees: a tenth, and what level ground costs
    assert ways[0] - rolled(Plane(north=176), 0).y == pytest.approx(800, abs=300)
    assert rolled(Plane(north=-176), 0).y == pytest.approx(ways[0], abs=100)


def test_on_a_side_slope_it_slides_down():
    assert rolled(Plane(east=200), 0).x < -30
    assert rolled(Plane(east=-200), 0).x > 30


def test_pitch_is_nose_up_and_roll_is_left_side_up():
    up, right_side_down = chassis(Plane(north=200)), chassis(Plane(east=-200))
    expected = 100 * degrees(atan(0.2))
    assert (up.pitch, up.roll) == (pytest.approx(expected, abs=15), 0)
    assert (right_side_down.pitch, right_side_down.roll) == (0, pytest.approx(expected, abs=15))
    assert chassis(Plane(north=200), heading=180_000).pitch == pytest.approx(-expected, abs=15)


@given(HEADINGS, st.integers(-180_000, 180_000), st.integers(0, 2**30 - 1))
def test_a_turn_is_within_its_error_and_moves_nothing(heading, turn, seed):
    wheels = chassis(heading=heading, seed=seed)
    wheels.turn(turn)
    off = (wheels.heading - heading - turn + 180_000) % 360_000 - 180_000
    assert abs(off) <= abs(turn) * 8 / 1000 + 8
    assert (wheels.x, wheels.y) == (0, 0)


@given(HEADINGS, st.integers(0, 2**30 - 1))
def test_the_compass_is_within_its_error(heading, seed):
    off = (chassis(heading=heading, seed=seed).compass() - heading + 180_000) % 360_000 - 180_000
    assert abs(off) <= 400


def test_a_step_ahead_is_seen_and_none_where_it_does_not_look():
    wheels = chassis(Plane(at=900, high=300))
    assert wheels.step_ahead(0) == pytest.approx(300, abs=3)
    assert wheels.step_ahead(180_000) <= 3
    assert chassis(Plane(at=2000, high=300)).step_ahead(0) <= 3


def test_a_slope_is_no_step():
    for heading in range(0, 360_000, 30_000):
        wheels = chassis(Plane(east=150, north=-200), heading)
        assert all(wheels.step_ahead(aside) <= 15 for aside in range(-90_000, 90_001, 30_000))


def test_an_obstacle_stands_wherever_it_turns():
    wheels = chassis()
    wheels.obstacle = 600
    assert {wheels.step_ahead(aside) for aside in range(-90_000, 90_001, 30_000)} == {600}


@given(st.integers(0, 2**30 - 1), st.integers(-700_000, 0), st.integers(0, 700_000), HEADINGS)
def test_no_step_reaches_2_to_the_30(pico_int, seed, x, y, heading):
    noise = RandomStream(pico_int(seed), 4)
    wheels = Chassis(Ground(pico_int(seed)), noise, pico_int(x), pico_int(y), pico_int(heading))
    wheels.turn(pico_int(90_000))
    wheels.move(pico_int(500))
    assert wheels.step_ahead(pico_int(30_000)) >= 0
    assert abs(wheels.pitch) < 9000 > abs(wheels.roll)
