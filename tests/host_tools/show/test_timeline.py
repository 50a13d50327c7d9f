"""The timeline: what the rover told, what the Sun did, and when the real ones did it."""

from datetime import UTC, datetime, timedelta

import pytest
from yutu2.decode.fields import Report
from yutu2.decode.packets import Packet
from yutu2.dictionary.model import load
from yutu2.firmware import borrow_sun, to_datetime, to_seconds
from yutu2.mission.hibernation import duration
from yutu2.runs.timeline import Entry, Timeline

PACKET = Packet(24, 0, 1, 0, True, b"")
RISE, FALL = (to_datetime(moment(24)) for moment in (borrow_sun().sunrise, borrow_sun().sunset))
NOON = RISE + (FALL - RISE) / 2
HOUR = timedelta(hours=1)


def event(time, name="ROVER_WAKE", text="awake, Sun at {sun_elevation} deg", fields=None, service=5):
    fields = {"sun_elevation": 7.5} if fields is None else fields
    return Report(time, PACKET, service, 1, name, text, fields, fields)


def names(entries):
    return [entry.name for entry in entries]


def test_an_event_is_told_with_its_fields_in_the_text():
    (entry,) = Timeline(None, load()).entries(event(NOON))
    assert (entry.name, entry.text, entry.lunar_day) == ("ROVER_WAKE", "awake, Sun at 7.5 deg", 24)


def test_sunrise_and_sunset_stand_where_they_belong():
    timeline = Timeline(RISE - HOUR, load())
    assert names(timeline.entries(event(NOON))) == ["SUNRISE", "ROVER_WAKE"]
    assert names(timeline.entries(event(NOON + HOUR))) == ["ROVER_WAKE"]
    assert names(timeline.until(FALL - timedelta(seconds=1))) == []
    (sunset,) = timeline.until(FALL)
    assert (sunset.name, sunset.time, sunset.lunar_day) == ("SUNSET", FALL, 24)
    assert names(timeline.until(FALL + HOUR)) == []


def test_each_lunar_day_has_one_sunrise_and_one_sunset():
    entries = list(Timeline(RISE - HOUR, load()).until(RISE + timedelta(days=59.1 * 5 - 10)))
    assert names(entries) == ["SUNRISE", "SUNSET"] * 10
    assert [entry.lunar_day for entry in entries[::2]] == list(range(24, 34))


def test_without_a_start_it_begins_at_the_first_report():
    timeline = Timeline(None, load())
    assert names(timeline.until(FALL)) == []
    assert names(timeline.entries(event(NOON))) == ["ROVER_WAKE"]
    assert names(timeline.entries(event(FALL + HOUR))) == ["SUNSET", "ROVER_WAKE"]


@pytest.mark.parametrize(
    "report",
    [
        event(NOON, service=3),
        Report(NOON, PACKET, 5, 1, None, None, None, None),
        Report(None, PACKET, None, None, None, None, None, None),
    ],
    ids=["housekeeping", "unknown event", "no time"],
)
def test_what_is_no_event_adds_nothing(report):
    assert list(Timeline(None, load()).entries(report)) == []


def housekeeping(time):
    return event(time, name="HK_COMPUTER", service=3)


def dormancy_of(report):
    (entry,) = [entry for entry in Timeline(None, load()).entries(report) if entry.name == report.name]
    return entry.dormancy


EVENING = FALL - 26 * HOUR
MORNING = to_datetime(borrow_sun().sunrise(25)) + 21 * HOUR


def test_a_craft_that_goes_to_sleep_is_due_after_the_next_sunrise():
    dormancy = dormancy_of(event(EVENING, "ROVER_SLEEP"))
    assert (dormancy.since, dormancy.sunrise) == (EVENING, to_datetime(borrow_sun().sunrise(25)))
    assert str(dormancy) == "dormant since 2020-11-21 19:49 UTC; next sunrise 2020-12-07 18:49 UTC"


@pytest.mark.parametrize(("name", "hours"), [("ROVER_SLEEP", 21), ("LANDER_SLEEP", 38)])
def test_it_wakes_as_long_after_sunrise_as_the_real_ones_did(name, hours):
    (entry,) = Timeline(None, load()).entries(event(EVENING, name))
    assert entry.lines()[1] == (
        f"              dormant  silent and deaf; next sunrise 2020-12-07 18:49 UTC, awake some {hours} h later"
    )


