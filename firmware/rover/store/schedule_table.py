"""Commands for later times: each with its time in an entry of the store; in memory only when it is due, and its names.

An entry: CRC-32 of the rest u32, time s u32, ms u16, number u32, sub-schedule u8, group u32; what the command was
before this change: time s u32 (all ones: it was not there), ms u16, number u32; telecommand packet.

Commands change one by one, in group 0, or several together: then their entries carry the number of a group, and count
when the record of the last group has been written, at a place of its own. What a restart finds of a later group it
takes back: a telecommand that was interrupted has changed all that it names, or nothing. The record: CRC-32 of the rest
u32, group u32, number of the next entry u32, mark u32 of the telecommand, and a bit for each place that it erases, if
the entry there has a lower number.
"""

from array import array
from binascii import crc32
from struct import pack, unpack_from

from micropython import const

MOST = const(128)  # commands at once
PACKET = const(29)  # where the packet begins in an entry
_ENABLED = const(128)  # the place that is taken while the schedule is enabled
_LAST_GROUP = const(129)  # the place of its record
_HEAD = const(">IIHIBIIHI")
_NUMBER = const(10)  # where it stands in an entry
_SEQUENCE = const(31)
_SMALLEST = const(33)  # entry that holds the names of its packet, ...
_LARGEST = const(157)  # ... and the largest
_RECORD = const(">IIII")
_RECORD_SIZE = const(32)
_NOTHING = const(0xFFFFFFFF)
_NEW = (_NOTHING, 0, 0)  # of a command that was not there before
_CLOCK_END = const(0x3FFFFFFF)
_MOST_NUMBERS = const(0x800000)
_ON = b"\x01"


