"""Decode a downlink as it comes: octets in, reports out, with an exact account of what arrived and what did not."""

from collections.abc import Callable, Iterable, Iterator
from typing import NotRequired, TypedDict

from yutu2.decode.fields import FieldDecoder, Report
from yutu2.decode.frames import FrameAccount, FrameDecoder
from yutu2.decode.identify import Identifier
from yutu2.decode.packets import Packet, PacketAccount, PacketDecoder
from yutu2.decode.runs import RunEntry
from yutu2.dictionary.model import Dictionary


class _Unlisted(TypedDict):
    runs_unlisted: NotRequired[int]


class Account(FrameAccount, PacketAccount, _Unlisted):
    """Reception statistics: octets, skipped, frames, channels, packets, apids, runs. Ready for JSON.

    runs_unlisted: only there when it is not 0: so many further runs are not listed.
    """

    runs: list[RunEntry]


class TelemetryDecoder:
    """Decode one downlink. Neither packets nor account depend on how the stream is cut into chunks."""

    # A larger chunk is worked on in pieces of so many octets: its frames are never all in memory at once.
    PIECE = 1 << 18

    def __init__(self, dictionary: Dictionary, is_wanted: Callable[[Packet], bool] = lambda packet: True) -> None:
        """Decode with `dictionary`. is_wanted: whether a packet gets a report; it costs less to decode few of many."""
        self._identifier = Identifier()
        self._frames = FrameDecoder(self._identifier.take)
        self._packets = PacketDecoder()
        self._fields = FieldDecoder(dictionary)
        self._is_wanted = is_wanted
        self._clcws: dict[int, int] = {}  # by spacecraft id, those not taken yet

    @property
    def foreign_hash(self) -> str | None:
        """The hash of the rover's dictionary, once it was seen to differ from the one that decodes."""
        return self._fields.foreign_hash

    @property
    def rover_hash(self) -> str | None:
        """The hash of the rover's dictionary, as its housekeeping reported it last; None before the first report."""
        return self._fields.rover_hash

    def feed(self, chunk: bytes | bytearray | memoryview) -> list[Report]:
        """Take the next octets of the stream, damaged or not; return the reports completed, in order."""
        return [self._fields.decode(packet) for packet in self.feed_packets(chunk) if self._is_wanted(packet)]

    def feed_packets(self, chunk: bytes | bytearray | memoryview) -> list[Packet]:
        """Take the next octets like `feed`; return the packets completed, their fields not decoded."""
        packets: list[Packet] = []
        for start in range(0, len(chunk), self.PIECE):
            for frame in self._frames.feed(chunk[start : start + self.PIECE]):
                completed = self._packets.feed(frame)
                if self._frames.runs.untimed:
                    self._frames.runs.take(completed)
                packets += completed
                if not (frame.duplicate or frame.late):
                    self._clcws[frame.spacecraft_id] = frame.clcw
        return packets

    def take_clcw(self, spacecraft_id: int) -> int | None:
        """Return the CLCW of the last frame of that craft; None when none has come since the last call."""
        return self._clcws.pop(spacecraft_id, None)

    def finish(self) -> None:
        """End the stream: nothing is undecided any more, and the account's sums hold for all octets."""
        self._frames.finish()
        self._identifier.finish()
        self._packets.finish()

    def account(self) -> Account:
        """Return the account in the layout of `yutu2 decode --account`; before `finish`, of what is decided."""
        runs = self._frames.runs
        unlisted: _Unlisted = {"runs_unlisted": runs.unlisted} if runs.unlisted else {}
        return {**self._frames.account(), **self._packets.account(), "runs": runs.entries(), **unlisted}

    def advice(self) -> str | None:
        """Return in one line what else than frames of this mission came; None: nothing that is worth a line."""
        return self._identifier.advice(self._frames.has_good)


def read_telemetry(
    octets: Iterable[bytes], decoder: TelemetryDecoder, is_asked_to_end: Callable[[], bool] = lambda: False
) -> Iterator[list[Report]]:
    """Yield the reports of each chunk of a stream, none for a moment of silence, and finish the decoder at the end.

    is_asked_to_end: checked after each chunk; True ends the reading as the end of the stream does.
    """
    for chunk in octets:
        yield decoder.feed(chunk)
        if is_asked_to_end():
            break
    decoder.finish()
