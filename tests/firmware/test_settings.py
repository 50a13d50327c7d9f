"""What a run may be told, and what is said of what it may not."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rover.inputs.settings import CLOCK_END, NAMES, SettingError, Settings, parse_time, read_settings
from yutu2.firmware import firmware_dir

EPOCH = datetime(2019, 1, 1, tzinfo=UTC)
TIMES = st.integers(0, CLOCK_END).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
# Whatever a user may type where a number or a time belongs
TEXTS = st.one_of(st.text(max_size=20), st.text("0123456789.-:TZe+ ", max_size=21), st.text("0123456789.", max_size=12))

WRONG = [
    ({"craft": "Rover"}, "craft"),
    ({"lunar_day": "0"}, "lunar-day"),
    ({"lunar_day": "421"}, "lunar-day"),
    ({"lunar_day": "24.0"}, "lunar-day"),
    ({"lunar_day": "24", "start": "2020-11-09", "days": "1"}, "lunar-day"),
    ({"start": "2020-11-09"}, "start"),
    ({"days": "1"}, "start"),
    ({"start": "2018-12-31T23:59:59Z", "days": "1"}, "start"),
    ({"start": "2054-01-01", "days": "1"}, "start"),
    ({"start": "2020-02-30", "days": "1"}, "start"),
    ({"start": "2020-11-09 02:17", "days": "1"}, "start"),
    ({"start": "tomorrow", "days": "1"}, "start"),
    ({"start": "2053-01-09", "days": "1"}, "days"),
    ({"start": "2020-11-09", "days": "0"}, "days"),
    ({"start": "2020-11-09", "days": "-1"}, "days"),
    ({"start": "2020-11-09", "days": "0.00001"}, "days"),
    ({"seed": "-1"}, "seed"),
    ({"seed": "1073741824"}, "seed"),
    ({"seed": ""}, "seed"),
    ({"seed": "7.5"}, "seed"),
    ({"speed": "0"}, "speed"),
    ({"speed": "0.0"}, "speed"),
    ({"speed": "-60"}, "speed"),
    ({"speed": "fast"}, "speed"),
    ({"speed": "100000.001"}, "speed"),
    ({"speed": ".5"}, "speed"),
    ({"speed": "1e3"}, "speed"),
]

SAMPLE = """
import sys
from rover.inputs.settings import SettingError, Settings
for pair in sys.argv[1:]:
    given = dict(part.split("=", 1) for part in pair.split("&"))
    try:
        chosen = Settings(given, "max")
        print(chosen.craft, chosen.lunar_day, chosen.start_s, chosen.length_s, chosen.seed, chosen.milli_speed)
    except SettingError as error:
        print(error.text)
