"""`yutu2 calendar`: our wakes and sleeps beside the published ones, judged apart from the command's own scores."""

import csv
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib.resources import files
from statistics import fmean

import pytest
from rover.world.sun import lunar_day, millidegrees, sun, sunrise, sunset
from yutu2.decode.fields import FieldDecoder, pus_type
from yutu2.decode.live import LiveDecoder
from yutu2.dictionary.model import load
from yutu2.firmware import to_seconds

LINE = re.compile(r"^ +(\d+) +(rover|lander) +(wake|sleep) +(\S+ \S+) +(\S+ \S+) +([+-][\d.]+)(.*)$")
SCORE = re.compile(r"^ +(rover|lander) +(wake|sleep) +(\d+) judged: mean error ([\d.]+) h, largest ([\d.]+) h$")
LANDER_RULE_FROM = 19  # before it the lander was put to sleep together with the rover
CRAFT = ("rover", "lander")
LAST_DAY = 43
START_S = 3 * 86400  # 2019-01-04: lunar day 1 begins awake
GROUPS = [(craft, event) for craft in CRAFT for event in ("wake", "sleep")]


@pytest.fixture(scope="module")
def printed(yutu2):
    done = yutu2("calendar")
    assert (done.status, done.err) == (0, "")
    return done.out.decode().splitlines()


@pytest.fixture(scope="module")
def ours(printed):
    """Our time in Beijing, by lunar day, craft, event."""
    rows = [match.groups() for match in map(LINE.match, printed) if match]
    return {(int(day), craft, event): datetime.fromisoformat(time) for day, craft, event, _, time, _, _ in rows}


@pytest.fixture(scope="module")
def published():
    """The published times in Beijing that are fit to judge by, by lunar day, craft, event."""
    text = files("yutu2.show").joinpath("published.csv").read_text(encoding="utf-8")
    return {
        (int(row["lunar_day"]), row["craft"], row["event"]): datetime.fromisoformat(row["time_beijing"])
        for row in csv.DictReader(text.splitlines())
        if row["use_for_fit"] == "1" and row["event"] in ("wake", "sleep")
    }


@pytest.fixture(scope="module")
def errors(ours, published):
    """Absolute errors in hours of a craft's wakes or sleeps."""

    def errors(craft, event):
        first = LANDER_RULE_FROM if (craft, event) == ("lander", "sleep") else 1
        return [
            abs((ours[key] - time).total_seconds()) / 3600
            for key, time in published.items()
            if key[1:] == (craft, event) and key[0] >= first
        ]

    return errors


@pytest.mark.parametrize("craft", ["rover", "lander"])
def test_wakes_are_as_published(errors, craft):
    wakes = errors(craft, "wake")
    assert len(wakes) >= 14
    assert fmean(wakes) <= 3
    assert max(wakes) < 7


@pytest.mark.parametrize(("craft", "least"), [("rover", 6), ("lander", 4)])
def test_sleeps_are_as_published(errors, craft, least):
    sleeps = errors(craft, "sleep")
    assert len(sleeps) >= least
    assert fmean(sleeps) <= 1
    assert max(sleeps) < 2


def test_from_lunar_day_19_on_the_rover_wakes_and_sleeps_before_the_lander(ours):
    days = {day for day, *_ in ours if day >= LANDER_RULE_FROM}
    wakes = [day for day in days if (day, "rover", "wake") in ours and (day, "lander", "wake") in ours]
    sleeps = [day for day in days if (day, "rover", "sleep") in ours and (day, "lander", "sleep") in ours]
    assert len(wakes) >= 6
    assert len(sleeps) >= 4
    for day in wakes:
        ahead = ours[day, "lander", "wake"] - ours[day, "rover", "wake"]
        assert 10 <= ahead.total_seconds() / 3600 <= 24
    for day in sleeps:
        ahead = ours[day, "lander", "sleep"] - ours[day, "rover", "sleep"]
        assert 8 <= ahead.total_seconds() / 3600 <= 12


