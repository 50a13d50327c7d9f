"""Parameters, ST[20] (ECSS-E-ST-70-41C, 6.20): what the ground may set, kept in the store over a restart."""

from array import array
from struct import pack_into

from micropython import const

from ..link.packet import ERROR_CONTROL, TM_HEADER
from ..tables import COMMAND_LOSS_H, COMPUTER, HASH, HEATER_OFF, HEATER_ON, NOT_STORED
from ..tables.commands import NO_ROOM, PARAMETER_FAILURE, PARAMETERS, UNKNOWN_ID, WRONG_ARGUMENT

_SERVICE = const(20)
_REPORT = const(1)
_SET = const(3)
_REPORTED = const(2)
_PAIR = const(">Hi")
_PAIR_SIZE = const(6)
_OF_ALL = (HEATER_ON, HEATER_OFF, COMMAND_LOSS_H)  # crafts; the others are for one that drives


def load(stored):
    """The values that were kept in `stored`, or else the defaults: by id, of which 0 is none.

    What was kept by another dictionary counts as nothing, and so do values of which one is outside its limits.
    """
    octets = stored.load()
    if octets is not None and octets[: len(HASH)] == HASH and len(octets) == len(HASH) + 4 * len(PARAMETERS) + 4:
        values = array("i", octets[len(HASH) :])
        if all(row[2] <= values[at + 1] <= row[3] for at, row in enumerate(PARAMETERS)):
            return values
    return array("i", [0] + [row[1] for row in PARAMETERS])


def perform(rover, request):
    """Execute a telecommand of this service."""
    for index in range(request.count):
        parameter = request.values(index)[0]
        if rover.chassis is None and parameter not in _OF_ALL:
            request.fail(UNKNOWN_ID, parameter)
            return
    handler = request.handler(HANDLERS)
    if handler is not None:
        handler(rover, request)


def _report(rover, request):
    telemetry = rover.telemetry
    buffer, at = telemetry.buffer, TM_HEADER + 1
    if at + request.count * _PAIR_SIZE + ERROR_CONTROL > len(buffer):
        request.fail(NO_ROOM, request.count)
        return
    request.begin()
    buffer[TM_HEADER] = request.count
    for index in range(request.count):
        parameter = request.values(index)[0]
        pack_into(_PAIR, buffer, at, parameter, rover.parameters[parameter])
        at += _PAIR_SIZE
    telemetry.send(COMPUTER, _SERVICE, _REPORTED, at - TM_HEADER)


def _set(rover, request):
    values = array("i", rover.parameters)
    for index in range(request.count):
        parameter, value = request.values(index)
        _, _, least, most = PARAMETERS[parameter - 1]
        if not least <= value <= most:
            request.fail(WRONG_ARGUMENT, 2 * index + 2 << 16 | value & 0xFFFF)
            return
        values[parameter] = value
    request.begin()
    stored = rover.stored_parameters()
    stored.load()
    if not stored.save(HASH + bytes(values)):
        request.fail(PARAMETER_FAILURE + NOT_STORED)
        return
    # In place: flight software holds them
    for parameter in range(len(values)):
        rover.parameters[parameter] = values[parameter]


HANDLERS = ((_REPORT, _report), (_SET, _set))
