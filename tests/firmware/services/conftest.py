"""The services on their way to the ground: real scheduler, telemetry and frames, on a line that keeps them."""

import struct
from datetime import timedelta
from functools import partial

import pytest
from rover.kernel.clock import Clock
from rover.kernel.scheduler import Activity, Scheduler
from rover.link.frame import Downlink, VirtualChannel
from rover.services.telemetry import Telemetry
from yutu2.decode.checksum import crc16
from yutu2.dictionary.model import load
from yutu2.uplink.encode import packet, read_request

START_S = 58_000_000


class Craft:
    """What a service speaks through. hold_ms: as Telemetry has it. left: mission time (s, ms) of each frame."""

    def __init__(self, line, hold_ms=None):
        self.line = line
        self.left = []
        self.clock = Clock(START_S)
        self.scheduler = Scheduler(self.clock, None, lambda number, s: None, lambda: None)
        self.downlink = Downlink(24, self._send)
        self.channel = VirtualChannel(self.downlink, 0)
        self.telemetry = Telemetry(self.clock, self.scheduler, self.channel, hold_ms)

    def at(self, s, ms, call):
        """Lets `call` happen so long after the start."""
        self.scheduler.at(Activity(0, call), START_S + s, ms)

    def run(self, s):
        self.scheduler.run(START_S + s)

    def finish(self):
        """The octets of all that was sent."""
        self.telemetry.flush()
        return b"".join(self.line.frames)

    def _send(self, frame):
        self.left.append((self.clock.s, self.clock.ms))
        self.line.send(frame)


@pytest.fixture
def craft(line):
    return Craft(line)


@pytest.fixture(scope="session")
def make_craft(make_line):
    """`make_craft(hold_ms)`: for tests that need a new one for each example."""
    return lambda hold_ms=None: Craft(make_line(), hold_ms)


# --- A whole rover that is commanded ---

DICTIONARY = load()
VERIFICATION = 1
COUNTS = 100  # sequence counts from one command to the next: those that it holds have the next ones
# In the morning of lunar day 24, hours before a step of the rover's own plan is due
DAY = {"start": "2020-11-11", "days": "0.2"}


def octets_of(command, number):
    """The packet of the `number`-th command: words, or (service, subservice, application data)."""
    apid, count = DICTIONARY.apids["COMPUTER"], number * COUNTS
    if isinstance(command, str):
        return packet(read_request(command.split(), DICTIONARY), apid, count)
    service, subservice, data = command
    octets = struct.pack(">HHHBBBH", 0x1800 | apid, 0xC000 | count, len(data) + 6, 0x2F, service, subservice, 0) + data
    return octets + struct.pack(">H", crc16(octets))


class Commanded:
    """A rover to which commands come. sent: (seconds after its start, a command) each."""

    def __init__(self, rover, receive, sent):
        self.rover = rover
        self.start_s = rover.clock.s
        self._sent = [(self.start_s + s, octets_of(command, number)) for number, (s, command) in enumerate(sent)]
        self._clear, rover.scheduler.clear = rover.scheduler.clear, self._go_on
        self._wait()
        rover.run()
        self.received = receive(b"".join(rover.board.frames))
        self.reports = [report for report in self.received.reports if report.time is not None]

    def _go_on(self):
        """A reset empties the scheduler of the rover, not of the ground."""
        self._clear()
        self._wait()

    def _wait(self):
        for s, octets in self._sent:
            if s > self.rover.clock.s or s == self.start_s:
                self.rover.scheduler.at(Activity(0, partial(self._send, octets)), s)

    def _send(self, octets):
        self.rover.commanding.execute(bytearray(octets), 0, len(octets))

    def _of(self, number, within):
        count = number * COUNTS + within
        return [
            report
            for report in self.reports
            if report.service == VERIFICATION and report.raw["sequence_control"] & 0x3FFF == count
        ]

    def answers(self, number, within=0):
        """What it has said of a command: the names of its reports, a failure as (name, code, data).

        within: of which telecommand in it, from 1.
        """
        return [
            (report.name, report.fields["code"], report.fields["data"]) if "code" in report.fields else report.name
            for report in self._of(number, within)
        ]

    def end(self, number):
        """The last that it has said of it."""
        return self.answers(number)[-1]

    def over_after(self, number, within=0):
        """Seconds from the start to its last report."""
        return (self._of(number, within)[-1].time - self.reports[0].time) / timedelta(seconds=1)

    def told(self, *names):
        return self.received.told(*names)


@pytest.fixture(scope="session")
def command(make_rover, receive):
    """`command(*sent, lines=scenario, **options)`: the life of a rover that was commanded so."""

    def command(*sent, lines=(), **options):
        return Commanded(make_rover(*lines, **{**DAY, **options}), receive, sent)

    return command
