"""Files with gaps: memory grows with the octets received, not with their offsets."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator


class SparseFile:
    """Store the octets of a file that were received; an octet that is stored never changes.

    arrived: number of octets stored.
    """

    __slots__ = ("_extents", "_offsets", "arrived")

    def __init__(self) -> None:
        self.arrived = 0
        self._offsets: list[int] = []
        self._extents: list[bytearray] = []  # one per offset; not empty, may touch, never overlap

    @classmethod
    def of(cls, octets: bytes | bytearray, missing: Iterable[tuple[int, int]] = ()) -> "SparseFile":
        """Make one from a whole file. missing: (offset, length) of the gaps to leave."""
        extents, at = cls(), 0
        for offset, length in sorted(missing):
            extents.add(at, octets[at:offset])
            at = max(at, offset + length)
        extents.add(at, octets[at:])
        return extents

    @property
    def end(self) -> int:
        """Return the offset after the last octet stored."""
        return self._offsets[-1] + len(self._extents[-1]) if self._offsets else 0

    def overlapping(self, begin: int, end: int) -> Iterator[tuple[int, bytearray]]:
        """Yield (offset, octets) of each stored extent that overlaps `begin` to `end`."""
        for place in range(max(bisect_right(self._offsets, begin) - 1, 0), bisect_left(self._offsets, end)):
            offset, extent = self._offsets[place], self._extents[place]
            if offset + len(extent) > begin:
                yield offset, extent

    def agrees(self, offset: int, octets: bytes) -> bool:
        """Return whether all octets that are stored already are the same in `octets`."""
        end = offset + len(octets)
        for at, extent in self.overlapping(offset, end):
            first, last = max(at, offset), min(at + len(extent), end)
            if extent[first - at : last - at] != octets[first - offset : last - offset]:
                return False
        return True

    def add(self, offset: int, octets: bytes | bytearray) -> None:
        """Store the octets that are not stored yet."""
        for begin, length in self.gaps(offset, offset + len(octets)):
            self._insert(begin, octets[begin - offset : begin - offset + length])

    def gaps(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Return (offset, length) of each gap from `begin` to `end`, in order."""
        gaps, at = [], begin
        for offset, extent in self.overlapping(begin, end):
            if offset > at:
                gaps.append((at, offset - at))
            at = offset + len(extent)
        return [*gaps, (at, end - at)] if at < end else gaps

    def has(self, begin: int, end: int) -> bool:
        """Return whether all octets from `begin` to `end` are stored."""
        at = begin
        for offset, extent in self.overlapping(begin, end):
            if offset > at:
                return False
            at = offset + len(extent)
        return at >= end

    def dense(self, begin: int, end: int) -> bytearray:
        """Return the octets from `begin` to `end`, zeros in gaps. The caller limits the length."""
        octets = bytearray(end - begin)
        for offset, extent in self.overlapping(begin, end):
            first, last = max(offset, begin), min(offset + len(extent), end)
            octets[first - begin : last - begin] = memoryview(extent)[first - offset : last - offset]
        return octets

    def read(self, begin: int, end: int) -> bytes | None:
        """Return the octets from `begin` to `end`; None if there is a gap."""
        return bytes(self.dense(begin, end)) if begin >= 0 and self.has(begin, end) else None

    def _insert(self, offset: int, octets: bytes | bytearray) -> None:
        place = bisect_left(self._offsets, offset)
        self.arrived += len(octets)
        if place and self._offsets[place - 1] + len(self._extents[place - 1]) == offset:
            # Never joined to the extent after: a file that arrives backwards would be copied each time
            self._extents[place - 1] += octets
        else:
            self._offsets.insert(place, offset)
            self._extents.insert(place, bytearray(octets))
