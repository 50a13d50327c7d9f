"""Control of event reports, ST[05] (ECSS-E-ST-70-41C, 6.5): which events are reported."""

from micropython import const

_DISABLE = const(6)


def perform(rover, request):
    """Does what a telecommand of this service asks a rover for."""
    disabled = rover.events.disabled
    for index in range(request.count):
        event = request.values(index)[0]
        bit = 1 << (event & 7)
        if request.kind & 0xFF == _DISABLE:
            disabled[event >> 3] |= bit
        else:
            disabled[event >> 3] &= ~bit
