"""One file of CFDP class 1 (CCSDS 727.0-B-5), out of PDUs that may disagree with each other."""

from dataclasses import dataclass, field
from typing import NamedTuple

from yutu2.products.checksums import MODULAR, NULL, checksum_of
from yutu2.products.extents import Extents

_MAX_CANDIDATES = 4  # of metadata, and of ends: the first ones


class Transaction(NamedTuple):
    """What a file is known by. entity: its sender. run: which start of the sender, from 0, where that is known."""

    entity: int
    number: int
    run: int = 0


class Metadata(NamedTuple):
    """A metadata PDU (5.2.5). size: in octets, 0 where the sender did not know it. name: None if it has none."""

    size: int
    name: str | None
    checksum_type: int


class FileData(NamedTuple):
    """A file data PDU (5.3)."""

    offset: int
    octets: bytes

    @property
    def end(self) -> int:
        """Offset behind its last octet."""
        return self.offset + len(self.octets)


class End(NamedTuple):
    """An EOF PDU without an error (5.2.2)."""

    size: int
    checksum: int


class Cancel(NamedTuple):
    """An EOF PDU with an error, EOF (cancel). condition: its condition code (table 5-5)."""

    condition: int


Pdu = Metadata | FileData | End | Cancel


@dataclass(slots=True)
class ReceivedFile:
    """What arrived of one transaction.

    Metadata and ends that disagree are kept side by side, the first few of each: which of them are right, the checksum
    says. Of data that disagree the first stay.

    content: octets, by their offsets. condition: code of the last EOF (cancel); None if none arrived. dropped: how many
    PDUs disagreed with what was there. touched: serial number of the last data PDU.
    """

    transaction: Transaction
    content: Extents = field(default_factory=Extents)
    condition: int | None = None
    dropped: int = 0
    touched: int = 0
    _next: int = 0  # offset behind the last data PDU
    _metadata: tuple[Metadata, ...] = ()
    _restart: Metadata | None = None  # that came after data: perhaps another file begins with it
    _ends: tuple[End, ...] = ()
    _verdicts: tuple[bool | None, ...] = ()  # of the checksum of each end; None: not all of it arrived

    # --- What it comes to ---

    @property
    def entity(self) -> int:
        """The sender."""
        return self.transaction.entity

    @property
    def number(self) -> int:
        """Of the transaction."""
        return self.transaction.number

    @property
    def length(self) -> int | None:
        """Octets of the file: as an end says whose checksum is right, else as metadata or an end say first."""
        if (right := self._right()) is not None:
            return right.size
        ends = [end.size for end in self._ends]
        declared = [one.size for one in self._metadata if one.size]
        sizes = [size for size in declared if size in ends] or declared or ends
        return next((size for size in sizes if size >= self.content.end), sizes[0] if sizes else None)

    @property
    def name(self) -> str | None:
        """As the metadata call it; None when they did not arrive, or have none."""
        named = [one for one in self._metadata if one.name is not None]
        return next((one.name for one in named if one.size == self.length), named[0].name if named else None)

    @property
    def octets(self) -> bytes:
        """All octets, zeros where one did not arrive: as long as the file is declared, so look at `length` first."""
        return bytes(self.content.dense(0, self.content.end if self.length is None else self.length))

    @property
    def missing(self) -> list[tuple[int, int]]:
        """(offset, length) of what did not arrive, in order, as far as the length is known."""
        return self.content.gaps(0, self.content.end if self.length is None else self.length)

    @property
    def is_whole(self) -> bool:
        """Whether all arrived."""
        return self.length is not None and not self.missing

    @property
    def is_intact(self) -> bool | None:
        """Whether the checksum is right; None when that cannot be said."""
        if self._checksum_type(self.length) == NULL:
            return None
        if self.is_finished:
            return True
        judged = [verdict for end, verdict in zip(self._ends, self._verdicts, strict=True) if end.size == self.length]
        return False if False in judged else None

    @property
    def is_finished(self) -> bool:
        """Whether all arrived, with the right checksum: from then on nothing changes it."""
        return self._right() is not None

    @property
    def is_cancelled(self) -> bool:
        """Whether its sender gave it up."""
        return self.condition is not None and not self.is_finished

    def disagreements(self, length: int) -> int:
        """Count what disagrees with a file of this length: PDUs that were dropped, or kept and not believed."""
        others = sum(one.size not in (0, length) for one in self._metadata)
        judged = zip(self._ends, self._verdicts, strict=True)
        others += sum(end.size != length or (verdict is False and self.is_finished) for end, verdict in judged)
        return self.dropped + others + sum(1 for _ in self.content.overlapping(length, self.content.end))

    # --- Whether a PDU is of this file ---

    def agrees(self, pdu: Pdu) -> bool:
        """Whether a PDU can be of this file. Metadata always can: they are judged when all arrived."""
        match pdu:
            case FileData():
                return pdu.end <= self._limit() and self.content.agrees(pdu.offset, pdu.octets)
            case End():
                return pdu in self._ends or (not self.is_finished and self._may_end(pdu))
            case Cancel():
                return not self.is_finished
            case Metadata():
                return True

    def fit(self, pdu: Pdu) -> tuple[bool, int]:
        """Rate how well a PDU that agrees goes with this file, to compare with others of the same number."""
        match pdu:
            case FileData():
                return pdu.offset == self._next, self.touched
            case End():
                return self._judge(pdu) is True, self.touched
            case _:
                return False, self.touched

    def ended_before(self, pdu: Pdu) -> bool:
        """Whether a PDU that disagrees begins another file of the same number, as of a sender that began anew."""
        restart = self._restart
        match pdu:
            case FileData():
                if restart is not None and pdu.end <= (restart.size or pdu.end):
                    return True
                return pdu.end <= self._limit() and (self.is_finished or self.condition is not None)
            case End():
                return restart is not None and restart.size == pdu.size
            case _:
                return False

    def successor(self) -> "ReceivedFile":
        """Make the next file of the same number. Metadata that came behind these data are its own."""
        following, restart = ReceivedFile(self.transaction), self._restart
        if restart is not None:
            following.take(restart)
            self._restart = None
            self.dropped -= restart not in self._metadata
            self._metadata = self._metadata[:1] + tuple(one for one in self._metadata[1:] if one != restart)
        return following

    # --- Taking ---

    def take(self, pdu: Pdu, serial: int = 0) -> None:
        """Take what a PDU holds that agrees. serial: of the PDU."""
        match pdu:
            case FileData():
                self.content.add(pdu.offset, pdu.octets)
                self.touched, self._next = serial, pdu.end
                self._judge_ends()
            case End():
                if pdu not in self._ends:
                    self._ends += (pdu,)
                    self._verdicts += (self._judge(pdu),)
            case Cancel():
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
        # Of another type of checksum, perhaps
        self._verdicts = (None,) * len(self._ends)
        self._judge_ends()

    def _limit(self) -> float:
        """Offset behind which no data are."""
        if (right := self._right()) is not None:
            return right.size
        sizes = [one.size for one in self._metadata]
        return max(sizes) if sizes and 0 not in sizes else float("inf")

    def _may_end(self, end: End) -> bool:
        """Whether an end goes with the metadata, and is not one of too many."""
        sizes = [one.size for one in self._metadata]
        return (not sizes or 0 in sizes or end.size in sizes) and len(self._ends) < _MAX_CANDIDATES

    def _checksum_type(self, size: int | None) -> int:
        """As the metadata say that declare this size, else the first."""
        types = [one.checksum_type for one in self._metadata if one.size == size]
        types += [one.checksum_type for one in self._metadata]
        return types[0] if types else MODULAR

    def _judge_ends(self) -> None:
        """Judge those ends of which all has arrived now."""
        if None in self._verdicts:
            pairs = zip(self._ends, self._verdicts, strict=True)
            self._verdicts = tuple(self._judge(end) if verdict is None else verdict for end, verdict in pairs)

    def _judge(self, end: End) -> bool | None:
        if end.size > self.content.arrived or not self.content.has(0, end.size):
            return None
        kind = self._checksum_type(end.size)
        return kind == NULL or checksum_of(kind, self.content.dense(0, end.size)) == end.checksum

    def _right(self) -> End | None:
        """The end whose checksum is right, and that goes with the metadata, or with most of the data."""
        sizes = [one.size for one in self._metadata]
        has_size = any(sizes)
        for end, verdict in zip(self._ends, self._verdicts, strict=True):
            # Where no size is declared: the checksum of a few octets, or of none, may be right by chance
            if verdict and (end.size in sizes or (not has_size and end.size and 2 * end.size >= self.content.arrived)):
                return end
        return None
