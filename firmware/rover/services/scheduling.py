"""Telecommands of the schedule, ST[11] (ECSS-E-ST-70-41C, 6.11 and 8.11)."""

from binascii import crc32
from struct import pack, pack_into, unpack_from

from micropython import const

from ..link.packet import ERROR_CONTROL
from ..tables import COMPUTER
from ..tables.commands import (
    FAILED,
    NO_ROOM,
    TOO_LATE,
    UNKNOWN_ID,
    WRONG_ARGUMENT,
    WRONG_INSTRUCTION,
    WRONG_LENGTH,
)

_SERVICE = const(11)
_ENABLE = const(1)
_DISABLE = const(2)
_RESET = const(3)
_INSERT = const(4)
_DELETE = const(5)
_SHIFT = const(7)
_DETAILS = const(10)
_TIMES = const(13)
_SHIFT_ALL = const(15)
_DETAIL = const(16)
_SUMMARY = const(17)

_MOST = const(128)  # commands at once
_PACKET = const(29)  # where it begins in an entry
_LARGEST = const(128)  # packet
_HEADERS = const(6)  # primary header of a packet
_FRAME = const(13)  # octets of a telecommand beside its arguments
_TIME = const(6)  # CUC 4 + 2
_HEAD = const(7)  # of a command in a report: sub-schedule, time
_REQUEST_ID = const(4)
_TELECOMMAND = const(0x1800)
_CLOCK_END = const(0x3FFFFFFF)


def perform(rover, request):
    """Execute a telecommand of this service."""
    handler = request.handler(HANDLERS)
    if handler is None:
        return
    schedule = rover.schedule
    if schedule is None:
        schedule = rover.open_schedule()
        schedule.begin()
    handler(rover, request, schedule.open())
    schedule.settle()


def _enable(rover, request, schedule_table):
    if not schedule_table.enable(request.kind & 0xFF == _ENABLE):
        request.fail(FAILED)


def _refuse(request, number, code):
    """Which of its instructions is wrong, from 1, and how."""
    request.fail(WRONG_INSTRUCTION, number << 16 | code)


def _refuse_length(request):
    request.fail(WRONG_LENGTH, request.end - request.at + _FRAME)


def _insert(rover, request, schedule_table):
    buffer, at, end = request.buffer, request.at + 1, request.end
    count = buffer[at] if at < end else 0
    first = at + 1
    at = first
    for number in range(1, count + 1):
        size = _size_at(buffer, at + _TIME, end)
        if not size:
            _refuse_length(request)
            return
        code = _wrong(rover, buffer, at, size)
        if code:
            _refuse(request, number, code)
            return
        at += _TIME + size
    if not count or at != end:
        _refuse_length(request)
    else:
        _insert_new(request, schedule_table, first, count)


def _size_at(buffer, at, end):
    """Octets of the packet at buffer[at]; 0 when it is not whole."""
    if at + _HEADERS > end:
        return 0
    size = (buffer[at + 4] << 8 | buffer[at + 5]) + _HEADERS + 1
    return size if at + size <= end else 0


def _wrong(rover, buffer, at, size):
    """The failure code of an instruction to insert a command, 0 if it is legal."""
    s, ms = _time_at(buffer, at)
    if s > _CLOCK_END:
        return WRONG_ARGUMENT
    if _is_past(rover.clock, s, ms):
        return TOO_LATE
    if size > _LARGEST:
        return WRONG_LENGTH
    return rover.commanding.check(buffer, at + _TIME, size)[0]


def _insert_new(request, schedule_table, at, count):
    """Puts the commands in that are not in yet: a telecommand that comes again makes no second copies."""
    buffer, sub = request.buffer, request.buffer[request.at]
    new = []
    for _ in range(count):
        s, ms = _time_at(buffer, at)
        at += _TIME
        end = at + _size_at(buffer, at, len(buffer))
        if not schedule_table.has(s, ms, sub, bytes(buffer[at:end])):
            new.append((s, ms, at, end))
        at = end
    if schedule_table.count + len(new) > _MOST:
        request.fail(NO_ROOM, _MOST - schedule_table.count)
        return
    request.begin()
    if not _write(schedule_table, buffer, sub, new):
        request.fail(FAILED)


def _write(schedule_table, buffer, sub, new):
    """Puts all commands in, or none. Returns whether it could."""
    if len(new) > 1 and not schedule_table.begin():
        return False
    for s, ms, at, end in new:
        if schedule_table.insert(s, ms, sub, bytes(buffer[at:end])) < 0:
            schedule_table.take_back()
            return False
    return len(new) < 2 or schedule_table.commit(0)


def _time_at(buffer, at):
    """A CUC time as seconds and, to the nearest, milliseconds."""
    s, fraction = unpack_from(">IH", buffer, at)
    ms = (fraction * 1000 + 32768) // 65536
    return (s + 1, 0) if ms == 1000 else (s, ms)


def _is_past(clock, s, ms):
    now_s = clock.onboard_s()
    return s < now_s or (s == now_s and ms < clock.onboard_ms())


