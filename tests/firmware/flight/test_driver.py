"""Driving: turn and go, around what stands in the way, and what follows where no way leads on."""

from math import cos, hypot, radians, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rover.flight.driver import Driver, sine
from rover.flight.flight_state import FlightState
from rover.kernel.clock import Clock
from rover.kernel.random_stream import RandomStream
from rover.kernel.scheduler import Scheduler
from rover.store.redundant_record import RedundantRecord
from rover.tables import DEAD_LOAD, HAZARD_AHEAD, LOAD_WHEELS, TOO_FAR
from rover.tables.commands import PARAMETERS
from rover.world.chassis import Chassis
from rover.world.ground import Ground

HOUR = 3600
DEFAULTS = [0, *(row[1] for row in PARAMETERS)]  # of what the ground may set, by id
THERE_M = 0.1
SPEED = 195 / 3600  # metres a second


class Store:
    """RedundantRecord that keep all."""

    def __init__(self):
        self.slots = {}

    def read(self, name, number):
        return self.slots.get(number)

    def write(self, name, number, octets):
        self.slots[number] = bytes(octets)
        return True


class Plain:
    """A level ground with rocks: (x, y, radius, height) in mm."""

    def __init__(self, *rocks):
        self.rocks = rocks

    def height(self, x, y):
        return max([0, *(high for at_x, at_y, wide, high in self.rocks if hypot(x - at_x, y - at_y) < wide)])


class Rover:
    """A driver on its wheels, with a clock of its own."""

    def __init__(self, told, ground=None, heading=315_000, seed=7, powered=True):
        self.told = told
        self.clock = Clock()
        self.scheduler = Scheduler(self.clock, None, lambda number, s: None, lambda: None)
        self.flight_state = FlightState(RedundantRecord(Store(), "drive"))
        self.flight_state.heading = heading
        self.wheels = Chassis(ground or Plain(), RandomStream(seed, 4), 0, 0, heading)
        self.on = []
        self.stops = 0
        self.ends = []
        self.powered = powered
        self.parameters = list(DEFAULTS)
        self.driver = Driver(
            clock=self.clock,
            scheduler=self.scheduler,
            wheels=self.wheels,
            switch=self._switch,
            flight_state=self.flight_state,
            events=told,
            report_stop=self._stop,
            parameters=self.parameters,
        )

    def drive(self, bearing, metres, until_s=HOUR):
        """Drives, and lets it come to its end. Returns what `done` was called with."""
        self.driver.drive(bearing * 1000, round(metres * 1000), lambda *end: self.ends.append(end))
        self.scheduler.run(self.clock.s + until_s)
        return self.ends[-1] if self.ends else None

    def to_go(self, bearing, metres):
        """Metres from where it believes to be to where it should be."""
        east, north = metres * sin(radians(bearing)), metres * cos(radians(bearing))
        return hypot(self.flight_state.east / 1000 - east, self.flight_state.north / 1000 - north)

    def _switch(self, wanted):
        self.on.append(wanted)
        return wanted and self.powered

    def _stop(self):
        self.stops += 1


@pytest.mark.parametrize("bearing", range(0, 360, 45))
def test_it_arrives_where_it_should_and_stops(told, bearing):
    rover = Rover(told)
    assert rover.drive(bearing, 6) == (0, 0)
    assert rover.to_go(bearing, 6) <= THERE_M + 0.01
    # Odometry is off by slip, and by what the compass did not see
    assert hypot(rover.wheels.x - rover.flight_state.east, rover.wheels.y - rover.flight_state.north) < 0.05 * 6000
    assert rover.on == [True, False]
    assert (rover.stops, rover.flight_state.stop, len(rover.ends)) == (1, 1, 1)
    assert not rover.driver.moves()
    assert told.events == []


def test_it_takes_the_time_that_its_speed_tells(told):
    rover = Rover(told)
    rover.driver.drive(315_000, 10_000, lambda *end: rover.ends.append(end))
    rover.scheduler.run(int(9 / SPEED))
    assert (rover.driver.moves(), rover.ends) == (True, [])
    rover.scheduler.run(int(10 / SPEED) + 10)
    assert rover.ends == [(0, 0)]
    assert rover.flight_state.odometer == pytest.approx(10_000, abs=150)


def test_it_turns_before_it_goes(told):
    rover = Rover(told, heading=135_000)
    rover.driver.drive(315_000, 5000, None)
    # Half a turn takes a minute
    rover.scheduler.run(59)
    assert (rover.wheels.x, rover.wheels.y, rover.driver.moves()) == (0, 0, True)
    rover.scheduler.run(200)
    assert abs(rover.flight_state.heading - 315_000) < 15_000
    assert not rover.driver.moves()


def test_a_turn_alone_moves_nothing(told):
    rover = Rover(told)
    rover.driver.turn_to(180_000)
    rover.scheduler.run(200)
    assert abs(rover.flight_state.heading - 180_000) < 2000
    assert (rover.flight_state.odometer, rover.stops, rover.on) == (0, 1, [True, False])


