"""Control of on-board monitoring, ST[12] (ECSS-E-ST-70-41C, 6.12): which monitors check their limits."""

from micropython import const

from ..tables import DISABLED, ENABLED

_ENABLE = const(1)
_DISABLE = const(2)


def perform(rover, request):
    """Execute a telecommand of this service."""
    handler = request.handler(HANDLERS)
    if handler is not None:
        handler(rover, request)


def _enable(rover, request):
    _set_status(rover.monitors, request, ENABLED)


def _disable(rover, request):
    _set_status(rover.monitors, request, DISABLED)


def _set_status(monitors, request, status):
    for index in range(request.count):
        monitor = request.values(index)[0]
        # One that is so already goes on where it is: a new status lets it start anew
        if monitors.status[monitor] != status:
            monitors.set_status(monitor, status)


HANDLERS = ((_ENABLE, _enable), (_DISABLE, _disable))
