"""The schedule: each command is executed once, at its on-board time, over restarts, jumps of the clock and nights."""

import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yutu2.decode.checksum import crc16
from yutu2.dictionary.model import load
from yutu2.uplink.encode import packet, read_request

START = datetime(2020, 11, 11, 6, tzinfo=UTC)
EPOCH = datetime(2019, 1, 1, tzinfo=UTC)
FAILURES = {label: number for number, label in load().enums["tc_failure"].items()}
DONE = ["TC_ACCEPTED", "TC_STARTED", "TC_DONE"]
PINGED = ["TC_ACCEPTED", "TC_STARTED", "ALIVE", "TC_DONE"]
MOST = 128


def names(reports):
    return [report.name for report in reports]


def at(s, ms=0):
    """A time so long after the start, as one writes it."""
    return text(START + timedelta(seconds=s, milliseconds=ms))


def text(time):
    return time.isoformat(timespec="milliseconds")[:23] + "Z"


def insert(ground, *entries, sub=0):
    """Inserts (s, ms, command) after the start. Returns the reports, and the sequence control of each command."""
    first = ground._count + 1
    times = ",".join(at(s, ms) for s, ms, _ in entries)
    commands = ",".join(f"({command})" for _, _, command in entries)
    reports = ground.send(f"SCHEDULE_INSERT sub_schedule={sub} time={times} command={commands}")
    return reports, [0xC000 | number & 0x3FFF for number in range(first, first + len(entries))]


