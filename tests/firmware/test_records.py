"""Records with a right checksum and wrong content: whatever lies in the store, a rover starts, and runs."""

import struct
from array import array
from binascii import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rover.app import Rover
from rover.flight.flight_state import FlightState
from rover.flight.mode_record import ModeRecord
from rover.inputs.settings import Settings
from rover.services.actions import Actions
from rover.services.parameters import load
from rover.store.paged_upload import SIZE, PagedUpload
from rover.store.redundant_record import RedundantRecord
from rover.store.schedule_table import MOST, PACKET, ScheduleTable, _entry
from rover.tables import EVENT_ROW, EVENTS, HASH
from rover.tables.commands import PARAMETERS
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load as load_dictionary
from yutu2.uplink.encode import packet, read_request

SAFE_RECORD = ">BBBBHIBBBHI"
JOURNAL_HEAD = ">BIiiIHIHIBBBH"
LARGEST = 512
TABLE = 8  # part of the record of event-actions


class Store:
    def __init__(self, slots=()):
        self.slots = dict(slots)

    def read(self, name, number):
        return self.slots.get(number)

    def write(self, name, number, octets):
        self.slots[number] = bytes(octets)
        return True


def holding(record):
    """RedundantRecord of a store that holds this record."""
    slots = RedundantRecord(Store(), "mode")
    slots.save(record)
    return slots


def in_slot(record, count=1):
    """What a slot holds: the record with its count and checksum."""
    store = Store()
    slots = RedundantRecord(store, "mode")
    slots._count = count - 1
    slots.save(record)
    return store.slots[0]


# --- Each record ---

SAFE_VALUES = (1, 2, 1, 0, 3, 1000, 0, 0, 0, 0, 900)


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, 2), (1, 6), (1, 255), (3, 16), (3, 255), (5, 2**30 + 1), (5, 2**32 - 1), (10, 2**30 + 1), (10, 2**32 - 1)],
)
def test_a_record_with_a_value_that_cannot_be_is_none(at, value):
    assert ModeRecord(holding(struct.pack(SAFE_RECORD, *SAFE_VALUES))).found
    record = ModeRecord(holding(struct.pack(SAFE_RECORD, *SAFE_VALUES[:at], value, *SAFE_VALUES[at + 1 :])))
    assert (record.found, record.mode, record.safe, record.count) == (False, 0, False, 0)


def test_a_night_that_began_in_the_future_ends_with_the_next_dawn(make_line):
    options = Settings({"start": "2020-11-08T20:00", "days": "0.5"}, speed="max")
    line = make_line()
    line.forget = lambda: None
    line.records["mode", 0] = in_slot(struct.pack(SAFE_RECORD, 1, *(0,) * 9, options.start_s + 30 * 86400))
    rover = Rover(options, line, line, line, options.start_s)
    assert (rover.mode_record.found, rover.mode()) == (True, 0)
    rover.run()
    assert rover.mode() != 0


JOURNAL_VALUES = (2, 1000, -5, 5, 90_000, 3, 77, 24, 10, 1, 1, 0, 4)
STEPS = struct.pack(">BIH", 1, 58_000_000, 999) + struct.pack(">BIH", 4, 2**30 - 1, 0)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        *[(0, 1), (1, 2**30), (2, -(2**30)), (2, -(2**31)), (3, 2**30), (4, 360_000), (6, 2**30), (8, 2**32 - 1)],
        *[(9, 61), (9, 255), (10, 61)],
    ],
)
def test_a_flight_state_with_a_value_that_cannot_be_is_none(at, value):
    assert FlightState(holding(struct.pack(JOURNAL_HEAD, *JOURNAL_VALUES) + STEPS)).found
    values = (*JOURNAL_VALUES[:at], value, *JOURNAL_VALUES[at + 1 :])
    flight_state = FlightState(holding(struct.pack(JOURNAL_HEAD, *values) + STEPS))
    assert (flight_state.found, flight_state.odometer, flight_state.steps) == (False, 0, 0)


