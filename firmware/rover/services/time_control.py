"""Control of time, ST[09] (ECSS-E-ST-70-41C, 6.9): how often it is reported; and what it is, a choice of ours."""

from micropython import const

_RATE = const(1)
_SET = const(128)
_MS = const(1000)


def perform(rover, request):
    """Execute a telecommand of this service."""
    handler = request.handler(HANDLERS)
    if handler is not None:
        handler(rover, request)


def _set_rate(rover, request):
    rover.telemetry.set_time_rate(request.values()[0])


def _set_time(rover, request):
    # Its begin is told in the old time, its end in the new one
    request.begin()
    s, fraction = request.values()
    # To the nearest millisecond
    ms = fraction * _MS + 0x8000 >> 16
    rover.fault_protection.set_time(s + ms // _MS, ms % _MS)


HANDLERS = ((_RATE, _set_rate), (_SET, _set_time))
