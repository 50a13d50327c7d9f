"""Receive files by CFDP class 1 (CCSDS 727.0-B-5): sort the PDUs of all packets into files."""

import struct
from typing import Any

from spacepackets.cfdp import InvalidCrcError
from spacepackets.cfdp.defs import ConditionCode, LargeFileFlag, UnsupportedCfdpVersionError
from spacepackets.cfdp.pdu import EofPdu, FileDataPdu, MetadataPdu, PduFactory
from spacepackets.cfdp.tlv import TlvTypeMissmatchError
from spacepackets.exceptions import BytesTooShortError

from yutu2.decode.packets import ERROR_CONTROL_LENGTH, HEADER_LENGTH, Packet
from yutu2.products.received_file import Eof, EofCancel, FileData, Metadata, Pdu, ReceivedFile, Transaction

__all__ = ["CfdpReceiver", "ReceivedFile", "Transaction", "condition_name"]

CHANNEL = 1  # virtual channel for files only
_MAX_FILES = 16  # of one transaction; no real run restarts more often
_INVALID = (
    *(ValueError, IndexError, struct.error),
    *(BytesTooShortError, InvalidCrcError, UnsupportedCfdpVersionError, TlvTypeMissmatchError),
)


class CfdpReceiver:
    """Receive files from packets in any order, with losses and duplicates. apid: of file delivery.

    damaged: number of packets of file delivery without a valid PDU.
    """

    def __init__(self, apid: int) -> None:
        self.damaged = 0
        self._apid = apid
        self._files: dict[Transaction, list[ReceivedFile]] = {}
        self._serial = 0

    def take(self, packet: Packet, run: int = 0) -> None:
        """Take a packet; packets of other services are ignored. run: which start of the sender it is from."""
        if packet.apid != self._apid or packet.virtual_channel != CHANNEL or packet.secondary_header:
            return
        read = _read(packet.data[HEADER_LENGTH:-ERROR_CONTROL_LENGTH])
        if read is None:
            self.damaged += 1
            return
        entity, number, pdu = read
        self._serial += 1
        transaction = Transaction(entity, number, run)
        files = self._files.setdefault(transaction, [])
        if not files:
            files.append(ReceivedFile(transaction))
        self._take(files, pdu)

    def _take(self, files: list[ReceivedFile], pdu: Pdu) -> None:
        """Give a PDU to the file of its transaction that fits best; drop and count it if none does."""
        last = files[-1]
        agreeing = [last] if isinstance(pdu, Metadata) else [file for file in reversed(files) if file.agrees(pdu)]
        if agreeing:
            max(agreeing, key=lambda file: file.fit(pdu)).take(pdu, self._serial)
        elif last.starts_another(pdu) and len(files) < _MAX_FILES:
            files.append(last.successor())
            files[-1].take(pdu, self._serial)
        else:
            last.dropped += 1

    @property
    def count(self) -> int:
        """Return the number of files so far."""
        return sum(map(len, self._files.values()))

    def files(self) -> list[ReceivedFile]:
        """Return all files so far, by sender and number."""
        return [file for _, files in sorted(self._files.items()) for file in files]


def condition_name(code: int) -> str:
    """Return the name of a condition code (table 5-5); the number of a reserved one."""
    return ConditionCode(code).name if code in list(ConditionCode) else str(code)


def _read(octets: bytes) -> tuple[int, int, Pdu] | None:
    """Return (source entity, transaction number, PDU); None for octets that a class 1 receiver does not process."""
    try:
        pdu: Any = PduFactory.from_raw(octets)  # spacepackets has no type hints
        if pdu is None or pdu.packet_len != len(octets):
            return None
        content = _content(pdu, octets)
    except _INVALID:
        return None
    return None if content is None else (int(pdu.source_entity_id), int(pdu.transaction_seq_num), content)


def _content(pdu: Any, octets: bytes) -> Pdu | None:
    if isinstance(pdu, FileDataPdu):
        return FileData(pdu.offset, bytes(pdu.file_data))
    if isinstance(pdu, MetadataPdu):
        return Metadata(pdu.file_size, _file_name(pdu, octets), int(pdu.checksum_type))
    if isinstance(pdu, EofPdu):
        code = octets[pdu.pdu_file_directive.header_len] >> 4  # parsed here, because spacepackets does not shift it
        return EofCancel(code) if code else Eof(pdu.file_size, int.from_bytes(pdu.file_checksum, "big"))
    return None


def _file_name(pdu: Any, octets: bytes) -> str | None:
    """Return the destination file name, else the source file name; None if both are empty.

    The names are parsed here, because spacepackets raises an exception for a name that is not UTF-8.
    """
    directive = pdu.pdu_file_directive
    at = directive.header_len + (9 if directive.pdu_conf.file_flag == LargeFileFlag.LARGE else 5)
    source_end = at + 1 + octets[at]
    names = octets[source_end + 1 : source_end + 1 + octets[source_end]], octets[at + 1 : source_end]
    return next((name.decode(errors="replace") for name in names if name), None)
