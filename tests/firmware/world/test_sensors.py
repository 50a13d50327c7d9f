"""What the sensors read of the Moon, with noise and with faults."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.kernel.random_stream import RandomStream
from rover.tables import (
    ARRAY_POWER,
    BATTERY_CHARGE,
    BOX_A,
    BOX_B,
    LOAD_COMPUTER,
    LOAD_POWER,
    MEMORY_FREE,
    SUN_AZIMUTH,
    SUN_ELEVATION,
)
from rover.tables.crafts import LOADS
from rover.world.sensors import SENSORS, Sensors
from rover.world.sun import millidegrees, sunrise, sunset
from yutu2.dictionary.model import load

NOON = (sunrise(24) + sunset(24)) // 2
MIDNIGHT = (sunset(24) + sunrise(25)) // 2
SENSOR = st.integers(0, SENSORS - 1)
SEEDS = st.integers(0, 2**30 - 1)
NOISE = {  # in the unit of each
    "SUN_ELEVATION": 60,
    "SUN_AZIMUTH": 60,
    "ARRAY_POWER": 120,
    "BATTERY_CHARGE": 0,
    "BUS_VOLTAGE": 15,
    "LOAD_POWER": 120,
    "BOX_A": 3,
    "BOX_B": 3,
    "WING": 5,
    "MAST": 5,
    "GROUND": 5,
    "MEMORY_FREE": 0,
}


class Calm:
    """Chance that never strikes: the middle of each span."""

    def below(self, limit):
        return limit // 2

    def around_zero(self, most):
        return 0


def calm(moon):
    return Sensors(moon.clock, moon, [Calm()] * SENSORS)


def noisy(moon, seed=7):
    return Sensors(moon.clock, moon, [RandomStream(seed, 16 + sensor) for sensor in range(SENSORS)])


@pytest.fixture
def moon(make_moon):
    return make_moon(NOON)


def test_the_sensors_are_the_dictionary_s():
    assert list(load().enums["sensor"].values()) == list(NOISE)


@given(st.integers(0, 29 * 86400), SEEDS)
def test_each_reading_is_off_by_its_noise_at_most(make_moon, later, seed):
    moon = make_moon(NOON)
    moon.clock.s += later
    truth, read = calm(moon), noisy(moon, seed)
    for sensor, noise in enumerate(NOISE.values()):
        assert abs(read.read(sensor) - truth.read(sensor)) <= noise


@pytest.mark.parametrize("name", NOISE)
def test_the_noise_of_each_reading_is_its_own_and_fills_its_span(moon, name):
    sensor, noise = list(NOISE).index(name), NOISE[name]
    sensors = noisy(moon)
    read = [sensors.read(sensor) for _ in range(3000)]
    assert max(read) - min(read) >= 1.9 * noise
    assert abs(sum(read) / len(read) - calm(moon).read(sensor)) <= 0.1 * noise


def test_it_reads_what_is(moon):
    sensors = calm(moon)
    moon.switch(LOAD_COMPUTER, True)
    assert sensors.read(SUN_ELEVATION) == millidegrees(moon.sun[0])
    assert sensors.read(SUN_AZIMUTH) == millidegrees(moon.sun[1])
    assert sensors.read(ARRAY_POWER) == moon.array_power()
    assert sensors.read(BATTERY_CHARGE) == moon.charge()
    assert sensors.read(LOAD_POWER) == LOADS["rover"][LOAD_COMPUTER]
    assert sensors.read(BOX_A) == sensors.read(BOX_B) == pytest.approx(moon.box / 409.6 - 2731.5, abs=1)


def test_the_azimuth_stays_in_its_circle(make_moon):
    moon, read = make_moon(NOON - 17 * 3600), []
    sensors = noisy(moon)
    for _ in range(2000):
        moon.clock.s += 60
        read.append(sensors.read(SUN_AZIMUTH))
    assert 0 <= min(read) <= max(read) < 360_000


def test_in_the_dark_there_is_neither_sun_nor_power(make_moon):
    sensors = noisy(make_moon(MIDNIGHT))
    for sensor in (SUN_ELEVATION, SUN_AZIMUTH, ARRAY_POWER):
        assert {sensors.read(sensor) for _ in range(50)} == {0}


@given(st.integers(0, 2000), SEEDS)
def test_a_sun_on_the_horizon_reads_no_less_than_nothing(make_moon, after_sunrise, seed):
    sensors = noisy(make_moon(sunrise(24) + after_sunrise), seed)
    assert all(sensors.read(sensor) >= 0 for _ in range(5) for sensor in (SUN_ELEVATION, ARRAY_POWER))


@given(SENSOR, st.lists(st.integers(0, 86400), max_size=5))
def test_a_dead_sensor_reads_nothing_and_a_stuck_one_always_the_same(make_moon, sensor, waits):
    moon = make_moon(NOON)
    sensors = noisy(moon)
    last = sensors.read(sensor)
    sensors.set_stuck(sensor)
    stuck = []
    for wait in waits:
        moon.clock.s += wait
        stuck.append(sensors.read(sensor))
    assert len(set(stuck)) <= 1
    assert all(abs(value - last) <= 2 * list(NOISE.values())[sensor] for value in stuck)
    sensors.set_dead(sensor)
    assert sensors.read(sensor) is None
    sensors.repair(sensor)
    assert sensors.read(sensor) is not None


@pytest.mark.parametrize("name", NOISE)
def test_a_sensor_that_sticks_before_it_was_ever_read_gives_what_is(moon, name):
    sensors, sensor = noisy(moon), list(NOISE).index(name)
    sensors.set_stuck(sensor)
    assert abs(sensors.read(sensor) - calm(moon).read(sensor)) <= NOISE[name]


@given(SENSOR, st.integers(1, 30_000), SEEDS)
def test_a_jumping_sensor_is_off_by_what_it_may_at_most(make_moon, sensor, most, seed):
    moon = make_moon(NOON)
    truth, sensors = calm(moon), noisy(moon, seed)
    sensors.set_noisy(sensor, most)
    noise = list(NOISE.values())[sensor]
    read = [sensors.read(sensor) for _ in range(30)]
    assert all(
        max(0, truth.read(sensor) - noise - most) <= value <= truth.read(sensor) + noise + most for value in read
    )
    assert len(set(read)) > 1


@given(SENSOR, SENSOR, st.sampled_from(["set_stuck", "set_dead"]))
def test_what_befalls_one_sensor_shows_in_no_other(make_moon, sensor, other, fault):
    if sensor == other:
        return
    moon = make_moon(NOON)
    good, bad = noisy(moon), noisy(moon)
    getattr(bad, fault)(sensor)
    for _ in range(5):
        bad.read(sensor), good.read(sensor)
        assert bad.read(other) == good.read(other)


def test_all_machines_have_the_same_memory_until_it_is_squeezed(moon):
    sensors = noisy(moon)
    usual = sensors.read(MEMORY_FREE)
    sensors.limit_memory(24)
    assert (usual, sensors.read(MEMORY_FREE)) == (80, 24)
    sensors.limit_memory(None)
    assert sensors.read(MEMORY_FREE) == usual
