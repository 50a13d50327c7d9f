"""Sixty lunar days in a row in the memory of a Pico: nothing is left behind."""

from itertools import pairwise

from rover.generated import ACTIVE_START, NAP_END, NAP_START, PARKING_START, ROVER_SLEEP, ROVER_WAKE

A_LUNAR_DAY = [ROVER_WAKE, ACTIVE_START, NAP_START, NAP_END, PARKING_START, ROVER_SLEEP]
LUNAR_DAYS = 60
FIRST = 2

# After each lunar day: what the heap holds and what was sent; in between the events, as they come
LIVE = """
import gc
import sys
from rover.app import Rover
from rover.services.events import Events
from rover.settings import Settings
from rover.world.sun import sunset

class Board:  # a line that takes everything
    octets = 0

    def send(self, frame):
        self.octets += len(frame)

    def dropped(self):
        return 0

    def watch(self, number, s):
        pass

    def show(self, *light):
        pass

report = Events.report

def tell(self, event, *values):
    print("event", event)
    report(self, event, *values)

Events.report = tell
first, days = int(sys.argv[1]), int(sys.argv[2])
board = Board()
rover = Rover(Settings({"lunar_day": str(first)}, speed="max"), board)
rover.day.start()
for number in range(first, first + days):
    rover.scheduler.run(sunset(number) + 3600)
    gc.collect()
    print("day", gc.mem_alloc(), board.octets)
"""


def test_each_lunar_day_is_like_the_others_and_leaves_nothing_in_memory(on_unix_port):
    told = on_unix_port(LIVE, str(FIRST), str(LUNAR_DAYS)).splitlines()
    events = [line for line in told if line.startswith("event")]
    assert events == [f"event {event}" for event in A_LUNAR_DAY] * LUNAR_DAYS
    ends = [line.split() for line in told if line.startswith("day")]
    assert len(ends) == LUNAR_DAYS
    assert len({held for _, held, _ in ends}) == 1, [held for _, held, _ in ends]
    sent = [0, *(int(octets) for *_, octets in ends)]
    # a packet of 48 octets a minute for some twelve and a half Earth days
    assert all(700_000 < later - earlier < 1_000_000 for earlier, later in pairwise(sent))
