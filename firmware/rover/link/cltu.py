"""CLTUs of the up-link (CCSDS 231.0-B-4): octets go in as they come, what the codeblocks of each CLTU hold comes out.

start EB 90 | codeblocks: 7 octets, 7 parity bits of the BCH code (63,56), complemented, filler bit 0 | tail C5 .. C5 79

The code corrects one bit. As is advised then (CCSDS 200.0-G-6, annex D), a start sequence may have one wrong bit, and a
codeblock whose filler bit is 1, as it is in the tail, is not corrected: so no single wrong bit hides a start or a tail.
"""

import sys

from micropython import const

from .octets import copy

_CODEBLOCK = const(8)
_INFORMATION = const(7)
_LONGEST = const(1029)  # octets from 147 codeblocks, the fewest that hold a frame of 1024


class CltuDecoder:
    """Finds CLTUs in a stream and decodes them; what is not one is passed over.

    take: gets buffer and size for each CLTU, fill octets included (at most 1029); it must be done with the buffer when
    it returns. cltus: how many it got. corrected: bits in codeblocks. abandoned: starts without one good codeblock, or
    with more than a frame can have.
    """

    def __init__(self, take):
        self._take = take
        self._buffer = bytearray(_LONGEST + _CODEBLOCK)
        self.cltus = self.corrected = self.abandoned = 0
        self.search()

    def search(self):
        """Leaves what has begun and looks for a start sequence, as when the line was lost."""
        self._before = 0  # the octet before, while searching
        self._size = -1  # octets from good codeblocks; -1 while searching
        self._end = 0  # octets in the buffer, with those of the open codeblock behind the good ones

    def feed(self, octets, size):
        """Takes the first `size` octets of a buffer, the next of the stream, however it is cut."""
        at = 0
        while at < size:
            if self._size < 0:
                at = find_start(octets, self._before, at, size)
                if at < 0:
                    self._before = octets[size - 1]
                    return
                self._size = 0
                continue
            piece = min(self._size + _CODEBLOCK - self._end, size - at)
            copy(octets, at, self._buffer, self._end, piece)
            at += piece
            self._end += piece
            if self._end == self._size + _CODEBLOCK:
                self._decode()

    def _decode(self):
        size = self._size
        corrected = correct(self._buffer, size)
        if corrected >= 0 and size < _LONGEST:
            self.corrected += corrected
            self._size = self._end = size + _INFORMATION
            return
        self.search()
        if corrected < 0 < size:
            self.cltus += 1
            self._take(self._buffer, size)
        else:
            self.abandoned += 1


def find_start_plain(octets, before, at, end):
    """Where in octets[at:end] a start sequence is over, or -1. `find_start` without viper.

    before: the octet before octets[at].
    """
    while at < end:
        octet = octets[at]
        at += 1
        wrong = (before << 8 | octet) ^ 0xEB90
        if not wrong & wrong - 1:  # one bit at most
            return at
        before = octet
    return -1


def correct_plain(octets, at):
    """Corrects the codeblock at octets[at] in place: how many bits, 0 or 1; -1 if it must be rejected.

    `correct` without viper.
    """
    end = at + 7
    # Remainders by x^7 + x^6 + x^2 + 1, one bit to the left as in the codeblock
    syndrome = 0
    while at < end:
        syndrome ^= octets[at]
        for _ in range(8):
            syndrome <<= 1
            if syndrome & 0x100:
                syndrome ^= 0x18A
        at += 1
    syndrome ^= octets[end] & 0xFE ^ 0xFE
    if syndrome == 0:
        return 0
    if octets[end] & 1:
        return -1
    # A single wrong bit, so many places from the end, leaves that power of x
    place = 1
    power = 2
    while power != syndrome:
        place += 1
        power <<= 1
        if power & 0x100:
            power ^= 0x18A
        if place == 64:
            return -1
    octets[end - (place >> 3)] ^= 1 << (place & 7)
    return 1


if sys.implementation.name == "micropython":
    import micropython

    @micropython.viper
    def find_start(octets, before: int, at: int, end: int) -> int:
        """Where in octets[at:end] a start sequence is over, or -1. before: the octet before octets[at]."""
        get = ptr8(octets)  # noqa: F821
        while at < end:
            octet = get[at]
            at += 1
            wrong = (before << 8 | octet) ^ 0xEB90
            if not wrong & (wrong - 1):
                return at
            before = octet
        return -1

    @micropython.viper
    def correct(octets, at: int) -> int:
        """Corrects the codeblock at octets[at] in place: how many bits, 0 or 1; -1 if it must be rejected."""
        get = ptr8(octets)  # noqa: F821
        end = at + 7
        syndrome = 0
        while at < end:
            syndrome ^= get[at]
            bit = 8
            while bit:
                syndrome <<= 1
                if syndrome & 0x100:
                    syndrome ^= 0x18A
                bit -= 1
            at += 1
        syndrome ^= get[end] & 0xFE ^ 0xFE
        if syndrome == 0:
            return 0
        if get[end] & 1:
            return -1
        place = 1
        power = 2
        while power != syndrome:
            place += 1
            power <<= 1
            if power & 0x100:
                power ^= 0x18A
            if place == 64:
                return -1
        get[end - (place >> 3)] ^= 1 << (place & 7)
        return 1

else:
    find_start = find_start_plain
    correct = correct_plain
