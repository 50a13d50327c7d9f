"""Event reports, as the ground reads them, and the budget that no flood drowns."""

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rover.generated import EVENTS, HIGH
from rover.services.events import Events
from yutu2.dictionary.model import load

BY_ID = {event.selector: event for event in load().events}
VALUES = [7512, 200, 3, 58_665_600]
SEVERITIES = load().enums["severity"]
# An event of each severity that is reported with zeros
OF_SEVERITY = {
    severity: next(event for event, row in EVENTS.items() if row[1] == severity) for severity in SEVERITIES
}
REFILL_S = 600

SEVERITY = st.sampled_from(sorted(SEVERITIES))
# (s since the report before, severity, how many at once)
FLOODS = st.lists(
    st.tuples(st.one_of(st.integers(0, 5), st.integers(0, 3000)), SEVERITY, st.integers(1, 90)), max_size=20
)


@pytest.fixture
def events(craft):
    return Events(craft.telemetry, craft.scheduler)


def test_the_rover_knows_each_event_of_the_dictionary():
    assert sorted(EVENTS) == sorted(BY_ID)


@pytest.mark.parametrize("event", sorted(BY_ID))
def test_an_event_carries_the_fields_of_the_dictionary(craft, events, receive_whole, event):
    definition = BY_ID[event]
    fields = definition.fields
    given = [value % 256 if field.type == "u8" else value for value, field in zip(VALUES, fields, strict=False)]
    events.report(event, *given)
    report = receive_whole(craft.finish()).reports[-1]
    assert report.name == definition.name
    assert (report.packet.apid, report.service, report.subservice) == (definition.apid, 5, definition.subservice)
    assert list(report.raw.values()) == [
        value & 0xFFFF if field.type in ("u16", "i16") else value for value, field in zip(given, fields, strict=True)
    ]
    assert list(report.raw) == [field.name for field in fields]


def test_a_shorter_event_leaves_nothing_of_a_longer_one(craft, events, receive_whole):
    reported = [*sorted(BY_ID, key=lambda event: -len(BY_ID[event].fields))[:20], 5]
    for event in reported:
        events.report(event, *[1] * len(BY_ID[event].fields))
    names = [report.name for report in receive_whole(craft.finish()).events()]
    assert names == [BY_ID[event].name for event in reported]


def flooded(craft, floods):
    """Lets these reports happen. Returns how many there were of each severity, and when the last one was."""
    events = Events(craft.telemetry, craft.scheduler)
    reported, s = Counter(), 0
    for wait_s, severity, count in floods:
        s += wait_s
        craft.at(s, 0, lambda severity=severity, count=count: [events.report(OF_SEVERITY[severity])] * 0 or [
            events.report(OF_SEVERITY[severity]) for _ in range(count)
        ])
        reported[severity] += count
    return events, reported, s