def test_every_published_row_stands_in_the_table(ours, published):
    assert published.keys() <= ours.keys()


def test_the_table_tells_both_times_and_the_hours_between(printed, published):
    for day, craft, event, real, own, error, remark in (m.groups() for m in map(LINE.match, printed) if m):
        hours = (datetime.fromisoformat(own) - datetime.fromisoformat(real)).total_seconds() / 3600
        assert float(error) == pytest.approx(hours, abs=0.02)
        if not remark:
            assert datetime.fromisoformat(real) == published[int(day), craft, event]


@pytest.mark.parametrize(("craft", "event"), GROUPS)
def test_the_scores_are_those_of_the_table(printed, errors, craft, event):
    scores = {match.groups()[:2]: match.groups()[2:] for match in map(SCORE.match, printed) if match}
    rows, mean, largest = map(float, scores[craft, event])
    expected = errors(craft, event)
    assert rows == len(expected)
    assert mean == pytest.approx(fmean(expected), abs=0.02)
    assert largest == pytest.approx(max(expected), abs=0.02)


@pytest.fixture(scope="module")
def lived(unix_port, run_rover):
    """When each event of lunar days 1 to 43 came, in s since the epoch: by craft, then by lunar day and name."""

    def live(craft):
        days = (sunset(LAST_DAY) - START_S) / 86400 + 1
        done = run_rover(unix_port, f"--craft={craft}", "--start=2019-01-04", f"--days={days:.2f}")
        assert (done.returncode, done.stderr) == (0, b"")
        fields, events = FieldDecoder(load()), {}
        for packet in LiveDecoder().feed(done.stdout):
            if pus_type(packet) != (3, 25):
                report = fields.decode(packet)
                if report.service == 5:
                    time_s = to_seconds(report.time)
                    events.setdefault((lunar_day(time_s), report.name), []).append(time_s)
        return events

    with ThreadPoolExecutor() as threads:
        return dict(zip(CRAFT, threads.map(live, CRAFT), strict=True))


def only(lived, craft, day, name):
    """The time of an event that comes once a lunar day."""
    (time_s,) = lived[craft][day, name]
    return time_s


@pytest.mark.parametrize("craft", CRAFT)
def test_each_craft_wakes_and_sleeps_once_in_each_of_43_lunar_days(lived, craft):
    for event, first in (("WAKE", 2), ("SLEEP", 1)):
        name = f"{craft.upper()}_{event}"
        days = {day: len(times) for (day, told), times in lived[craft].items() if told == name}
        assert days == dict.fromkeys(range(first, LAST_DAY + 1), 1)


def test_in_all_lunar_days_from_19_on_the_rover_wakes_and_sleeps_before_the_lander(lived):
    for day in range(LANDER_RULE_FROM, LAST_DAY + 1):
        wakes, sleeps = (
            (only(lived, "lander", day, f"LANDER_{event}") - only(lived, "rover", day, f"ROVER_{event}")) / 3600
            for event in ("WAKE", "SLEEP")
        )
        assert 10 <= wakes <= 24
        assert 8 <= sleeps <= 12


def passes(times, elevation):
    """The first of `times` at which the Sun stands higher than `elevation`, in degrees."""
    return next(time_s for time_s in times if millidegrees(sun(time_s)[0]) > elevation * 1000)


@pytest.mark.parametrize("day", range(1, LAST_DAY + 1))
def test_each_lunar_day_has_its_noon_nap(lived, day):
    begin_s, end_s = sunrise(day), sunset(day)
    start_s = passes(range(begin_s, end_s, 600), 42.5)  # published: rising about 42.5 degrees, falling about 30
    over_s = passes(range(end_s, begin_s, -600), 30)
    assert abs(only(lived, "rover", day, "NAP_START") - start_s) <= 12 * 3600
    assert abs(only(lived, "rover", day, "NAP_END") - over_s) <= 12 * 3600
