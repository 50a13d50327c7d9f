"""Commands with arguments in engineering units become packets, and a wrong one is told with what may be."""

import struct
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yutu2.dictionary.commands import CUC
from yutu2.dictionary.model import load
from yutu2.dictionary.text import WrongLine
from yutu2.uplink.encode import MOST_OCTETS, as_words, packet, read_request

COMMANDS = load().commands
STRUCTURES = ",".join(load().enums["structure"].values())


def crc(octets):
    """CRC-16 of the telecommand's error control, bit by bit."""
    register = 0xFFFF
    for octet in octets:
        for bit in range(7, -1, -1):
            carry = register >> 15 ^ octet >> bit & 1
            register = register << 1 & 0xFFFF ^ (0x1021 if carry else 0)
    return register


@pytest.mark.parametrize(
    ("line", "data"),
    [
        ("PING", ""),
        ("ping", ""),
        ("HK_ENABLE structure=HK_POWER", "01 0002"),
        ("HK_DISABLE structure=HK_POWER,HK_LPR", "02 0002 0013"),
        ("HK_PERIOD structure=HK_POWER,HK_DRIVE period=60,600", "02 0002 003c 0004 0258"),
        ("EVENTS_DISABLE event=STEP_DONE", "01 000e"),
        ("MOVE event=RECOVERED", "0001 08"),
        ("DRIVE bearing=315 distance=5.5", "0002 013b 0226"),
        ("STOP", "0004"),
        ("OBSERVE units=3 activity=PCAM_RING", "0005 02 0003"),
        ("STOP_OBSERVING instrument=ASAN", "0006 12"),
        ("TIME_RATE rate=4", "04"),
        ("TIME_SET time=2019-01-02T00:00:01.500Z", "00015181 8000"),
        ("MONITOR_ENABLE monitor=MON_COMMANDS", "01 000b"),
        ("PARAMETER_REPORT parameter=HEATER_ON", "01 0003"),
        (
            "PARAMETER_SET parameter=HAZARD_HEIGHT,HEATER_ON,COMMAND_LOSS_H value=0.3,-20,48",
            "03 0001 0000012c 0003 ffffff38 0005 00000030",
        ),
        ("SCHEDULE_SHIFT_ALL offset=-1.5", "fffffa24"),
        ("SCHEDULE_SHIFT offset=1 packet_id=6145,6145 sequence_control=49152,49153", "000003e8 02 1801 c000 1801 c001"),
    ],
)
def test_arguments_are_packed_as_the_dictionary_says(request_of, line, data):
    assert request_of(line).data(1, 0) == bytes.fromhex(data)


def test_a_packet_has_its_headers_and_error_control(request_of):
    octets = packet(request_of("HK_ENABLE structure=HK_POWER"), 1, 16383 + 3, reports=0b1001)
    assert octets[:-2].hex(" ", 2) == "1801 c002 0009 2903 0500 0001 0002"
    assert crc(octets) == 0


def made_of(name, arguments):
    return read_request([name, *as_words(arguments)], load())


def any_row(command):
    """Raw values in their ranges, as many rows as a command takes."""
    row = st.tuples(*(st.integers(argument.least, argument.most) for argument in command.arguments))
    return st.lists(row, min_size=1, max_size=5) if command.repeat else st.lists(row, min_size=1, max_size=1)


