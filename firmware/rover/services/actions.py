"""Event-actions, ST[19] (ECSS-E-ST-70-41C, 6.19): what is detected has its telecommand executed within the millisecond.

In memory only while the ground has given some; the telecommands stay in the store.
"""

from array import array
from struct import calcsize, pack, unpack

from micropython import const

from ..generated import DORMANT, EVENT_ACTION, EVENT_ROW, EVENTS
from ..kernel.scheduler import Activity

_PLACES = const(8)
_TABLE = const(">8HB")  # event ids, 0 where a place is free; then which are enabled, a bit each
_CALM_S = const(10)  # an action that leads to its own event would go on without end


class Actions:
    """rover: whose. flash: gives read_slot(number) and write_slot(number, octets). slot: of the table; a place's
    telecommand lies so many slots behind.

    events: their ids by place, 0 where it is free. enabled: a bit a place. A table in the store that holds anything
    else counts as none.
    """

    def __init__(self, rover, flash, slot):
        self._rover = rover
        self._flash = flash
        self._slot = slot
        octets = flash.read_slot(slot)
        values = (_PLACES + 1) * (0,)
        if octets and len(octets) == calcsize(_TABLE):
            values = unpack(_TABLE, octets)
            if not all(_is_sound(values[place], values[_PLACES] >> place & 1) for place in range(_PLACES)):
                values = (_PLACES + 1) * (0,)
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


def _is_sound(event, is_enabled):
    """Whether a place may hold this: an event of the dictionary, or 0, and then it is not enabled."""
    if not event:
        return not is_enabled
    return event < len(EVENTS) // EVENT_ROW and EVENTS[event * EVENT_ROW + 1] > 0
