"""The services on their way to the ground: real scheduler, telemetry and frames, on a line that keeps them."""

import pytest
from rover.kernel.clock import Clock
from rover.kernel.scheduler import Activity, Scheduler
from rover.link.frame import Downlink, VirtualChannel
from rover.services.telemetry import Telemetry

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