"""


def told(given):
    with pytest.raises(SettingError) as caught:
        Settings(given, speed="max")
    return caught.value


@pytest.mark.parametrize(("given", "name"), WRONG)
def test_a_wrong_setting_is_told_in_one_line_that_names_it(given, name):
    error = told(given)
    assert error.text.split(":")[0].startswith(name)
    assert "\n" not in error.text
    assert name.replace("-", "_") in error.names


def test_without_options_it_is_lunar_day_24_of_the_rover():
    settings = Settings({}, speed="max")
    assert (settings.craft, settings.lunar_day, settings.seed) == ("rover", 24, 7)
    assert (settings.milli_speed, settings.link, settings.scenario) == (None, None, None)


@given(TIMES)
@example(EPOCH)
@example(datetime(2020, 2, 29, tzinfo=UTC))
def test_a_time_is_read_in_all_its_forms(time):
    seconds = int((time - EPOCH).total_seconds())
    for mark in ("", "Z"):
        assert parse_time(time.strftime("%Y-%m-%dT%H:%M:%S") + mark) == seconds
        assert parse_time(time.strftime("%Y-%m-%dT%H:%M") + mark) == seconds // 60 * 60
        assert parse_time(time.strftime("%Y-%m-%d") + mark) == seconds // 86400 * 86400


@given(TEXTS)
@example("2020-11-09T2:17")
@example("2020-11-09Tnoon")
@example("2020-11-09T25:00")
@example("2020-11-09T")
@example("2020-11-0²")
@example("2020-11-09T02:17:00+08:00")
def test_what_is_no_time_is_refused(text):
    try:
        seconds = parse_time(text)
    except SettingError as error:
        assert error.names == ("start",)
        return
    time = EPOCH + timedelta(seconds=seconds)
    forms = [time.strftime(form) for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")]
    assert text.removesuffix("Z") in forms


@given(st.integers(1, 10**8))
def test_a_speed_is_read_to_its_thousandths(milli_speed):
    whole, part = divmod(milli_speed, 1000)
    for text in {f"{whole}.{part:03}", f"{whole}.{part:03}".rstrip("0").rstrip(".")}:
        assert Settings({"speed": text}, speed="max").milli_speed == milli_speed


@given(st.integers(1, 12427 * 10000))
def test_a_length_is_read_to_its_ten_thousandths_of_a_day(length):
    whole, part = divmod(length, 10000)
    given = {"start": "2019-01-01", "days": f"{whole}.{part:04}"}
    assert Settings(given, speed="max").length_s == length * 86400 // 10000


@given(st.sampled_from(["seed", "speed", "lunar_day", "baud"]), TEXTS)
@example("seed", "²")
@example("seed", "٣")
@example("speed", "1.²")
def test_what_is_no_number_is_refused(name, text):
    try:
        settings = Settings({name: text}, speed="max")
    except SettingError as error:
        assert error.names == (name,)
        return
    assert text == "max" or float(text) >= 0
    assert text.isascii() and " " not in text
    assert 0 <= settings.seed < 2**30


def test_a_run_may_end_where_the_clock_ends_and_no_later():
    start = {"start": "2053-01-09T13:36:00"}
    assert Settings({**start, "days": "0.0007"}, speed="max").length_s == 60
    assert "clock's end" in told({**start, "days": "0.0008"}).text


def test_the_unix_port_reads_the_same(on_unix_port):
    good = [
        {"craft": "lander", "lunar_day": "420", "seed": "1073741823", "speed": "0.001"},
        {"start": "2019-01-01", "days": "0.0001", "speed": "100000"},
        {"start": "2052-02-29T23:59:59Z", "days": "123.4567", "seed": "0"},
        {"start": "2020-11-09T02:17Z", "days": "1"},
    ]
    expected = []
    for options in good:
        chosen = Settings(options, speed="max")
        numbers = (chosen.lunar_day, chosen.start_s, chosen.length_s, chosen.seed, chosen.milli_speed)
        expected.append(" ".join(map(str, (chosen.craft, *numbers))))
    wrong = [options for options, _ in WRONG]
    expected += [told(options).text for options in wrong]
    arguments = ["&".join(f"{name}={text}" for name, text in options.items()) for options in good + wrong]
    assert on_unix_port(SAMPLE, *arguments).splitlines() == expected


def test_a_settings_file_is_read_with_its_comments_and_blanks():
    settings, refused = read_settings(
        [
            *[b"# my rover", b"", b"craft = lander", b"  lunar-day=30 # later", b"speed = 60\r", b"link = uart"],
            *[b"led = off", b"scenario = faults.txt"],
        ]
    )
    assert (settings.craft, settings.lunar_day, settings.milli_speed) == ("lander", 30, 60000)
    assert (settings.link, settings.baud, settings.light) == ("uart", 115200, "world")
    assert (settings.led, settings.scenario) == ("off", "faults.txt")
    assert refused == []


@pytest.mark.parametrize(
    ("line", "number"),
    [
        (b"colour = red", 0),
        (b"\xff\xfe = 1", 0),
        (b"speed", 0),
        (b"craft = submarine", 1),
        (b"lunar_day = 500", 2),
        (b"start = 2020-11-09", 3),
        (b"seed = many", 5),
        (b"speed = 0", 6),
        (b"link = /dev/ttyUSB0", 7),
        (b"baud = 300", 8),
        (b"light = torch", 9),
        (b"led = red", 10),
    ],
)
def test_a_line_that_cannot_be_is_refused_and_the_others_hold(line, number):
    other = b"light = adc" if number == 5 else b"seed = 5"
    settings, refused = read_settings([line, other])
    assert refused == [number]
    assert (settings.light, settings.seed) == (("adc", 7) if number == 5 else ("world", 5))
    assert settings.milli_speed == 1000


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (b"\xef\xbb\xbfspeed = 60\r\nseed = 9\r\n", (60000, 9, [])),
        (b"\xef\xbb\xbf# Settings\r\nspeed = 60\r\nseed = 9", (60000, 9, [])),
        (b"\xef\xbb\xbf\r\nspeed = 60", (60000, 7, [])),
        (b"speed = 60 # caf\xe9\nseed = 9", (60000, 9, [])),
        (b"speed = \xe96\nseed = 9", (1000, 9, [0])),
        (b"seed = 9\n\xef\xbb\xbfspeed = 60", (1000, 9, [0])),
        (b"= 60\nseed = 9", (1000, 9, [0])),
        (b"\xff\xfe" + "speed = 60".encode("utf-16-le"), (1000, 7, [0])),
        (b"colour = red\n" * 500 + b"speed = 60", (60000, 7, [0])),
    ],
)
def test_a_settings_file_is_read_whatever_editor_has_saved_it(octets, told):
    settings, refused = read_settings(io.BytesIO(octets))
    assert (settings.milli_speed, settings.seed, refused) == told


def test_the_settings_file_that_comes_with_the_firmware_is_good_with_and_without_its_comments():
    lines = (firmware_dir() / "settings.txt").read_bytes().splitlines()
    settings, refused = read_settings(lines)
    assert refused == []
    assert settings.start_s > 0
    offered = [line[2:] for line in lines if re.match(rb"# [a-z_]+ = ", line)]
    assert {line.split()[0].decode() for line in offered} <= set(NAMES)
    assert read_settings(offered)[1] == []


LINES = st.lists(
    st.one_of(
        st.binary(max_size=30),
        st.tuples(st.sampled_from(NAMES), TEXTS).map(lambda pair: f"{pair[0]} = {pair[1]}".encode("utf-8", "replace")),
    ),
    max_size=8,
)


@given(LINES)
@example([b"start = 2020-11-09", b"days = 20000", b"lunar_day = 3"])
@example(["seed = ²".encode()])
def test_no_settings_file_keeps_a_board_from_starting(lines):
    settings, refused = read_settings(lines)
    assert settings.milli_speed is None or settings.milli_speed > 0
    assert all(0 <= number <= len(NAMES) for number in refused)
