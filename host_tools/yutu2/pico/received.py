"""What came out of the chip on one line, with the emulated time of each piece."""

from collections.abc import Callable
from typing import NamedTuple


class Piece(NamedTuple):
    """Octets that arrived together, and when: emulated microseconds since power-on."""

    time_us: int
    octets: bytes


class Received:
    """A stream that one reads and so empties; each octet is handed out once."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._octets = bytearray()

    def add(self, time_us: int, octets: bytes) -> None:
        """Append what has just arrived."""
        self._pieces.append(Piece(time_us, octets))
        self._octets += octets

    def __len__(self) -> int:
        """Octets not taken yet."""
        return len(self._octets)

    def arrival_of(self, octets: bytes) -> Callable[[], bool]:
        """A condition: `octets` are among those not taken yet. Looks at each octet once, however often it is asked."""
        searched = 0

        def arrived() -> bool:
            nonlocal searched
            found = self._octets.find(octets, searched) >= 0
            searched = max(0, len(self._octets) - len(octets) + 1)
            return found

        return arrived

    def take(self) -> bytes:
        """All octets not taken yet."""
        taken = bytes(self._octets)
        self.clear()
        return taken

    def take_pieces(self) -> list[Piece]:
        """All octets not taken yet, in the pieces in which they came: one octet each on the UART, a packet on USB."""
        pieces = self._pieces
        self.clear()
        return pieces

    def clear(self) -> None:
        """Forget what has not been taken."""
        self._pieces = []
        self._octets.clear()
