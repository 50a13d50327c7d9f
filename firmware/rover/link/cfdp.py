"""PDUs of the file delivery protocol, class 1 (CCSDS 727.0-B-5), in space packets of their own: nobody answers them.

primary header of the packet 6 | PDU header 12 | metadata, file data or end of file | packet error control 2

Entities are numbered in 2 octets, transactions in 4; the PDUs have no checksum, the packet has one.
"""

import sys
from array import array
from struct import pack_into

from micropython import const

from .packet import ERROR_CONTROL, PRIMARY_HEADER, write_error_control, write_primary_header

FILE_APID = const(32)
SEGMENT = const(960)  # octets of the file in one PDU, a multiple of 4
SEGMENT_AT = const(22)  # where they lie in the buffer
BUFFER = const(984)

_BODY = const(18)
_HEADER_FIELDS = const(">BHBHIH")
_UNACKNOWLEDGED = const(0x24)  # version 1, toward the receiver, no checksum, small file
_DATA = const(0x10)
_LENGTHS = const(0x13)  # of entity and transaction numbers, each less one
_METADATA = const(7)  # directive codes, table 5-4
_END_OF_FILE = const(4)


class FileSender:
    """Writes the PDUs of one file after another into one buffer.

    source, destination: entities. send: takes buffer and size of each packet.
    """

    def __init__(self, source, destination, send):
        self.buffer = bytearray(BUFFER)
        self.segment = memoryview(self.buffer)[SEGMENT_AT : SEGMENT_AT + SEGMENT]
        self._source = source
        self._destination = destination
        self._send = send
        self._number = 0
        self._size = 0
        self._offset = 0
        self._sums = array("i", (0, 0))
        self._count = 0

    def begin(self, number, size, name):
        """Sends the metadata (5.2.5) of transaction `number`: a file of `size` octets, its name in octets."""
        self._number, self._size, self._offset = number, size, 0
        self._sums[0] = self._sums[1] = 0
        # No closure asked for, modular checksum; both names are one
        pack_into(">BBI", self.buffer, _BODY, _METADATA, 0, size)
        at = _BODY + 6
        for _ in range(2):
            self.buffer[at] = len(name)
            self.buffer[at + 1 : at + 1 + len(name)] = name
            at += 1 + len(name)
        self._send_pdu(0, at - _BODY)

    def data(self, size):
        """Sends the next `size` octets of the file (5.3), which lie in `segment`."""
        buffer = self.buffer
        end = SEGMENT_AT + size
        padded = end
        while padded & 3 != SEGMENT_AT & 3:
            buffer[padded] = 0
            padded += 1
        add_words(buffer, SEGMENT_AT, padded, self._sums)
        pack_into(">I", buffer, _BODY, self._offset)
        self._offset += size
        self._send_pdu(_DATA, 4 + size)

    def end(self):
        """Sends the end of the file (5.2.2): no error, checksum, size."""
        pack_into(">BBHHI", self.buffer, _BODY, _END_OF_FILE, 0, self._sums[0], self._sums[1], self._size)
        self._send_pdu(0, 10)

    def _send_pdu(self, kind, length):
        buffer = self.buffer
        size = _BODY + length + ERROR_CONTROL
        write_primary_header(buffer, FILE_APID, self._count, size)
        self._count = (self._count + 1) & 0x3FFF
        pack_into(
            _HEADER_FIELDS,
            buffer,
            PRIMARY_HEADER,
            _UNACKNOWLEDGED | kind,
            length,
            _LENGTHS,
            self._source,
            self._number,
            self._destination,
        )
        write_error_control(buffer, size)
        self._send(buffer, size)


def add_words_plain(octets, start, end, sums):
    """Adds the 32-bit words of octets[start:end] to `sums`, their upper and lower halves, modulo 2**32 (4.2.2).

    `add_words` where there is no viper.
    """
    high, low = sums[0], sums[1]
    while start < end:
        high += octets[start] << 8 | octets[start + 1]
        low += octets[start + 2] << 8 | octets[start + 3]
        start += 4
    sums[0] = high + (low >> 16) & 0xFFFF
    sums[1] = low & 0xFFFF


if sys.implementation.name == "micropython":
    import micropython

    @micropython.viper
    def add_words(octets, start: int, end: int, sums):
        """Adds the 32-bit words of octets[start:end] to `sums`, their upper and lower halves, modulo 2**32."""
        get = ptr8(octets)  # noqa: F821
        both = ptr32(sums)  # noqa: F821
        high = both[0]
        low = both[1]
        while start < end:
            high += get[start] << 8 | get[start + 1]
            low += get[start + 2] << 8 | get[start + 3]
            start += 4
        both[0] = high + (low >> 16) & 0xFFFF
        both[1] = low & 0xFFFF

else:
    add_words = add_words_plain
