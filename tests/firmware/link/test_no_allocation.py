"""What the telemetry path takes of the heap: nothing, once running."""

import pytest

# All that a report passes through, with the heap locked: an allocation would raise MemoryError
LOCKED = """
import micropython
import sys
from rover.board.outbox import Outbox
from rover.tables import HK_COMPUTER_SIZE, ROVER_WAKE, ACTIVE_START, CRASH_REPORT
from rover.kernel.clock import Clock
from rover.kernel.scheduler import Scheduler
from rover.link.frame import Downlink, VirtualChannel
from rover.services.events import Events
from rover.services.housekeeping import Housekeeping
from rover.services.telemetry import Telemetry

class Slow:  # takes a frame in pieces, and at times nothing
    def __init__(self):
        self.taken = 0
        self.calls = 0

    def take(self, frame, gone):
        self.calls += 1
        if self.calls % 5 == 0:
            return 0
        taken = min(500, len(frame) - gone)
        self.taken += taken
        return taken

    def send(self, frame):
        outbox.put(frame)
        while outbox.step():
            pass

hold_ms = int(sys.argv[1]) or None
clock = Clock(58000000)
scheduler = Scheduler(clock, None, lambda number, s: None, lambda: None)
slow = Slow()
outbox = Outbox(slow.take)
downlink = Downlink(24, slow.send)
telemetry = Telemetry(clock, scheduler, VirtualChannel(downlink, 0), hold_ms)
events = Events(telemetry, scheduler)
housekeeping = Housekeeping(telemetry, 1, 1, 60, HK_COMPUTER_SIZE, lambda buffer, at: None)

def report(times):
    for number in range(times):
        housekeeping.start()
        events.report(ROVER_WAKE, 7500)
        events.report(ACTIVE_START)
        events.report(CRASH_REPORT, 1, 2, 3, 58000000)
        clock.s += 60
        clock.ms = number % 1000
        if number % 5 == 0:
            telemetry.flush()

report(100)
before = downlink.frames
micropython.heap_lock()
report(2000)
micropython.heap_unlock()
print(downlink.frames - before, outbox.dropped, slow.taken)
"""


@pytest.mark.parametrize("hold_ms", [0, 60000], ids=["max", "paced"])
def test_reports_and_frames_allocate_nothing(on_unix_port, hold_ms):
    frames, dropped, octets = map(int, on_unix_port(LOCKED, str(hold_ms)).split())
    assert frames >= 400
    assert octets > (frames - dropped) * 1119
