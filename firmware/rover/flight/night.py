"""The log of a night: the wake-up circuit measures, and the craft tells when it is awake."""

from struct import pack_into, unpack_from

from micropython import const

from ..tables import BATTERY_CHARGE, BOX_A, GROUND, NIGHT_COLD, WING

_WARM = const(0x7FFF)
_EVERY_S = const(21600)
_MOST = const(80)  # entries: 20 Earth days
_ENTRY = const(">Ihhhh")
_ENTRY_SIZE = const(12)
_SENSORS = (BOX_A, WING, GROUND, BATTERY_CHARGE)


class Night:
    """Measurements of a silent night.

    read: gives a sensor's reading, or None. report: is called with each measurement when it is told: time in s, box,
    wing, ground, charge.
    """

    def __init__(self, read, report):
        self._read = read
        self._report = report
        self._log = bytearray()
        self._count = 0
        self._next_s = 0
        self._begun_s = 0

    def begin(self, now_s, slept_s=None):
        """A night begins; or goes on after a restart: slept_s tells when the craft fell asleep."""
        self._count = 0
        # By day its room is the instruments'
        self._log = bytearray(_MOST * _ENTRY_SIZE)
        self._begun_s = now_s if slept_s is None else slept_s
        self._next_s = now_s

    def lasted_s(self, now_s):
        """For how long it has been night."""
        return now_s - self._begun_s

    def sample(self, now_s):
        """Measures when it is time; a dead sensor's values are 0."""
        if now_s < self._next_s or self._count == _MOST:
            return
        self._next_s = now_s + _EVERY_S
        box, wing, ground, charge = [self._read(sensor) or 0 for sensor in _SENSORS]
        pack_into(_ENTRY, self._log, self._count * _ENTRY_SIZE, now_s, box, wing, ground, charge)
        self._count += 1

    def tell(self, events, now_s):
        """Reports all that was measured, and the coldest of it."""
        coldest_box = coldest_ground = _WARM
        charge = 0
        for entry in range(self._count):
            at_s, box, wing, ground, charge = unpack_from(_ENTRY, self._log, entry * _ENTRY_SIZE)
            coldest_box = min(coldest_box, box)
            coldest_ground = min(coldest_ground, ground)
            self._report(at_s, box, wing, ground, charge)
        if self._count:
            silent_h = min(self.lasted_s(now_s) // 3600, 0xFFFF)
            events.report(NIGHT_COLD, coldest_ground, coldest_box, silent_h, charge)
        self._count = 0
        self._log = bytearray()
