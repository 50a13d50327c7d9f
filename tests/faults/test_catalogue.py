"""The fault catalogue is true, and no fault ends where none may."""

import importlib.util
import sys
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from yutu2.firmware import borrow_sun, to_seconds


def load_catalogue():
    path = Path(__file__).with_name("catalogue.py")
    spec = importlib.util.spec_from_file_location("yutu2_tests_catalogue", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for it
    spec.loader.exec_module(module)
    return module


CATALOGUE = load_catalogue()
END = datetime.fromisoformat(CATALOGUE.SPAN["start"]) + timedelta(days=float(CATALOGUE.SPAN["days"]))
MOST_RESTARTS = 4  # in a lunar day: three, and the one that leads to safe mode
RESTART = timedelta(minutes=2)
PERIOD = timedelta(seconds=60)
HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1, "d": 24}
# Two of them run by default; the others, two seconds of a processor each, are slow
SAMPLE = {"load_dead load=LOAD_WHEELS for 1h", "reset"}
# After the end of a fault: half an Earth day in safe mode, and until the equipment is on
OVER = timedelta(hours=14)


@pytest.fixture(scope="module")
def faultless(micropython):
    return CATALOGUE.live("")


@pytest.fixture(
    scope="module",
    params=[pytest.param(case, marks=[] if case.name in SAMPLE else pytest.mark.slow) for case in CATALOGUE.CASES],
    ids=lambda case: case.name,
)
def lived(request, micropython):
    """(case, its outcome)."""
    return request.param, CATALOGUE.live(request.param.line)


def signs(outcome):
    """Events of low severity and worse."""
    return [event for event in outcome.events() if event.subservice > 1]


def is_consequence(event, given_up):
    """A rover that has gone another way meets what lies there; steps fail whose load was given up for the lunar day."""
    reason = event.fields.get("reason")
    return event.name == "HAZARD_STOP" or reason == "HAZARD_AHEAD" or (given_up and reason == "DEAD_LOAD")


def lunar_day(report):
    return borrow_sun().lunar_day(to_seconds(report.time))


def test_a_day_without_a_fault_has_no_sign_of_one(faultless):
    assert [CATALOGUE.told(event) for event in signs(faultless)] == []


def test_the_catalogue_tells_what_happens(lived, faultless):
    case, outcome = lived
    row = CATALOGUE.entry_of(case, outcome, faultless.steps).row()
    assert row in CATALOGUE.README.read_text(encoding="utf-8").splitlines(), "python tests/faults/catalogue.py"


def test_no_other_fault_stands_in_the_catalogue():
    rows = [line for line in CATALOGUE.README.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert len(rows) == len(CATALOGUE.CASES)
    assert {fault.name for fault in CATALOGUE.load().faults} - {case.name.split()[0] for case in CATALOGUE.CASES} == {
        "random_tilt"  # of which one night shows nothing
    }


def test_the_rover_speaks_on_the_next_morning(lived):
    _, outcome = lived
    last = outcome.housekeeping()[-1]
    assert END - last.time <= PERIOD
    assert last.fields["mode"] in ("ACTIVE", "SAFE")


def test_it_is_silent_only_when_it_sleeps_restarts_or_cannot_be_heard(lived):
    case, outcome = lived
    spoken = [report for report in outcome.reports if report.name in ("HK_COMPUTER", "ROVER_SLEEP")]
    for before, after in pairwise(spoken):
        asleep = before.name == "ROVER_SLEEP"
        deaf = "link" in case.name or "clock_jump" in case.name
        assert asleep or deaf or after.time - before.time <= RESTART


def test_it_wakes_once_a_lunar_day_and_after_each_sleep_for_want_of_charge(lived):
    _, outcome = lived
    events = [(event.name, lunar_day(event)) for event in outcome.events()]
    exhausted = [
        lunar_day(event)
        for event in outcome.events()
        if event.name == "RESPONSE" and event.fields["action"] == "GO_TO_SLEEP"
    ]
    for day in (24, 25):
        wakes = events.count(("ROVER_WAKE", day))
        # After the last of them it may be night
        assert wakes == 1 or wakes in (exhausted.count(day), 1 + exhausted.count(day))
    assert events.count(("ROVER_SLEEP", 24)) == events.count(("ROVER_WAKE", 24))


def test_no_restart_leads_to_a_loop(lived):
    _, outcome = lived
    days = [lunar_day(event) for event in outcome.events() if event.name == "CRASH_REPORT"]
    assert max((days.count(day) for day in days), default=0) <= MOST_RESTARTS


def test_nothing_is_reported_before_the_fault_or_long_after_its_end(lived):
    case, outcome = lived
    assert all(event.time >= case.time for event in signs(outcome))
    if duration := case.line.partition(" for ")[2]:
        unit = duration.lstrip("0123456789")
        end = case.time + timedelta(hours=float(duration.removesuffix(unit)) * HOURS[unit])
        late = [event for event in signs(outcome) if event.time > end + OVER]
        given_up = {"LOAD_ISOLATED", "LOAD_DEAD"} & {event.name for event in signs(outcome)}
        late = [CATALOGUE.told(event) for event in late if not is_consequence(event, given_up)]
        assert late == []


def test_each_safe_mode_is_explained(lived):
    case, outcome = lived
    explained = {"BY_COMMAND"} if "request" in case.name else set()
    for event in outcome.events():
        if event.name == "RESPONSE" and event.fields["action"] == "GO_SAFE":
            explained.add(event.fields["monitor"])
        elif event.name == "CRASH_REPORT":
            explained.add("RESETS")
        elif event.name == "SAFE_ENTER":
            assert event.fields["reason"] in explained


def test_safe_mode_is_counted_once_for_each_time_it_begins(lived):
    _, outcome = lived
    counts = [event.fields["count"] for event in outcome.events() if event.name == "SAFE_ENTER"]
    exits = sum(event.name == "SAFE_EXIT" for event in outcome.events())
    assert counts == sorted(counts)
    assert max(counts, default=0) in (exits, exits + 1)