def as_argument(argument, raw):
    """A raw value as one gives it to Python; None where its enum has no such label."""
    if argument.type == CUC:
        return datetime(2019, 1, 1, tzinfo=UTC) + timedelta(milliseconds=raw)
    if argument.labels is not None:
        return argument.labels.get(raw)
    return raw * argument.scale if argument.scale else raw


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if not command.is_open], ids=lambda command: command.name
)
@settings(max_examples=25)
@given(data=st.data())
def test_each_command_takes_what_is_in_range_and_is_written_so_that_it_reads_the_same(request_of, command, data):
    rows = data.draw(any_row(command).map(lambda rows: [of_parameters(command, row) for row in rows]))
    columns = dict(zip([one.name for one in command.arguments], zip(*rows, strict=True), strict=True))
    given_values = {
        one.name: [
            parameter_value(row) if one.of else as_argument(one, raw)
            for row, raw in zip(rows, columns[one.name], strict=True)
        ]
        for one in command.arguments
    }
    if any(None in values for values in given_values.values()):
        return  # between the labels of an enum
    made = made_of(command.name, given_values)
    assert made.rows == tuple(rows)
    assert request_of(made.what) == made
    head = b"" if command.function is None else struct.pack(">H", command.function)
    head += bytes([len(rows)]) * command.repeat
    octets = made.data(1, 0)
    assert octets.startswith(head)
    values = struct.iter_unpack(">" + command.code, octets[len(head) :]) if command.arguments else ()
    raw = [tuple(seconds(one, *row) if one.type == CUC else row[at] for at, one in enumerate(command.arguments))
           for row in values]  # fmt: skip
    assert raw == ([tuple(row) for row in rows] if command.arguments else [])


INSERT = "SCHEDULE_INSERT sub_schedule=3 time=2019-01-02T00:00:01.500Z,2019-01-02T00:00:02 "


def test_commands_in_a_command_are_packets_with_the_next_sequence_counts(request_of):
    request = request_of(INSERT + "command=(HK_DISABLE structure=HK_POWER,HK_LPR),(PING)")
    octets = packet(request, 1, 16382, reports=0b1001)
    inner = [packet(request_of(line), 1, count, reports=0b1001)
             for line, count in (("HK_DISABLE structure=HK_POWER,HK_LPR", 16383), ("PING", 0))]  # fmt: skip
    times = [bytes.fromhex("00015181 8000"), bytes.fromhex("00015182 0000")]
    assert octets[11:-2] == b"\x03\x02" + times[0] + inner[0] + times[1] + inner[1]
    assert crc(octets) == crc(inner[0]) == 0
    assert request.packets == 3
    assert request_of(request.what) == request


def test_a_command_is_in_a_command_in_a_command(request_of):
    request = request_of(
        "SCHEDULE_INSERT sub_schedule=0 time=2019-01-02 command=(SCHEDULE_INSERT sub_schedule=1 "
        "time=2019-01-03,2019-01-04 command=(DRIVE bearing=315 distance=5.5),(STOP))"
    )
    octets = packet(request, 1, 7)
    assert request.packets == 4
    assert [octets.count(struct.pack(">HH", 0x1801, 0xC000 | count)) for count in range(6, 12)] == [0, 1, 1, 1, 1, 0]
    assert request_of(request.what) == request


@pytest.mark.parametrize("command", ["DRIVE bearing=3 distance=5", "(DRIVE bearing=3 distance=5)"])
def test_brackets_may_be_left_out_where_words_are_given(request_of, command):
    made = made_of("SCHEDULE_INSERT", {"sub_schedule": 0, "time": "2019-01-02", "command": command})
    time = "time=2019-01-02T00:00:00.000Z"
    assert made.what == f"SCHEDULE_INSERT sub_schedule=0 {time} command=(DRIVE bearing=3 distance=5)"
    pair = {"sub_schedule": 0, "time": ["2019-01-02"] * 2, "command": [command, request_of("PING")]}
    assert made_of("SCHEDULE_INSERT", pair).what.endswith(" command=(DRIVE bearing=3 distance=5),(PING)")


def of_parameters(command, row):
    """A row with its value in the range of the parameter that it names."""
    if not any(one.of for one in command.arguments):
        return row
    parameter = load().parameters[row[0] - 1]
    return (row[0], parameter.least + row[1] % (parameter.most - parameter.least + 1))


def parameter_value(row):
    return row[1] * (load().parameters[row[0] - 1].scale or 1)


