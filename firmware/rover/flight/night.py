"""The log of a night: the wake-up circuit measures, and the craft tells when it is awake."""

from array import array

from micropython import const

from ..generated import BATTERY_CHARGE, BOX_A, GROUND, NIGHT_COLD, WING

_EVERY_S = const(21600)
_MOST = const(80)  # entries: 20 Earth days
_COLUMNS = const(5)
_SENSORS = (BOX_A, WING, GROUND, BATTERY_CHARGE)


class Night:
    """Measurements of a silent night.

    read: gives a sensor's reading, or None. report: is called with each measurement when it is told: time in s, box,
    wing, ground, charge.
    """

    def __init__(self, read, report):
        self._read = read
        self._report = report
        self._log = array("i", _MOST * _COLUMNS * [0])
        self._count = 0
        self._next_s = 0
        self._begun_s = 0

    def begin(self, now_s):
        """A night begins."""
        self._count = 0
        self._begun_s = self._next_s = now_s

    def lasted_s(self, now_s):
        """For how long it has been night."""
        return now_s - self._begun_s

    def look(self, now_s):
        """Measures when it is time; a dead sensor's values are 0."""
        if now_s < self._next_s or self._count == _MOST:
            return
        self._next_s = now_s + _EVERY_S
        at = self._count * _COLUMNS
        self._log[at] = now_s
        for column in range(4):
            self._log[at + 1 + column] = self._read(_SENSORS[column]) or 0
        self._count += 1

    def tell(self, events, now_s):
        """Reports all that was measured, and the coldest of it."""
        log = self._log
        box = ground = 0
        for entry in range(self._count):
            at = entry * _COLUMNS
            box = min(box, log[at + 1])
            ground = min(ground, log[at + 3])
            self._report(log[at], log[at + 1], log[at + 2], log[at + 3], log[at + 4])
        if self._count:
            charge = log[self._count * _COLUMNS - 1]
            events.report(NIGHT_COLD, ground, box, min(self.lasted_s(now_s) // 3600, 0xFFFF), charge)
        self._count = 0
