"""Which readings are believed, and what is told of the others."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.flight.sensor_validation import SensorValidation
from rover.tables import (
    ARRAY_POWER,
    BATTERY_CHARGE,
    BOX_A,
    BOX_B,
    BUS_VOLTAGE,
    GROUND,
    LOAD_POWER,
    MAST,
    MEMORY_FREE,
    SUN_ELEVATION,
    WING,
)
from rover.world.sensors import _NOISE as NOISE
from yutu2.dictionary.model import load

SENSORS = load().enums["sensor"]
# What each reads of a good day, and by how much no two readings can differ
GOOD = {
    SUN_ELEVATION: 30_000,
    ARRAY_POWER: 120_000,
    BATTERY_CHARGE: 900,
    BUS_VOLTAGE: 32_000,
    LOAD_POWER: 78_000,
    BOX_A: 300,
    BOX_B: 300,
    WING: 500,
    MAST: 400,
    GROUND: 800,
    MEMORY_FREE: 80,
}
JUMPS = {SUN_ELEVATION: 1000, BATTERY_CHARGE: 50, BUS_VOLTAGE: 3000, BOX_A: 30, BOX_B: 30, WING: 1000, GROUND: 1000}
NOISY = [sensor for sensor in GOOD if NOISE[sensor]]
STUCK_AFTER = 12 * 5 + 5  # looks until a stuck one is told
TOLD_AFTER = 3 * 5  # looks, for those that are read at each fifth look alone

DICE = random.Random(24)


def name_of(sensor):
    return SENSORS[sensor]


class Looking:
    """SensorValidation on sensors that read GOOD with their noise."""

    def __init__(self, told, dice=DICE):
        self.told, self.dice = told, dice
        self.reads = Counter()
        self.broken = {}  # sensor: gives a reading from the good one
        self.validation = SensorValidation(self._read, told)

    def sample(self, times=1):
        for _ in range(times):
            self.validation.sample()

    def look_until_read(self, sensor, times):
        """Looks until a sensor has been read so often: a slow one is read at each fifth look alone."""
        reads = self.reads[sensor]
        while self.reads[sensor] < reads + times:
            self.sample()

    def _read(self, sensor):
        self.reads[sensor] += 1
        value = GOOD.get(sensor, 0) + (self.dice.randint(-NOISE[sensor], NOISE[sensor]) if NOISE[sensor] else 0)
        return self.broken[sensor](value) if sensor in self.broken else value


@pytest.fixture
def looking(told):
    looking = Looking(told)
    looking.sample(20)
    return looking


@pytest.fixture(scope="session")
def make_looking(make_told):
    def make_looking(seed=24):
        looking = Looking(make_told(), random.Random(seed))
        looking.sample(20)
        return looking

    return make_looking


EACH = pytest.mark.parametrize("sensor", GOOD, ids=name_of)
EACH_NOISY = pytest.mark.parametrize("sensor", NOISY, ids=name_of)
EACH_STEADY = pytest.mark.parametrize("sensor", JUMPS, ids=name_of)


@EACH
def test_a_dead_sensor_is_told_once_and_its_last_good_value_holds(looking, sensor):
    last = looking.validation.values[sensor]
    looking.broken[sensor] = lambda value: None
    looking.sample(500)
    assert looking.told.events == [("SENSOR_LOST", name_of(sensor), "DEAD")]
    assert looking.validation.values[sensor] == last
    assert looking.validation.value(sensor) is None
    assert looking.validation.lost == 1 << sensor


@EACH
def test_two_readings_that_fail_to_come_are_not_told(looking, sensor):
    looking.broken[sensor] = lambda value: None
    looking.look_until_read(sensor, 2)
    del looking.broken[sensor]
    looking.sample(20)
    assert looking.told.events == []
    assert looking.validation.value(sensor) is not None


@EACH_NOISY
def test_a_stuck_sensor_is_told(looking, sensor):
    held = looking.validation.values[sensor]
    looking.broken[sensor] = lambda value: held
    looking.sample(STUCK_AFTER)
    assert looking.told.events == [("SENSOR_LOST", name_of(sensor), "STUCK")]


@EACH_STEADY
def test_a_jumping_sensor_is_told_and_never_believed(looking, sensor):
    wild = iter(range(10**6))
    looking.broken[sensor] = lambda value: value + (3 + 2 * (next(wild) % 2)) * JUMPS[sensor]
    looking.sample(TOLD_AFTER + 5)
    assert looking.told.events == [("SENSOR_LOST", name_of(sensor), "JUMPING")]
    assert abs(looking.validation.values[sensor] - GOOD[sensor]) <= NOISE[sensor]


@EACH
@pytest.mark.parametrize("fault", ["dead", "stuck"])
def test_a_good_sensor_comes_back(looking, sensor, fault):
    held = looking.validation.values[sensor]
    looking.broken[sensor] = {"dead": lambda value: None, "stuck": lambda value: held}[fault]
    looking.sample(200)
    lost = fault == "dead" or sensor in NOISY
    assert len(looking.told.since()) == lost
    del looking.broken[sensor]
    looking.sample(100)
    assert looking.told.events == [("SENSOR_BACK", name_of(sensor))] * lost
    assert looking.validation.value(sensor) is not None
    assert looking.validation.lost == 0


@EACH
def test_a_sensor_that_is_good_for_a_moment_is_not_back(looking, sensor):
    looking.broken[sensor] = lambda value: None
    looking.sample(200)
    for _ in range(5):
        del looking.broken[sensor]
        looking.look_until_read(sensor, 9)
        looking.broken[sensor] = lambda value: None
        looking.look_until_read(sensor, 1)
    assert looking.told.names() == ["SENSOR_LOST"]


@given(
    sensor=st.sampled_from(sorted(JUMPS)),
    times=st.integers(2, 30),
    sign=st.sampled_from([-1, 1]),
    seed=st.integers(0, 99),
)
def test_a_single_outlier_is_neither_believed_nor_told(make_looking, sensor, times, sign, seed):
    looking = make_looking(seed)
    looking.broken[sensor] = lambda value: value + sign * times * JUMPS[sensor]
    looking.look_until_read(sensor, 1)
    del looking.broken[sensor]
    assert abs(looking.validation.values[sensor] - GOOD[sensor]) <= NOISE[sensor]
    for _ in range(50):
        looking.sample()
        assert abs(looking.validation.values[sensor] - GOOD[sensor]) <= NOISE[sensor]
    assert looking.told.events == []


def test_good_noisy_readings_raise_no_false_alarm(looking):
    looking.sample(100_000)
    assert looking.told.events == []


def test_a_switched_load_is_no_fault(looking):
    states = iter(range(10**6))
    looking.broken[LOAD_POWER] = lambda value: value + 60_000 * (next(states) // 3 % 2)
    looking.broken[ARRAY_POWER] = lambda value: value // (1 + next(states) // 3 % 2)
    looking.sample(1000)
    assert looking.told.events == []


def test_no_light_and_a_steady_charge_are_no_stuck_sensors(looking):
    looking.broken[SUN_ELEVATION] = looking.broken[ARRAY_POWER] = lambda value: 0
    looking.sample(2)
    looking.validation.begin()
    looking.sample(1000)
    assert looking.told.events == []


def test_after_a_long_time_what_comes_is_taken_as_it_is(looking):
    for sensor in JUMPS:
        looking.broken[sensor] = lambda value, sensor=sensor: value - 5 * JUMPS[sensor]
    looking.validation.begin()
    looking.sample(100)
    assert looking.told.events == []
    assert looking.validation.values[BOX_A] == pytest.approx(GOOD[BOX_A] - 5 * JUMPS[BOX_A], abs=3)


def test_the_second_thermometer_stands_in_for_the_first(looking):
    looking.broken[BOX_B] = lambda value: 250
    looking.sample(10)
    assert looking.validation.box() == looking.validation.values[BOX_A] != 250
    looking.broken[BOX_A] = lambda value: None
    looking.sample(10)
    assert looking.validation.box() == 250
    looking.broken[BOX_B] = lambda value: None
    looking.sample(TOLD_AFTER + 5)
    assert looking.validation.box() is None
