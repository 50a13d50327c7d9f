"""Continuity of a sequence counter: what is new, what came twice, how many are missing."""

from collections.abc import Mapping
from typing import TypedDict


class SequenceCounts(TypedDict):
    """What one counter tells: units taken, units dropped as repeats, units that never came."""

    good: int
    duplicate: int
    lost: int


class SequenceTrack:
    """Follows one counter: of a virtual channel (modulo 256) or of an APID on a channel (modulo 16384).

    A unit (frame or packet) is a duplicate when it is equal, octet by octet, to the one last received with
    its count, and that one is among the last `MEMORY` good units: a line that repeats frames, or blocks of
    them. A duplicate changes nothing but its own counter. Any other unit is good, and the distance of its
    count from the last tells how many were lost: good + lost = first to last count, modulo the wrap.
    """

    MEMORY = 128

    __slots__ = ("_last", "_modulo", "_recent", "duplicate", "good", "lost")

    def __init__(self, modulo: int) -> None:
        self.good = 0
        self.duplicate = 0
        self.lost = 0
        self._modulo = modulo
        self._last: int | None = None  # count of the last good unit
        # count -> (which good unit it was, its octets); oldest first, only the last MEMORY good units
        self._recent: dict[int, tuple[int, bytes]] = {}

    def receive(self, count: int, octets: bytes) -> int | None:
        """Take a whole unit; return how many were lost just before it, or None when it is a duplicate."""
        recent = self._recent
        known = recent.get(count)
        if known is not None:
            if known[1] == octets:
                self.duplicate += 1
                return None
            del recent[count]  # it comes back below, as the youngest
        lost = 0 if self._last is None else (count - self._last - 1) % self._modulo
        self._last = count
        self.lost += lost
        self.good += 1
        recent[count] = (self.good, octets)
        oldest = next(iter(recent))
        if recent[oldest][0] <= self.good - self.MEMORY:
            del recent[oldest]
        return lost


def count_by_label(tracks: Mapping[tuple[int, ...], SequenceTrack]) -> dict[str, SequenceCounts]:
    """Counts by "channel" or "channel/APID", in numerical order.

    `tracks` is keyed (spacecraft id, virtual channel) or (spacecraft id, virtual channel, APID); spacecraft
    that share a stream are added up.
    """
    counts: dict[str, SequenceCounts] = {}
    for key in sorted(tracks, key=lambda key: key[1:]):
        label = "/".join(map(str, key[1:]))
        row = counts.setdefault(label, {"good": 0, "duplicate": 0, "lost": 0})
        row["good"] += tracks[key].good
        row["duplicate"] += tracks[key].duplicate
        row["lost"] += tracks[key].lost
    return counts
