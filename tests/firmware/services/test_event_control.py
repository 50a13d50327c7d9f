"""Control of event reports: a disabled one is silent and costs nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.tables import EVENTS_SUPPRESSED, MODE_REFUSED, SETTING_REFUSED
from yutu2.dictionary.model import load

IDS = {event.name: event.selector for event in load().events}
DONE = ["TC_ACCEPTED", "TC_STARTED", "TC_DONE"]
BUDGET = 20  # of low events at once


def names(reports):
    return [report.name for report in reports]


def report_each(ground):
    """Lets the rover report each event once, none suppressed. Returns those that came."""
    for event in IDS.values():
        ground.rover.reporting.events.report(event)
    return set(names(ground.reports()))


CHANGES = st.lists(st.tuples(st.booleans(), st.sets(st.sampled_from(sorted(IDS)), min_size=1)), max_size=4)


@given(CHANGES)
def test_what_is_enabled_comes_and_nothing_else(make_ground, changes):
    ground, enabled = make_ground(), set(IDS)
    for wanted, events in changes:
        command = "EVENTS_ENABLE" if wanted else "EVENTS_DISABLE"
        assert names(ground.send(f"{command} event={','.join(sorted(events))}")) == DONE
        enabled = enabled | events if wanted else enabled - events
    assert report_each(ground) == enabled


def test_a_disabled_event_spends_no_budget(ground):
    ground.send("EVENTS_DISABLE event=MODE_REFUSED")
    events = ground.rover.reporting.events
    for _ in range(10 * BUDGET):
        events.report(MODE_REFUSED, 2, 4, 7)
    for _ in range(BUDGET):
        events.report(SETTING_REFUSED, 1)
    assert names(ground.run(1200)).count("SETTING_REFUSED") == BUDGET
    assert events.suppressed == 0


def test_that_events_were_suppressed_may_be_disabled_too_and_is_not_told_later(ground):
    ground.send("EVENTS_DISABLE event=EVENTS_SUPPRESSED")
    for _ in range(BUDGET + 5):
        ground.rover.reporting.events.report(SETTING_REFUSED, 1)
    reports = ground.run(1200)
    assert names(reports).count("SETTING_REFUSED") == BUDGET
    ground.send("EVENTS_ENABLE event=EVENTS_SUPPRESSED")
    assert "EVENTS_SUPPRESSED" not in names(reports + ground.run(1200))
    assert ground.rover.reporting.events.suppressed == 5


def test_safety_may_be_silent_too(make_ground):
    ground = make_ground("2020-11-11T06:30:00Z request event=FAULT")
    ground.send("EVENTS_DISABLE event=SAFE_ENTER")
    reports = ground.run(3600)
    assert "SAFE_ENTER" not in names(reports)
    assert [report.fields["mode"] for report in reports if report.name == "HK_COMPUTER"][-1] == "SAFE"


def test_a_restart_ends_it(make_ground):
    ground = make_ground("2020-11-11T07:00:00Z reset")
    ground.send("EVENTS_DISABLE event=CRASH_REPORT")
    assert "CRASH_REPORT" in names(ground.run(3700))


@pytest.mark.parametrize("event", [0, max(IDS.values()) + 1, 65535])
def test_an_event_that_is_none_is_refused_and_none_is_disabled(ground, event):
    data = bytes([2, 0, EVENTS_SUPPRESSED]) + event.to_bytes(2)
    (report,) = ground.send_data(5, 6, data)
    assert (report.name, report.fields["code"], report.raw["data"]) == (
        "TC_REFUSED",
        "WRONG_ARGUMENT",
        2 << 16 | event,
    )
    assert report_each(ground) == set(IDS)
