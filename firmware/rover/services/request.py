"""One telecommand that the rover has accepted: its arguments, and the reports of what becomes of it.

Request verification, ST[01] (ECSS-E-ST-70-41C, 6.1): request id, then step, then failure code and data, where they are.
"""

from struct import calcsize, pack_into, unpack_from

from micropython import const

from ..link.packet import TM_HEADER
from ..tables import COMPUTER
from ..tables.commands import UNKNOWN_SUBSERVICE

_SERVICE = const(1)
_ACCEPTED = const(1)
_STARTED = const(3)
_PROGRESS = const(5)
_COMPLETED = const(7)

# Acknowledgement flags of a telecommand
_OF_ACCEPTANCE = const(8)
_OF_START = const(4)
_OF_PROGRESS = const(2)
_OF_COMPLETION = const(1)


class Request:
    """A telecommand packet in a buffer, which is there until its service has done with it.

    kind: service << 8 | subservice. function: of ST[08], else 0. buffer, at, end: where its arguments are, N and the
    function left out. count: how many times they are there. format: of one of them. modes: in which it may begin, a bit
    each. over: nothing more becomes of it.
    lasts: set by a service that will go on with it later; it then keeps the Request, and ends it by `done` or `fail`.
    """

    def __init__(self, telemetry):
        self._telemetry = telemetry
        self.packet_id = self.sequence = self.flags = self.kind = self.function = 0
        self.buffer = b""
        self.format = ""
        self.at = self.end = self.count = self.modes = 0
        self.begun = self.over = self.lasts = False

    def open(self, buffer, start):
        """Reads the headers of the packet at buffer[start]."""
        self.buffer = buffer
        self.packet_id, self.sequence, self.flags, self.kind = unpack_from(">HHxxBH", buffer, start)

    def handler(self, handlers):
        """Return the handler of this telecommand, or fail it and return None.

        handlers: of a service: subservice, or function of ST[08], and handler of each of its telecommands.
        """
        key = self.function or self.kind & 0xFF
        for number, handler in handlers:
            if number == key:
                return handler
        self.fail(UNKNOWN_SUBSERVICE, self.kind)
        return None

    def values(self, index=0):
        """The raw values of the arguments, or of the `index`-th of those that come N times."""
        return unpack_from(self.format, self.buffer, self.at + index * calcsize(self.format))

    def accept(self):
        """It is legal, and will be started."""
        self._report(_OF_ACCEPTANCE, _ACCEPTED)

    def refuse(self, code, data):
        """It is not legal."""
        self.over = True
        self._report_failure(_ACCEPTED, code, data)

    def begin(self):
        """It has begun; a service that reports something says so before, for others it is said at the end."""
        if not self.begun:
            self.begun = True
            self._report(_OF_START, _STARTED)

    def step(self, number):
        """A part of what lasts, from 1, is done."""
        self._telemetry.buffer[TM_HEADER + 4] = number
        self._report(_OF_PROGRESS, _PROGRESS, 1)

    def done(self):
        """All that it asked for is done."""
        self.begin()
        self.over = True
        self._report(_OF_COMPLETION, _COMPLETED)

    def fail(self, code, data=0):
        """It cannot begin; or, if it has begun, what it asked for cannot be done."""
        self.over = True
        self._report_failure(_COMPLETED if self.begun else _STARTED, code, data)

    def _report(self, flag, subservice, more=0):
        if self.flags & flag:
            telemetry = self._telemetry
            pack_into(">HH", telemetry.buffer, TM_HEADER, self.packet_id, self.sequence)
            telemetry.send(COMPUTER, _SERVICE, subservice, 4 + more)

    def _report_failure(self, subservice, code, data):
        # Whatever the flags say
        telemetry = self._telemetry
        # Signed, as temperatures are; what has 32 bits without a sign is below 2**30
        pack_into(">HHHi", telemetry.buffer, TM_HEADER, self.packet_id, self.sequence, code, data)
        telemetry.send(COMPUTER, _SERVICE, subservice + 1, 10)
