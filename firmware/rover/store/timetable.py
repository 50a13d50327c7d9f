"""Commands for later times: each with its time in an entry of the store; in memory only when it is due, and its names.

An entry: CRC-32 of the rest u32, time s u32, ms u16, number u32, sub-schedule u8, telecommand packet.
"""

from array import array
from binascii import crc32
from struct import pack, unpack_from

from micropython import const

MOST = const(128)  # commands at once
PACKET = const(15)  # where the packet begins in an entry
_ENABLED = const(128)  # the place that is taken while the schedule is enabled
_HEAD = const(">IIHIB")
_NUMBER = const(10)  # where it stands in an entry
_SEQUENCE = const(17)


class Timetable:
    """The commands in the store, in the order in which they are due; those of one time as they came in.

    flash: gives entries(), the places that are taken; read_entry(place), octets or None; write_entry(place, octets) and
    erase_entry(place), whether it could. Whatever happens meanwhile, an entry is written or erased whole or not at all.

    count: of the commands. places: of theirs, so many; first the one that is due next. s, ms, sequences, subs: by
    place, the time on-board at which a command is due, the second word of its request id, its sub-schedule. enabled:
    whether commands are to be executed. lost: entries that could not be read.
    """

    def __init__(self, flash):
        self.count = self.lost = 0
        self.enabled = False
        self.places = bytearray(MOST)
        self.s = array("i", b"\xff" * (4 * MOST))  # -1: the place is free
        self.ms = array("H", bytes(2 * MOST))
        self.sequences = array("H", bytes(2 * MOST))
        self.subs = bytearray(MOST)
        self._flash = flash
        self._number = 0  # of the next to come in
        self._load()

    def find(self, sequence):
        """The place of the command with this sequence control, the one that is due first of several; -1: none."""
        for rank in range(self.count):
            if self.sequences[self.places[rank]] == sequence:
                return self.places[rank]
        return -1

    def insert(self, s, ms, sub, packet):
        """Puts a command in; there must be room. packet: octets. Returns its place, -1 if it cannot be kept."""
        place = 0
        while self.s[place] >= 0:
            place += 1
        if not self._write(place, s, ms, sub, packet):
            return -1
        self._rank_in(place)
        return place

    def read(self, place):
        """The entry of a command, with its packet from PACKET on; None if it cannot be read."""
        entry = self._flash.read_entry(place)
        if entry is None or len(entry) <= PACKET or unpack_from(">I", entry, 0)[0] != crc32(entry[4:]):
            return None
        return entry

    def remove(self, place):
        """Takes a command out. Returns whether it could."""
        if not self._flash.erase_entry(place):
            return False
        self.forget(place)
        return True

    def forget(self, place):
        """Takes a command out of memory, not out of the store."""
        self._rank_out(place)
        self.s[place] = -1

    def move(self, place, s, ms):
        """Gives a command another time, as if it came in now. Returns whether it could."""
        entry = self.read(place)
        if entry is None or not self._write(place, s, ms, self.subs[place], entry[PACKET:]):
            return False
        self._rank_out(place)
        self._rank_in(place)
        return True

    def enable(self, wanted):
        """Lets commands be executed, or not. Returns whether it could be kept."""
        flash = self._flash
        if wanted != self.enabled:
            if not (flash.write_entry(_ENABLED, b"\x01") if wanted else flash.erase_entry(_ENABLED)):
                return False
            self.enabled = wanted
        return True

    def _load(self):
        came_in = []
        for place in self._flash.entries():
            if place == _ENABLED:
                self.enabled = True
            elif place < MOST:
                entry = self.read(place)
                if entry is None:
                    self._flash.erase_entry(place)
                    self.lost += 1
                else:
                    came_in.append(unpack_from(">I", entry, _NUMBER)[0] * MOST + place)
                    self._note(place, entry)
        came_in.sort()
        for number in came_in:
            self._rank_in(number % MOST)
            self._number = number // MOST + 1

    def _write(self, place, s, ms, sub, packet):
        entry = pack(_HEAD, 0, s, ms, self._number, sub) + packet
        entry = pack(">I", crc32(entry[4:])) + entry[4:]
        if not self._flash.write_entry(place, entry):
            return False
        self._number += 1
        self._note(place, entry)
        return True

    def _note(self, place, entry):
        _, self.s[place], self.ms[place], _, self.subs[place] = unpack_from(_HEAD, entry, 0)
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
