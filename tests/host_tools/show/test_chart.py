"""The chart: what is drawn of a downlink, and the picture of it."""

import struct
from datetime import timedelta
from itertools import pairwise
from math import isnan

import pytest
from yutu2.dictionary.model import load
from yutu2.firmware import EPOCH, borrow_sun, to_datetime, to_seconds
from yutu2.show.chart import ChartBuilder
from yutu2.show.chart_picture import assign_lanes, draw_chart

SUN = borrow_sun()
WAKE, SLEEP = (to_datetime(moment(24) + shift) for moment, shift in ((SUN.sunrise, 76_320), (SUN.sunset, -93_580)))
NEXT_WAKE = to_datetime(SUN.sunrise(25) + 76_320)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def seconds(time):
    return (time - EPOCH).total_seconds()


def chart_of(reports):
    builder = ChartBuilder(load())
    for report in reports:
        builder.add(report)
    return builder.build()


def live(craft, start, times, mode="ACTIVE", step=5 * MINUTE):
    """Housekeeping from `start` on, so many times; Sun elevation (deg) and array power (100 W more) count them."""
    for number in range(times):
        craft.tell("HK_COMPUTER", start + number * step, mode=mode, sun_elevation=number)
        craft.tell("HK_POWER", start + number * step, array_power=100 + number, box_temperature=20, battery_charge=80)


def wake(craft, time):
    """Housekeeping comes before the event of waking."""
    live(craft, time, 1, "WAKING")
    craft.tell("ROVER_WAKE", time)


def a_day_and_a_night(craft):
    wake(craft, WAKE)
    live(craft, WAKE + 5 * MINUTE, 3)
    live(craft, SLEEP - 10 * MINUTE, 2, "PARKING")
    craft.tell("ROVER_SLEEP", SLEEP)
    wake(craft, NEXT_WAKE)
    for hours in (6, 100, 400):
        craft.tell("HK_NIGHT", NEXT_WAKE, measured_at=seconds(SLEEP + hours * HOUR), box_temperature=-hours / 10)
    live(craft, NEXT_WAKE + 5 * MINUTE, 2)
    return chart_of(craft.reports)


def breaks(line):
    """Where a line is broken: the values beside each NaN."""
    assert len(line.times) == len(line.values)
    return [(line.values[index - 1], line.values[index + 1]) for index, value in enumerate(line.values) if isnan(value)]


def modes(chart):
    return [(span.name, span.start, span.end) for span in chart.modes]


def test_values_are_those_told_in_engineering_units(craft):
    live(craft, WAKE, 3)
    chart = chart_of(craft.reports)
    times = [seconds(WAKE + minutes * MINUTE) for minutes in (0, 5, 10)]
    assert chart.housekeeping_line("array_power") == (times, [100, 101, 102])
    assert chart.housekeeping_line("box_temperature").values == [20, 20, 20]
    assert chart.sensed_sun() == (times, [0, 1, 2])


@pytest.mark.parametrize(("minutes", "broken"), [(30, []), (31, [(101, 100)])])
def test_no_line_is_drawn_across_more_than_half_an_hour_of_silence(craft, minutes, broken):
    live(craft, WAKE, 2)
    live(craft, WAKE + (5 + minutes) * MINUTE, 2)
    assert breaks(chart_of(craft.reports).housekeeping_line("array_power")) == broken


def test_no_line_is_drawn_back_in_time(craft):
    live(craft, WAKE, 3)
    live(craft, WAKE - HOUR, 1)
    assert breaks(chart_of(craft.reports).housekeeping_line("array_power")) == [(102, 100)]


def test_the_night_s_points_stand_where_they_were_measured_and_are_joined(craft):
    line = a_day_and_a_night(craft).night_line("box_temperature")
    assert line == ([seconds(SLEEP + hours * HOUR) for hours in (6, 100, 400)], [-0.6, -10, -40])


def test_two_nights_are_two_lines(craft):
    for night in range(2):
        woken = WAKE + timedelta(days=29.5 * night)
        wake(craft, woken)
        for hours in (30, 20):
            craft.tell("HK_NIGHT", woken, measured_at=seconds(woken - hours * HOUR), battery_charge=hours + night)
    chart = chart_of(craft.reports)
    assert breaks(chart.night_line("battery_charge")) == [(20, 31)]
    assert chart.start == seconds(WAKE - 30 * HOUR)