def seconds(argument, s, fraction):
    return s * 1000 + -(-fraction * 1000 // 65536)


def test_python_values_are_taken_without_the_dust_of_floats():
    request = made_of("DRIVE", {"bearing": 10, "distance": 0.1 + 0.2 + 0.7})
    assert request.what == "DRIVE bearing=10 distance=1"
    east = timezone(timedelta(hours=8))
    times = [datetime(2019, 1, 2, 8, tzinfo=east), datetime(2019, 1, 2), "2019-01-02"]
    assert {made_of("TIME_SET", {"time": time}).rows for time in times} == {((86_400_000,),)}
    made = made_of("HK_ENABLE", {"structure": "HK_POWER,HK_DRIVE"})
    assert made == made_of("HK_ENABLE", {"structure": ["HK_POWER", "HK_DRIVE"]})


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("PONG", "unknown command 'PONG'; did you mean PING?"),
        ("PING now", "'now' is no argument; write PING"),
        ("PING times=3", "unknown argument 'times' of PING; it takes none"),
        ("DRIVE bearing=315", "DRIVE lacks distance; write DRIVE bearing=... distance=..."),
        (
            "DRIVE bearing=360 distance=5",
            "bearing: '360' is not a whole number in range; it may be from 0 to 359 (deg)",
        ),
        (
            "DRIVE bearing=3 distance=5.005",
            "distance: '5.005' is not a number of steps of 0.01 in range; it may be from 0.5 to 50 (m)",
        ),
        ("MOVE event=NOON", "event: unknown 'NOON'; choose from FAULT, EXHAUSTED, NIGHTFALL, DAWN, EQUIPPED, HEAT, "),
        ("MOVE event=HEAT,COOL", "event: unknown 'HEAT,COOL'; "),
        ("OBSERVE activity=DRIVE units=1", "activity: unknown 'DRIVE'; did you mean LPR_DRIVE?"),
        ("HK_ENABLE structure=HK_STOP", "structure: unknown 'HK_STOP'; "),
        ("HK_ENABLE structure=HK_POWER,", "structure: unknown ''; choose from "),
        ("HK_ENABLE structure=HK_LPR structure=HK_LPR", "structure stands there twice; give it once"),
        (
            "HK_PERIOD structure=HK_POWER,HK_DRIVE period=60",
            "structure has 2 and period has 1; HK_PERIOD takes as many of each",
        ),
        (
            "PARAMETER_SET parameter=HAZARD_HEIGHT value=280",
            "value: '280' is not a number of steps of 0.001 in range; it may be from 0.05 to 0.4 (m)",
        ),
        (
            "PARAMETER_SET parameter=COMMAND_LOSS_H value=1.5",
            "value: '1.5' is not a whole number in range; it may be from 1 to 720 (h)",
        ),
        (INSERT + "command=(PONG),(PING)", "unknown command 'PONG'; did you mean PING?"),
        (INSERT + "command=(DRIVE bearing=3),(PING)", "DRIVE lacks distance; "),
        (INSERT + "command=(PING)", "time has 2 and command has 1; SCHEDULE_INSERT takes as many of each"),
        (INSERT + "command=(),(PING)", "command is a command, as command=(PING), not '()'"),
        (
            f"SCHEDULE_INSERT sub_schedule=0 time=2019-01-02 command=(HK_ENABLE structure={','.join(['HK_LPR'] * 58)})",
            "command: HK_ENABLE has 130 octets; it may have 128",
        ),
        ("SCHEDULE_SHIFT offset=1,2 packet_id=1,1 sequence_control=1,1", "offset: '1,2' is not a number of steps"),
        ("TIME_SET time=noon", "'noon' is not a UTC time; it may be 2020-11-12, "),
        ("HK_ENABLE structure=" + ",".join(["HK_LPR"] * 256), "HK_ENABLE takes 255 of each at most"),
        (
            f"PARAMETER_SET parameter={','.join(['HEATER_ON'] * 170)} value={','.join(['-20'] * 170)}",
            "PARAMETER_SET with 170 of each does not fit a frame; send some of them later",
        ),
    ],
)
def test_what_cannot_be_is_told_with_what_may_be(request_of, line, told):
    with pytest.raises(WrongLine) as error:
        request_of(line)
    assert str(error.value).startswith(told)


def test_the_longest_packet_just_fits_a_frame(request_of):
    request = request_of(f"PARAMETER_SET parameter={','.join(['HEATER_ON'] * 167)} value={','.join(['-20'] * 167)}")
    assert MOST_OCTETS - 6 < len(packet(request, 1, 0)) <= MOST_OCTETS
