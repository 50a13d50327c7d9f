"""TM transfer frames -> space packets (CCSDS 133.0-B-2), reassembled by virtual channel."""

from dataclasses import dataclass
from struct import Struct
from typing import TypedDict

from yutu2.decode.checksum import crc16
from yutu2.decode.frames import NO_PACKET_STARTS, ONLY_IDLE_DATA, Frame
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


@dataclass(frozen=True, slots=True)
class Packet:
    """A whole space packet, not an idle one, whose packet error control is right (CCSDS 133.0-B-2, 4.1)."""

    spacecraft_id: int
    virtual_channel: int
    apid: int
    sequence_count: int  # modulo 16384, by APID
    secondary_header: bool  # the PUS-C secondary header follows the primary one
    data: bytes  # the packet from its primary header to its packet error control, 8 to 65542 octets


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


class PacketDecoder:
    """Takes the frames of a stream in order; at most one unfinished packet a channel is held back."""

    def __init__(self) -> None:
        self._partial: dict[tuple[int, int], bytearray] = {}  # by (spacecraft id, channel); empty: none open
        self._tracks: dict[tuple[int, ...], SequenceTrack] = {}
        self._damaged = 0
        self._incomplete = 0
        self._idle = 0

    def feed(self, frame: Frame) -> list[Packet]:
        """Take the next frame of the stream; return the packets that end in it; a duplicate gives none."""
        if frame.duplicate:
            return []
        partial = self._partial.setdefault((frame.spacecraft_id, frame.virtual_channel), bytearray())
        if partial and (frame.lost_before or frame.first_header_pointer == ONLY_IDLE_DATA):
            self._abandon(partial)
        if frame.first_header_pointer == ONLY_IDLE_DATA:
            return []
        packets: list[Packet] = []
        if partial:
            self._continue(partial, frame, packets)
        if frame.first_header_pointer != NO_PACKET_STARTS:
            self._walk(partial, frame, packets)
        return packets

    def finish(self) -> None:
        """End of the stream: a packet still open stays incomplete, so no packets come of it."""
        for partial in self._partial.values():
            self._abandon(partial)

    def account(self) -> PacketAccount:
        """What was decided so far; a packet still open before `finish` is in no number."""
        return {
            "packets": {
                "good": sum(track.good for track in self._tracks.values()),
                "damaged": self._damaged,
                "incomplete": self._incomplete,
                "idle": self._idle,
            },
            "apids": count_by_label(self._tracks),
        }

    def _continue(self, partial: bytearray, frame: Frame, packets: list[Packet]) -> None:
        """Add to the open packet what the frame holds before its first header; both must agree on the end."""
        starts = frame.first_header_pointer != NO_PACKET_STARTS
        partial += frame.data[: frame.first_header_pointer] if starts else frame.data
        length = _packet_length(partial, 0) if len(partial) >= HEADER_LENGTH else 0
        if length == len(partial):
            self._take(bytes(partial), frame, packets)
            partial.clear()
        elif starts or length < len(partial):
            self._abandon(partial)

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
        if track.receive(count, octets) is None:
            return
        packets.append(
            Packet(
                spacecraft_id=frame.spacecraft_id,
                virtual_channel=frame.virtual_channel,
                apid=apid,
                sequence_count=count,
                secondary_header=bool(identification & _SECONDARY_HEADER_FLAG),
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
