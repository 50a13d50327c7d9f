"""The whole way from octets to reports, with its account."""

from yutu2.decode.fields import FieldDecoder, Report
from yutu2.decode.live import Account, LiveDecoder
from yutu2.dictionary.model import Dictionary


class Reception:
    """Receives one downlink: octets in chunks of any size go in, reports come out.

    foreign_hash: see FieldDecoder.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self._packets = LiveDecoder()
        self._fields = FieldDecoder(dictionary)

    @property
    def foreign_hash(self) -> str | None:
        """Hash of the rover's dictionary, once it was seen to differ from ours."""
        return self._fields.foreign_hash

    def feed(self, chunk: bytes) -> list[Report]:
        """Takes the next octets; gives the reports completed, in order."""
        return [self._fields.decode(packet) for packet in self._packets.feed(chunk)]

    def take_clcw(self, spacecraft_id: int) -> int | None:
        """What the craft said last of the commands that it got; None: nothing since this was asked before."""
        return self._packets.take_clcw(spacecraft_id)

    def finish(self) -> None:
        """The input has ended: what is still held back is no packet, and the account is closed."""
        self._packets.finish()

    def advice(self) -> str | None:
        """What else than frames of this mission came, in one line; None: nothing that is worth a line."""
        return self._packets.advice()

    def account(self) -> Account:
        """What was received and what was lost, in the layout of the account file."""
        return self._packets.account()
