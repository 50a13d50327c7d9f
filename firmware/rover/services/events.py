"""Event reports, ST[05] (ECSS-E-ST-70-41C, 6.5): event id, then its fields as the dictionary has them."""

from struct import pack_into

from micropython import const

from ..generated import EVENTS
from ..link.packet import TM_HEADER

_SERVICE = const(5)


class Events:
    """Reports events through `telemetry`."""

    def __init__(self, telemetry):
        self._telemetry = telemetry

    def report(self, event, value=0):
        """Reports `event`, an id of the dictionary; value: raw, of its field, if it has one."""
        apid, severity, fields, size = EVENTS[event]
        pack_into(">H", self._telemetry.buffer, TM_HEADER, event)
        if fields:
            pack_into(fields, self._telemetry.buffer, TM_HEADER + 2, value)
        self._telemetry.send(apid, _SERVICE, severity, size)
