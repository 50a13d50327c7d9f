"""What receives: the rover's own CLTU decoder, frame check and FARM, on CPython."""

from collections.abc import Callable

import pytest
from rover.link import tc_frame
from rover.link.cltu import CltuDecoder
from rover.link.farm import Farm
from yutu2.dictionary.model import load
from yutu2.uplink.cltu import cltu
from yutu2.uplink.encode import Request, read_request
from yutu2.uplink.frame import with_error_control

SPACECRAFT = 24


class Receiver:
    """The rover's end of the line. data: of all frames that it accepts. room: whether it has a buffer."""

    def __init__(self):
        self.data: list[bytes] = []
        self.refused = 0
        self.room = True
        self.octets = bytearray(4)
        self.octets[0] = 0x01  # COP in effect
        self.changes = 0
        self.farm = Farm(self.octets, self._count)
        self._decoder = CltuDecoder(self._take)

    @property
    def clcw(self) -> int:
        return int.from_bytes(self.octets)

    def feed(self, octets):
        self._decoder.feed(octets, len(octets))

    def _take(self, buffer, size):
        if tc_frame.check(buffer, size, SPACECRAFT):
            self.refused += 1
        elif self.farm.accepts(buffer, self.room):
            self.data.append(bytes(buffer[tc_frame.DATA : tc_frame.data_end(buffer)]))

    def _count(self):
        self.changes += 1


@pytest.fixture(scope="session")
def make_receiver() -> Callable[[], Receiver]:
    return Receiver


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture(scope="session")
def on_the_line() -> Callable[[bytes], bytes]:
    """`on_the_line(frame)`: the CLTU of a frame without its error control."""
    return lambda frame: cltu(with_error_control(frame))


@pytest.fixture(scope="session")
def request_of() -> Callable[[str], Request]:
    """`request_of(line)`: the request that a line of text is."""
    return lambda line: read_request(line.split(), load())
