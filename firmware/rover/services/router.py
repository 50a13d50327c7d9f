"""Takes telecommand packets, checks them against the dictionary, and hands them to their services."""

from struct import calcsize

from micropython import const

from ..link.octets import crc16
from ..tables import COMPUTER
from ..tables.commands import (
    COMMANDS,
    NOT_IN_MODE,
    UNKNOWN_APID,
    UNKNOWN_ID,
    UNKNOWN_SERVICE,
    UNKNOWN_SUBSERVICE,
    WRONG_ARGUMENT,
    WRONG_CHECKSUM,
    WRONG_HEADER,
    WRONG_LENGTH,
)
from .request import Request

_REQUEST_ID = const(4)
_PRIMARY_HEADER = const(6)
_HEADERS = const(11)
_ERROR_CONTROL = const(2)
_APID = const(0x7FF)
_TELECOMMAND = const(0x1800)  # version 0, type 1, with a secondary header
_UNSEGMENTED = const(3)
_PUS_C = const(2)
_FUNCTIONS = const(0x0801)
_HOUSEKEEPING = const(3)
_EVENTS = const(5)
_FUNCTION_MANAGEMENT = const(8)
_TIME = const(9)
_SCHEDULING = const(11)
_MONITORING = const(12)
_EVENT_ACTION = const(19)
_PARAMETERS = const(20)

# In a row of COMMANDS
_KIND = const(0)
_FUNCTION = const(1)
_FORMAT = const(2)
_LAYOUT = const(3)
_MODES = const(4)
_LIMITS = const(5)
_REPEATS = const(1)  # N, then the arguments N times
_OPEN = const(2)  # what follows the arguments is for the service to read


class Router:
    """The telecommands of a craft.

    telemetry: the service. mode: gives the mode. accepted, refused: are called when a telecommand is. perform: gets
    each Request that is accepted.
    """

    def __init__(self, telemetry, mode, accepted, refused, perform):
        self._telemetry = telemetry
        self._mode = mode
        self._accepted = accepted
        self._refused = refused
        self._perform = perform

    def take(self, buffer, start, end):
        """Takes the data of a frame, buffer[start:end]: packets, one behind the other."""
        while start < end:
            size = left = end - start
            if left > _PRIMARY_HEADER:
                size = (buffer[start + 4] << 8 | buffer[start + 5]) + _PRIMARY_HEADER + 1
            self.execute(buffer, start, min(size, left), size <= left)
            start += size

    def execute(self, buffer, start, size, whole=True):
        """Does what the packet of `size` octets at buffer[start] asks for. whole: no octets of it are missing."""
        request = Request(self._telemetry)
        code, data = self._check(request, buffer, start, size, whole)
        if code:
            self._refused()
            # Of less not even its request id is known
            if size >= _REQUEST_ID:
                request.refuse(code, data)
            return
        self._accepted()
        request.accept()
        mode = self._mode()
        if not request.modes & 1 << mode:
            request.fail(NOT_IN_MODE, mode)
            return
        self._perform(request)
        if not request.over and not request.lasts:
            request.done()

    def check(self, buffer, start, size):
        """(failure code, data) of a packet that is not to be executed yet; (0, 0) if it is legal."""
        return self._check(Request(self._telemetry), buffer, start, size, True)

    def _check(self, request, buffer, start, size, whole):
        """(failure code, data) of a packet; (0, 0) if it is legal."""
        if len(buffer) - start < _HEADERS:
            # Of what the store has kept
            return WRONG_LENGTH, size
        request.open(buffer, start)
        if size < _HEADERS + _ERROR_CONTROL or not whole:
            return WRONG_LENGTH, size
        end = start + size - _ERROR_CONTROL
        checksum = buffer[end] << 8 | buffer[end + 1]
        if crc16(buffer, start, end) != checksum:
            return WRONG_CHECKSUM, checksum
        packet_id, sequence = request.packet_id, request.sequence
        if packet_id & _APID != COMPUTER:
            return UNKNOWN_APID, packet_id & _APID
        if packet_id & ~_APID != _TELECOMMAND or sequence >> 14 != _UNSEGMENTED or request.flags >> 4 != _PUS_C:
            return WRONG_HEADER, packet_id
        row, code, data = _row_of(request.kind, buffer, start + _HEADERS, end)
        if code:
            return code, data
        request.function = row[_FUNCTION]
        request.format = row[_FORMAT]
        request.modes = row[_MODES]
        request.at = start + _HEADERS + (2 if row[_FUNCTION] else 0)
        request.end = end
        if not _fits(request, row):
            return WRONG_LENGTH, size
        return _check_values(request, row)


def _row_of(kind, buffer, at, end):
    # type: (...) -> tuple[tuple, int, int]
    """(row of COMMANDS, failure code, data) for a service and subservice; with the arguments buffer[at:end]."""
    function = -1
    if kind == _FUNCTIONS and end - at >= 2:
        function = buffer[at] << 8 | buffer[at + 1]
    service_known = kind_known = False
    for row in COMMANDS:
        service_known = service_known or row[_KIND] >> 8 == kind >> 8  # pyright: ignore
        if row[_KIND] == kind:
            if kind != _FUNCTIONS or row[_FUNCTION] == function:
                return row, 0, 0
            kind_known = True
    if kind_known:
        return ((), WRONG_LENGTH, end - at) if function < 0 else ((), UNKNOWN_ID, function)
    return ((), UNKNOWN_SUBSERVICE, kind) if service_known else ((), UNKNOWN_SERVICE, kind >> 8)


def _fits(request, row):
    """Whether the arguments are as long as they should be; sets their place and count."""
    size = calcsize(row[_FORMAT])
    room = request.end - request.at
    request.count = 1
    if row[_LAYOUT] == _OPEN:
        return room >= size
    if row[_LAYOUT] == _REPEATS:
        if room < 1:
            return False
        request.count = request.buffer[request.at]
        request.at += 1
        room -= 1
    return room == request.count * size


def _check_values(request, row):
    """(failure code, data) of arguments outside their ranges; (0, 0) if none is."""
    number = 0
    if not request.count:
        return WRONG_ARGUMENT, 0
    for index in range(request.count):
        at = _LIMITS
        values = request.values(index)
        for value in values:
            number += 1
            if not row[at] <= value <= row[at + 1]:
                return WRONG_ARGUMENT, number << 16 | value & 0xFFFF
            at += 2
    return 0, 0


def service(number):
    """Return a service's module, by name, and what executes its telecommands; (None, None) of one without code."""
    name = perform = None
    if number == _HOUSEKEEPING:
        name = "housekeeping_control"
        from .housekeeping_control import perform
    elif number == _EVENTS:
        name = "event_control"
        from .event_control import perform
    elif number == _FUNCTION_MANAGEMENT:
        name = "functions"
        from .functions import perform
    elif number == _TIME:
        name = "time_control"
        from .time_control import perform
    elif number == _SCHEDULING:
        name = "scheduling"
        from .scheduling import perform
    elif number == _MONITORING:
        name = "monitoring_control"
        from .monitoring_control import perform
    elif number == _EVENT_ACTION:
        name = "event_actions"
        from .event_actions import perform
    elif number == _PARAMETERS:
        name = "parameters"
        from .parameters import perform
    return name, perform
