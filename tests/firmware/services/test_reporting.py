"""When a craft speaks, and what it says first and last."""

import pytest
from rover import tables
from rover.services.events import Events
from rover.services.housekeeping import Housekeeping
from rover.services.reporting import Reporting


@pytest.fixture
def reporting(craft):
    def collect(buffer, at):
        buffer[at : at + tables.HK_POWER_SIZE] = bytes([0, tables.HK_POWER]) + bytes(tables.HK_POWER_SIZE - 2)

    housekeeping = Housekeeping(craft.telemetry, tables.HK_POWER, tables.POWER, 300, tables.HK_POWER_SIZE, collect)
    events = Events(craft.telemetry, craft.scheduler)
    return Reporting(craft.telemetry, events, [housekeeping], lambda: None)


def names(craft, receive_whole):
    return [report.name for report in receive_whole(craft.finish()).reports]


def test_it_speaks_with_housekeeping_first_then_its_event_then_what_waited(craft, reporting, receive_whole):
    reporting.notices.append((tables.SETTING_REFUSED, tables.SETTING_SEED))
    reporting.start(tables.ROVER_WAKE, 7500, 31600, -150)
    assert names(craft, receive_whole) == ["TIME", "HK_POWER", "ROVER_WAKE", "SETTING_REFUSED"]


def test_what_waited_is_told_once(craft, reporting, receive_whole):
    reporting.notices.append((tables.SETTING_REFUSED, tables.SETTING_SEED))
    reporting.start()
    reporting.stop()
    reporting.start()
    assert names(craft, receive_whole).count("SETTING_REFUSED") == 1


def test_silence_sends_all_and_then_nothing(craft, reporting):
    reporting.start()
    for _ in range(1000):
        reporting.events.report(tables.ACTIVE_START)
    reporting.stop()
    assert not craft.channel.waits()
    packets = craft.telemetry.sent
    craft.run(100_000)
    assert craft.telemetry.sent == packets


def test_what_was_suppressed_is_told_before_silence(craft, reporting, receive_whole):
    reporting.start()
    for _ in range(1000):
        reporting.events.report(tables.ACTIVE_START)
    reporting.stop()
    last = receive_whole(b"".join(craft.line.frames)).events()[-1]
    assert last.name == "EVENTS_SUPPRESSED"
    assert last.fields["severity"] == "INFO"
