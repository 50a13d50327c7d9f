"""TM transfer frames -> space packets (CCSDS 133.0-B-2), reassembled by virtual channel."""

from struct import Struct
from typing import NamedTuple, TypedDict

from yutu2.decode.checksum import crc16
from yutu2.decode.frames import DATA_LENGTH, NO_PACKET_STARTS, ONLY_IDLE_DATA, Frame
from yutu2.decode.sequence import SequenceCounts, SequenceTrack, count_by_label

IDLE_APID = 2047  # CCSDS 133.0-B-2, 4.1.3.3.4
HEADER_LENGTH = 6
ERROR_CONTROL_LENGTH = 2

_HEADER = Struct(">HHH")
_SECONDARY_HEADER_FLAG = 0x0800
_APID_MASK = 0x07FF
_COUNT_MASK = 0x3FFF
# Version (0) and type (0, telemetry), all in the first octet: it decides whether a packet can start here.
_VERSION_AND_TYPE_MASK = 0xF0


class Packet(NamedTuple):
    """A whole space packet, not an idle one, whose packet error control is right (CCSDS 133.0-B-2, 4.1)."""

    spacecraft_id: int
    virtual_channel: int
    apid: int
    sequence_count: int  # modulo 16384, by APID
    secondary_header: bool  # the PUS-C secondary header follows the primary one
    data: bytes  # the packet from its primary header to its packet error control, 8 to 65542 octets
    run: int = 0  # of its spacecraft, from 0


class PacketCounts(TypedDict):
    """Packets: emitted; with a wrong header or checksum; begun and never ended; idle ones."""

    good: int
    damaged: int
    incomplete: int
    idle: int


class PacketAccount(TypedDict):
    """The packet stage's share of the account; `apids` is keyed "channel/APID"."""

    packets: PacketCounts
    apids: dict[str, SequenceCounts]


class _Channel:
    """The open ends of a virtual channel in its present run, by the place of the frame that has them.

    heads: packets that begin and do not end up to the end of that frame, and whose next piece has not come.
    tails: what a frame holds before its first header, when no packet was open at the end of the one before; and
    whether a header follows.
    """

    __slots__ = ("heads", "newest", "run", "tails")

    def __init__(self) -> None:
        self.run = 0
        self.newest = 0
        self.heads: dict[int, bytearray] = {}
        self.tails: dict[int, tuple[bytes, bool]] = {}