def pings(reports):
    """(s, ms) after the start of each PING that was done."""
    times = [report.time - START for report in reports if report.name == "ALIVE"]
    return [(time // timedelta(seconds=1), time // timedelta(milliseconds=1) % 1000) for time in times]


def dropped(reports):
    return [tuple(report.fields.values()) for report in reports if report.name == "SCHEDULE_DROPPED"]


def listed(ground):
    """(sub-schedule, time, sequence control) of what is in the schedule."""
    reports = [report for report in ground.send("SCHEDULE_SUMMARY") if report.name == "SCHEDULE_TIMES"]
    fields = [
        zip(r.fields["sub_schedule"], map(text, r.fields["time"]), r.fields["sequence_control"], strict=True)
        for r in reports
    ]
    assert all(packet_id == 0x1801 for report in reports for packet_id in report.fields["packet_id"])
    return [entry for rows in fields for entry in rows]


def failure(reports):
    """(name, code, data) of the failure that a command has brought."""
    told = [report for report in reports if report.name in ("TC_REFUSED", "TC_START_FAILED", "TC_FAILED")]
    return [(report.name, report.fields["code"], report.raw["data"]) for report in told]


def wrong(number, code):
    return [("TC_START_FAILED", "WRONG_INSTRUCTION", number << 16 | FAILURES[code])]


@pytest.fixture
def enabled(ground):
    assert names(ground.send("SCHEDULE_ENABLE")) == DONE
    return ground


# --- Executing ---


def test_a_command_is_executed_at_its_millisecond_with_all_its_reports(enabled):
    reports, (sequence,) = insert(enabled, (90, 250, "PING"))
    assert names(reports) == DONE
    assert "ALIVE" not in names(enabled.run(90))
    reports = [report for report in enabled.run(1) if report.name in PINGED]
    assert names(reports) == PINGED
    assert {report.time for report in reports} == {START + timedelta(seconds=90, milliseconds=250)}
    assert {report.fields["sequence_control"] for report in reports if report.fields} == {sequence}
    assert listed(enabled) == []


def test_they_go_by_their_times_and_those_of_one_time_as_they_came_in(enabled):
    _, first = insert(enabled, (20, 0, "PING"), (10, 500, "PING"), (20, 0, "PING"))
    _, second = insert(enabled, (20, 0, "PING"), (10, 499, "PING"), sub=7)
    order = [second[1], first[1], first[0], first[2], second[0]]
    assert [(sub, sequence) for sub, _, sequence in listed(enabled)] == [
        (7 if sequence in second else 0, sequence) for sequence in order
    ]
    started = [report.fields["sequence_control"] for report in enabled.run(30) if report.name == "TC_STARTED"]
    assert started == order


def test_a_fraction_is_taken_to_the_nearest_millisecond(enabled):
    whole_s = (START - EPOCH) // timedelta(seconds=1)
    for sequence, fraction in enumerate((16384, 16383, 65535)):
        inner = packet(read_request(["PING"], load()), 1, sequence)
        octets = bytes([0, 1]) + struct.pack(">IH", whole_s + 40, fraction) + inner
        assert names(enabled.send_data(11, 4, octets)) == DONE
    assert [time for _, time, _ in listed(enabled)] == [at(40, 250), at(40, 250), at(41)]


def test_what_is_not_legal_in_the_mode_fails_when_it_is_executed(enabled):
    insert(enabled, (10, 0, "TURN bearing=90"))
    enabled.send("MOVE event=FAULT")
    if enabled.rover.mode() == 2:
        enabled.rover.mode_manager.request(0)
    assert ("TC_START_FAILED", "NOT_IN_MODE", 5) in failure(enabled.run(11))


@pytest.mark.parametrize("command", ["PING", "MOVE event=FAULT"])
def test_a_scheduled_command_is_no_sign_of_life_of_the_ground(enabled, command):
    insert(enabled, (7300, 0, command))
    enabled.run(7400)
    fault_protection = enabled.rover.fault_protection
    assert fault_protection._commanded_s == (START - EPOCH) // timedelta(seconds=1)
    enabled.send("PING")
    assert fault_protection._commanded_s == enabled.rover.clock.s


@pytest.mark.parametrize("onboard_ms", [750, 0, 999])
def test_a_millisecond_before_that_of_now_is_in_another_second(enabled, onboard_ms):
    rover = enabled.rover
    rover.scheduler.run(rover.clock.s + 10, 0)
    rover.clock.set_onboard(rover.clock.s, onboard_ms)
    insert(enabled, (12, 250, "PING"), (11, 749, "PING"))
    due = rover.schedule._next
    assert divmod(1749 - onboard_ms, 1000) == (due.s - rover.clock.s, due.ms)
    assert pings(enabled.run(3)) == [(11, 749), (12, 250)]


def test_a_run_begins_with_the_schedule_disabled_and_what_is_due_then_is_dropped(ground):
    insert(ground, (10, 0, "PING"), (20, 0, "PING"))
    assert dropped(ground.run(15)) == [(1, "WAS_DISABLED")]
    ground.send("SCHEDULE_ENABLE")
    assert pings(ground.run(10)) == [(20, 0)]
    assert names(ground.send("SCHEDULE_DISABLE")) == DONE
    insert(ground, (30, 0, "PING"))
    assert dropped(ground.run(20)) == [(1, "WAS_DISABLED")]


def test_a_scheduled_command_may_schedule_another(enabled):
    insert(enabled, (10, 0, f"SCHEDULE_INSERT sub_schedule=0 time={at(20, 5)} command=(PING)"))
    assert pings(enabled.run(30)) == [(20, 5)]


# --- Jumps of on-board time ---


@pytest.mark.parametrize("seconds", [-1000, 50, 5])
def test_it_follows_on_board_time(make_ground, seconds):
    ground = make_ground(f"2020-11-11T06:00:10Z clock_jump seconds={seconds}")
    ground.send("SCHEDULE_ENABLE")
    insert(ground, (100, 250, "PING"))
    reports = ground.run(120 - seconds)
    assert pings(reports) == [(100, 250)]
    (alive,) = [report for report in reports if report.name == "ALIVE"]
    assert alive.time == START + timedelta(seconds=100, milliseconds=250)


def test_what_a_jump_leaves_behind_follows_or_is_dropped(make_ground):
    ground = make_ground("2020-11-11T06:00:10Z clock_jump seconds=100")
    ground.send("SCHEDULE_ENABLE")
    insert(ground, (20, 0, "PING"), (49, 999, "PING"), (50, 0, "PING"), (105, 0, "PING"))
    reports = ground.run(30)
    assert pings(reports) == [(110, 0), (110, 0)]
    assert dropped(reports) == [(2, "WAS_LATE")]


def test_setting_on_board_time_moves_what_is_due(enabled):
    insert(enabled, (100, 0, "PING"))
    assert names(enabled.send(f"TIME_SET time={at(99, 750)}")) == DONE
    assert pings(enabled.run(1)) == [(100, 0)]


def test_the_farthest_time_waits(enabled):
    whole_s = (START - EPOCH) // timedelta(seconds=1)
    enabled.rover.clock.set_onboard(0, 0)
    inner = packet(read_request(["PING"], load()), 1, 9)
    assert names(enabled.send_data(11, 4, b"\0\1" + struct.pack(">IH", (1 << 30) - 1, 0) + inner)) == DONE
    enabled.run(1000)
    assert len(listed(enabled)) == 1
    assert enabled.rover.schedule._next.s <= (1 << 30) - 1
    enabled.rover.clock.set_onboard(whole_s, 0)


# --- Restarts, the night, a bad store ---


def test_what_is_due_while_the_computer_restarts_follows_right_after(make_ground):
    ground = make_ground("2020-11-11T06:01:00Z reset")
    ground.send("SCHEDULE_ENABLE")
    insert(ground, *((s, 125, "PING") for s in range(50, 100, 10)))
    assert pings(ground.run(200)) == [(50, 125), (80, 0), (80, 0), (80, 125), (90, 125)]
    assert listed(ground) == []


def test_disabled_it_is_over_a_restart_too(make_ground):
    ground = make_ground("2020-11-11T06:01:00Z reset")
    ground.send("SCHEDULE_ENABLE")
    ground.send("SCHEDULE_DISABLE")
    insert(ground, (100, 0, "PING"))
    assert dropped(ground.run(200)) == [(1, "WAS_DISABLED")]


def test_a_command_that_restarts_the_computer_is_not_executed_again(enabled):
    rover = enabled.rover
    insert(enabled, (10, 0, "PING"), (100, 0, "PING"))
    execute = rover.schedule._execute

    def execute_and_fall(entry, at, size):
        execute(entry, at, size)
        rover.restart(5)

    rover.schedule._execute = execute_and_fall
    assert pings(enabled.run(200)) == [(10, 0), (100, 0)]


def test_a_command_that_is_lost_by_a_restart_before_it_begins_is_not_executed(enabled):
    rover = enabled.rover
    insert(enabled, (10, 0, "PING"), (100, 0, "PING"))
    rover.schedule._execute = lambda *entry: rover.restart(5)
    assert pings(enabled.run(200)) == [(100, 0)]


def test_what_is_due_in_the_night_is_dropped_when_the_rover_wakes(make_ground):
    ground = make_ground(start="2020-11-20T00:00")
    assert names(ground.send("SCHEDULE_ENABLE")) == DONE
    asleep = 10 * 86400
    start = datetime(2020, 11, 20, tzinfo=UTC)

    def time(s):
        return (start + timedelta(seconds=s)).isoformat()[:19] + "Z"

    late = 26 * 86400
    line = f"SCHEDULE_INSERT sub_schedule=0 time={time(asleep)},{time(asleep + 5)},{time(late)}"
    assert names(ground.send(line + " command=(PING),(PING),(PING)")) == DONE
    reports = ground.run(27 * 86400)
    assert {"ROVER_SLEEP", "ROVER_WAKE"} <= set(names(reports))
    assert dropped(reports) == [(2, "WAS_LATE")]
    assert [report.time for report in reports if report.name == "ALIVE"] == [start + timedelta(seconds=late)]


def test_a_jump_of_on_board_time_in_the_night_releases_nothing(make_ground):
    ground = make_ground("2020-11-28T00:00:00Z clock_jump seconds=86400", start="2020-11-20T00:00")
    assert names(ground.send("SCHEDULE_ENABLE")) == DONE
    line = "SCHEDULE_INSERT sub_schedule=0 time=2020-11-28T06:00 command=(PING)"
    assert names(ground.send(line)) == DONE
    asleep = ground.run(14 * 86400)
    assert "ROVER_SLEEP" in names(asleep)
    assert not dropped(asleep)
    assert asleep[-1].name == "ROVER_SLEEP"
    awake = ground.run(10 * 86400)
    assert dropped(awake) == [(1, "WAS_LATE")]


@pytest.mark.parametrize("erases", [True, False])
def test_all_go_in_or_none_whatever_the_store_lets_them(enabled, erases):
    store = enabled.rover.store
    write, places = store.write_entry, []

    def write_two(place, octets):
        places.append(place)
        return len(places) < 3 and write(place, octets)

    store.write_entry = write_two
    store.erase_entry = store.erase_entry if erases else lambda place: False
    reports, _ = insert(enabled, (10, 0, "PING"), (20, 0, "PING"), (30, 0, "PING"))
    assert failure(reports) == [("TC_FAILED", "FAILED", 0)]
    # What cannot be erased does not count, and a restart does not find it
    assert listed(enabled) == []
    enabled.rover._guarded(lambda: enabled.rover.restart(5))
    enabled.run(30)
    assert listed(enabled) == []


def test_with_a_store_that_fails_nothing_is_executed_that_might_be_twice(make_ground):
    ground = make_ground("2020-11-11T06:00:15Z flash_error for 10s")
    ground.send("SCHEDULE_ENABLE")
    insert(ground, (10, 0, "PING"), (20, 0, "PING"), (30, 0, "PING"))
    reports = ground.run(16)
    assert failure(insert(ground, (40, 0, "PING"))[0]) == [("TC_FAILED", "FAILED", 0)]
    assert failure(ground.send("SCHEDULE_DISABLE")) == [("TC_START_FAILED", "FAILED", 0)]
    assert failure(ground.send("SCHEDULE_SHIFT_ALL offset=1")) == [("TC_FAILED", "FAILED", 2)]
    assert failure(ground.send("SCHEDULE_RESET")) == [("TC_START_FAILED", "FAILED", 0)]
    reports += ground.run(60)
    assert pings(reports) == [(10, 0), (30, 0)]
    assert dropped(reports) == [(1, "WAS_LOST")]


def test_an_entry_that_is_damaged_is_told_and_no_other_suffers(make_ground):
    ground = make_ground("2020-11-11T06:01:00Z reset")
    ground.send("SCHEDULE_ENABLE")
    insert(ground, (100, 0, "PING"), (101, 0, "PING"))
    store = ground.rover.store
    entry = bytearray(store.read_entry(0))
    entry[20] ^= 1
    store.write_entry(0, bytes(entry))
    reports = ground.run(200)
    assert dropped(reports) == [(1, "WAS_LOST")]
    assert pings(reports) == [(101, 0)]


# --- Inserting ---


def test_what_is_wrong_in_one_of_them_lets_none_in(enabled):
    good = packet(read_request(["PING"], load()), 1, 5)
    s = (START - EPOCH) // timedelta(seconds=1)

    def entry(time_s, octets, fraction=0):
        return struct.pack(">IH", time_s, fraction) + octets

    def with_checksum(octets):
        return octets + struct.pack(">H", crc16(octets))

    damaged = good[:-1] + bytes([good[-1] ^ 1])
    other_apid = packet(read_request(["PING"], load()), 2, 5)
    unknown = with_checksum(good[:7] + b"\xc8" + good[8:-2])
    out_of_range = packet(read_request(["DRIVE", "bearing=315", "distance=5.5"], load()), 1, 5)
    out_of_range = with_checksum(out_of_range[:-4] + b"\xff\xff")
    cases = [
        (entry(s - 1, good), "TOO_LATE"),
        (entry(1 << 30, good), "WRONG_ARGUMENT"),
        (entry(s + 9, damaged), "WRONG_CHECKSUM"),
        (entry(s + 9, other_apid), "UNKNOWN_APID"),
        (entry(s + 9, unknown), "UNKNOWN_SERVICE"),
        (entry(s + 9, out_of_range), "WRONG_ARGUMENT"),
    ]
    for octets, code in cases:
        data = b"\0\2" + entry(s + 9, good) + octets
        assert failure(enabled.send_data(11, 4, data)) == wrong(2, code), code
        assert listed(enabled) == []
    for data in (b"\0", b"\0\0", b"\0\1", b"\0\1" + entry(s + 9, good)[:-1], b"\0\1" + entry(s + 9, good) + b"x"):
        assert failure(enabled.send_data(11, 4, data)) == [("TC_START_FAILED", "WRONG_LENGTH", len(data) + 13)]
    assert listed(enabled) == []


def test_a_command_may_have_128_octets(enabled):
    inner = [
        packet(read_request(["HK_ENABLE", "structure=" + ",".join(["HK_POWER"] * n)], load()), 1, n) for n in (57, 58)
    ]
    assert [len(octets) for octets in inner] == [128, 130]
    head = struct.pack(">BBIH", 0, 1, (START - EPOCH) // timedelta(seconds=1) + 9, 0)
    assert names(enabled.send_data(11, 4, head + inner[0])) == DONE
    assert failure(enabled.send_data(11, 4, head + inner[1])) == wrong(1, "WRONG_LENGTH")


def test_there_is_room_for_128_and_those_wait_over_a_restart(make_ground):
    ground = make_ground("2020-11-11T06:01:00Z reset")
    ground.send("SCHEDULE_ENABLE")
    for first in range(0, MOST, 32):
        entries = [(200 + (first + n) * 37 % MOST, first + n, "PING") for n in range(32)]
        assert names(insert(ground, *entries)[0]) == DONE
    assert failure(insert(ground, (100, 0, "PING"))[0]) == [("TC_START_FAILED", "NO_ROOM", 0)]
    before = listed(ground)
    assert len(before) == MOST
    ground.run(100)
    assert listed(ground) == before
    assert pings(ground.run(400)) == sorted((200 + n * 37 % MOST, n) for n in range(MOST))


# --- Changing, and telling ---


def test_commands_are_deleted_by_their_request_ids(enabled):
    _, ids = insert(enabled, (10, 0, "PING"), (20, 0, "PING"), (30, 0, "PING"))
    line = "SCHEDULE_DELETE packet_id=6145,{} sequence_control={},{}"
    assert failure(enabled.send(line.format(6145, ids[0], 7))) == wrong(2, "UNKNOWN_ID")
    assert failure(enabled.send(line.format(6146, ids[0], ids[1]))) == wrong(2, "UNKNOWN_ID")
    assert failure(enabled.send(line.format(6145, ids[0], ids[0]))) == wrong(2, "UNKNOWN_ID")
    assert len(listed(enabled)) == 3
    assert names(enabled.send(line.format(6145, ids[2], ids[0]))) == DONE
    assert pings(enabled.run(60)) == [(20, 0)]


def test_commands_are_shifted_by_their_request_ids(enabled):
    _, ids = insert(enabled, (10, 250, "PING"), (20, 250, "PING"), (30, 250, "PING"))
    line = "SCHEDULE_SHIFT offset={} packet_id=6145,6145 sequence_control={},{}"
    assert failure(enabled.send(line.format(-10.251, ids[2], ids[0]))) == wrong(2, "TOO_LATE")
    assert failure(enabled.send(line.format(5, ids[2], 7))) == wrong(2, "UNKNOWN_ID")
    assert names(enabled.send(line.format(-10.25, ids[2], ids[0]))) == DONE
    assert [(time, sequence) for _, time, sequence in listed(enabled)] == [
        (at(0), ids[0]), (at(20), ids[2]), (at(20, 250), ids[1])
    ]  # fmt: skip
    assert names(enabled.send(line.format(1.75, ids[2], ids[0]))) == DONE
    assert pings(enabled.run(60)) == [(1, 750), (20, 250), (21, 750)]
    for data in (b"\0\0\0\0", b"\0\0\0\0\0", b"\0\0\0\0\1\x18\1\xc0"):
        assert failure(enabled.send_data(11, 7, data)) == [("TC_START_FAILED", "WRONG_LENGTH", len(data) + 13)]


def test_all_are_shifted(enabled):
    _, ids = insert(enabled, (10, 0, "PING"), (20, 999, "PING"))
    assert failure(enabled.send("SCHEDULE_SHIFT_ALL offset=-10.001")) == [("TC_START_FAILED", "TOO_LATE", ids[0])]
    assert names(enabled.send("SCHEDULE_SHIFT_ALL offset=2.001")) == DONE
    assert pings(enabled.run(60)) == [(12, 1), (23, 0)]
    assert names(enabled.send("SCHEDULE_SHIFT_ALL offset=5")) == DONE


def test_a_reset_of_the_schedule_empties_and_disables_it(enabled):
    insert(enabled, (10, 0, "PING"), (20, 0, "PING"))
    assert names(enabled.send("SCHEDULE_RESET")) == DONE
    assert listed(enabled) == []
    insert(enabled, (10, 0, "PING"))
    assert dropped(enabled.run(30)) == [(1, "WAS_DISABLED")]


def test_the_schedule_is_told_with_its_commands_in_words(enabled):
    commands = ["DRIVE bearing=315 distance=5.5", "HK_PERIOD structure=HK_POWER,HK_DRIVE period=60,600"]
    commands += [f"HK_ENABLE structure={','.join(['HK_LPR'] * n)}" for n in (57, 57, 57, 57)]
    insert(enabled, *((1000 + n, n, command) for n, command in enumerate(commands)), sub=3)
    reports = enabled.send("SCHEDULE_DETAIL")
    assert names(reports) == ["TC_ACCEPTED", "TC_STARTED", "SCHEDULE_COMMANDS", "SCHEDULE_COMMANDS", "TC_DONE"]
    told = [report.fields for report in reports if report.name == "SCHEDULE_COMMANDS"]
    assert [command for fields in told for command in fields["command"]] == commands
    assert [text(time) for fields in told for time in fields["time"]] == [at(1000 + n, n) for n in range(6)]


def test_an_empty_schedule_is_told_too(ground):
    for command, name in (("SCHEDULE_SUMMARY", "SCHEDULE_TIMES"), ("SCHEDULE_DETAIL", "SCHEDULE_COMMANDS")):
        (told,) = [report for report in ground.send(command) if report.name == name]
        assert set(map(tuple, told.fields.values())) == {()}
    assert ground.rover.schedule._schedule_table is None


# --- All of it by chance ---


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(5))
@settings(max_examples=5)
@given(
    times=st.lists(st.tuples(st.integers(30, 400), st.integers(0, 999)), min_size=1, max_size=40),
    resets=st.lists(st.integers(1, 420), max_size=3, unique=True),
)
def test_each_is_executed_once_however_often_the_computer_restarts(make_ground, turn, times, resets):
    lines = [f"{at(s)[:19]}Z reset" for s in sorted(resets)]
    ground = make_ground(*lines)
    ground.send("SCHEDULE_ENABLE")
    assert names(insert(ground, *((s, ms, "PING") for s, ms in times))[0]) == DONE
    executed = pings(ground.run(600))
    off = [(s, s + 20) for s in sorted(resets)]
    assert len(executed) == len(times)
    for (s, ms), (due_s, due_ms) in zip(executed, sorted(times), strict=True):
        late_ms = (s - due_s) * 1000 + ms - due_ms
        assert late_ms >= 0
        assert late_ms == 0 or any(begin <= due_s and s <= end + 20 * 2 for begin, end in off)
