"""One file of a CFDP class 1 transaction (CCSDS 727.0-B-5), reassembled from PDUs that may contradict each other."""

from dataclasses import dataclass, field
from typing import NamedTuple

from yutu2.products.checksums import MODULAR, NULL, checksum_of
from yutu2.products.sparse_file import SparseFile

_MAX_CANDIDATES = 4  # of metadata PDUs, and of EOF PDUs


class Transaction(NamedTuple):
    """Identify a transaction.

    entity: of the sender. number: of the transaction. run: which start of the sender, from 0, where that is known.
    """

    entity: int
    number: int
    run: int = 0


class Metadata(NamedTuple):
    """Represent a metadata PDU (5.2.5).

    size (octets): 0 where the sender did not know it. name: None if the PDU has none.
    """

    size: int
    name: str | None
    checksum_type: int


class FileData(NamedTuple):
    """Represent a file data PDU (5.3)."""

    offset: int
    octets: bytes

    @property
    def end(self) -> int:
        """Return the offset after the last octet."""
        return self.offset + len(self.octets)


class Eof(NamedTuple):
    """Represent an EOF PDU without an error (5.2.2)."""

    size: int
    checksum: int


class EofCancel(NamedTuple):
    """Represent an EOF (cancel) PDU. condition: its condition code (table 5-5)."""

    condition: int


Pdu = Metadata | FileData | Eof | EofCancel


