"""Commands on their way into the rover's schedule: one by its time, or a file of them in few packets."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yutu2.decode.fields import Report
from yutu2.decode.telecommand import TelecommandReader, size_of
from yutu2.dictionary.model import load
from yutu2.errors import WrongUse
from yutu2.mission.uplink_file import compile_uplink
from yutu2.runs.client import Rover
from yutu2.runs.schedule_load import When, check_loadable, insertions
from yutu2.uplink.encode import packet, read_request
from yutu2.uplink.security import make_key
from yutu2.uplink.verification import line_of

LINES = ("PING", "DRIVE bearing=315 distance=5.5", "HK_PERIOD structure=HK_POWER,HK_DRIVE period=60,600", "STOP",
         "PARAMETER_SET parameter=HAZARD_HEIGHT,HEATER_ON value=0.3,-20", "TIME_SET time=2020-11-12T06:00:30.250Z",
         "MOVE event=RECOVERED", "SCHEDULE_SHIFT_ALL offset=-1.5", "OBSERVE activity=PCAM_RING units=3",
         "SCHEDULE_SHIFT offset=1 packet_id=6145,6145 sequence_control=49152,49153",
         "SCHEDULE_INSERT sub_schedule=7 time=2020-11-12T06:00:30.250Z,2020-11-12T06:00:31.000Z "
         "command=(DRIVE bearing=315 distance=5.5),(PING)")  # fmt: skip
REQUESTS = [read_request(line.split(), load()) for line in LINES]
INSERTED, PINGED = (11, 4), (17, 1)


def entries_of(octets):
    """(seconds, fraction, packet) of each command in a telecommand that inserts."""
    data = octets[11:-2]
    entries, at = [], 2
    for _ in range(data[1]):
        end = at + 6 + size_of(data[at + 6 :])
        entries.append((int.from_bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 6]), data[at + 6 : end]))
        at = end
    assert at == len(data)
    return entries


@pytest.mark.parametrize(("line", "request_"), list(zip(LINES, REQUESTS, strict=True)))
def test_a_packet_is_read_back_in_the_words_in_which_it_was_written(line, request_):
    reader = TelecommandReader(load().commands, load().parameters)
    octets = packet(request_, 1, 9)
    assert reader.words(octets) == line
    for cut in range(len(octets)):
        assert reader.words(octets[:cut]) != line
    unknown = octets[:7] + b"\xc8" + octets[8:]
    assert reader.words(unknown) == unknown.hex()


@given(
    st.lists(st.tuples(st.integers(0, 10**12), st.sampled_from(REQUESTS[:-1])), min_size=1, max_size=128),
    st.sampled_from([987, 1017]),
)
def test_all_go_in_packets_that_fit_and_have_request_ids_of_their_own(entries, most):
    count, inserted = 0, []
    batches = list(insertions(entries, most))
    for request, number in batches:
        octets = packet(request, 1, count)
        count += request.packets
        assert len(octets) <= most
        there = entries_of(octets)
        assert len(there) == number
        inserted += there
    assert [(s, fraction) for s, fraction, _ in inserted] == [(t // 1000, t % 1000 * 65536 // 1000) for t, _ in entries]
    assert len({octets[:4] for _, _, octets in inserted}) == len(entries)
    assert [octets[7:-2] for _, _, octets in inserted] == [packet(request, 1, 0)[7:-2] for _, request in entries]
    # No packet more than it takes
    sizes = [len(packet(request, 1, 0)) for request, _ in batches]
    firsts = [request.rows[0][1] for request, _ in batches]
    for size, first in zip(sizes, firsts[1:], strict=False):
        assert size + 6 + len(packet(first, 1, 0)) > most


@pytest.mark.parametrize(
    ("text", "ms"),
    [("+90s", 90_000), ("+1.5h", 5_400_000), ("+250ms", 250), ("2020-11-12T06:00:30.250Z", 30_250)],
)
def test_a_time_is_utc_or_from_now(text, ms):
    now = datetime(2020, 11, 12, 6, tzinfo=UTC)
    epoch = datetime(2019, 1, 1, tzinfo=UTC)
    request = REQUESTS[0]
    assert When(text).entry(request, now) == ((now - epoch) // timedelta(milliseconds=1) + ms, request)
    if not text.startswith("+"):
        assert When(now + timedelta(milliseconds=ms)).entry(request, epoch) == When(text).entry(request, now)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("noon", "at: 'noon' is not a UTC time; it may be 2020-11-12, "),
        ("+90", "at: '90' is not a duration; it may be a number of ms, s, min, h or d"),
        ("+", "at: '' is not a duration"),
        ("2018-12-31", "at: 2018-12-31 lies outside the clock"),
    ],
)
def test_what_is_no_time_is_told(text, told):
    with pytest.raises(WrongUse) as error:
        When(text)
    assert str(error.value).startswith(told)


def uplink_of(*lines):
    return compile_uplink("\n".join(lines), "up.txt", load())


def test_what_a_schedule_cannot_hold_is_told_by_its_line():
    long = f"2020-11-12 HK_ENABLE structure={','.join(['HK_LPR'] * 58)}"
    with pytest.raises(WrongUse) as error:
        check_loadable(uplink_of("2020-11-12 PING", long))
    assert str(error.value) == "up.txt:2: command: HK_ENABLE has 130 octets; it may have 128"
    for count in (0, 129):
        with pytest.raises(WrongUse, match=f"up.txt: {count} commands; a schedule holds 1 to 128 at once"):
            check_loadable(uplink_of(*["2020-11-12 PING"] * count))
    check_loadable(uplink_of(*["2020-11-12 PING"] * 128))


def test_a_program_sends_a_command_for_a_time(stand_in):
    with Rover("/dev/rover") as rover:
        sent = rover.send("DRIVE", bearing=315, distance=5.5, at="+90s")
        rover.send("PING", at=stand_in.time)
    assert sent.request.what == (
        "SCHEDULE_INSERT sub_schedule=0 time=2020-11-12T06:01:30.000Z command=(DRIVE bearing=315 distance=5.5)"
    )
    assert stand_in.commands == [(11, 1), INSERTED] * 2
    ids = [octets[:4] for octets in stand_in.packets]
    ids += [entry[2][:4] for octets in stand_in.packets[1::2] for entry in entries_of(octets)]
    assert len(set(ids)) == 6


def test_the_time_from_now_is_by_the_last_report(stand_in):
    with Rover("/dev/rover") as rover:
        rover.send("PING")
        stand_in.time += timedelta(hours=1)
        assert "time=2020-11-12T07:00:01.500Z" in rover.send("PING", at="+1.5s").request.what


def test_a_secured_frame_holds_less(stand_in, tmp_path):
    make_key(tmp_path / "key")
    with Rover("/dev/rover", key=tmp_path / "key") as rover:
        assert rover.max_octets == 987
    with Rover("/dev/rover") as rover:
        assert rover.max_octets == 1017


# --- The commands ---


def test_send_at_a_time_shows_both_commands(yutu2, device, far_rover):
    done = yutu2("send", "ping", "--at", "+90s", "--to", device)
    lines = done.out.decode().splitlines()
    assert (done.status, done.err) == (0, "")
    assert lines[0] == "SCHEDULE_ENABLE"
    assert lines[5] == "SCHEDULE_INSERT sub_schedule=0 time=2020-11-12T06:01:30.000Z command=(PING)"
    assert far_rover.commands == [(11, 1), INSERTED]


def test_a_wrong_time_opens_no_line(refused):
    assert refused("send", "PING", "--at", "noon", "--to", "/dev/none").startswith("yutu2: at: 'noon' is not a UTC")
    assert "no such serial port" in refused("send", "PING", "--at", "+1s", "--to", "/dev/none")


def test_what_is_too_long_for_a_schedule_is_told(yutu2, device):
    done = yutu2("send", "HK_ENABLE", f"structure={','.join(['HK_LPR'] * 58)}", "--at", "+1s", "--to", device)
    assert (done.status, done.err) == (2, "yutu2: command: HK_ENABLE has 130 octets; it may have 128\n")


def test_a_file_is_loaded_in_few_packets(yutu2, device, far_rover, tmp_path):
    path = tmp_path / "up.txt"
    path.write_text("".join(f"2020-11-12T06:0{n // 60}:{n % 60:02}.{n:03}Z PING\n" for n in range(100)))
    done = yutu2("schedule", "load", path, "--to", device)
    assert (done.status, done.err) == (0, "")
    assert done.out.decode().splitlines() == [
        "  52 of 100 commands in the schedule",
        "  100 of 100 commands in the schedule",
    ]
    assert far_rover.commands == [(11, 1), INSERTED, INSERTED]


def test_what_the_rover_refuses_is_told(yutu2, device, far_rover, tmp_path):
    path = tmp_path / "up.txt"
    path.write_text("2020-11-12 PING\n2020-11-13 PING\n")
    far_rover.stages = [("TC_ACCEPTED", {}), ("TC_START_FAILED", {"code": "NO_ROOM", "data": 1})]
    done = yutu2("schedule", "load", path, "--to", device)
    assert (done.status, done.err) == (1, "yutu2: SCHEDULE_ENABLE refused: NO_ROOM: 1\n")
    far_rover.stages = [("TC_START_FAILED", {"code": "WRONG_INSTRUCTION", "data": 2 << 16 | 14})]
    done = yutu2("send", "PING", "--to", device)
    assert done.err == "yutu2: PING refused: WRONG_INSTRUCTION: number 2, TOO_LATE\n"


def test_the_schedule_is_shown_a_line_a_command():
    times = [datetime(2019, 1, 2, 0, 0, 1, 500_000, UTC), datetime(2019, 1, 2, 0, 0, 2, tzinfo=UTC)]
    fields = {"sub_schedule": [0, 1], "time": times, "packet_id": [6145] * 2, "sequence_control": [49152, 49153]}
    time = datetime(2020, 11, 12, 6, tzinfo=UTC)
    told = [
        Report(time, None, 11, 13, "SCHEDULE_TIMES", None, values, {})
        for values in (fields, {name: [] for name in fields})
    ]
    assert [line_of(report, None, load()).split("\n") for report in told] == [
        [
            "  2020-11-12 06:00:00.000  SCHEDULE_TIMES  2",
            "    sub_schedule=0 time=2019-01-02T00:00:01.500Z packet_id=6145 sequence_control=49152",
            "    sub_schedule=1 time=2019-01-02T00:00:02.000Z packet_id=6145 sequence_control=49153",
        ],
        ["  2020-11-12 06:00:00.000  SCHEDULE_TIMES  0"],
    ]