def _named(request, schedule_table, at, count):
    """The places of the commands with `count` request ids at buffer[at]; None after a failure: there is no such."""
    places = []
    for number in range(1, count + 1):
        packet_id, sequence = unpack_from(">HH", request.buffer, at)
        at += _REQUEST_ID
        place = schedule_table.find(sequence)
        if packet_id != _TELECOMMAND | COMPUTER or place < 0 or place in places:
            _refuse(request, number, UNKNOWN_ID)
            return None
        places.append(place)
    return places


def _mark_of(request):
    """What tells a telecommand from others: of its request id and arguments."""
    names = pack(">HHH", request.kind, request.packet_id, request.sequence)
    return crc32(bytes(request.buffer[request.at : request.end]), crc32(names))


def _delete(rover, request, schedule_table):
    mark = _mark_of(request)
    places = () if schedule_table.is_repeated(mark) else _named(request, schedule_table, request.at, request.count)
    if places is not None:
        _remove(request, schedule_table, places, mark)


def _reset(rover, request, schedule_table):
    if not schedule_table.enable(False):
        request.fail(FAILED)
    else:
        _remove(request, schedule_table, list(schedule_table.places[: schedule_table.count]), 0)


def _remove(request, schedule_table, places, mark):
    request.begin()
    kept = schedule_table.remove_all(places, mark) if places else 0
    if kept:
        request.fail(FAILED, kept)


def _shift(rover, request, schedule_table):
    offset = request.values()[0]
    at = request.at + 4
    count = request.buffer[at] if at < request.end else 0
    if not count or at + 1 + count * _REQUEST_ID != request.end:
        _refuse_length(request)
        return
    mark = _mark_of(request)
    places = () if schedule_table.is_repeated(mark) else _named(request, schedule_table, at + 1, count)
    if places is None:
        return
    for number in range(len(places)):
        code = _wrong_shift(rover.clock, schedule_table, places[number], offset)
        if code:
            _refuse(request, number + 1, code)
            return
    _move(request, schedule_table, places, offset, mark)


def _shift_all(rover, request, schedule_table):
    offset = request.values()[0]
    mark = _mark_of(request)
    places = () if schedule_table.is_repeated(mark) else list(schedule_table.places[: schedule_table.count])
    for place in places:
        code = _wrong_shift(rover.clock, schedule_table, place, offset)
        if code:
            request.fail(code, schedule_table.sequences[place])
            return
    _move(request, schedule_table, places, offset, mark)


def _wrong_shift(clock, schedule_table, place, offset):
    """Why a command cannot be moved so, as a failure code; 0 if it can."""
    s, ms = _shifted(schedule_table, place, offset)
    if s > _CLOCK_END:
        return WRONG_ARGUMENT
    return TOO_LATE if _is_past(clock, s, ms) else 0


def _shifted(schedule_table, place, offset):
    s, ms = schedule_table.s[place] + offset // 1000, schedule_table.ms[place] + offset % 1000
    return (s + 1, ms - 1000) if ms >= 1000 else (s, ms)


def _move(request, schedule_table, places, offset, mark):
    request.begin()
    if places and not _move_all(schedule_table, places, offset, mark):
        request.fail(FAILED, len(places))


def _move_all(schedule_table, places, offset, mark):
    """Gives all commands their new times, or none. Returns whether it could."""
    if not schedule_table.begin():
        return False
    for place in places:
        if not schedule_table.move(place, *_shifted(schedule_table, place, offset)):
            schedule_table.take_back()
            return False
    return schedule_table.commit(mark)


def _report(rover, request, schedule_table):
    """Report the commands, in as many packets as it takes; one at least."""
    request.begin()
    telemetry, with_packets = rover.telemetry, request.kind & 0xFF == _DETAIL
    buffer, begin = telemetry.buffer, telemetry.data_at + 1
    end = len(buffer) - ERROR_CONTROL
    at = begin
    count = 0
    kind = _DETAILS if with_packets else _TIMES
    for rank in range(schedule_table.count):
        place = schedule_table.places[rank]
        rest = _rest(schedule_table, place, with_packets)
        if rest is None:
            continue
        if at + _HEAD + len(rest) > end:
            _send(telemetry, kind, count, at)
            at = begin
            count = 0
        pack_into(
            ">BIH",
            buffer,
            at,
            schedule_table.subs[place],
            schedule_table.s[place],
            schedule_table.ms[place] * 65536 // 1000,
        )
        at += _HEAD
        buffer[at : at + len(rest)] = rest
        at += len(rest)
        count += 1
    _send(telemetry, kind, count, at)


def _rest(schedule_table, place, with_packets):
    """What a report says of a command behind its time: its packet, None if that cannot be read, or its request id."""
    if not with_packets:
        return pack(">HH", _TELECOMMAND | COMPUTER, schedule_table.sequences[place])
    entry = schedule_table.read(place)
    return None if entry is None else entry[_PACKET:]


def _send(telemetry, kind, count, end):
    telemetry.buffer[telemetry.data_at] = count
    telemetry.send(COMPUTER, _SERVICE, kind, end - telemetry.data_at)


HANDLERS = (
    (_ENABLE, _enable),
    (_DISABLE, _enable),
    (_RESET, _reset),
    (_INSERT, _insert),
    (_DELETE, _delete),
    (_SHIFT, _shift),
    (_SHIFT_ALL, _shift_all),
    (_DETAIL, _report),
    (_SUMMARY, _report),
)
