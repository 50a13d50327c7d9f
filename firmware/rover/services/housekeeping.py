"""Housekeeping reports, ST[03] (ECSS-E-ST-70-41C, 6.3): structure id, then its fields as the dictionary has them."""

from micropython import const

from ..kernel.scheduler import Task
from ..link.packet import TM_HEADER
from ..tables import HOUSEKEEPING

_SERVICE = const(3)
_REPORT = const(25)


class Housekeeping:
    """One structure, reported at once when it is started and each `period_s` seconds after.

    structure: its id. collect: writes structure id and fields into a buffer at an offset.
    size: octets of both. enabled: whether it is reported periodically.
    """

    def __init__(self, telemetry, structure, apid, period_s, size, collect):
        self.structure = structure
        self.period_s = period_s
        self.enabled = True
        self._scheduler = telemetry.scheduler
        self._telemetry = telemetry
        self._apid = apid
        self._size = size
        self._collect = collect
        self._next = Task(HOUSEKEEPING, self.start)

    def start(self):
        """Reports now and then periodically, if it is enabled."""
        if self.enabled:
            self.wait()
            self.report()

    def wait(self):
        """Reports periodically, first in a whole period."""
        self._scheduler.after(self._next, self.period_s)

    def report(self):
        """Reports once."""
        self._collect(self._telemetry.buffer, TM_HEADER)
        self._telemetry.send(self._apid, _SERVICE, _REPORT, self._size)

    def stop(self):
        """Reports no more."""
        self._scheduler.cancel(self._next)
