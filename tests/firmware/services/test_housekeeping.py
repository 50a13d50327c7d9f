"""Housekeeping reports."""

from struct import pack_into

import pytest
from rover import tables
from rover.services.housekeeping import Housekeeping
from rover.tables import HASH, HK_COMPUTER, HK_COMPUTER_FIELDS, HK_COMPUTER_PERIOD_S, HK_COMPUTER_SIZE
from yutu2.dictionary.model import load
from yutu2.firmware import to_seconds

VALUES = (2, -1, 359999, 2**32 - 1, 12345, 7, 65535, 3, 4, 5, 0, 65535)


def collect(buffer, at):
    pack_into(HK_COMPUTER_FIELDS, buffer, at, HK_COMPUTER, HASH, *VALUES)


@pytest.fixture
def housekeeping(craft):
    return Housekeeping(
        craft.telemetry,
        HK_COMPUTER,
        tables.COMPUTER,
        HK_COMPUTER_PERIOD_S,
        HK_COMPUTER_SIZE,
        collect,
    )


def seconds_of(reports):
    return [to_seconds(report.time) - 58_000_000 for report in reports if report.service == 3]


def test_reports_at_once_and_then_each_period_until_it_is_stopped(craft, housekeeping, receive_whole):
    craft.at(30, 0, housekeeping.start)
    craft.at(30 + 5 * 60 + 59, 0, housekeeping.stop)
    craft.run(10000)
    assert seconds_of(receive_whole(craft.finish()).reports) == [30, 90, 150, 210, 270, 330]


def test_started_again_it_reports_once_a_period(craft, housekeeping, receive_whole):
    craft.at(0, 0, housekeeping.start)
    craft.at(90, 0, housekeeping.start)
    craft.run(220)
    assert seconds_of(receive_whole(craft.finish()).reports) == [0, 60, 90, 150, 210]


def test_a_report_holds_the_fields_of_the_dictionary(craft, housekeeping, receive_whole):
    housekeeping.start()
    report = receive_whole(craft.finish()).reports[-1]
    definition = next(packet for packet in load().packets if packet.name == "HK_COMPUTER")
    assert report.name == definition.name
    assert list(report.raw) == [field.name for field in definition.fields]
    assert list(report.raw.values()) == [load().hash.hex(), *VALUES]