def test_a_craft_that_sleeps_at_noon_waits_for_charge_not_for_sunrise():
    dormancy = dormancy_of(event(NOON, "ROVER_SLEEP"))
    assert dormancy.sunrise is None
    assert "when the battery has charge" in str(dormancy)


@pytest.mark.parametrize("name", ["ROVER_WAKE", "NAP_START"])
def test_other_events_begin_no_dormancy(name):
    assert dormancy_of(event(EVENING, name)) is None


@pytest.mark.parametrize("before", [[], [housekeeping(MORNING)]], ids=["event first", "housekeeping first"])
def test_waking_tells_how_long_the_craft_was_silent(before):
    timeline = Timeline(None, load())
    told = [
        entry
        for report in (event(EVENING, "ROVER_SLEEP"), *before, event(MORNING))
        for entry in timeline.entries(report)
    ]
    assert told[-1].name == "ROVER_WAKE"
    assert told[-1].silent == MORNING - EVENING
    assert told[-1].lines()[1] == "          was dormant  silent for 16 d 20 h"
    assert timeline.dormancy is None


def test_of_an_unheard_sleep_no_duration_is_told():
    timeline = Timeline(None, load())
    reports = [event(EVENING, "ROVER_SLEEP"), housekeeping(MORNING), event(MORNING + timedelta(days=29.5))]
    assert [entry.silent for report in reports for entry in timeline.entries(report)][-1] is None
    (wake,) = Timeline(None, load()).entries(event(MORNING))
    assert wake.silent is None


def test_a_craft_is_dormant_until_it_is_heard_again():
    timeline = Timeline(None, load())
    assert timeline.dormancy is None
    list(timeline.entries(event(EVENING, "ROVER_SLEEP")))
    list(timeline.entries(housekeeping(EVENING)))
    list(timeline.entries(event(EVENING, "NAP_END")))
    assert timeline.dormancy.since == EVENING
    list(timeline.entries(housekeeping(MORNING)))
    assert timeline.dormancy is None


@pytest.mark.parametrize(
    ("time", "told"),
    [
        (timedelta(minutes=5), "0 h 05 min"),
        (timedelta(hours=23, minutes=59, seconds=31), "1 d 0 h"),
        (26 * HOUR, "1 d 2 h"),
    ],
)
def test_a_duration_is_told_in_days_or_in_hours(time, told):
    assert duration(time) == told


def entry(time, published=None):
    return Entry(time, 24, "ROVER_WAKE", "awake", published)


@pytest.mark.parametrize(
    ("late", "told"),
    [
        (timedelta(), "0 h 00 min later"),
        (timedelta(hours=1, minutes=5, seconds=29), "1 h 05 min later"),
        (timedelta(hours=-2, minutes=-59, seconds=-31), "3 h 00 min earlier"),
    ],
)
def test_the_difference_from_the_real_one_is_told(late, told):
    real = datetime(2020, 11, 9, 2, 17, tzinfo=UTC)
    mine = entry(real + late, real)
    assert mine.late_s == late.total_seconds()
    own, published = mine.lines()
    assert own.split()[-1] == "awake"
    assert "2020-11-09 10:17" in published
    assert published.endswith(told)


def test_an_entry_without_a_real_one_is_one_line():
    mine = entry(datetime(2020, 11, 9, 20, 0, tzinfo=UTC))
    assert mine.late_s is None
    (line,) = mine.lines()
    assert line.split() == ["2020-11-09", "20:00:00", "2020-11-10", "04:00:00", "24", "676.7", "ROVER_WAKE", "awake"]


def test_earth_days_count_from_the_landing():
    assert entry(datetime(2019, 1, 3, 2, 26, tzinfo=UTC)).earth_day == 0
    assert entry(datetime(2019, 1, 4, 14, 26, tzinfo=UTC)).earth_day == 1.5


def test_seconds_since_the_epoch_go_both_ways():
    assert to_datetime(0) == datetime(2019, 1, 1, tzinfo=UTC)
    for s in (0, 1, 59_000_000, 2**30):
        assert to_seconds(to_datetime(s, 999)) == s
