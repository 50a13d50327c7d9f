"""Octets of a dirty line -> TM transfer frames (CCSDS 132.0-B-3), with an exact account of every octet.

A frame is looked for wherever the four octets of the attached sync marker stand, also inside a frame that
proved broken, so that a frame cut short never hides the whole one after it.
"""

from collections.abc import Callable
from struct import Struct
from typing import NamedTuple, NotRequired, TypedDict

from yutu2.decode.checksum import crc16
from yutu2.decode.runs import Arrival, RunLog, Sender, Verdict
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


class Frame(NamedTuple):
    """A TM transfer frame whose error control field is right (CCSDS 132.0-B-3, 4.1)."""

    spacecraft_id: int
    virtual_channel: int
    master_channel_count: int  # modulo 256
    virtual_channel_count: int  # modulo 256
    first_header_pointer: int  # octets into `data`, or NO_PACKET_STARTS or ONLY_IDLE_DATA
    data: bytes  # transfer frame data field, 1103 octets
    clcw: int  # operational control field, 32 bits (CCSDS 232.0-B-4, 4.2)
    offset: int  # octets from the start of the stream to the sync marker
    duplicate: bool  # repeats a frame already received, or belongs to the past
    lost_before: int  # frames of this channel missing between the last good one and this one, modulo 256
    run: int  # of its spacecraft, from 0
    place: int  # in its channel and run: the count, continued past the wrap
    late: bool  # a good one that frames sent later have overtaken


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
    """The frame stage's share of the account; `skipped` holds [offset, length] in octets, in order.

    skipped_joined: only there when it is not 0: so many further extents are joined to the last one, which then
    reaches over the frames between them.
    """

    octets: OctetCounts
    skipped: list[list[int]]
    skipped_joined: NotRequired[int]
    frames: FrameCounts
    channels: dict[str, SequenceCounts]


