"""Continuity of a sequence counter: what is new, what came twice, what came late, how many are missing."""

from collections.abc import Iterator, Mapping
from typing import TypedDict


class SequenceCounts(TypedDict):
    """What one counter tells: units taken, units dropped as repeats, units that never came."""

    good: int
    duplicate: int
    lost: int


class SequenceTrack:
    """Follows one counter: of a virtual channel (modulo 256) or of an APID on a channel (modulo 16384).

    Within a run each unit (frame or packet) has a place: its count, continued past the wrap, so that places
    grow by one from unit to unit. `newest` is the highest place so far, None before the first unit of a run.

    A unit is a duplicate when it is equal, octet by octet, to the one last received with its count, and that
    one is among the last `MEMORY` good units: a line that repeats frames, or blocks of them. A duplicate
    changes nothing but its own counter. Any other unit is good. A unit in order gets the next place with its
    count, and the places between are lost. A late unit whose count lies less than half a wrap behind `newest`
    gets the last place with that count if it is lost, which then is lost no longer, or before the first unit
    of the run: the places between are lost. So, within a run, good + lost = first to last count, modulo the
    wrap. Lost places are kept in at most `GAPS` ranges, the youngest ones, of half a wrap.
    """

    MEMORY = 128
    GAPS = 256

    __slots__ = ("_first", "_gaps", "_modulo", "_recent", "duplicate", "good", "lost", "newest")

    def __init__(self, modulo: int) -> None:
        self.good = 0
        self.duplicate = 0
        self.lost = 0
        self.newest: int | None = None
        self._modulo = modulo
        self._first = 0  # lowest place of the run
        self._gaps: list[list[int]] = []  # lost places, [first, one past the last], ascending
        # count -> (which good unit it was, its octets); oldest first, only the last MEMORY good units
        self._recent: dict[int, tuple[int, bytes]] = {}

    def restart(self) -> None:
        """Begin a new run: forget places and octets, keep the sums."""
        self.newest = None
        self._gaps.clear()
        self._recent.clear()

    def repeats(self, count: int, octets: bytes) -> bool:
        """Whether `receive` would take the unit for a duplicate."""
        known = self._recent.get(count)
        return known is not None and known[1] == octets

    def behind(self, count: int) -> int:
        """How many places before `newest` a count stands last, 0 for its own. Only once a unit was received."""
        assert self.newest is not None
        return (self.newest - count) % self._modulo

    def place_of(self, count: int) -> int:
        """The last place of a count up to `newest`: that of the unit last received with it."""
        assert self.newest is not None
        return self.newest - (self.newest - count) % self._modulo

    def is_lost(self, count: int) -> bool:
        """Whether the last place with this count is lost and less than half a wrap behind `newest`."""
        place = self._place_behind(count)
        return place is not None and any(start <= place < end for start, end in self._gaps)

    def before_first(self, count: int) -> int:
        """How many places before the first unit of the run a late one would stand; 0: not before it."""
        place = self._place_behind(count)
        return 0 if place is None else max(0, self._first - place)

    def newest_units(self, number: int) -> Iterator[bytes]:
        """The octets of those units of the last `number` places that are remembered, backwards from `newest`."""
        if self.newest is not None:
            for place in range(self.newest, self.newest - number, -1):
                known = self._recent.get(place % self._modulo)
                if known is not None:
                    yield known[1]

    def receive(self, count: int, octets: bytes, late: bool = False) -> int | None:
        """Take a whole unit; return how many were lost just before it, or None when it is a duplicate.

        late: a unit that may stand behind `newest`; where its count cannot, it is taken in order.
        """
        recent = self._recent
        known = recent.get(count)
        if known is not None:
            if known[1] == octets:
                self.duplicate += 1
                return None
            del recent[count]  # it comes back below, as the youngest
        lost = 0
        if not (late and self._fill(count)):
            if self.newest is None:
                self.newest = self._first = count
            else:
                lost = (count - self.newest - 1) % self._modulo
                self.newest += lost + 1
                if lost:
                    self._lose(lost)
        self.good += 1
        recent[count] = (self.good, octets)
        oldest = next(iter(recent))
        if recent[oldest][0] <= self.good - self.MEMORY:
            del recent[oldest]
        return lost

    def _place_behind(self, count: int) -> int | None:
        """The place of a late unit, less than half a wrap behind `newest`; None: there is none."""
        if self.newest is None or not 0 < (behind := self.behind(count)) < self._modulo // 2:
            return None
        return self.newest - behind

    def _lose(self, number: int) -> None:
        """Note the places before `newest` as lost; forget those that are too old to come late."""
        assert self.newest is not None
        self.lost += number
        self._gaps.append([self.newest - number, self.newest])
        oldest = self.newest - self._modulo // 2
        while self._gaps[0][1] <= oldest or len(self._gaps) > self.GAPS:
            del self._gaps[0]

    def _fill(self, count: int) -> bool:
        """Take a lost place, or one before the first; return whether there was one."""
        place = self._place_behind(count)
        if place is None:
            return False
        if place < self._first:
            if between := self._first - place - 1:
                self.lost += between
                self._gaps.insert(0, [place + 1, self._first])
            self._first = place
            return True
        for index, (start, end) in enumerate(self._gaps):
            if start <= place < end:
                self._gaps[index : index + 1] = [gap for gap in ([start, place], [place + 1, end]) if gap[0] < gap[1]]
                self.lost -= 1
                return True
        return False


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
