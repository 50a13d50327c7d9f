"""Event-actions, ST[19] (ECSS-E-ST-70-41C, 6.19): what is detected has its telecommand executed within the millisecond.

In memory only while the ground has given some; the telecommands stay in the store.
"""

from array import array
from struct import calcsize, pack, unpack, unpack_from

from micropython import const

from ..kernel.scheduler import Task
from ..tables import (
    ACTION_WITHHELD,
    DORMANT,
    EVENT_ACTION,
    EVENT_ROW,
    EVENTS,
    JUST_AWAKE,
    LANDER_SLEEP,
    ROVER_SLEEP,
    SENT_TO_SLEEP,
)

_PLACES = const(8)
_TABLE = const(">8HB")  # event ids, 0 where a place is free; then which are enabled, a bit each
_RECORD = const("actions")  # of the store: the telecommand of each place, and the table behind them
_TABLE_PART = const(8)
_CALM_S = const(10)  # an action that leads to its own event would go on without end
_MOVE = const((0x0801, 1))  # service and subservice, function
_MOVE_AT = const(7)  # octet of a telecommand at which they begin, the source between them


class Actions:
    """The event-actions of a rover. store: gives read(name, number) and write(name, number, octets).

    events: their ids by place, 0 where it is free. enabled: a bit a place. A table in the store that holds anything
    else counts as none.
    """

    def __init__(self, rover, store):
        self._rover = rover
        self._store = store
        octets = store.read(_RECORD, _TABLE_PART)
        values = (_PLACES + 1) * (0,)
        if octets and len(octets) == calcsize(_TABLE):
            values = unpack(_TABLE, octets)
            if not all(_is_sound(values[place], values[_PLACES] >> place & 1) for place in range(_PLACES)):
                values = (_PLACES + 1) * (0,)
        self.events = array("H", values[:_PLACES])
        self.enabled = values[_PLACES]
        self._due = 0
        self._done_s = array("i", [-_CALM_S] * _PLACES)
        self._movers = 0  # places whose MOVE was executed at _moved_s, a bit each
        self._moved_s = 0
        self._next = Task(EVENT_ACTION, self._execute)

    def detected(self, event):
        """An event is detected, whether it is reported or not."""
        if event in (ROVER_SLEEP, LANDER_SLEEP) and self._movers and self._moved_s == self._rover.clock.s:
            self._disable_movers()
        for place in range(_PLACES):
            if self.events[place] == event and self.enabled & 1 << place:
                self._due |= 1 << place
                if not self._next.waiting:
                    # Not at once: who reports it is in the middle of something
                    self._rover.scheduler.after(self._next, 0)

    def keep(self, events, enabled):
        """Takes over another table. Returns whether the store could."""
        if not self._store.write(_RECORD, _TABLE_PART, pack(_TABLE, *events, enabled)):
            return False
        self.events = events
        self.enabled = enabled
        return True

    def write(self, place, packet):
        """Keeps the telecommand of a place. Returns whether it could."""
        return self._store.write(_RECORD, place, packet)

    def _execute(self):
        due, self._due = self._due, 0
        rover, now = self._rover, self._rover.clock.s
        for place in range(_PLACES):
            is_due = due & self.enabled & 1 << place and now - self._done_s[place] >= _CALM_S
            # In the night nothing is executed, and nothing said
            if is_due and rover.mode() != DORMANT:
                self._done_s[place] = now
                packet = self._store.read(_RECORD, place)
                if now < rover.mode_manager.actions_from_s:
                    # Else a rover whose action puts it to sleep at once would never receive a command again
                    rover.events.report(ACTION_WITHHELD, self.events[place], JUST_AWAKE)
                elif packet:
                    self._note_move(place, packet, now)
                    rover.commanding.execute(packet, 0, len(packet))

    def _note_move(self, place, packet, now):
        if self._moved_s != now:
            self._movers, self._moved_s = 0, now
        # The length of a telecommand has been checked: two octets of error control follow at least
        if unpack_from(">HxxH", packet, _MOVE_AT) == _MOVE:
            self._movers |= 1 << place

    def _disable_movers(self):
        """Disable the actions that have put the rover to sleep: they do so once, not each time that it wakes."""
        enabled = self.enabled & ~self._movers
        if not self.keep(self.events, enabled):
            self.enabled = enabled
        for place in range(_PLACES):
            if self._movers & 1 << place:
                # Reported after waking: now silence follows
                self._rover.notices.append((ACTION_WITHHELD, self.events[place], SENT_TO_SLEEP))
        self._movers = 0


def _is_sound(event, is_enabled):
    """Whether a place may hold this: an event of the dictionary, or 0, and then it is not enabled."""
    if not event:
        return not is_enabled
    return event < len(EVENTS) // EVENT_ROW and EVENTS[event * EVENT_ROW + 1] > 0