@pytest.mark.parametrize(
    "steps",
    [b"x", STEPS[:-1], STEPS + b"x", STEPS * 31, b"\5" + STEPS[1:], b"\0\x40" + STEPS[2:], STEPS[:-2] + b"\3\xe8"],
    ids=["an octet", "cut", "longer", "62 steps", "a state", "a time", "milliseconds"],
)
def test_a_flight_state_with_steps_that_cannot_be_is_none(steps):
    assert not FlightState(holding(struct.pack(JOURNAL_HEAD, *JOURNAL_VALUES) + steps)).found


def defaults():
    return [0] + [row[1] for row in PARAMETERS]


def test_parameters_outside_their_limits_or_of_another_number_are_not_taken():
    kept = [0] + [row[3] for row in PARAMETERS]
    assert list(load(holding(HASH + bytes(array("i", kept))))) == kept
    for at, (_, _, least, most) in enumerate(PARAMETERS, 1):
        for value in (least - 1, most + 1, 2**31 - 1, -(2**31)):
            wrong = array("i", [*kept[:at], value, *kept[at + 1 :]])
            assert list(load(holding(HASH + bytes(wrong)))) == defaults()
    for octets in (b"", b"x", bytes(4), bytes(array("i", kept[:-1])), bytes(array("i", kept)) + b"\0"):
        assert list(load(holding(HASH + octets))) == defaults()


