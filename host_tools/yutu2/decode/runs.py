"""Where a new run of a sender begins in its stream of frames, and which frames come late.

A sender that is switched off and on again begins anew: all its counts, of frames and packets, start at 0 and
its on-board time goes back or on. (An on-board computer that restarts on the emulated rover is no new run: its
counts go on.) Each frame is judged against the frames before it of its spacecraft, by its counts and octets
and by the packets that start in it, and by nothing else.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from yutu2.decode.sequence import SequenceTrack
from yutu2.decode.telecommand import time_text

if TYPE_CHECKING:
    from yutu2.decode.packets import Packet

PLAYBACK = 2  # virtual channel whose packets are old ones, so neither their counts nor times show an order
REORDERED = 32  # places: what would be later than this and before the first frame is of another run

_IDLE_APID = 2047
_PACKET_HEADER = Struct(">HHH")
_PACKET_HEADER_LENGTH = 6
_APID_MASK, _COUNT_MASK, _SECONDARY_HEADER_FLAG = 0x07FF, 0x3FFF, 0x0800
_COUNTS = _COUNT_MASK + 1
_VERSION_AND_TYPE_MASK = 0xF0
# Places of the CUC time, 4 + 2 octets, in a packet with a PUS-C secondary header and in a time packet
_PUS_TIME, _PUS_VERSION = 13, 2
_TIME_APID, _TIME_PACKET_TIME, _TIME_PACKET_LENGTH = 0, 7, 15
TIME_LENGTH = 6
# Packet counts this near to each other are in the order that they show; further apart, time decides.
_NEAR = 1024
# A run whose first frames repeat is a new run also if up to so many of them did not come again, and the frames
# of the run before went on so many places further: more than a line repeats at once.
_FIRST_PLACES, _FAR = 8, 32
_LOOK_BACK = 128  # places whose frames are searched for packets to compare with


class Head(NamedTuple):
    """What orders a packet among those of its APID. time: on-board, CUC as a whole number; None: it has none."""

    apid: int
    sequence_count: int
    time: int | None


def time_octets(packet: bytes) -> bytes | None:
    """The on-board time in a packet, CUC of 4 + 2 octets; None: it has none, or is cut before its end."""
    apid = (packet[0] << 8 | packet[1]) & _APID_MASK
    if packet[0] & _SECONDARY_HEADER_FLAG >> 8:
        if len(packet) < _PUS_TIME + TIME_LENGTH or packet[_PACKET_HEADER_LENGTH] >> 4 != _PUS_VERSION:
            return None
        return packet[_PUS_TIME : _PUS_TIME + TIME_LENGTH]
    if apid == _TIME_APID and len(packet) == _TIME_PACKET_LENGTH:
        return packet[_TIME_PACKET_TIME : _TIME_PACKET_TIME + TIME_LENGTH]
    return None


def packet_heads(data: bytes, first_header: int) -> Iterator[Head]:
    """The packets that start in a transfer frame data field, as far as their headers hold; no idle packets."""
    start = first_header
    while start <= len(data) - _PACKET_HEADER_LENGTH and not data[start] & _VERSION_AND_TYPE_MASK:
        identification, sequence_control, length = _PACKET_HEADER.unpack_from(data, start)
        end = start + _PACKET_HEADER_LENGTH + 1 + length
        apid = identification & _APID_MASK
        if apid != _IDLE_APID:
            time = time_octets(data[start:end])
            yield Head(apid, sequence_control & _COUNT_MASK, None if time is None else int.from_bytes(time, "big"))
        start = end


def comes_before(new: Head, old: Head) -> bool:
    """Whether a packet was sent before another one of its APID, or in a later run.

    Counts less than 1,024 apart, modulo the wrap, are in their own order: so on-board time may be set. Further
    apart the times decide, so that an outage of weeks is one; without times, half a wrap of the counts does.
    """
    ahead = (new.sequence_count - old.sequence_count) % _COUNTS
    if 0 < ahead < _NEAR:
        return False
    if ahead == 0 or ahead > _COUNTS - _NEAR:
        return True
    if new.time is not None and old.time is not None:
        return new.time < old.time
    return ahead >= _COUNTS // 2


class Arrival(NamedTuple):
    """A frame whose error control field is right, before it is known where it belongs."""

    spacecraft_id: int
    virtual_channel: int
    master_channel_count: int
    virtual_channel_count: int
    first_header_pointer: int
    octets: bytes  # the whole frame, without its sync marker
    offset: int  # octets from the start of the stream to the sync marker


class RunEntry(TypedDict):
    """A run in the account: octets from the start of the stream to its first frame, on-board time or null."""

    offset: int
    time: str | None


class RunLog:
    """The runs of a stream: its start, and each new run of a spacecraft in it; the first `LISTED` of them.

    time: of the first good packet of the run that has one; at the start that of the first spacecraft.
    """

    LISTED = 10_000

    def __init__(self) -> None:
        self._entries: list[RunEntry] = []
        self.unlisted = 0
        # (spacecraft id, run) -> place in the list, of those without a time
        self._untimed: dict[tuple[int, int], int] = {}

    def begin(self, spacecraft_id: int, run: int, offset: int) -> None:
        """Note the first frame of a run."""
        if len(self._entries) == self.LISTED:
            self.unlisted += 1
            return
        self._untimed[spacecraft_id, run] = len(self._entries)
        self._entries.append({"offset": offset, "time": None})

    @property
    def untimed(self) -> bool:
        """Whether a run waits for its time."""
        return bool(self._untimed)

    def take(self, packets: "Iterable[Packet]") -> None:
        """Note good packets."""
        for packet in packets:
            key = (packet.spacecraft_id, packet.run)
            if key in self._untimed and (octets := time_octets(packet.data)) is not None:
                self._entries[self._untimed.pop(key)]["time"] = time_text(octets)

    def entries(self) -> list[RunEntry]:
        """A copy of the list."""
        return [entry.copy() for entry in self._entries]


class Verdict(Enum):
    """What a frame is, as far as the frames before it tell."""

    IN_ORDER = "in order, perhaps with lost ones before it"
    LATE = "fills a gap, or comes before the first frame of the run"
    REPEAT = "repeats a frame of the last 128 good ones of its channel"
    PAST = "goes back without filling a gap"
    BEGINNING = "the first frame of a sender that begins anew"


class Sender:
    """What is known of the run of one spacecraft.

    A frame is judged so, the first that holds:

    1. Equal to the frame last received with its count, among the last 128 good ones of its channel: REPEAT.
    2. Both counts 0, a packet at the very start with count 0, of an APID of the remembered frames and not just
       come round: BEGINNING; but PAST when it is equal to the frame with which this run began, and judged by the
       rules below when it fits as in 3 and is at most 32 places behind.
    3. Its count is lost, less than 128 places behind, or stands up to 32 places before the first frame of the
       run, and its packets do not say that it is new: LATE.
    4. Its packets say that it is old: PAST. Otherwise IN_ORDER.

    What packets say: of the packets that start in the frame, the first of an APID is compared with the last of
    that APID in the newest frame of the channel that has one of theirs (see `comes_before`). For rule 3 only
    frames behind which it would come late are looked at, else the last 128 places. On the playback channel
    packets say nothing.

    A frame that is PAST, or a REPEAT of the frame with which the run began, counts as a duplicate and is held.
    When the next frame of the spacecraft is a REPEAT, LATE or PAST and its master channel count is less than
    128 ahead of the held one's, a new run begins with the held one. A REPEAT of one of the run's first 8 frames,
    32 or more places behind, is held likewise: the first frames after a restart may be lost. Nothing else is
    held, and never more than one frame of a spacecraft.

    What cannot be decided, and what it counts as: a restart after which nothing of the first 8 frames comes,
    of a sender that repeats the octets of its last 128 frames (duplicates, until it sends new ones); a line
    that repeats the first two or more frames of a sender (a new run); two senders with the same id on one line,
    interleaved; a restart whose counts look like those after an outage (lost frames); whole wraps of a counter.
    """

    def __init__(self) -> None:
        self.run = 0
        self.held: Arrival | None = None
        self.first = b""  # octets of the frame with which this run began, if its counts are 0
        self.next_count = -1  # master channel count of a frame that needs no judgement; -1: all need it
        self._newest_count = 0  # master channel count of the last frame in order
        self._certain = True  # the last frame in order is known to be new

    def begin(self, arrival: Arrival) -> None:
        """A run begins with this frame."""
        both = arrival.master_channel_count | arrival.virtual_channel_count
        self.first = b"" if both else arrival.octets
        self.held = None
        self._certain = True

    def expects(self, track: SequenceTrack, arrival: Arrival) -> bool:
        """Whether a frame is simply the next one: by both counts, neither of which begins anew."""
        return (
            arrival.master_channel_count == self.next_count
            and track.newest is not None
            and arrival.virtual_channel_count == track.newest + 1 & 0xFF
        )

    def take(self, arrival: Arrival) -> None:
        """Note a frame in order."""
        self._newest_count = arrival.master_channel_count
        following = self._newest_count + 1 & 0xFF
        self.next_count = following if following and self._certain and self.held is None else -1

    def hold(self, arrival: Arrival | None) -> None:
        """Hold a frame, for the next one to be judged."""
        self.held = arrival
        self.next_count = -1

    def may_begin_a_run(self, track: SequenceTrack, arrival: Arrival, verdict: Verdict) -> bool:
        """Whether a frame that counts as a duplicate is to be held."""
        if verdict is Verdict.PAST or arrival.octets == self.first:
            return True
        behind = track.behind(arrival.virtual_channel_count)
        assert track.newest is not None
        is_first = arrival.master_channel_count < _FIRST_PLACES and track.newest - behind < _FIRST_PLACES
        return is_first and bool(self.first) and behind >= _FAR

    def follows_held(self, arrival: Arrival, verdict: Verdict) -> bool:
        """Whether a frame goes on where the held one began."""
        if self.held is None or verdict not in (Verdict.REPEAT, Verdict.LATE, Verdict.PAST):
            return False
        return 0 < (arrival.master_channel_count - self.held.master_channel_count) % 256 < 128

    def judge(self, track: SequenceTrack, arrival: Arrival) -> Verdict:
        """What a frame is; `track` is that of its channel."""
        count, octets = arrival.virtual_channel_count, arrival.octets
        if track.repeats(count, octets):
            return Verdict.REPEAT
        if track.newest is None:
            return Verdict.IN_ORDER
        fits = track.is_lost(count) or 0 < track.before_first(count) <= REORDERED
        is_old = _is_old(track, arrival, track.behind(count) if fits else _LOOK_BACK)
        if _begins_anew(track, arrival) and not (fits and track.behind(count) <= REORDERED):
            return Verdict.PAST if octets == self.first else Verdict.BEGINNING
        if fits and is_old is not False:
            return Verdict.LATE
        if is_old:
            return Verdict.PAST
        is_next = arrival.master_channel_count == self._newest_count + 1 & 0xFF
        self._certain = is_old is False or (self._certain and is_next)
        return Verdict.IN_ORDER


def _heads_of(octets: bytes) -> list[Head]:
    """The packets that start in a whole frame."""
    pointer = (octets[4] << 8 | octets[5]) & 0x7FF
    return list(packet_heads(octets[6:-6], pointer))


def _newest_of(track: SequenceTrack, heads: dict[int, Head], number: int) -> tuple[Head, Head] | None:
    """(one of `heads`, the last of its APID in the newest frame of the last `number` places that has one)."""
    for octets in track.newest_units(number) if heads else ():
        last_of = {head.apid: head for head in _heads_of(octets)}
        for apid, head in heads.items():
            if apid in last_of:
                return head, last_of[apid]
    return None


def _begins_anew(track: SequenceTrack, arrival: Arrival) -> bool:
    """Whether a frame is one with which a sender begins: its counts 0, and so that of a packet at its start."""
    if arrival.master_channel_count or arrival.virtual_channel_count or arrival.first_header_pointer:
        return False
    heads = _heads_of(arrival.octets)
    if not heads or heads[0].sequence_count:
        return False
    pair = _newest_of(track, {heads[0].apid: heads[0]}, _LOOK_BACK)
    if pair is None:
        return False
    new, old = pair
    came_round = 0 < -old.sequence_count % _COUNTS < _NEAR
    is_earlier = new.time is not None and old.time is not None and new.time < old.time
    return not came_round or is_earlier


def _is_old(track: SequenceTrack, arrival: Arrival, number: int) -> bool | None:
    """Whether its packets were sent before those of the last `number` places of its channel; None: nobody knows."""
    if arrival.virtual_channel == PLAYBACK:
        return None
    heads: dict[int, Head] = {}
    for head in _heads_of(arrival.octets):
        heads.setdefault(head.apid, head)
    pair = _newest_of(track, heads, number)
    return None if pair is None else comes_before(*pair)