@dataclass(slots=True)
class ReceivedFile:
    """Reassemble the file of one transaction.

    Metadata and EOF PDUs that contradict each other are kept, the first few of each; the checksum decides between them.
    Of file data that contradict each other, the first stay.

    content: octets received. condition: condition code of the last EOF (cancel), None without one. dropped: number of
    PDUs that contradicted the file and were dropped. touched: serial number of the last file data PDU.
    """

    transaction: Transaction
    content: SparseFile = field(default_factory=SparseFile)
    condition: int | None = None
    dropped: int = 0
    touched: int = 0
    _next: int = 0  # offset after the last file data PDU
    _metadata: tuple[Metadata, ...] = ()
    _restart: Metadata | None = None  # metadata after data: another file may start with them
    _eofs: tuple[Eof, ...] = ()
    _are_valid: tuple[
        bool | None, ...
    ] = ()  # whether the checksum of each EOF is valid; None: not all octets are there

    # --- Results ---

    @property
    def entity(self) -> int:
        """Return the entity of the sender."""
        return self.transaction.entity

    @property
    def number(self) -> int:
        """Return the number of the transaction."""
        return self.transaction.number

    @property
    def length(self) -> int | None:
        """Return the octets of the file: by the EOF with a valid checksum, else by the first plausible declaration."""
        if (valid := self._valid_eof()) is not None:
            return valid.size
        ends = [end.size for end in self._eofs]
        declared = [one.size for one in self._metadata if one.size]
        sizes = [size for size in declared if size in ends] or declared or ends
        return next((size for size in sizes if size >= self.content.end), sizes[0] if sizes else None)

    @property
    def name(self) -> str | None:
        """Return the file name in the metadata; None without one."""
        named = [one for one in self._metadata if one.name is not None]
        return next((one.name for one in named if one.size == self.length), named[0].name if named else None)

    @property
    def octets(self) -> bytes:
        """Return all octets, zeros in gaps. Check `length` first: it is as large as the sender declares."""
        return bytes(self.content.dense(0, self.content.end if self.length is None else self.length))

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Return (offset, length) of each gap, in order, as far as the length is known."""
        return self.content.gaps(0, self.content.end if self.length is None else self.length)

    @property
    def is_complete(self) -> bool:
        """Return whether all octets were received."""
        return self.length is not None and not self.missing

    @property
    def is_intact(self) -> bool | None:
        """Return whether the checksum is valid; None where that is unknown."""
        if self._checksum_type(self.length) == NULL:
            return None
        if self.is_finished:
            return True
        checked = [verdict for end, verdict in zip(self._eofs, self._are_valid, strict=True) if end.size == self.length]
        return False if False in checked else None

    @property
    def is_finished(self) -> bool:
        """Return whether all octets were received with a valid checksum; such a file never changes again."""
        return self._valid_eof() is not None

    @property
    def is_cancelled(self) -> bool:
        """Return whether the sender cancelled the transaction."""
        return self.condition is not None and not self.is_finished

    def disagreements(self, length: int) -> int:
        """Count the PDUs that contradict a file of this length, dropped or kept."""
        others = sum(one.size not in (0, length) for one in self._metadata)
        checked = zip(self._eofs, self._are_valid, strict=True)
        others += sum(end.size != length or (verdict is False and self.is_finished) for end, verdict in checked)
        return self.dropped + others + sum(1 for _ in self.content.overlapping(length, self.content.end))

    # --- Which file a PDU belongs to ---

    def agrees(self, pdu: Pdu) -> bool:
        """Return whether a PDU can belong to this file. Metadata always can; they are judged by the checksum."""
        match pdu:
            case FileData():
                return pdu.end <= self._limit() and self.content.agrees(pdu.offset, pdu.octets)
            case Eof():
                return pdu in self._eofs or (not self.is_finished and self._is_plausible(pdu))
            case EofCancel():
                return not self.is_finished
            case Metadata():
                return True

    def fit(self, pdu: Pdu) -> tuple[bool, int]:
        """Rate how well a PDU that agrees fits this file, for comparison with other files of the same number."""
        match pdu:
            case FileData():
                return pdu.offset == self._next, self.touched
            case Eof():
                return self._check(pdu) is True, self.touched
            case _:
                return False, self.touched

    def starts_another(self, pdu: Pdu) -> bool:
        """Return whether a PDU that disagrees starts another file of the same number, as after a restart."""
        restart = self._restart
        match pdu:
            case FileData():
                if restart is not None and pdu.end <= (restart.size or pdu.end):
                    return True
                return pdu.end <= self._limit() and (self.is_finished or self.condition is not None)
            case Eof():
                return restart is not None and restart.size == pdu.size
            case _:
                return False

    def successor(self) -> "ReceivedFile":
        """Return the next file of the same number; it gets the metadata that followed the data of this one."""
        following, restart = ReceivedFile(self.transaction), self._restart
        if restart is not None:
            following.take(restart)
            self._restart = None
            self.dropped -= restart not in self._metadata
            self._metadata = self._metadata[:1] + tuple(one for one in self._metadata[1:] if one != restart)
        return following

    # --- Reception of PDUs ---

    def take(self, pdu: Pdu, serial: int = 0) -> None:
        """Take the content of a PDU that agrees. serial: number of the PDU."""
        match pdu:
            case FileData():
                self.content.add(pdu.offset, pdu.octets)
                self.touched, self._next = serial, pdu.end
                self._check_eofs()
            case Eof():
                if pdu not in self._eofs:
                    self._eofs += (pdu,)
                    self._are_valid += (self._check(pdu),)
            case EofCancel():
                self.condition = pdu.condition
            case Metadata():
                self._take_metadata(pdu)

    def _take_metadata(self, metadata: Metadata) -> None:
        if self.content.arrived or self.is_finished:
            self._restart = metadata
        if metadata in self._metadata:
            return
        if (self.is_finished and metadata.size != self.length) or len(self._metadata) == _MAX_CANDIDATES:
            self.dropped += 1
            return
        self._metadata += (metadata,)
        # The checksum type may have changed
        self._are_valid = (None,) * len(self._eofs)
        self._check_eofs()

    def _limit(self) -> float:
        """Return the offset at which the data end at the latest."""
        if (valid := self._valid_eof()) is not None:
            return valid.size
        sizes = [one.size for one in self._metadata]
        return max(sizes) if sizes and 0 not in sizes else float("inf")

    def _is_plausible(self, end: Eof) -> bool:
        """Return whether an EOF is consistent with the metadata, and there is room for one more."""
        sizes = [one.size for one in self._metadata]
        return (not sizes or 0 in sizes or end.size in sizes) and len(self._eofs) < _MAX_CANDIDATES

    def _checksum_type(self, size: int | None) -> int:
        """Return the checksum type of the metadata that declare this size, else of the first metadata."""
        types = [one.checksum_type for one in self._metadata if one.size == size]
        types += [one.checksum_type for one in self._metadata]
        return types[0] if types else MODULAR

    def _check_eofs(self) -> None:
        """Check the EOF PDUs for which all octets are there now."""
        if None in self._are_valid:
            pairs = zip(self._eofs, self._are_valid, strict=True)
            self._are_valid = tuple(self._check(end) if verdict is None else verdict for end, verdict in pairs)

    def _check(self, end: Eof) -> bool | None:
        if end.size > self.content.arrived or not self.content.has(0, end.size):
            return None
        kind = self._checksum_type(end.size)
        return kind == NULL or checksum_of(kind, self.content.dense(0, end.size)) == end.checksum

    def _valid_eof(self) -> Eof | None:
        """Return the EOF whose checksum is valid and that is consistent with the metadata, or with most of the data."""
        sizes = [one.size for one in self._metadata]
        has_size = any(sizes)
        for end, verdict in zip(self._eofs, self._are_valid, strict=True):
            # Without a declared size, the checksum of few octets, or of none, may be valid by chance
            if verdict and (end.size in sizes or (not has_size and end.size and 2 * end.size >= self.content.arrived)):
                return end
        return None
