"""Event reports, as the ground reads them, and the budget that no flood drowns."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.services.events import Events
from rover.tables import EVENT_ROW, EVENTS, HIGH
from yutu2.dictionary.model import load

BY_ID = {event.selector: event for event in load().events}
RAW = {"u8": 200, "u16": 60_000, "u32": 58_665_600, "i16": -1884, "i32": -7512}
RAW |= {"time4": RAW["u32"], "id4": RAW["u32"]}
REFILL_S = 600

SEVERITIES = load().enums["severity"]
# An event of each severity
EVENT_OF = {event.subservice: event.selector for event in reversed(BY_ID.values())}
SEVERITY = st.sampled_from(sorted(SEVERITIES))
# (s since the flood before, severity, how many reports at once)
FLOODS = st.lists(
    st.tuples(st.one_of(st.integers(0, 5), st.integers(0, 3000)), SEVERITY, st.integers(1, 90)), max_size=20
)


def test_the_rover_knows_each_event_of_the_dictionary():
    rows = [EVENTS[at : at + EVENT_ROW] for at in range(0, len(EVENTS), EVENT_ROW)]
    assert [event for event, row in enumerate(rows) if any(row)] == sorted(BY_ID)


@pytest.mark.parametrize("event", sorted(BY_ID))
def test_an_event_carries_the_fields_of_the_dictionary(craft, receive_whole, event):
    definition = BY_ID[event]
    values = [RAW[field.type] + place for place, field in enumerate(definition.fields)]
    Events(craft.telemetry, craft.scheduler).report(event, *values)
    report = receive_whole(craft.finish()).reports[-1]
    assert report.name == definition.name
    assert (report.packet.apid, report.service, report.subservice) == (definition.apid, 5, definition.subservice)
    assert list(report.raw.values()) == values
    assert list(report.raw) == [field.name for field in definition.fields]


def test_a_shorter_event_leaves_nothing_of_a_longer_one(craft, receive_whole):
    events = Events(craft.telemetry, craft.scheduler)
    reported = [max(BY_ID, key=lambda event: len(BY_ID[event].fields)), 3, 5]
    for event in reported:
        events.report(event, *[1] * len(BY_ID[event].fields))
    names = [report.name for report in receive_whole(craft.finish()).events()]
    assert names == [BY_ID[event].name for event in reported]


def report(events, severity, count=1):
    for _ in range(count):
        events.report(EVENT_OF[severity])


def flood(craft, floods):
    """Lets these floods come. Returns the events, and how many reports of each severity that makes."""
    events, reported, s = Events(craft.telemetry, craft.scheduler), Counter(), 0
    for wait_s, severity, count in floods:
        s += wait_s
        craft.at(s, 0, lambda severity=severity, count=count: report(events, severity, count))
        reported[severity] += count
    craft.run(s)
    return events, reported


def heard(received):
    """How many reports of each severity have come, and of how many the ground was told that they did not."""
    sent, told = Counter(), Counter()
    for event in received.events():
        if event.name == "EVENTS_SUPPRESSED":
            told[event.raw["severity"]] += event.raw["count"]
        else:
            sent[event.subservice] += 1
    return sent, told


@given(FLOODS)
def test_what_is_suppressed_is_counted_and_told_within_ten_minutes(make_craft, receive_whole, floods):
    craft = make_craft()
    events, reported = flood(craft, floods)
    craft.scheduler.run(craft.clock.s + REFILL_S)
    sent, told = heard(receive_whole(craft.finish()))
    assert sent + told == reported
    assert events.suppressed == told.total()


@given(FLOODS)
def test_before_silence_it_is_told_at_once(make_craft, receive_whole, floods):
    craft = make_craft()
    events, reported = flood(craft, floods)
    events.report_suppressed()
    sent, told = heard(receive_whole(craft.finish()))
    assert sent + told == reported


@given(
    st.lists(st.tuples(st.integers(0, 3000), SEVERITY.filter(lambda it: it < HIGH), st.integers(1, 300)), max_size=20)
)
def test_no_flood_of_lower_events_suppresses_a_high_one(make_craft, receive_whole, floods):
    craft = make_craft()
    among_highs = [step for low in floods for step in (low, (0, HIGH, 1))]
    _, reported = flood(craft, among_highs)
    assert heard(receive_whole(craft.finish()))[0][HIGH] == reported[HIGH] == len(floods)


def test_the_highest_severity_has_the_most_room(craft, receive_whole):
    flood(craft, [(0, severity, 1000) for severity in SEVERITIES])
    sent, _ = heard(receive_whole(craft.finish()))
    assert all(0 < sent[severity] < sent[HIGH] < 1000 for severity in SEVERITIES if severity != HIGH)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_flood_without_end_is_thinned_and_still_heard(craft, receive_whole, severity):
    flood(craft, [(60, severity, 60)] * 600)
    received = receive_whole(craft.finish())
    sent, told = heard(received)
    assert 59 <= len(received.told("EVENTS_SUPPRESSED")) <= 60
    assert 60 * 5 <= sent[severity] <= 60 * 20 + 60
    assert told[severity] > 34_000


@pytest.mark.parametrize("severity", SEVERITIES)
def test_after_a_calm_time_there_is_room_again(craft, receive_whole, severity):
    events, _ = flood(craft, [(0, severity, 1000)])
    at_once = heard(receive_whole(craft.finish()))[0][severity]
    craft.run(10 * REFILL_S)
    report(events, severity, 1000)
    assert heard(receive_whole(craft.finish()))[0][severity] == 2 * at_once


def test_who_is_calm_wakes_the_scheduler_no_more(craft):
    flood(craft, [(0, severity, 1000) for severity in SEVERITIES])
    craft.run(10 * REFILL_S)
    called = []
    craft.scheduler._watch = lambda number, s: called.append(number)
    craft.run(1000 * REFILL_S)
    assert called == []
