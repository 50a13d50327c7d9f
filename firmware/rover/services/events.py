"""Event reports, ST[05] (ECSS-E-ST-70-41C, 6.5): event id, then its fields as the dictionary has them.

No flood drowns what matters: each severity has a budget of its own, the highest the largest, and what is suppressed is
counted and told.
"""

from array import array
from struct import pack_into

from micropython import const

from ..kernel.scheduler import Task
from ..link.packet import TM_HEADER
from ..tables import EVENT_BUDGET, EVENT_ROW, EVENTS, EVENTS_SUPPRESSED

_SERVICE = const(5)
_FIELDS = const(21)  # after header and event id
_KINDS = const((None, ">B", ">b", ">H", ">h", ">I", ">i"))  # of fields, as a row of EVENTS counts them
_MOST = const((0, 30, 20, 20, 60))  # reports of each severity at once, from info to high; ...
_REFILL_S = const(600)
_REFILL = const((0, 10, 5, 5, 20))  # ... and so many more each ten minutes


class Events:
    """Reports events through `telemetry`. scheduler: the kernel's.

    suppressed: reports so far that were not sent for want of a budget. disabled: events that are not reported, a bit
    each: event % 8 of octet event // 8.

    actions: what is to be told of each event that is detected, or None.
    """

    def __init__(self, telemetry, scheduler, actions=None):
        self.actions = actions
        self.suppressed = 0
        self.disabled = bytearray(len(EVENTS) // EVENT_ROW + 7 >> 3)
        self._telemetry = telemetry
        self._scheduler = scheduler
        self._left = array("h", _MOST)
        self._waiting = array("h", [0] * len(_MOST))  # suppressed, and not told yet
        self._refill = Task(EVENT_BUDGET, self._refill_all)

    def report(self, event, a=0, b=0, c=0, d=0):
        """Reports `event`, an id of the dictionary, with the raw values of its fields, four at most."""
        if self.actions is not None:
            self.actions.detected(event)
        if self._is_disabled(event):
            return
        severity = EVENTS[event * EVENT_ROW + 1]
        if not self._refill.waiting:
            self._scheduler.after(self._refill, _REFILL_S)
        if self._left[severity] <= 0:
            self.suppressed += 1
            self._waiting[severity] = min(self._waiting[severity] + 1, 0x7FFF)
            return
        self._left[severity] -= 1
        self._send(event, a, b, c, d)

    def report_suppressed(self):
        """Tells at once what was suppressed: before silence."""
        for severity in range(1, len(_MOST)):
            if self._waiting[severity]:
                if not self._is_disabled(EVENTS_SUPPRESSED):
                    self._send(EVENTS_SUPPRESSED, severity, self._waiting[severity])
                self._waiting[severity] = 0

    def _is_disabled(self, event):
        return self.disabled[event >> 3] >> (event & 7) & 1

    def _refill_all(self):
        self.report_suppressed()
        full = True
        for severity in range(1, len(_MOST)):
            self._left[severity] = min(_MOST[severity], self._left[severity] + _REFILL[severity])
            full = full and self._left[severity] == _MOST[severity]
        if not full:
            self._scheduler.after(self._refill, _REFILL_S)

    def _send(self, event, a=0, b=0, c=0, d=0):
        buffer, row = self._telemetry.buffer, event * EVENT_ROW
        pack_into(">H", buffer, TM_HEADER, event)
        # Not in a loop over a tuple of them: that would allocate
        at = _put(buffer, _FIELDS, EVENTS[row + 2], a)
        at = _put(buffer, at, EVENTS[row + 3], b)
        at = _put(buffer, at, EVENTS[row + 4], c)
        at = _put(buffer, at, EVENTS[row + 5], d)
        self._telemetry.send(EVENTS[row], _SERVICE, EVENTS[row + 1], at - TM_HEADER)


def _put(buffer, at, kind, value):
    """Writes a field, if the event has it. Returns where the next one begins."""
    if kind == 0:
        return at
    pack_into(_KINDS[kind], buffer, at, value)
    return at + (1 << (kind - 1 >> 1))
