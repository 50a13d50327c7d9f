"""One small record in two slots: while one is written, the other still holds the record before it."""

from binascii import crc32
from struct import pack, unpack

from micropython import const

_HEAD = const(">II")
_HEAD_SIZE = const(8)
_LAST_COUNT = const(0x3FFFFFFF)


class RedundantRecord:
    """The record of a craft.

    store: gives read(name, number), octets or None, and write(name, number, octets), whether it could. name: of the
    record; its two slots are its parts. errors: writes that failed; the record before the last one is lost then, and
    no other.
    """

    def __init__(self, store, name):
        self.errors = 0
        self._store = store
        self._name = name
        self._next = 0
        self._count = 0

    def load(self):
        """The newest record whose checksum holds, or None."""
        newest = None
        self._count = 0
        for number in range(2):
            octets = self._store.read(self._name, number)
            if octets is None or len(octets) < _HEAD_SIZE:
                continue
            checksum, count = unpack(_HEAD, octets[:_HEAD_SIZE])
            if crc32(octets[4:]) == checksum and self._count < count < _LAST_COUNT:
                self._count = count
                self._next = 1 - number
                newest = octets[_HEAD_SIZE:]
        return newest

    def save(self, record):
        """Keeps `record`, octets; the slot that is not the newest one's takes it. Returns whether it could."""
        self._count += 1
        octets = pack(_HEAD, 0, self._count)[4:] + record
        if self._store.write(self._name, self._next, pack(">I", crc32(octets)) + octets):
            self._next = 1 - self._next
            return True
        self.errors += 1
        return False
