"""Event reports, ST[05] (ECSS-E-ST-70-41C, 6.5): event id, then its fields as the dictionary has them."""

from struct import pack_into

from micropython import const

from ..generated import EVENTS
from ..link.packet import TM_HEADER

_SERVICE = const(5)
_FIELDS = const(21)  # after header and event id


class Events:
    """Reports events through `telemetry`."""

    def __init__(self, telemetry):
        self._telemetry = telemetry

    def report(self, event, a=0, b=0, c=0, d=0):
        """Reports `event`, an id of the dictionary, with the raw values of its fields, four at most."""
        apid, severity, count, fields, size = EVENTS[event]
        buffer = self._telemetry.buffer
        pack_into(">H", buffer, TM_HEADER, event)
        # Not by *values: that would allocate
        if count == 1:
            pack_into(fields, buffer, _FIELDS, a)
        elif count == 2:
            pack_into(fields, buffer, _FIELDS, a, b)
        elif count == 3:
            pack_into(fields, buffer, _FIELDS, a, b, c)
        elif count == 4:
            pack_into(fields, buffer, _FIELDS, a, b, c, d)
        self._telemetry.send(apid, _SERVICE, severity, size)