def test_a_rock_in_the_way_is_driven_around(told):
    rover = Rover(told, Plain((0, 4000, 500, 400)), heading=0)
    assert rover.drive(0, 8) == (0, 0)
    assert rover.to_go(0, 8) <= THERE_M + 0.01
    assert rover.flight_state.odometer > 8100
    assert told.events == []


def test_before_a_wall_on_all_sides_it_stops_and_tells(told):
    rover = Rover(told)
    rover.wheels.obstacle = 500
    failure, to_go = rover.drive(315, 5)
    assert (failure, to_go) == (HAZARD_AHEAD, pytest.approx(5000, abs=5))
    assert told.events == [("HAZARD_STOP", 500, 0, pytest.approx(5000, abs=5))]
    assert (rover.flight_state.odometer, rover.stops, rover.on) == (0, 1, [True, False])


def test_on_the_way_it_stops_where_the_obstacle_comes(told):
    rover = Rover(told)
    rover.driver.drive(315_000, 10_000, lambda *end: rover.ends.append(end))
    rover.scheduler.run(100)
    rover.wheels.obstacle = 500
    rover.scheduler.run(200)
    assert [failure for failure, _ in rover.ends] == [HAZARD_AHEAD]
    assert 100 * SPEED - 0.6 < rover.flight_state.odometer / 1000 < 100 * SPEED + 0.6


class Slope:
    """A ground that rises ever steeper to the north."""

    def height(self, x, y):
        return max(0, y - 3000) * 450 // 1000


def test_on_a_slope_that_is_too_steep_it_stops_and_gets_away_again(told):
    rover = Rover(told, Slope(), heading=0)
    failure, to_go = rover.drive(0, 10)
    assert (failure, to_go) == (HAZARD_AHEAD, pytest.approx(rover.to_go(0, 10) * 1000, abs=100))
    (_, height, slope, _) = told.events[-1]
    assert slope > 2000 or height > 280
    there = rover.flight_state.north
    assert rover.drive(180, 2) == (0, 0)
    assert rover.flight_state.north < there - 1000


def test_around_and_around_it_gives_up(told):
    """A wall that it may follow for ever."""
    wall = [(x, 4000, 700, 400) for x in range(-60_000, 60_001, 500)]
    rover = Rover(told, Plain(*wall), heading=0)
    failure, to_go = rover.drive(0, 6)
    assert failure in (TOO_FAR, HAZARD_AHEAD)
    assert rover.flight_state.odometer <= 3 * 6000 + 500
    assert to_go > 0


def test_wheels_without_power_go_nowhere(told):
    rover = Rover(told, powered=False)
    assert rover.drive(315, 5) == (DEAD_LOAD, LOAD_WHEELS)
    assert (rover.wheels.x, rover.wheels.y) == (0, 0)


def test_stopped_in_the_middle_nothing_follows(told):
    rover = Rover(told)
    rover.driver.drive(315_000, 10_000, lambda *end: rover.ends.append(end))
    rover.scheduler.run(60)
    rover.driver.stop()
    at = rover.flight_state.odometer
    rover.scheduler.run(HOUR)
    assert (rover.flight_state.odometer, rover.ends, rover.stops, rover.on[-1]) == (at, [], 1, False)
    rover.driver.stop()
    assert rover.stops == 1


def test_after_the_stop_with_the_highest_number_comes_number_0(told):
    rover = Rover(told)
    rover.flight_state.stop = 0xFFFF
    assert rover.drive(0, 1) == (0, 0)
    assert rover.flight_state.stop == 0


def test_what_was_driven_is_kept_on_the_way(told):
    store = Store()
    rover = Rover(told)
    rover.flight_state._stored = RedundantRecord(store, "drive")
    rover.driver.drive(0, 10_000, None)
    rover.scheduler.run(int(7 / SPEED))
    kept = FlightState(RedundantRecord(store, "drive"))
    assert 0 <= rover.flight_state.odometer - kept.odometer <= 2500
    assert kept.odometer >= 4000


@settings(max_examples=60)
@given(st.integers(0, 359), st.integers(50, 1500), st.integers(0, 2**30 - 1), st.integers(0, 359_999))
def test_it_arrives_or_says_why_not(make_told, bearing, centimetres, seed, heading):
    rover = Rover(make_told(), Ground(seed), heading=heading, seed=seed)
    metres = centimetres / 100
    failure, value = rover.drive(bearing, metres)
    assert len(rover.ends) == rover.stops == 1
    assert not rover.driver.moves()
    hazards = rover.told.names().count("HAZARD_STOP")
    if failure == 0:
        assert rover.to_go(bearing, metres) <= THERE_M + 0.01
        assert hazards == 0
    else:
        assert failure in (HAZARD_AHEAD, TOO_FAR)
        assert hazards == (failure == HAZARD_AHEAD)
        assert value > 0
    off = hypot(rover.wheels.x - rover.flight_state.east, rover.wheels.y - rover.flight_state.north)
    assert off <= 0.15 * rover.flight_state.odometer + 10


@given(st.integers(-720_000, 720_000))
def test_its_sine_is_one(millidegrees):
    assert sine(millidegrees) == pytest.approx(2**14 * sin(radians(millidegrees / 1000)), abs=8)