@pytest.mark.parametrize(
    "table",
    [
        *[b"x", bytes(16), bytes(18), struct.pack(">8HB", *[0xFFFF] * 8, 0), struct.pack(">8HB", 1, *[0] * 7, 2)],
        *[struct.pack(">8HB", len(EVENTS) // EVENT_ROW, *[0] * 7, 1), b"x" * 17, b"\xff" * 17],
    ],
)
def test_a_table_of_actions_with_what_cannot_be_is_empty(table):
    assert Actions(None, Store({TABLE: struct.pack(">8HB", 5, *[0] * 7, 1)})).events[0] == 5
    actions = Actions(None, Store({TABLE: table}))
    assert (list(actions.events), actions.enabled) == ([0] * 8, 0)


def test_a_page_that_is_too_large_is_none():
    store = Store({0: b"\1" + bytes(SIZE + 1), 1: b"\1rest"})
    assert (PagedUpload(store, "upload").read(), PagedUpload(store, "upload").size()) == (b"", 4)


@pytest.mark.parametrize("count", [0, 2**30 - 1, 2**32 - 1])
def test_a_count_that_leaves_no_room_for_the_next_is_none(count):
    store = Store({0: in_slot(b"good", 5), 1: in_slot(b"good", 6)})
    octets = struct.pack(">I", count) + b"record"
    store.slots[1] = struct.pack(">I", crc32(octets)) + octets
    slots = RedundantRecord(store, "mode")
    assert slots.load() == b"good"
    assert slots.save(b"next")
    assert RedundantRecord(store, "mode").load() == b"next"


@pytest.mark.parametrize("size", range(14))
def test_a_telecommand_that_was_kept_too_short_is_refused(line, size):
    rover = Rover(Settings(OPTIONS, speed="max"), line, line, line)
    rover.commanding.execute(COMMAND[:size], 0, size)
    assert (rover.commanding.refused, rover.commanding.accepted) == ((1, 0) if size < 13 else (0, 1))


def test_a_flight_state_of_the_same_plan_with_other_steps_is_not_followed(make_line):
    plan = Rover(Settings(OPTIONS, speed="max"), *[make_line()] * 3).plan
    head = struct.pack(JOURNAL_HEAD, 2, 1000, -5, 5, 90_000, 3, plan.identity, 24, 10, 0, 0, 0, 4)
    safe = struct.pack(SAFE_RECORD, *SAFE_VALUES)
    for steps in (b"", STEPS[:7], STEPS[:7] * 60):
        names = run_on(make_line, {("mode", 0): in_slot(safe), ("drive", 0): in_slot(head + steps)}, {})
        assert "ALIVE" in names
        assert "PLAN_BEGIN" in names
    active = struct.pack(SAFE_RECORD, *SAFE_VALUES[:2], 0, *SAFE_VALUES[3:])
    assert "PLAN_RESUMED" in run_on(
        make_line, {("mode", 0): in_slot(active), ("drive", 0): in_slot(head + STEPS[:7] * plan.steps)}, {}
    )


@pytest.mark.parametrize(("octets", "is_enabled"), [(b"\1", True), (b"", False), (b"\0", False), (b"\1\1", False)])
def test_a_schedule_is_enabled_by_a_whole_entry_alone(octets, is_enabled):
    assert ScheduleTable(Entries({128: octets})).enabled == is_enabled


class Entries:
    def __init__(self, entries):
        self._entries = dict(entries)

    def entries(self):
        return sorted(self._entries)

    def read_entry(self, place):
        return self._entries.get(place)

    def write_entry(self, place, octets):
        self._entries[place] = bytes(octets)
        return True

    def erase_entry(self, place):
        return self._entries.pop(place, None) is not None


NEW = (2**32 - 1, 0, 0)
COMMAND = packet(read_request(["PING"], load_dictionary()), 1, 7)


@pytest.mark.parametrize(
    ("values", "command"),
    [
        ((2**30, 0, 1, 0, 0, NEW), COMMAND),
        ((2**32 - 1, 0, 1, 0, 0, NEW), COMMAND),
        ((5, 1000, 1, 0, 0, NEW), COMMAND),
        ((5, 0, 2**23, 0, 0, NEW), COMMAND),
        ((5, 0, 1, 0, 1, (2**30, 0, 0)), COMMAND),
        ((5, 0, 1, 0, 1, (5, 1000, 0)), COMMAND),
        ((5, 0, 1, 0, 0, NEW), COMMAND[:3]),
        ((5, 0, 1, 0, 0, NEW), b""),
        ((5, 0, 1, 0, 0, NEW), bytes(129)),
    ],
)
def test_an_entry_with_what_cannot_be_is_lost(values, command):
    good = _entry(5, 0, 1, 0, 0, NEW, COMMAND)
    flash = Entries({3: _entry(*values, command), 4: good})
    table = ScheduleTable(flash)
    assert (table.lost, table.count, flash.entries()) == (1, 1, [4])
    assert table.read(4)[PACKET:] == COMMAND


def test_places_that_cannot_be_freed_are_passed_over():
    class Obstructed(Entries):
        def erase_entry(self, place):
            return place > 1 and super().erase_entry(place)

        def write_entry(self, place, octets):
            return place > 1 and super().write_entry(place, octets)

    flash = Obstructed({0: None, 1: b"a folder"})
    table = ScheduleTable(flash)
    assert [table.insert(5, 6, 7, COMMAND) for _ in range(MOST)] == [*range(2, MOST), -1, -1]


@pytest.mark.parametrize("octets", [b"x", bytes(31), bytes(32), bytes(33), bytes(512)])
def test_a_damaged_record_of_groups_costs_what_was_put_in_by_groups_and_no_more(octets):
    flash = Entries({})
    table = ScheduleTable(flash)
    table.insert(5, 0, 0, COMMAND)
    assert table.begin()
    table.insert(6, 0, 0, COMMAND)
    table.move(0, 7, 0)
    assert table.commit(1)
    table.insert(8, 0, 0, COMMAND)
    flash.write_entry(129, octets)
    table = ScheduleTable(flash)
    assert (table.lost, table.count, table.s[table.places[0]]) == (2, 1, 8)
    assert table.begin()
    table.insert(9, 0, 0, COMMAND)
    assert table.commit(2)
    assert ScheduleTable(flash).count == 2


# --- A rover that finds them ---

OPTIONS = {"start": "2020-11-11T06:00", "days": "0.02"}
START_S = Settings(OPTIONS, speed="max").start_s
RESUME_S = START_S + 300
REDUNDANT = [(name, part) for name in ("mode", "drive", "parameters", "security") for part in (0, 1)]
PLANS = [(name, part) for name in ("upload", "plan") for part in range(4)]
VALUES = st.one_of(st.sampled_from([0, 1, 255, 256, 65535, 2**30, 2**31 - 1, 2**32 - 1]), st.integers(0, 2**32 - 1))


def fields(layout, first):
    """Records of a layout with any values, each within its own field, and any tail."""
    sizes = {"B": 1, "H": 2, "I": 4, "i": 4}
    parts = [VALUES.map(lambda value, size=sizes[kind]: (value & 256**size - 1).to_bytes(size)) for kind in layout[2:]]
    return st.tuples(*parts, st.binary(max_size=30)).map(lambda octets: bytes([first]) + b"".join(octets))


RECORDS = st.one_of(
    st.binary(max_size=LARGEST),
    fields(SAFE_RECORD, 1),
    fields(SAFE_RECORD, 1).map(lambda octets: octets[: struct.calcsize(SAFE_RECORD)]),
    fields(JOURNAL_HEAD, 2),
    fields(JOURNAL_HEAD, 2).map(lambda octets: octets[: struct.calcsize(JOURNAL_HEAD)] + STEPS),
    st.lists(st.integers(-(2**31), 2**31 - 1), max_size=9).map(lambda values: HASH + bytes(array("i", values))),
)
STORES = st.fixed_dictionaries(
    {},
    optional={
        **{part: st.builds(in_slot, RECORDS, st.integers(1, 2**32 - 1)) for part in REDUNDANT},
        **{part: st.binary(max_size=LARGEST).map(lambda octets: b"\1" + octets) for part in PLANS},
        ("actions", TABLE): st.one_of(st.binary(max_size=30), st.lists(VALUES, min_size=9, max_size=9).map(
            lambda values: struct.pack(">8HB", *[value & 63 for value in values[:8]], values[8] & 255))),
        **{("actions", place): st.binary(max_size=80) for place in range(8)},
    },
)  # fmt: skip
ENTRIES = st.dictionaries(
    st.integers(0, 129),
    st.one_of(
        st.binary(max_size=200),
        st.builds(
            lambda s, ms, number, sub, group, before, command: _entry(s, ms, number, sub, group, before, command),
            *[st.one_of(st.integers(START_S, START_S + 900), VALUES), st.integers(0, 1001), VALUES],
            *[st.integers(0, 255), st.one_of(st.just(0), VALUES)],
            st.tuples(VALUES, st.integers(0, 999), VALUES),
            st.one_of(st.just(COMMAND), st.binary(max_size=140)),
        ),
    ),
    max_size=6,
)


def run_on(make_line, records, entries):
    """What a rover reports that takes up a run with this in its store, and how it answers a PING."""
    line = make_line()
    line.records.update(records)
    line.forget = lambda: None
    for place, octets in entries.items():
        line.write_entry(place, octets)
    rover = Rover(Settings(OPTIONS, speed="max"), line, line, line, RESUME_S)
    rover._guarded(rover._start_day)
    while rover._guarded(lambda: rover.scheduler.run(rover.end_s)):
        pass
    if rover.mode() == 0:
        return ["asleep"]
    rover.commanding.take(bytearray(COMMAND), 0, len(COMMAND))
    rover.telemetry.flush()
    return [report.name for report in TelemetryDecoder(load_dictionary()).feed(b"".join(line.frames))]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(STORES, ENTRIES)
def test_whatever_is_in_the_store_a_rover_takes_up_its_run_and_answers(make_line, records, entries):
    names = run_on(make_line, records, entries)
    assert "ALIVE" in names or names == ["asleep"]
