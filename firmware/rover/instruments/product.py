"""A file of an instrument: a head, records, the head again with what has come of it, and a SHA-256 of all before."""

from hashlib import sha256
from struct import pack_into

from micropython import const

from ..tables import HASH, OPEN, PARTIAL, PRODUCT_HEAD_FIELDS, PRODUCT_HEAD_SIZE, PRODUCTS, WHOLE

MARK = const(0x5932)

_KIND_AT = const(6)  # kind, activity, number and part stand together, ...
_END_AT = const(43)  # ... and record size, planned, records, state and reason at the end
_HASH_SIZE = const(32)


class Head:
    """What an observation says of itself: when, where, under which Sun. Made once for all its files.

    activity: of the dictionary. step: of the plan. stop, east, north, heading, pitch, roll: as the craft believes.
    """

    def __init__(self, activity, step, begun_s, flight_state, attitude, sun):
        self.octets = bytearray(PRODUCT_HEAD_SIZE)
        self._activity = activity
        pack_into(
            PRODUCT_HEAD_FIELDS,
            self.octets,
            0,
            MARK,
            HASH,
            0,
            activity,
            0,
            0,
            step,
            flight_state.stop,
            begun_s,
            flight_state.east,
            flight_state.north,
            flight_state.heading,
            attitude[0],
            attitude[1],
            sun[0],
            sun[1],
            0,
            0,
            0,
            OPEN,
            0,
        )

    def name(self, kind, number, part):
        """Which file it is."""
        pack_into(">BBHH", self.octets, _KIND_AT, kind, self._activity, number, part)

    def tell(self, record_size, planned, records, state, reason):
        """What it holds."""
        pack_into(">HHHBB", self.octets, _END_AT, record_size, planned, records, state, reason)


class Product:
    """One file while it is made.

    store: create_file(number), append(file, octets), keep_file(file). head: of the observation. kind,
    number, part: of the file. planned: records that it is for; 0: as many as come.

    records, octets: until now. kept: whether all could be kept.
    """

    def __init__(self, store, head, kind, number, part, planned):
        self.kind = kind
        self.number = number
        self.records = 0
        self.octets = 0
        self._store = store
        self._head = head
        self._part = part
        self._record_size = PRODUCTS[kind - 1][1]
        self._planned = planned
        self._digest = sha256()
        self._file = store.create_file(number)
        self.kept = self._file is not None
        self._tell(0, OPEN, 0)
        self.add(head.octets)

    def add(self, octets):
        """Adds octets of records. Returns whether all could be kept until now."""
        if self.kept:
            self._digest.update(octets)
            self.octets += len(octets)
            self.kept = self._store.append(self._file, octets)
        return self.kept

    def close(self, reason):
        """Ends the file. reason: why it is partial, by the dictionary's enum `plan_failure`; 0: it is whole."""
        self._tell(self.records, PARTIAL if reason else WHOLE, reason)
        self.add(self._head.octets)
        digest = self._digest.digest()
        if self.kept:
            self.octets += _HASH_SIZE
            self.kept = self._store.append(self._file, digest)
        if self._file is not None:
            self._store.keep_file(self._file)

    def _tell(self, records, state, reason):
        self._head.name(self.kind, self.number, self._part)
        self._head.tell(self._record_size, self._planned, records, state, reason)
