"""The live decoder: octets as they come -> packets and an exact account (`decode` in bulk gives the same)."""

from typing import NotRequired, TypedDict

from yutu2.decode.frames import FrameAccount, FrameDecoder
from yutu2.decode.identify import Identifier
from yutu2.decode.packets import Packet, PacketAccount, PacketDecoder
from yutu2.decode.runs import RunEntry


class _Unlisted(TypedDict):
    runs_unlisted: NotRequired[int]


class Account(FrameAccount, PacketAccount, _Unlisted):
    """What came and what did not: octets, skipped, frames, channels, packets, apids, runs. Ready for JSON.

    runs_unlisted: only there when it is not 0: so many further runs are not listed.
    """

    runs: list[RunEntry]


class LiveDecoder:
    """Decodes one downlink; neither packets nor account depend on how the stream was cut into chunks."""

    # A larger chunk is worked on in pieces of so many octets: its frames are never all in memory at once.
    PIECE = 1 << 18

    def __init__(self) -> None:
        self._identifier = Identifier()
        self._frames = FrameDecoder(self._identifier.take)
        self._packets = PacketDecoder()
        self._clcws: dict[int, int] = {}  # by spacecraft id, those not taken yet

    def feed(self, chunk: bytes | bytearray | memoryview) -> list[Packet]:
        """Take the next octets of the stream, damaged or not; return the packets completed, in order."""
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
        """The CLCW of the last frame of that craft; None when none has come since this was asked before."""
        return self._clcws.pop(spacecraft_id, None)

    def finish(self) -> None:
        """End of the stream: nothing is undecided any more, and the account's sums hold for all octets."""
        self._frames.finish()
        self._identifier.finish()
        self._packets.finish()

    def account(self) -> Account:
        """The account in the layout of `yutu2 decode --account`; before `finish`, of what is decided."""
        runs = self._frames.runs
        unlisted: _Unlisted = {"runs_unlisted": runs.unlisted} if runs.unlisted else {}
        return {**self._frames.account(), **self._packets.account(), "runs": runs.entries(), **unlisted}

    def advice(self) -> str | None:
        """What else than frames of this mission came, in one line; None: nothing that is worth a line."""
        return self._identifier.advice(self._frames.has_good)
