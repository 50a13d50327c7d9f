"""What receives: the rover's own CLTU decoder, frame check and FARM, on CPython; and a rover made of them."""

import os
import pty
import select
import struct
import threading
import tty
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from rover.link import tc_frame
from rover.link.cltu import CltuDecoder
from rover.link.farm import Farm
from yutu2.cli.shell import session, status
from yutu2.dictionary.model import load
from yutu2.runs import client as sender
from yutu2.uplink.cltu import cltu
from yutu2.uplink.encode import Request, read_request
from yutu2.uplink.frame import with_error_control

SPACECRAFT = 24


class Receiver:
    """The rover's end of the line. data: of all frames that it accepts. room: whether it has a buffer.

    answers: how often it would tell its CLCW. security: opens frames, if it has a key.
    """

    def __init__(self):
        self.data: list[bytes] = []
        self.refused = self.answers = 0
        self.room = True
        self.security = None
        self.octets = bytearray(4)
        self.octets[0] = 0x01  # COP in effect
        self.farm = Farm(self.octets)
        self._decoder = CltuDecoder(self._take)

    @property
    def clcw(self) -> int:
        return int.from_bytes(self.octets)

    def feed(self, octets):
        self._decoder.feed(octets, len(octets))

    def _take(self, buffer, size):
        if tc_frame.check(buffer, size, SPACECRAFT):
            self.refused += 1
            return
        self.answers += 1
        if self.farm.accepts(buffer, self.room):
            end = tc_frame.data_end(buffer)
            if self.security is not None:
                end = self.security.open(buffer, tc_frame.DATA, end, 0)
            if end < 0:
                self.refused += 1
            else:
                self.data.append(bytes(buffer[tc_frame.DATA : end]))


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


class StandIn:
    """A rover as a port of pyserial: FARM and ST[01], in frames that leave at once. A read takes 0.2 s of its clock.

    stages: what it says of a command, as (name of a report, its fields). answers: by service and subservice. commands:
    (service, subservice) of those that it got, packets: their octets. deaf: so many CLTUs do not arrive. mute: it sends
    nothing.
    """

    def __init__(self, receiver, craft, time):
        self.receiver = receiver
        self.craft = craft
        self.time = time
        self.now = 1000.0
        self.stages = [("TC_ACCEPTED", {}), ("TC_STARTED", {}), ("TC_DONE", {})]
        self.answers = {(17, 1): ("ALIVE", {})}
        self.commands = []
        self.packets = []
        self.written = []
        self.deaf = 0
        self.mute = False
        self.closed = False
        self._frames = 0
        self._handled = 0

    @property
    def in_waiting(self):
        return sum(map(len, self.craft.sender.frames[self._frames :]))

    def read(self, size):
        self.now += 0.2
        frames, self._frames = self.craft.sender.frames[self._frames :], len(self.craft.sender.frames)
        return b"".join(frames)

    def write(self, octets):
        self.written.append(octets)
        if self.deaf:
            self.deaf -= 1
            return
        answers = self.receiver.answers
        self.receiver.feed(octets)
        for data in self.receiver.data[self._handled :]:
            self._obey(data)
        self._handled = len(self.receiver.data)
        if self.receiver.answers > answers:
            self.flush()

    def close(self):
        self.closed = True

    def tell(self, name, **fields):
        self.craft.tell(name, self.time, **fields)

    def flush(self):
        """Lets a frame go."""
        self.craft.sender.clcw = self.receiver.clcw
        frames = len(self.craft.sender.frames)
        self.craft.sender.end()
        if len(self.craft.sender.frames) == frames:
            self.craft.sender.idle_only(0)
        if self.mute:
            self._frames = len(self.craft.sender.frames)

    def _obey(self, octets):
        packet_id, sequence_control, length = struct.unpack_from(">HHH", octets)
        assert length == len(octets) - 7
        assert octets[6] == 0x2F
        kind = octets[7], octets[8]
        self.commands.append(kind)
        self.packets.append(octets)
        for number, (name, fields) in enumerate(self.stages):
            if number == len(self.stages) - 1 and kind in self.answers:
                self.tell(self.answers[kind][0], **self.answers[kind][1])
            self.tell(name, packet_id=packet_id, sequence_control=sequence_control, **fields)


@pytest.fixture
def far_rover(receiver, craft) -> StandIn:
    """A rover on the morning of lunar day 24."""
    return StandIn(receiver, craft, datetime(2020, 11, 12, 6, tzinfo=UTC))


@pytest.fixture
def stand_in(far_rover, monkeypatch) -> StandIn:
    """The rover to which every URL leads, and whose clock the sender and the shell go by."""
    monkeypatch.setattr(sender, "open_port", lambda url: far_rover)
    for module in (sender, session, status):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: far_rover.now))
    return far_rover


@pytest.fixture
def device(far_rover) -> Iterator[str]:
    """A serial device with the rover at its other end."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    ended = threading.Event()

    def live():
        while not ended.is_set():
            if select.select([master], [], [], 0.05)[0]:
                far_rover.write(os.read(master, 4096))
                octets = far_rover.read(0)
                while octets:
                    octets = octets[os.write(master, octets) :]

    thread = threading.Thread(target=live)
    thread.start()
    yield os.ttyname(slave)
    ended.set()
    thread.join()
    os.close(slave)
    os.close(master)
