"""Where the Sun stands, beside a reference computed from the ephemeris DE421."""

import csv
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rover.world.sun import lunar_day, millidegrees, subsolar, sun, sunrise, sunset
from yutu2.firmware import to_seconds

WITHIN = 0.03  # degrees
CLOCK_END = 2**30
LAST_LUNAR_DAY = 420

SUN_AT = """
import sys
from rover.world.sun import subsolar, sun
for time in sys.argv[1:]:
    print(subsolar(int(time)) + sun(int(time)))
"""
SINES = """
from rover.world.sun import sine, sine_plain
for angle in range(-3000000, 3000000, 777):
    assert sine(angle) == sine_plain(angle), angle
print("same")
"""
CROSSINGS = """
from rover.world.sun import lunar_day, sunrise, sunset
for number in range(1, 421):
    print(sunrise(number), sunset(number), lunar_day(sunrise(number)))
"""


def read_reference():
    with Path(__file__).with_name("sun_reference.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            time = to_seconds(datetime.fromisoformat(row.pop("time_utc")))
            yield time, tuple(float(value) for value in row.values())


REFERENCE = dict(read_reference())


def apart(angle, degrees):
    """How far a binary angle is from one in degrees, in degrees."""
    return abs((angle * 360 / 2**20 - degrees + 180) % 360 - 180)


def test_the_sun_stands_where_the_reference_says():
    assert len(REFERENCE) == 400
    for time, truth in REFERENCE.items():
        ours = subsolar(time) + sun(time)
        assert max(map(apart, ours, truth)) < WITHIN, (time, ours, truth)


def test_the_unix_port_computes_the_same_integers(on_unix_port):
    times = [*REFERENCE, *range(0, CLOCK_END, 2_654_321)]
    lines = on_unix_port(SUN_AT, *map(str, times)).splitlines()
    assert lines == [str(subsolar(time) + sun(time)) for time in times]


def test_the_sine_in_viper_is_that_of_its_plain_twin(on_unix_port):
    assert on_unix_port(SINES) == "same\n"


@given(st.integers(0, CLOCK_END - 1))
@example(0)
@example(CLOCK_END - 1)
def test_no_step_of_the_sun_reaches_2_to_the_30(pico_int, time):
    for angle in subsolar(pico_int(time)) + sun(pico_int(time)):
        assert -(2**30) < millidegrees(pico_int(angle)) < 2**30


@pytest.mark.parametrize("number", [1, 2, 24, 171, 300, LAST_LUNAR_DAY])
def test_no_step_of_sunrise_and_sunset_reaches_2_to_the_30(pico_int, number):
    assert lunar_day(pico_int(sunrise(pico_int(number)))) == number
    assert lunar_day(pico_int(sunset(pico_int(number)))) == number


@given(st.integers(-(2**20), 2**20))
def test_millidegrees_are_rounded_down(angle):
    assert millidegrees(angle) == angle * 360_000 // 2**20


def test_sunrise_and_sunset_take_turns_all_the_way_to_the_clock_s_end():
    times = [time for number in range(1, LAST_LUNAR_DAY + 1) for time in (sunrise(number), sunset(number))]
    assert times == sorted(times)
    assert times[-1] < CLOCK_END
    spans = [times[at + 2] - times[at] for at in range(0, len(times) - 2, 2)]
    # A lunar day is 29.53 Earth days, give or take 7 hours
    assert min(spans) > 29.2 * 86400 and max(spans) < 29.9 * 86400


@pytest.mark.parametrize("number", range(1, LAST_LUNAR_DAY + 1, 13))
def test_the_sun_crosses_the_horizon_at_sunrise_and_sunset(number):
    rise, down = sunrise(number), sunset(number)
    assert sun(rise - 10)[0] <= 0 < sun(rise)[0]
    assert sun(down)[0] <= 0 < sun(down - 10)[0]
    assert apart(sun(rise)[1], 90) < 3
    assert apart(sun(down)[1], 270) < 3


@given(st.integers(1, LAST_LUNAR_DAY - 1), st.data())
def test_a_lunar_day_lasts_from_its_sunrise_to_the_next(number, data):
    begin, end = sunrise(number), sunrise(number + 1) - 1
    time = data.draw(st.one_of(st.sampled_from([begin, end]), st.integers(begin, end)))
    assert lunar_day(time) == number


def test_the_unix_port_finds_the_same_sunrises_and_sunsets(on_unix_port):
    expected = [f"{sunrise(number)} {sunset(number)} {number}" for number in range(1, LAST_LUNAR_DAY + 1)]
    assert on_unix_port(CROSSINGS).splitlines() == expected