class ScheduleTable:
    """The commands in the store, in the order in which they are due; those of one time as they came in.

    flash: gives entries(), the places that are taken; read_entry(place), octets or None; write_entry(place, octets) and
    erase_entry(place), whether it could. Whatever happens meanwhile, an entry is written or erased whole or not at all.

    count: of the commands. places: of theirs, so many; first the one that is due next. s, ms, sequences, subs: by
    place, the time on-board at which a command is due, the second word of its request id, its sub-schedule. enabled:
    whether commands are to be executed. lost: entries that could not be read.
    """

    def __init__(self, flash):
        self.lost = 0
        self._flash = flash
        self._load()

    def find(self, sequence):
        """The place of the command with this sequence control, the one that is due first of several; -1: none."""
        for rank in range(self.count):
            if self.sequences[self.places[rank]] == sequence:
                return self.places[rank]
        return -1

    def has(self, s, ms, sub, packet):
        """Whether this very command, octet for octet, is in at this time."""
        sequence = unpack_from(">H", packet, _SEQUENCE - PACKET)[0]
        for rank in range(self.count):
            place = self.places[rank]
            if (self.sequences[place], self.s[place], self.ms[place], self.subs[place]) == (sequence, s, ms, sub):
                entry = self.read(place)
                if entry is not None and entry[PACKET:] == packet:
                    return True
        return False

    def is_repeated(self, mark):
        """Whether the last telecommand that changed several commands together, before a restart, has this mark."""
        return mark == self._mark

    def begin(self):
        """Begins to change commands together: all changes count once `commit` could. Returns whether it can."""
        if self._is_stale:
            self._load()
        if self._is_stale:
            return False
        self._group = self._last_group + 1
        return True

    def commit(self, mark):
        """Ends what `begin` has begun, for a telecommand with this mark; takes it back if that cannot be kept.

        Returns whether it could.
        """
        if self._keep(mark, bytes(MOST >> 3)):
            return True
        self.take_back()
        return False

    def take_back(self):
        """Makes undone what has changed since `begin`, as a restart would."""
        self._load()

    def insert(self, s, ms, sub, packet):
        """Puts a command in. packet: octets. Returns its place, -1 if it cannot be kept."""
        place = 0
        while place < MOST and self.s[place] >= 0:
            place += 1
        if place == MOST or not self._write(place, s, ms, sub, packet, _NEW):
            return -1
        self._rank_in(place)
        return place

    def read(self, place):
        """The entry of a command, with its packet from PACKET on; None if it cannot be read."""
        entry = self._flash.read_entry(place)
        return entry if entry is not None and _is_sound(entry) else None

    def remove(self, place):
        """Takes a command out. Returns whether it could."""
        if not self._flash.erase_entry(place):
            return False
        self.forget(place)
        return True

    def remove_all(self, places, mark):
        """Takes commands out together, for a telecommand with this mark. Returns how many are still in."""
        erased = bytearray(MOST >> 3)
        for place in places:
            erased[place >> 3] |= 1 << (place & 7)
        if not self.begin() or not self._keep(mark, erased):
            return len(places)
        return sum(0 if self.remove(place) else 1 for place in places)

    def forget(self, place):
        """Takes a command out of memory, not out of the store."""
        self._rank_out(place)
        self.s[place] = -1

    def move(self, place, s, ms):
        """Gives a command another time, as if it came in now. Returns whether it could."""
        entry = self.read(place)
        if entry is None:
            return False
        before = (self.s[place], self.ms[place], unpack_from(">I", entry, _NUMBER)[0])
        if not self._write(place, s, ms, self.subs[place], entry[PACKET:], before):
            return False
        self._rank_out(place)
        self._rank_in(place)
        return True

    def enable(self, wanted):
        """Lets commands be executed, or not. Returns whether it could be kept."""
        flash = self._flash
        if wanted != self.enabled:
            if not (flash.write_entry(_ENABLED, _ON) if wanted else flash.erase_entry(_ENABLED)):
                return False
            self.enabled = wanted
        return True

    def _load(self):
        flash = self._flash
        self.count = 0
        self.places = bytearray(MOST)
        self.s = array("i", b"\xff" * (4 * MOST))  # -1: the place is free
        self.ms = array("H", bytes(2 * MOST))
        self.sequences = array("H", bytes(2 * MOST))
        self.subs = bytearray(MOST)
        self.enabled = flash.read_entry(_ENABLED) == _ON
        self._group = 0  # of what changes now
        self._is_stale = False  # whether the store holds what should have been taken back
        self._last_group, self._number, self._mark, erased = _record_in(flash.read_entry(_LAST_GROUP))
        first = self._number
        came_in = []
        for place in flash.entries():
            if place < MOST:
                entry = self._taken_up(place, first if erased[place >> 3] >> (place & 7) & 1 else 0)
                if entry is not None:
                    came_in.append(unpack_from(">I", entry, _NUMBER)[0] * MOST + place)
                    self._note(place, entry)
        self._last_group = max(self._last_group, 0)
        came_in.sort()
        for number in came_in:
            self._rank_in(number % MOST)
            self._number = max(self._number, number // MOST + 1)

    def _taken_up(self, place, first):
        """The entry at a place, as it counts; None if none does. first: those with a lower number are erased."""
        entry = self.read(place)
        if entry is None:
            # An empty one was cut before anything was written: it is none
            self.lost += 1 if self._flash.read_entry(place) else 0
            self._clear(place)
            return None
        _, _, _, number, sub, group, s, ms, before = unpack_from(_HEAD, entry, 0)
        if number >= first and (not group or group <= self._last_group):
            return entry
        if number < first or s == _NOTHING or self._last_group < 0:
            self.lost += 1 if self._last_group < 0 else 0
            self._is_stale = not self._clear(place) or self._is_stale
            return None
        entry = _entry(s, ms, before, sub, 0, _NEW, entry[PACKET:])
        self._is_stale = not self._flash.write_entry(place, entry) or self._is_stale
        return entry

    def _clear(self, place):
        """Erases what counts no more. Returns whether it could; else nothing can be put there."""
        if self._flash.erase_entry(place):
            return True
        self.s[place] = 0
        return False

    def _keep(self, mark, erased):
        """Writes the record of the group that changes now. Returns whether it could."""
        group, self._group = self._group, 0
        octets = pack(_RECORD, 0, group, self._number, mark)[4:] + erased
        if not self._flash.write_entry(_LAST_GROUP, pack(">I", crc32(octets)) + octets):
            return False
        self._last_group = group
        self._mark = None
        return True

    def _write(self, place, s, ms, sub, packet, before):
        entry = _entry(s, ms, self._number, sub, self._group, before, packet)
        if not self._flash.write_entry(place, entry):
            return False
        self._number += 1
        self._note(place, entry)
        return True

    def _note(self, place, entry):
        _, self.s[place], self.ms[place], _, self.subs[place] = unpack_from(_HEAD, entry, 0)[:5]
        self.sequences[place] = unpack_from(">H", entry, _SEQUENCE)[0]

    def _rank_out(self, place):
        places = self.places
        rank = 0
        while places[rank] != place:
            rank += 1
        self.count -= 1
        while rank < self.count:
            places[rank] = places[rank + 1]
            rank += 1

    def _rank_in(self, place):
        places = self.places
        rank = self.count
        while rank and self._is_before(place, places[rank - 1]):
            places[rank] = places[rank - 1]
            rank -= 1
        places[rank] = place
        self.count += 1

    def _is_before(self, place, other):
        s, other_s = self.s[place], self.s[other]
        return s < other_s or (s == other_s and self.ms[place] < self.ms[other])


def _entry(s, ms, number, sub, group, before, packet):
    entry = pack(_HEAD, 0, s, ms, number, sub, group, *before) + packet
    return pack(">I", crc32(entry[4:])) + entry[4:]


def _is_sound(entry):
    """Whether an entry is whole, and its values in their ranges."""
    if not _SMALLEST <= len(entry) <= _LARGEST:
        return False
    checksum, s, ms, number, _, _, before_s, before_ms, before = unpack_from(_HEAD, entry, 0)
    if checksum != crc32(entry[4:]) or s > _CLOCK_END or _CLOCK_END < before_s < _NOTHING:
        return False
    return max(ms, before_ms) < 1000 and max(number, before) < _MOST_NUMBERS


def _record_in(octets):
    """(last group, number of the next entry, mark, places to be erased); a damaged record has group -1."""
    if not octets:
        return 0, 0, None, bytes(MOST >> 3)
    if len(octets) == _RECORD_SIZE:
        checksum, group, number, mark = unpack_from(_RECORD, octets, 0)
        if checksum == crc32(octets[4:]) and group <= _CLOCK_END and number < _MOST_NUMBERS:
            return group, number, mark, octets[16:]
    return -1, 0, None, bytes(MOST >> 3)
