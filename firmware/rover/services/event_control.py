"""Control of event reports, ST[05] (ECSS-E-ST-70-41C, 6.5): which events are reported."""

from micropython import const

_ENABLE = const(5)
_DISABLE = const(6)


def perform(rover, request):
    """Execute a telecommand of this service."""
    handler = request.handler(HANDLERS)
    if handler is not None:
        handler(rover, request)


def _enable(rover, request):
    disabled = rover.events.disabled
    for index in range(request.count):
        event = request.values(index)[0]
        disabled[event >> 3] &= ~(1 << (event & 7))


def _disable(rover, request):
    disabled = rover.events.disabled
    for index in range(request.count):
        event = request.values(index)[0]
        disabled[event >> 3] |= 1 << (event & 7)


HANDLERS = ((_ENABLE, _enable), (_DISABLE, _disable))
