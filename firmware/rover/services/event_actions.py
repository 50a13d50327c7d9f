"""Telecommands of event-actions, ST[19] (ECSS-E-ST-70-41C, 6.19, 8.19): all that one asks for is done, or nothing."""

from array import array
from struct import pack_into, unpack_from

from micropython import const

from ..link.packet import TM_HEADER
from ..tables import COMPUTER, EVENT_ROW, EVENTS
from ..tables.commands import (
    FAILED,
    NO_ROOM,
    REFUSED,
    UNKNOWN_ID,
    WRONG_INSTRUCTION,
    WRONG_LENGTH,
)

_SERVICE = const(19)
_ADD = const(1)
_DELETE = const(2)
_DELETE_ALL = const(3)
_ENABLE = const(4)
_DISABLE = const(5)
_REPORT = const(6)
_STATUS = const(7)

_PLACES = const(8)
_HEAD = const(4)  # APID and event, before the telecommand
_LARGEST = const(64)  # telecommand
_HEADERS = const(6)  # primary header of a packet
_ROW = const(5)  # of the report


def perform(rover, request):
    """Execute a telecommand of this service."""
    handler = request.handler(HANDLERS)
    if handler is not None:
        events = rover.events
        actions = events.actions or rover.make_actions()
        handler(rover, request, actions)
        events.actions = actions if any(actions.events) else None


def _add(rover, request, actions):
    buffer, at, end = request.buffer, request.at, request.end
    events = array("H", actions.events)
    found = []
    count = buffer[at] if at < end else 0
    at += 1
    for number in range(1, count + 1):
        size = _size_at(buffer, at + _HEAD, end)
        if not size:
            request.fail(WRONG_LENGTH, end - request.at)
            return
        apid, event = unpack_from(">HH", buffer, at)
        at += _HEAD
        place = _place(events, event)
        if place < 0:
            place = _place(events, 0)
        code = _wrong(rover, buffer, at, size)
        if not _is_event(apid, event):
            code = UNKNOWN_ID
        elif place < 0:
            code = NO_ROOM
        elif actions.enabled & 1 << place:
            # What may be executed at any time is not changed
            code = REFUSED
        if code:
            request.fail(WRONG_INSTRUCTION, number << 16 | code)
            return
        events[place] = event
        found.append((place, at, size))
        at += size
    if not count or at != end:
        request.fail(WRONG_LENGTH, end - request.at)
        return
    for place, start, size in found:
        if not actions.write(place, bytes(buffer[start : start + size])):
            request.fail(FAILED)
            return
    _keep(request, actions, events, actions.enabled)


def _size_at(buffer, at, end):
    """Octets of the packet at buffer[at]; 0 when it is not whole."""
    if at + _HEADERS > end:
        return 0
    size = (buffer[at + 4] << 8 | buffer[at + 5]) + _HEADERS + 1
    return size if at + size <= end else 0


def _wrong(rover, buffer, at, size):
    """The failure code of a telecommand that is to be kept, 0 if it is legal."""
    return WRONG_LENGTH if size > _LARGEST else rover.commanding.check(buffer, at, size)[0]


def _is_event(apid, event):
    return 0 < event < len(EVENTS) // EVENT_ROW and EVENTS[event * EVENT_ROW + 1] and EVENTS[event * EVENT_ROW] == apid


def _place(events, event):
    """Where an event stands, or -1."""
    for place in range(_PLACES):
        if events[place] == event:
            return place
    return -1


def _delete_all(rover, request, actions):
    _keep(request, actions, array("H", [0] * _PLACES), 0)


def _change(rover, request, actions):
    """Delete, enable or disable."""
    what = request.kind & 0xFF
    events, enabled = array("H", actions.events), actions.enabled
    for index in range(request.count):
        apid, event = request.values(index)
        place = _place(events, event)
        if place < 0 or not _is_event(apid, event):
            request.fail(WRONG_INSTRUCTION, (index + 1) << 16 | UNKNOWN_ID)
            return
        if what == _ENABLE:
            enabled |= 1 << place
        else:
            enabled &= ~(1 << place)
            if what == _DELETE:
                events[place] = 0
    _keep(request, actions, events, enabled)


def _keep(request, actions, events, enabled):
    if not actions.keep(events, enabled):
        request.fail(FAILED)


def _report(rover, request, actions):
    request.begin()
    telemetry = rover.telemetry
    buffer, at, count = telemetry.buffer, TM_HEADER + 1, 0
    for place in range(_PLACES):
        event = actions.events[place]
        if event:
            pack_into(">HHB", buffer, at, EVENTS[event * EVENT_ROW], event, actions.enabled >> place & 1)
            at += _ROW
            count += 1
    buffer[TM_HEADER] = count
    telemetry.send(COMPUTER, _SERVICE, _STATUS, at - TM_HEADER)


HANDLERS = (
    (_ADD, _add),
    (_DELETE, _change),
    (_DELETE_ALL, _delete_all),
    (_ENABLE, _change),
    (_DISABLE, _change),
    (_REPORT, _report),
)
