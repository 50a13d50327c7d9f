"""The services on their way to the ground: real scheduler, telemetry and frames, on a line that keeps them."""

import struct
from datetime import timedelta
from functools import partial
from typing import NamedTuple

import pytest
from rover.kernel.clock import Clock
from rover.kernel.scheduler import Scheduler, Task
from rover.link.frame import Downlink, VirtualChannel
from rover.services.telemetry import Telemetry
from yutu2.decode.checksum import crc16
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.commands import Command
from yutu2.dictionary.model import load
from yutu2.mission.plan import compile_plan
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
        self.scheduler.at(Task(0, call), START_S + s, ms)

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


class Octets(NamedTuple):
    """A request as packet() takes it, with any octets for its arguments."""

    command: Command
    octets: bytes
    packets: int = 1

    def data(self, apid, count, reports):
        return self.octets


class Ground:
    """What commands a rover on a Line, at mission times, and reads all that it reports."""

    def __init__(self, rover, reception):
        self.rover = rover
        self.start_s = rover.clock.s
        self._reception = reception
        self._read = 0  # frames
        self._count = 0
        if rover.scenario is not None:
            rover.scenario.begin()
        rover._guarded(rover._start_day)
        self.reports()

    def run(self, s):
        """Lets so many seconds go by. Returns the reports."""
        end_s = self.rover.clock.s + s
        while self.rover._guarded(lambda: self.rover.scheduler.run(end_s)):
            pass
        return self.reports()

    def reports(self):
        """What has been reported since the last time, without the time reports."""
        self.rover.telemetry.flush()
        frames = self.rover.line.frames
        stream = b"".join(frames[self._read :])
        self._read = len(frames)
        return [report for report in self._reception.feed(stream) if report.name != "TIME"]

    def send(self, line):
        """Sends a command. Returns the reports that it brings at once."""
        return self.send_request(read_request(line.split(), load()))

    def send_data(self, service, subservice, data):
        """Sends a command with these octets for its arguments, which the ground's own tools might not make."""
        command = next(it for it in load().commands if (it.service, it.subservice) == (service, subservice))
        return self.send_request(Octets(command, data))

    def send_request(self, request):
        octets = packet(request, 1, self._count)
        self._count += request.packets
        self.rover.commanding.take(bytearray(octets), 0, len(octets))
        return self.reports()


@pytest.fixture(scope="session")
def make_ground(make_rover):
    """`make_ground(*lines, plan="", **options)`: the ground of a rover to which these lines of a scenario happen.

    plan: the steps of its plan; without, a rover has nothing to do. By default it is the morning of lunar day 24.
    """

    def make_ground(*lines, plan="", **options):
        options = {"start": "2020-11-11T06:00", "days": "30"} | options
        if options.get("craft") != "lander":
            options["plan"] = f"plan 1 {load().hash.hex()} 24\n"
        if plan:
            head = f"dictionary {load().hash.hex()}\nlunar-day 24\n"
            options["plan"] = compile_plan(head + plan, "plan", load()).compiled()
        return Ground(make_rover(*lines, **options), TelemetryDecoder(load()))

    return make_ground


@pytest.fixture
def ground(make_ground):
    return make_ground()


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
        self.received = receive(b"".join(rover.line.frames))
        self.reports = [report for report in self.received.reports if report.time is not None]

    def _go_on(self):
        """A reset empties the scheduler of the rover, not of the ground."""
        self._clear()
        self._wait()

    def _wait(self):
        for s, octets in self._sent:
            if s > self.rover.clock.s or s == self.start_s:
                self.rover.scheduler.at(Task(0, partial(self._send, octets)), s)

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
        """What it has said of a command: the names of its reports, a failure as (name, code, raw data).

        within: of which telecommand in it, from 1.
        """
        return [
            (report.name, report.fields["code"], report.raw["data"]) if "code" in report.fields else report.name
            for report in self._of(number, within)
        ]

    def accepted_at(self, number):
        """When it has said that it takes it."""
        return self._of(number, 0)[0].time

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
