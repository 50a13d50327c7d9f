"""Control of on-board monitoring, ST[12] (ECSS-E-ST-70-41C, 6.12): which monitors check their limits."""

from micropython import const

from ..tables import DISABLED, ENABLED

_ENABLE = const(1)


def perform(rover, request):
    """Does what a telecommand of this service asks a rover for."""
    monitors = rover.monitors
    status = ENABLED if request.kind & 0xFF == _ENABLE else DISABLED
    for index in range(request.count):
        monitor = request.values(index)[0]
        # One that is so already goes on where it is: a new status lets it start anew
        if monitors.status[monitor] != status:
            monitors.set_status(monitor, status)
