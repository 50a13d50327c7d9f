"""Buffer of the octets that the chip sent on one line, with the emulated time of each chunk."""

from collections.abc import Callable
from typing import NamedTuple


class Chunk(NamedTuple):
    """Represent octets that arrived together. time_us: emulated microseconds since power-on."""

    time_us: int
    octets: bytes


class ReceiveBuffer:
    """Buffer octets until they are taken; each octet is taken once."""

    def __init__(self) -> None:
        self._pieces: list[Chunk] = []
        self._octets = bytearray()

    def add(self, time_us: int, octets: bytes) -> None:
        """Append octets that have just arrived."""
        self._pieces.append(Chunk(time_us, octets))
        self._octets += octets

    def __len__(self) -> int:
        """Return the number of octets not taken yet."""
        return len(self._octets)

    def arrival_of(self, octets: bytes) -> Callable[[], bool]:
        """Return a condition that `octets` are among those not taken yet; it searches each octet once."""
        searched = 0

        def arrived() -> bool:
            nonlocal searched
            found = self._octets.find(octets, searched) >= 0
            searched = max(0, len(self._octets) - len(octets) + 1)
            return found

        return arrived

    def take(self) -> bytes:
        """Take all octets."""
        taken = bytes(self._octets)
        self.clear()
        return taken

    def take_chunks(self) -> list[Chunk]:
        """Take all octets in chunks as they arrived: single octets on the UART, packets on USB."""
        pieces = self._pieces
        self.clear()
        return pieces

    def clear(self) -> None:
        """Drop all octets."""
        self._pieces = []
        self._octets.clear()
