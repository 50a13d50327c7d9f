"""Files of CFDP class 1 (CCSDS 727.0-B-5), put together from what came of them."""

import re
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from spacepackets.cfdp import InvalidCrcError
from spacepackets.cfdp.defs import UnsupportedCfdpVersionError
from spacepackets.cfdp.pdu import EofPdu, FileDataPdu, MetadataPdu, PduFactory
from spacepackets.exceptions import BytesTooShortError

from yutu2.decode.packets import ERROR_CONTROL_LENGTH, HEADER_LENGTH, Packet
from yutu2.dictionary.model import load

CHANNEL = 1  # virtual channel that files have to themselves
_MOST = 1 << 24  # octets of a file: more than any rover keeps, so it is damage

Pdu = Any  # one of _OF_USE; spacepackets tells no types
_OF_USE = (EofPdu, FileDataPdu, MetadataPdu)


@dataclass
class ReceivedFile:
    """What came of one transaction.

    entity: who sends it. name: None when the metadata did not come. length: None when neither metadata nor the end of
    the file did; then `octets` ends with the last ones that came. octets: with zeros for those that are missing.
    checksum: as the sender says, None when the end of the file did not come.
    """

    entity: int
    number: int
    name: str | None = None
    length: int | None = None
    checksum: int | None = None
    octets: bytearray = field(default_factory=bytearray)
    _came: bytearray = field(default_factory=bytearray)  # 1 for each octet that did

    @property
    def missing(self) -> list[tuple[int, int]]:
        """(offset, length) of what did not come, in order, as far as the length is known."""
        return [(gap.start(), gap.end() - gap.start()) for gap in re.finditer(b"\0+", self._came)]

    @property
    def is_whole(self) -> bool:
        """Whether all has come."""
        return self.length is not None and 0 not in self._came

    @property
    def is_intact(self) -> bool | None:
        """Whether the checksum is right; None when that cannot be said."""
        if not self.is_whole or self.checksum is None:
            return None
        return modular_checksum(self.octets) == self.checksum

    def agrees(self, pdu: Pdu) -> bool:
        """Whether a PDU can be of this file: another one may have the same number, when a rover begins anew."""
        if isinstance(pdu, FileDataPdu):
            here = slice(pdu.offset, pdu.offset + len(pdu.file_data))
            if self.length is not None and here.stop > self.length:
                return False
            both = zip(self._came[here], self.octets[here], pdu.file_data, strict=False)
            return all(old == new for came, old, new in both if came)
        if isinstance(pdu, MetadataPdu):
            is_same = self.name in (None, pdu.source_file_name)
        else:
            is_same = self.checksum in (None, _checksum(pdu))
        return is_same and self.length in (None, pdu.file_size) and len(self.octets) <= int(pdu.file_size)

    def take(self, pdu: Pdu) -> None:
        """Takes what a PDU holds."""
        if isinstance(pdu, FileDataPdu):
            end = pdu.offset + len(pdu.file_data)
            self._grow(end)
            self.octets[pdu.offset : end] = pdu.file_data
            self._came[pdu.offset : end] = b"\1" * len(pdu.file_data)
            return
        self.length = pdu.file_size
        self._grow(pdu.file_size)
        if isinstance(pdu, MetadataPdu):
            self.name = pdu.source_file_name
        else:
            self.checksum = _checksum(pdu)

    def _grow(self, length: int) -> None:
        more = bytes(max(0, length - len(self.octets)))
        self.octets += more
        self._came += more


class FileReception:
    """Takes packets in any order, some of them twice or never.

    damaged: those of file delivery that held nothing of use.
    """

    def __init__(self) -> None:
        self.damaged = 0
        self._apid = load().apids["FILES"]
        self._files: dict[tuple[int, int], list[ReceivedFile]] = {}

    def take(self, packet: Packet) -> None:
        """Takes a packet; other ones than those of file delivery are passed over."""
        if packet.apid != self._apid or packet.virtual_channel != CHANNEL or packet.secondary_header:
            return
        pdu = _pdu(packet.data[HEADER_LENGTH:-ERROR_CONTROL_LENGTH])
        if pdu is None:
            self.damaged += 1
            return
        key = int(pdu.source_entity_id), int(pdu.transaction_seq_num)
        files = self._files.setdefault(key, [])
        if not files or not files[-1].agrees(pdu):
            files.append(ReceivedFile(*key))
        files[-1].take(pdu)

    @property
    def count(self) -> int:
        """How many files there are so far."""
        return sum(map(len, self._files.values()))

    def files(self) -> list[ReceivedFile]:
        """All files so far, by sender and number."""
        return [file for _, files in sorted(self._files.items()) for file in files]


def modular_checksum(octets: bytes | bytearray) -> int:
    """The checksum of type 0: the sum of all words of 4 octets, modulo 2**32 (annex F)."""
    padded = bytes(octets) + bytes(-len(octets) % 4)
    return int(np.frombuffer(padded, ">u4").sum(dtype=np.uint64)) & 0xFFFFFFFF


def _checksum(pdu: EofPdu) -> int:
    return int.from_bytes(pdu.file_checksum, "big")


def _pdu(octets: bytes) -> Pdu | None:
    """The PDU that these octets are, or None when they are none that a receiver of class 1 has use for."""
    try:
        pdu = PduFactory.from_raw(octets)
        if isinstance(pdu, MetadataPdu):
            _ = pdu.source_file_name  # decoded when it is asked for
    except (ValueError, IndexError, struct.error, BytesTooShortError, InvalidCrcError, UnsupportedCfdpVersionError):
        return None
    if not isinstance(pdu, _OF_USE) or pdu.packet_len != len(octets):
        return None
    end = pdu.offset + len(pdu.file_data) if isinstance(pdu, FileDataPdu) else pdu.file_size
    return pdu if end <= _MOST else None