def test_modes_are_told_and_the_night_is_dormant(craft):
    chart = a_day_and_a_night(craft)
    asleep, again = seconds(SLEEP), seconds(NEXT_WAKE)
    five = 300
    assert modes(chart) == [
        ("DORMANT", chart.start, seconds(WAKE)),
        ("WAKING", seconds(WAKE), seconds(WAKE) + five),
        ("ACTIVE", seconds(WAKE) + five, seconds(WAKE) + 3 * five),
        (None, seconds(WAKE) + 3 * five, asleep - 2 * five),
        ("PARKING", asleep - 2 * five, asleep),
        ("DORMANT", asleep, again),
        ("WAKING", again, again + five),
        ("ACTIVE", again + five, again + 2 * five),
    ]
    assert [(span.start, span.end) for span in chart.hibernation] == [(chart.start, seconds(WAKE)), (asleep, again)]


def test_a_mode_that_the_dictionary_does_not_have_is_its_number(craft):
    for minutes in (0, 5, 10):
        craft.tell("HK_COMPUTER", WAKE + minutes * MINUTE, mode=77)
        craft.tell("HK_POWER", WAKE + minutes * MINUTE, loads_on=1 << 15)
    chart = chart_of(craft.reports)
    assert "77" in [name for name, _, _ in modes(chart)]
    assert draw_chart(chart, "svg")


def test_a_lost_event_of_waking_leaves_no_craft_asleep(craft):
    craft.tell("ROVER_SLEEP", SLEEP)
    live(craft, NEXT_WAKE, 2)
    (hibernation,) = chart_of(craft.reports).hibernation
    assert (hibernation.start, hibernation.end) == (seconds(SLEEP), seconds(NEXT_WAKE))


def test_a_lost_event_of_sleep_leaves_silence_without_a_name(craft):
    live(craft, SLEEP - HOUR, 2)
    wake(craft, NEXT_WAKE)
    chart = chart_of(craft.reports)
    assert chart.start == seconds(SLEEP - HOUR)
    assert [span.name for span in chart.modes] == ["ACTIVE", None]


def test_housekeeping_of_the_moment_of_sleep_does_not_wake_the_craft(craft):
    live(craft, SLEEP - 5 * MINUTE, 1)
    craft.tell("ROVER_SLEEP", SLEEP)
    live(craft, SLEEP, 1)
    assert [span.name for span in chart_of(craft.reports).modes] == ["ACTIVE", "DORMANT"]


def test_a_sleeping_craft_is_shown_from_sunrise_and_to_sunset(craft):
    wake(craft, WAKE)
    craft.tell("ROVER_SLEEP", SLEEP)
    chart = chart_of(craft.reports)
    assert (chart.start, chart.end) == (SUN.sunrise(24) - 3600, SUN.sunset(24) + 3600)
    assert chart.lunar_days == (24, 24)
    assert [(span.start, span.end) for span in chart.nights] == [
        (chart.start, SUN.sunrise(24)),
        (SUN.sunset(24), chart.end),
    ]


def test_a_craft_that_is_awake_is_shown_from_its_first_to_its_last_report(craft):
    live(craft, WAKE + HOUR, 3)
    chart = chart_of(craft.reports)
    assert (chart.start, chart.end) == (seconds(WAKE + HOUR), seconds(WAKE + HOUR + 10 * MINUTE))
    assert (chart.nights, chart.hibernation) == ([], [])


def test_the_computed_sun_spans_the_night(craft):
    chart = a_day_and_a_night(craft)
    line = chart.computed_sun()
    assert (line.times[0], line.times[-1]) == (chart.start, chart.end)
    assert max(after - before for before, after in pairwise(line.times)) <= 3600
    noon = line.values[min(range(len(line.times)), key=lambda index: abs(line.times[index] - chart.start - 640_000))]
    assert noon == pytest.approx(44, abs=1)
    (night,) = [span for span in chart.nights if span.end - span.start > 86_400]
    assert (night.start, night.end) == (SUN.sunset(24), SUN.sunrise(25))
    since_sunrise = [(time, value) for time, value in zip(*line, strict=True) if time >= SUN.sunrise(24)]
    assert all((value < 0) == (night.start <= time < night.end) for time, value in since_sunrise)


def test_events_of_medium_and_high_severity_are_marked(craft):
    live(craft, WAKE, 2)
    for name in ("NAP_START", "FRAMES_LOST", "BATTERY_LOW", "SAFE_ENTER"):
        craft.tell(name, WAKE)
    marks = chart_of(craft.reports).marks
    assert [(mark.name, mark.severity) for mark in marks] == [("BATTERY_LOW", 3), ("SAFE_ENTER", 4)]


def test_the_first_of_two_craft_is_shown_and_the_rest_counted(craft, craft_like):
    lander = craft_like(4)
    live(craft, WAKE, 2)
    live(lander, WAKE, 3)
    builder = ChartBuilder(load())
    for report in craft.reports + lander.reports:
        builder.add(report)
    chart = builder.build()
    assert (chart.craft, len(chart.power.times), builder.other_reports) == ("rover", 2, 6)


def test_the_limits_are_those_of_the_monitors(craft):
    live(craft, WAKE, 1)
    assert sorted(chart_of(craft.reports).monitor_limits("P_BOX")) == [-35, 55]


