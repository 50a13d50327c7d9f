"""Event reports, as the ground reads them."""

import pytest
from rover.generated import EVENTS
from rover.services.events import Events
from yutu2.dictionary.model import load

BY_ID = {event.selector: event for event in load().events}
VALUES = [7512, 200, 3, 58_665_600]


def test_the_rover_knows_each_event_of_the_dictionary():
    assert sorted(EVENTS) == sorted(BY_ID)


@pytest.mark.parametrize("event", sorted(BY_ID))
def test_an_event_carries_the_fields_of_the_dictionary(craft, receive_whole, event):
    definition = BY_ID[event]
    fields = definition.fields
    given = [value % 256 if field.type == "u8" else value for value, field in zip(VALUES, fields, strict=False)]
    Events(craft.telemetry).report(event, *given)
    report = receive_whole(craft.finish()).reports[-1]
    assert report.name == definition.name
    assert (report.packet.apid, report.service, report.subservice) == (definition.apid, 5, definition.subservice)
    assert list(report.raw.values()) == given
    assert list(report.raw) == [field.name for field in fields]


def test_a_shorter_event_leaves_nothing_of_a_longer_one(craft, receive_whole):
    events = Events(craft.telemetry)
    reported = [*sorted(BY_ID, key=lambda event: -len(BY_ID[event].fields)), 5]
    for event in reported:
        events.report(event, *[1] * len(BY_ID[event].fields))
    names = [report.name for report in receive_whole(craft.finish()).events()]
    assert names == [BY_ID[event].name for event in reported]
