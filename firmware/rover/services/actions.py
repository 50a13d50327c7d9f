"""Event-actions, ST[19] (ECSS-E-ST-70-41C, 6.19): what is detected has its telecommand executed within the millisecond.

In memory only while the ground has given some; the telecommands stay in the store.
"""

from array import array
from struct import pack, unpack

from micropython import const

from ..generated import DORMANT, EVENT_ACTION
from ..kernel.scheduler import Activity

_PLACES = const(8)
_TABLE = const(">8HB")  # event ids, 0 where a place is free; then which are enabled, a bit each
_CALM_S = const(10)  # an action that leads to its own event would go on without end


class Actions:
    """rover: whose. flash: gives read_slot(number) and write_slot(number, octets). slot: of the table; a place's
    telecommand lies so many slots behind.

    events: their ids by place, 0 where it is free. enabled: a bit a place.
    """

    def __init__(self, rover, flash, slot):
        self._rover = rover
        self._flash = flash
        self._slot = slot
        octets = flash.read_slot(slot)
        values = unpack(_TABLE, octets) if octets else (_PLACES + 1) * (0,)
        self.events = array("H", values[:_PLACES])
        self.enabled = values[_PLACES]
        self._due = 0
        self._done_s = array("i", [-_CALM_S] * _PLACES)
        self._next = Activity(EVENT_ACTION, self._execute)

    def detected(self, event):
        """An event is detected, whether it is reported or not."""
        for place in range(_PLACES):
            if self.events[place] == event and self.enabled & 1 << place:
                self._due |= 1 << place
                if not self._next.waiting:
                    # Not at once: who reports it is in the middle of something
                    self._rover.scheduler.after(self._next, 0)

    def keep(self, events, enabled):
        """Takes over another table. Returns whether the store could."""
        if not self._flash.write_slot(self._slot, pack(_TABLE, *events, enabled)):
            return False
        self.events = events
        self.enabled = enabled
        return True

    def write(self, place, packet):
        """Keeps the telecommand of a place. Returns whether it could."""
        return self._flash.write_slot(self._slot + 1 + place, packet)

    def _execute(self):
        due, self._due = self._due, 0
        rover, now = self._rover, self._rover.clock.s
        for place in range(_PLACES):
            is_due = due & self.enabled & 1 << place and now - self._done_s[place] >= _CALM_S
            # In the night nothing is executed, and nothing said
            if is_due and rover.mode() != DORMANT:
                self._done_s[place] = now
                packet = self._flash.read_slot(self._slot + 1 + place)
                if packet:
                    rover.commanding.execute(packet, 0, len(packet))