def test_names_that_would_overlap_stand_below_each_other():
    assert assign_lanes([(0.1, 0.3), (0.1, 0.3), (0.2, 0.4), (0.3, 0.5), (0.35, 0.45)]) == [0, 1, 2, 0, 1]


@pytest.fixture
def folder(craft, tmp_path):
    """A folder as a run leaves it."""
    wake(craft, WAKE)
    live(craft, WAKE + 5 * MINUTE, 30)
    for name in ("BATTERY_LOW", "SAFE_ENTER"):
        craft.tell(name, WAKE + HOUR)
    craft.tell("ROVER_SLEEP", SLEEP)
    (tmp_path / "downlink.tm").write_bytes(craft.downlink)
    return tmp_path


def test_a_folder_gets_a_picture_of_1600_by_1200_dots(yutu2, folder):
    done = yutu2("chart", folder)
    assert (done.status, done.err) == (0, "")
    assert done.out.decode().splitlines()[-1] == str(folder / "chart.png")
    octets = (folder / "chart.png").read_bytes()
    assert octets[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", octets[16:24]) == (1600, 1200)


@pytest.mark.parametrize(("name", "begin"), [("a.svg", b"<?xml"), ("a.PDF", b"%PDF-")])
def test_the_suffix_tells_the_kind_of_picture(yutu2, folder, name, begin):
    done = yutu2("chart", folder / "downlink.tm", "--out", folder / name)
    assert done.status == 0, done
    assert (folder / name).read_bytes().startswith(begin)


@pytest.mark.slow
def test_the_picture_names_craft_modes_and_few_events(yutu2, folder):
    yutu2("chart", "-", "--out", folder / "a.svg", input=(folder / "downlink.tm").read_bytes())
    # Text is drawn, each with its words in a comment before it
    text = (folder / "a.svg").read_text()
    for words in ("rover, lunar day 24", "DORMANT", "BATTERY_LOW", "SAFE_ENTER", "medium: 1", "box: 20 to 20"):
        assert f"<!-- Yutu-2 rover emulator: {words}" in text or f"<!-- {words} -->" in text, words


@pytest.mark.slow
def test_one_report_is_enough(yutu2, craft, tmp_path):
    craft.tell("HK_POWER", WAKE)
    craft.tell("BATTERY_LOW", WAKE)
    assert yutu2("chart", "-", "--out", tmp_path / "a.png", input=craft.downlink).status == 0


@pytest.mark.slow
def test_many_events_are_marked_without_names(yutu2, craft, tmp_path):
    live(craft, WAKE, 20)
    for number in range(13):
        craft.tell("BATTERY_LOW", WAKE + number * MINUTE)
    done = yutu2("chart", "-", "--out", tmp_path / "a.svg", input=craft.downlink)
    assert done.status == 0, done
    text = (tmp_path / "a.svg").read_text()
    assert "<!-- medium: 13 -->" in text
    assert "BATTERY_LOW" not in text


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (
            ["{tmp}/empty"],
            "{tmp}/empty: holds no downlink.tm; give a folder that yutu2 run --out has made, or a source",
        ),
        (
            ["{tmp}/downlink.tm"],
            "{tmp}/downlink.tm: is no folder of a run; give the folder of a run, or --out FILE.png",
        ),
        (["{tmp}", "--out", "{tmp}/a.jpg"], "--out: {tmp}/a.jpg should end in .png, .pdf or .svg"),
        (["{tmp}", "--out", "{tmp}/no/a.png"], "--out: there is no folder {tmp}/no; make it first"),
        (["{tmp}/none", "--out", "{tmp}/a.png"], "{tmp}/none: no such file or device"),
        (["{tmp}/few.tm", "--out", "{tmp}/a.png"], "{tmp}/few.tm: has no HK_POWER, the report of power and heat"),
    ],
)
def test_wrong_use_is_told_in_one_line_and_leaves_no_picture(refused, craft_like, folder, arguments, reported):
    few = craft_like(24)
    few.tell("HK_COMPUTER", WAKE)
    (folder / "few.tm").write_bytes(few.downlink)
    (folder / "empty").mkdir()
    line = refused("chart", *(argument.format(tmp=folder) for argument in arguments))
    assert line.startswith("yutu2: " + reported.format(tmp=folder))
    assert not list(folder.rglob("*.png"))


def test_the_source_is_not_drawn_over(refused, folder):
    source = folder / "downlink.tm"
    source = source.rename(folder / "downlink.png")
    assert "is the source itself" in refused("chart", source, "--out", source)


def test_times_of_the_chart_are_the_ground_s(craft):
    live(craft, WAKE, 1)
    assert chart_of(craft.reports).power.times == [to_seconds(WAKE)]
