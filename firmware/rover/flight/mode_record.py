"""Safe mode's memory: what a restart and a night must not wipe out."""

from struct import pack, unpack

from micropython import const

_FORMAT = const(">BBBBHIBBBHI")  # layout number first: a record of another layout counts as none
_LAYOUT = const(1)

MOST_RESETS = const(3)  # in a lunar day; then it is safe mode that follows
MOST_EXITS = const(3)  # by the rule, in a lunar day


class ModeRecord:
    """What is kept in the store.

    stored: load() and save(octets). mode: the last. safe: whether it is on, with reason (the dictionary's enum
    `monitor`), count since the mission began, and entered_s, on-board time in s. resets, exits: in this lunar day.
    spare, isolated: of the equipment. slept_s: when it fell asleep last. found: whether a record was there; one with a
    value that cannot be counts as none.
    """

    def __init__(self, stored):
        self._stored = stored
        octets = stored.load()
        self._kept = octets
        # Imported on use: when a craft is made
        from .stored_state import is_record

        self.found = is_record(octets)
        values = unpack(_FORMAT, octets) if self.found else (_LAYOUT,) + 10 * (0,)
        _, self.mode, safe, self.reason, self.count, self.entered_s, self.resets, self.exits = values[:8]
        spare, self.isolated, self.slept_s = values[8:]
        self.safe = safe == 1
        self.spare = spare == 1

    def store_errors(self):
        """Return the number of writes of this record that failed."""
        return self._stored.errors

    def keep(self):
        """Writes it to the store, if it has changed."""
        octets = pack(
            _FORMAT,
            _LAYOUT,
            self.mode,
            self.safe,
            self.reason,
            self.count,
            self.entered_s,
            self.resets,
            self.exits,
            self.spare,
            self.isolated,
            self.slept_s,
        )
        if octets != self._kept and self._stored.save(octets):
            self._kept = octets