class FrameDecoder:
    """Finds the frames in a stream that comes in chunks of any size; holds back less than one frame.

    on_skipped: takes the offset and the octets of each piece of the stream that is skipped, in order. runs: where
    the runs of the spacecraft begin.
    """

    EXTENTS = 10_000  # of skipped octets that are listed

    def __init__(self, on_skipped: Callable[[int, bytes], None] = lambda offset, octets: None) -> None:
        self.runs = RunLog()
        self._on_skipped = on_skipped
        self._pending = b""  # undecided octets: a marker and less than a frame, or up to 3 octets of a marker
        self._decided = 0  # octets of the stream before `_pending`
        self._damaged = 0
        self._skipped: list[list[int]] = []
        self._skipped_end = 0  # of the last extent that was skipped
        self._joined = 0
        self._tracks: dict[tuple[int, ...], SequenceTrack] = {}
        self._senders: dict[int, Sender] = {}  # by spacecraft id

    def feed(self, chunk: bytes | bytearray | memoryview) -> list[Frame]:
        """Take the next octets of the stream; return the frames completed, duplicates among them.

        A frame that proves to begin a new run when the next one comes is there twice: first as a duplicate.
        """
        window = self._pending + chunk  # no copy of bytes when nothing is pending
        frames: list[Frame] = []
        cursor = 0  # first octet neither in a frame nor skipped
        marker = window.find(SYNC_MARKER)
        while 0 <= marker <= len(window) - _UNIT_LENGTH:
            arrival = self._arrival_at(window, marker)
            if arrival is None:
                self._damaged += 1
                marker = window.find(SYNC_MARKER, marker + 1)
                continue
            self._sort_in(arrival, frames)
            self._skip(window, cursor, marker)
            cursor = marker + _UNIT_LENGTH
            marker = window.find(SYNC_MARKER, cursor)
        undecided = marker if marker >= 0 else max(cursor, len(window) - len(SYNC_MARKER) + 1)
        self._skip(window, cursor, undecided)
        self._pending = window[undecided:]
        self._decided += undecided
        return frames

    def finish(self) -> None:
        """End of the stream: what is pending is damaged or no frame at all, so no frames come of it."""
        self._damaged += self._pending.count(SYNC_MARKER)
        self._skip(self._pending, 0, len(self._pending))
        self._decided += len(self._pending)
        self._pending = b""

    @property
    def has_good(self) -> bool:
        """Whether a frame of this mission was found."""
        return bool(self._tracks)

    def account(self) -> FrameAccount:
        """What was decided so far; octets still undecided before `finish` are in no number.

        A frame that may begin a new run counts as a duplicate until the next one of its spacecraft decides.
        """
        tracks = self._tracks.values()
        good = sum(track.good for track in tracks)
        duplicate = sum(track.duplicate for track in tracks)
        in_frames = (good + duplicate) * _UNIT_LENGTH
        account: FrameAccount = {
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
        if self._joined:
            account["skipped_joined"] = self._joined
        return account

    def _arrival_at(self, window: bytes, marker: int) -> Arrival | None:
        """The frame behind the marker at this place of the window, or None when it is damaged or not ours."""
        identifier, master_count, channel_count, status = _HEADER.unpack_from(window, marker + len(SYNC_MARKER))
        channel = _CHANNELS.get(identifier)
        pointer = status & 0x7FF
        if channel is None or status & _STATUS_MASK != _STATUS or DATA_LENGTH <= pointer < ONLY_IDLE_DATA:
            return None
        octets = window[marker + len(SYNC_MARKER) : marker + _UNIT_LENGTH]
        if crc16(octets) != 0:
            return None
        return Arrival(*channel, master_count, channel_count, pointer, octets, self._decided + marker)

    def _sort_in(self, arrival: Arrival, frames: list[Frame]) -> None:
        """Judge a frame by those before it; add to `frames` what becomes of it, and of one held for its sake."""
        channel = (arrival.spacecraft_id, arrival.virtual_channel)
        track = self._tracks.get(channel)
        if track is None:
            track = self._tracks[channel] = SequenceTrack(modulo=256)
        sender = self._senders.get(arrival.spacecraft_id)
        if sender is None:
            sender = self._senders[arrival.spacecraft_id] = Sender()
            if len(self._senders) == 1:
                self.runs.begin(arrival.spacecraft_id, 0, arrival.offset)
            sender.begin(arrival)
        elif not sender.expects(track, arrival):
            self._judge(sender, track, arrival, frames)
            return
        frames.append(self._accept(sender, track, arrival))

    def _judge(self, sender: Sender, track: SequenceTrack, arrival: Arrival, frames: list[Frame]) -> None:
        """Sort in a frame that is not simply the next one, as the docstring of `Sender` says."""
        verdict = sender.judge(track, arrival)
        held = sender.held
        if held is not None and arrival.octets != held.octets:
            if sender.follows_held(arrival, verdict):
                self._tracks[held.spacecraft_id, held.virtual_channel].duplicate -= 1
                frames.append(self._begin_run(sender, held))
                verdict = sender.judge(track, arrival)
            else:
                sender.hold(None)
        if verdict is Verdict.BEGINNING:
            frames.append(self._begin_run(sender, arrival))
        elif verdict in (Verdict.IN_ORDER, Verdict.LATE):
            frames.append(self._accept(sender, track, arrival, verdict is Verdict.LATE))
        else:
            if sender.held is None and sender.may_begin_a_run(track, arrival, verdict):
                sender.hold(arrival)
            track.duplicate += 1
            frames.append(_frame(arrival, sender.run, track, None, False))

    def _begin_run(self, sender: Sender, arrival: Arrival) -> Frame:
        """Take the first frame of a new run."""
        for (spacecraft_id, _), track in self._tracks.items():
            if spacecraft_id == arrival.spacecraft_id:
                track.restart()
        sender.run += 1
        sender.begin(arrival)
        self.runs.begin(arrival.spacecraft_id, sender.run, arrival.offset)
        return self._accept(sender, self._tracks[arrival.spacecraft_id, arrival.virtual_channel], arrival)

    def _accept(self, sender: Sender, track: SequenceTrack, arrival: Arrival, late: bool = False) -> Frame:
        """Take a good frame."""
        lost = track.receive(arrival.virtual_channel_count, arrival.octets, late)
        if not late:
            sender.take(arrival)
        return _frame(arrival, sender.run, track, lost, late)

    def _skip(self, window: bytes, start: int, end: int) -> None:
        """Note window[start:end] as skipped, joined to skipped octets right before it."""
        if start == end:
            return
        offset, length = self._decided + start, end - start
        self._on_skipped(offset, window[start:end])
        if self._skipped and self._skipped_end == offset:
            self._skipped[-1][1] += length
        elif len(self._skipped) == self.EXTENTS:
            self._joined += 1
            self._skipped[-1][1] = offset + length - self._skipped[-1][0]
        else:
            self._skipped.append([offset, length])
        self._skipped_end = offset + length


def _frame(arrival: Arrival, run: int, track: SequenceTrack, lost: int | None, late: bool) -> Frame:
    """The frame that has arrived. lost: None for a duplicate. track: that has taken it."""
    octets, count = arrival.octets, arrival.virtual_channel_count
    return Frame(
        spacecraft_id=arrival.spacecraft_id,
        virtual_channel=arrival.virtual_channel,
        master_channel_count=arrival.master_channel_count,
        virtual_channel_count=count,
        first_header_pointer=arrival.first_header_pointer,
        data=octets[_HEADER.size : _HEADER.size + DATA_LENGTH],
        clcw=_CONTROL_FIELD.unpack_from(octets, _HEADER.size + DATA_LENGTH)[0],
        offset=arrival.offset,
        duplicate=lost is None,
        lost_before=lost or 0,
        run=run,
        place=track.place_of(count),
        late=late,
    )
