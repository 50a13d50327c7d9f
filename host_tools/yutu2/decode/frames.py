"""Octets of a dirty line -> TM transfer frames (CCSDS 132.0-B-3), with an exact account of every octet.

A frame is looked for wherever the four octets of the attached sync marker stand, also inside a frame that
proved broken, so that a frame cut short never hides the whole one after it.
"""

from dataclasses import dataclass
from struct import Struct
from typing import TypedDict

from yutu2.decode.checksum import crc16
from yutu2.decode.sequence import SequenceCounts, SequenceTrack, count_by_label

SYNC_MARKER = bytes.fromhex("1ACFFC1D")  # CCSDS 131.0-B, section 9
FRAME_LENGTH = 1115  # octets: primary header 6, data field 1103, operational control field 4, error control 2
DATA_LENGTH = 1103
NO_PACKET_STARTS = 0x7FF  # first header pointer, 4.1.2.7.6
ONLY_IDLE_DATA = 0x7FE
SPACECRAFT_IDS = (24, 4)  # rover, lander
VIRTUAL_CHANNELS = (0, 1, 2)  # live, file delivery, playback

_UNIT_LENGTH = len(SYNC_MARKER) + FRAME_LENGTH  # what a frame takes of the stream
_HEADER = Struct(">HBBH")
_CONTROL_FIELD = Struct(">I")

# The first two octets of an acceptable header (version 0, spacecraft, channel, operational control field flag
# 1) -> (spacecraft id, virtual channel): one look-up instead of four comparisons.
_CHANNELS = {
    spacecraft << 4 | channel << 1 | 1: (spacecraft, channel)
    for spacecraft in SPACECRAFT_IDS
    for channel in VIRTUAL_CHANNELS
}
# Upper five bits of the status word: secondary header, synchronisation, packet order 0, segment length id 11.
_STATUS_MASK, _STATUS = 0xF800, 0x1800


@dataclass(frozen=True, slots=True)
class Frame:
    """A TM transfer frame whose error control field is right (CCSDS 132.0-B-3, 4.1)."""

    spacecraft_id: int
    virtual_channel: int
    master_channel_count: int  # modulo 256
    virtual_channel_count: int  # modulo 256
    first_header_pointer: int  # octets into `data`, or NO_PACKET_STARTS or ONLY_IDLE_DATA
    data: bytes  # transfer frame data field, 1103 octets
    clcw: int  # operational control field, 32 bits (CCSDS 232.0-B-4, 4.2)
    offset: int  # octets from the start of the stream to the sync marker
    duplicate: bool  # repeats a frame already received
    lost_before: int  # frames of this channel missing between the last good one and this one, modulo 256


class OctetCounts(TypedDict):
    """Octets: total = in_frames (good and duplicate frames, with their sync markers) + skipped."""

    total: int
    in_frames: int
    skipped: int


class FrameCounts(TypedDict):
    """Frames: received = good + duplicate + damaged; damaged are markers with no right frame behind them."""

    received: int
    good: int
    duplicate: int
    damaged: int


class FrameAccount(TypedDict):
    """The frame stage's share of the account; `skipped` holds [offset, length] in octets, in order."""

    octets: OctetCounts
    skipped: list[list[int]]
    frames: FrameCounts
    channels: dict[str, SequenceCounts]


class FrameDecoder:
    """Finds the frames in a stream that comes in chunks of any size; holds back less than one frame."""

    def __init__(self) -> None:
        self._pending = b""  # undecided octets: a marker and less than a frame, or up to 3 octets of a marker
        self._decided = 0  # octets of the stream before `_pending`
        self._damaged = 0
        self._skipped: list[list[int]] = []
        self._tracks: dict[tuple[int, ...], SequenceTrack] = {}

    def feed(self, chunk: bytes | bytearray | memoryview) -> list[Frame]:
        """Take the next octets of the stream; return the frames completed, duplicates among them."""
        window = self._pending + chunk  # no copy of bytes when nothing is pending
        frames = []
        cursor = 0  # first octet neither in a frame nor skipped
        marker = window.find(SYNC_MARKER)
        while 0 <= marker <= len(window) - _UNIT_LENGTH:
            frame = self._frame_at(window, marker)
            if frame is None:
                self._damaged += 1
                marker = window.find(SYNC_MARKER, marker + 1)
                continue
            frames.append(frame)
            self._skip(cursor, marker)
            cursor = marker + _UNIT_LENGTH
            marker = window.find(SYNC_MARKER, cursor)
        undecided = marker if marker >= 0 else max(cursor, len(window) - len(SYNC_MARKER) + 1)
        self._skip(cursor, undecided)
        self._pending = window[undecided:]
        self._decided += undecided
        return frames

    def finish(self) -> None:
        """End of the stream: what is pending is damaged or no frame at all, so no frames come of it."""
        self._damaged += self._pending.count(SYNC_MARKER)
        self._skip(0, len(self._pending))
        self._decided += len(self._pending)
        self._pending = b""

    def account(self) -> FrameAccount:
        """What was decided so far; octets still undecided before `finish` are in no number."""
        tracks = self._tracks.values()
        good = sum(track.good for track in tracks)
        duplicate = sum(track.duplicate for track in tracks)
        in_frames = (good + duplicate) * _UNIT_LENGTH
        return {
            "octets": {"total": self._decided, "in_frames": in_frames, "skipped": self._decided - in_frames},
            "skipped": [list(extent) for extent in self._skipped],
            "frames": {
                "received": good + duplicate + self._damaged,
                "good": good,
                "duplicate": duplicate,
                "damaged": self._damaged,
            },
            "channels": count_by_label(self._tracks),
        }

    def _frame_at(self, window: bytes, marker: int) -> Frame | None:
        """The frame behind the marker at this place of the window, or None when it is damaged or not ours."""
        identifier, master_count, channel_count, status = _HEADER.unpack_from(window, marker + len(SYNC_MARKER))
        channel = _CHANNELS.get(identifier)
        pointer = status & 0x7FF
        if channel is None or status & _STATUS_MASK != _STATUS or DATA_LENGTH <= pointer < ONLY_IDLE_DATA:
            return None
        octets = window[marker + len(SYNC_MARKER) : marker + _UNIT_LENGTH]
        if crc16(octets) != 0:
            return None
        track = self._tracks.get(channel)
        if track is None:
            track = self._tracks[channel] = SequenceTrack(modulo=256)
        lost = track.receive(channel_count, octets)
        return Frame(
            spacecraft_id=channel[0],
            virtual_channel=channel[1],
            master_channel_count=master_count,
            virtual_channel_count=channel_count,
            first_header_pointer=pointer,
            data=octets[_HEADER.size : _HEADER.size + DATA_LENGTH],
            clcw=_CONTROL_FIELD.unpack_from(octets, _HEADER.size + DATA_LENGTH)[0],
            offset=self._decided + marker,
            duplicate=lost is None,
            lost_before=lost or 0,
        )

    def _skip(self, start: int, end: int) -> None:
        """Note window[start:end] as skipped, joined to skipped octets right before it."""
        if start == end:
            return
        offset, length = self._decided + start, end - start
        if self._skipped and sum(self._skipped[-1]) == offset:
            self._skipped[-1][1] += length
        else:
            self._skipped.append([offset, length])
