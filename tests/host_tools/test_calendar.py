"""`yutu2 calendar`: our wakes and sleeps beside the published ones, judged apart from the command's own scores."""

import csv
import re
from datetime import datetime
from importlib.resources import files
from statistics import fmean

import pytest

pytestmark = pytest.mark.slow  # the command runs two craft for two years and a half

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
    text = files("yutu2.mission").joinpath("published.csv").read_text(encoding="utf-8")
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


def test_the_scores_in_the_readme_are_those_of_the_command(printed, readme_block):
    scores = readme_block("calendar").splitlines()
    assert scores == printed[-len(GROUPS) :]