class PacketDecoder:
    """Takes the frames of a stream as they come.

    A packet is joined from frames whose places follow each other. A late frame is joined to the frames around
    it: all packets that it completes come with it, those that end in frames after it too. So all packets
    that arrived whole come out once, whatever the order of the frames; those of late frames come late. Open
    ends are held for 128 places of the channel, as long as a frame may be late.
    """

    HELD = 128

    def __init__(self) -> None:
        self._channels: dict[tuple[int, int], _Channel] = {}  # by (spacecraft id, virtual channel)
        self._tracks: dict[tuple[int, ...], SequenceTrack] = {}
        self._damaged = 0
        self._incomplete = 0
        self._idle = 0

    def feed(self, frame: Frame) -> list[Packet]:
        """Take the next frame of the stream; return the packets that it completes; a duplicate gives none."""
        if frame.duplicate:
            return []
        key = (frame.spacecraft_id, frame.virtual_channel)
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = _Channel()
        if channel.run != frame.run:
            self._restart(key, channel, frame.run)
        packets: list[Packet] = []
        pointer = frame.first_header_pointer
        starts = pointer < DATA_LENGTH
        partial = channel.heads.pop(frame.place - 1, None)
        if partial is None:
            partial = bytearray()
            if pointer == NO_PACKET_STARTS or (starts and pointer):
                channel.tails[frame.place] = (frame.data[:pointer], starts)
        elif pointer == ONLY_IDLE_DATA:
            self._abandon(partial)
        else:
            self._continue(partial, frame.data[:pointer], starts, frame, packets)
        if starts:
            self._walk(partial, frame, packets)
        place = frame.place
        if frame.late:
            place = self._join(channel, partial, frame, packets)
        if partial:
            channel.heads[place] = partial
        self._forget(channel, frame.place)
        return packets

    def finish(self) -> None:
        """End of the stream: a packet still open stays incomplete, so no packets come of it."""
        for channel in self._channels.values():
            self._close(channel)

    def account(self) -> PacketAccount:
        """What was decided so far; a packet that may still be joined before `finish` is in no number."""
        return {
            "packets": {
                "good": sum(track.good for track in self._tracks.values()),
                "damaged": self._damaged,
                "incomplete": self._incomplete,
                "idle": self._idle,
            },
            "apids": count_by_label(self._tracks),
        }

    def _continue(self, partial: bytearray, piece: bytes, ends: bool, frame: Frame, packets: list[Packet]) -> None:
        """Add a piece to the open packet; ends: a header follows it. Both must agree on where the packet ends.

        frame: with which the packet comes.
        """
        partial += piece
        length = _packet_length(partial, 0) if len(partial) >= HEADER_LENGTH else 0
        if length == len(partial):
            self._take(bytes(partial), frame, packets)
            partial.clear()
        elif ends or length < len(partial):
            self._abandon(partial)

    def _join(self, channel: _Channel, partial: bytearray, frame: Frame, packets: list[Packet]) -> int:
        """Continue the packet open at the end of a late frame in the frames after it.

        Returns the place of the frame at whose end it still is open, if it is.
        """
        place = frame.place
        while partial and (tail := channel.tails.pop(place + 1, None)) is not None:
            place += 1
            self._continue(partial, *tail, frame, packets)
        return place

    def _forget(self, channel: _Channel, place: int) -> None:
        """Let go of open ends that no frame can be joined to any more."""
        channel.newest = max(channel.newest, place)
        oldest = channel.newest - self.HELD
        if len(channel.heads) > 1:
            for old in [old for old in channel.heads if old < oldest]:
                self._abandon(channel.heads.pop(old))
        if channel.tails:
            for old in [old for old in channel.tails if old < oldest]:
                del channel.tails[old]

    def _restart(self, key: tuple[int, int], channel: _Channel, run: int) -> None:
        """Begin a new run on a channel."""
        self._close(channel)
        channel.run, channel.newest = run, 0
        for (*of_channel, _), track in self._tracks.items():
            if tuple(of_channel) == key:
                track.restart()

    def _close(self, channel: _Channel) -> None:
        """Let go of all open ends."""
        for partial in channel.heads.values():
            self._abandon(partial)
        channel.heads.clear()
        channel.tails.clear()

    def _walk(self, partial: bytearray, frame: Frame, packets: list[Packet]) -> None:
        """Take the packets that start in the frame; the last may stay open."""
        data = frame.data
        start = frame.first_header_pointer
        while start < len(data):
            if data[start] & _VERSION_AND_TYPE_MASK:
                self._damaged += 1  # and nothing tells where the next one starts, before the next frame's pointer
                return
            header_whole = len(data) - start >= HEADER_LENGTH
            end = start + _packet_length(data, start) if header_whole else len(data) + 1
            if end > len(data):
                partial += data[start:]
                return
            self._take(data[start:end], frame, packets)
            start = end

    def _take(self, octets: bytes, frame: Frame, packets: list[Packet]) -> None:
        """Judge a whole packet; add it to the list if it is good and new."""
        identification, sequence_control, _ = _HEADER.unpack_from(octets)
        apid = identification & _APID_MASK
        if apid == IDLE_APID:
            self._idle += 1
            return
        if len(octets) < HEADER_LENGTH + ERROR_CONTROL_LENGTH or crc16(octets) != 0:
            self._damaged += 1
            return
        key = (frame.spacecraft_id, frame.virtual_channel, apid)
        track = self._tracks.get(key)
        if track is None:
            track = self._tracks[key] = SequenceTrack(modulo=16384)
        count = sequence_control & _COUNT_MASK
        if track.receive(count, octets, frame.late) is None:
            return
        packets.append(
            Packet(
                spacecraft_id=frame.spacecraft_id,
                virtual_channel=frame.virtual_channel,
                apid=apid,
                sequence_count=count,
                secondary_header=bool(identification & _SECONDARY_HEADER_FLAG),
                run=frame.run,
                data=octets,
            )
        )

    def _abandon(self, partial: bytearray) -> None:
        """Drop the open packet: incomplete, unless it is an idle one or too short to say what it is."""
        if len(partial) >= HEADER_LENGTH and _HEADER.unpack_from(partial)[0] & _APID_MASK != IDLE_APID:
            self._incomplete += 1
        partial.clear()


def _packet_length(octets: bytes | bytearray, start: int) -> int:
    """Length in octets of the packet whose header starts here; its length field holds 7 less (4.1.3.5)."""
    return (octets[start + 4] << 8 | octets[start + 5]) + HEADER_LENGTH + 1
