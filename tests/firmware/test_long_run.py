"""Lunar days 1 to 43 in a row, rover and lander, in a Pico's memory: each like the others, and nothing left behind."""

from itertools import pairwise
from typing import NamedTuple

import pytest
from rover import tables
from rover.tables import ACTIVE_START, NAP_END, NAP_START, NIGHT_COLD, PARKING_START, STEP_DONE
from rover.world.sun import millidegrees, sun, sunrise, sunset

pytestmark = pytest.mark.slow  # three years and a half of two craft

HOUR = 3600
DAYS = range(1, 44)
AS_PUBLISHED_FROM = 19  # before it the lander was put to sleep together with the rover
DAWN_STEPS = {"rover": 5, "lander": 3}
DUSK_STEPS = 6
OF_THE_PLAN = range(tables.PLAN_BEGIN, tables.INSTRUMENT_FAULT + 1)

# Each event with its time, as they come; after each lunar day what the heap holds and what was sent
LIVE = """
import gc
import sys
gc.threshold(16384)  # as main.py does while it loads
from rover.app import Rover
from rover.board.scratch import Scratch
from rover.services.events import Events
from rover.inputs.settings import Settings
from rover.world.sun import sunset

class Board(Scratch):  # a line that takes everything, and a store that keeps it
    octets = 0

    def send(self, frame):
        self.octets += len(frame)

    def dropped(self):
        return 0

    def receive(self, buffer):
        return 0

    def has_room(self):
        return True

    def watch(self, number, s):
        pass

    def show(self, *light):
        pass

report = Events.report

def tell(self, event, *values):
    print("event", event, rover.clock.s)
    report(self, event, *values)

Events.report = tell
board = Board()
rover = Rover(Settings({"craft": sys.argv[1], "lunar_day": "1"}, speed="max"), board, board, board)
rover.mode_manager.start(None)
for number in range(1, int(sys.argv[2]) + 1):
    rover.scheduler.run(sunset(number) + 3600)
    gc.collect()
    print("day", gc.mem_alloc(), board.octets)
"""


class Life(NamedTuple):
    """events: of each lunar day, (id, s). held: on the heap after each. sent: octets until the end of each."""

    events: list[list[tuple[int, int]]]
    held: list[int]
    sent: list[int]

    def time(self, number: int, event: int) -> int:
        """When an event that comes once a lunar day came in that one."""
        times = [s for told, s in self.events[number - 1] if told == event]
        assert len(times) == 1
        return times[0]


@pytest.fixture(scope="session")
def lives(on_unix_port):
    lives = {}
    for craft in ("rover", "lander"):
        life = lives[craft] = Life([[]], [], [])
        for line in on_unix_port(LIVE, craft, str(DAYS[-1])).splitlines():
            kind, *numbers = line.split()
            one, other = map(int, numbers)
            if kind == "event":
                life.events[-1].append((one, other))
            else:
                life.events.append([])
                life.held.append(one)
                life.sent.append(other)
    return lives


def awake(craft):
    return getattr(tables, f"{craft.upper()}_WAKE")


def asleep(craft):
    return getattr(tables, f"{craft.upper()}_SLEEP")


@pytest.mark.parametrize("craft", DAWN_STEPS)
def test_each_lunar_day_goes_as_the_others(lives, craft):
    dawn = [awake(craft), NIGHT_COLD, *[STEP_DONE] * DAWN_STEPS[craft], ACTIVE_START]
    rest = [NAP_START, NAP_END, PARKING_START, *[STEP_DONE] * DUSK_STEPS] if craft == "rover" else []
    rest.append(asleep(craft))
    told = [[event for event, _ in events if event not in OF_THE_PLAN] for events in lives[craft].events[:-1]]
    assert told == [rest, *[dawn + rest] * (len(DAYS) - 1)]


def test_each_lunar_day_begins_its_plan_and_ends_it_before_it_parks(lives):
    marks = (tables.PLAN_BEGIN, tables.PLAN_END, PARKING_START)
    told = [[event for event, _ in events if event in marks] for events in lives["rover"].events[:-1]]
    assert told == [list(marks)] * len(DAYS)


@pytest.mark.parametrize("craft", DAWN_STEPS)
def test_nothing_is_left_in_memory(lives, craft):
    held = lives[craft].held
    # The first report of a kind, as a hazard stop's, brings a count of its own, and that stays
    assert len(set(held)) <= 2, held
    assert max(held) - min(held) <= 64, held
    assert held == sorted(held), held


@pytest.mark.parametrize(("craft", "least", "most"), [("rover", 2_000_000, 3_000_000), ("lander", 800_000, 1_400_000)])
def test_each_lunar_day_sends_as_much(lives, craft, least, most):
    assert all(least < later - earlier < most for earlier, later in pairwise(lives[craft].sent))


def crossing(number, elevation, rising):
    """When the Sun's centre rises, or sinks, through an elevation (degrees) on that lunar day, to ten minutes."""
    times = range(sunrise(number), sunset(number), 600)
    above = [s for s in times if millidegrees(sun(s)[0]) >= elevation * 1000]
    return above[0] if rising else above[-1]


@pytest.mark.parametrize("number", DAYS)
def test_it_naps_within_twelve_hours_of_the_rule(lives, number):
    life = lives["rover"]
    assert abs(life.time(number, NAP_START) - crossing(number, 42.5, True)) <= 12 * HOUR
    assert abs(life.time(number, NAP_END) - crossing(number, 30, False)) <= 12 * HOUR


@pytest.mark.parametrize("number", DAYS)
def test_the_rover_wakes_first_and_falls_asleep_first(lives, number):
    rover, lander = lives["rover"], lives["lander"]
    asleep_before = (lander.time(number, asleep("lander")) - rover.time(number, asleep("rover"))) / HOUR
    if number > 1:
        awake_before = (lander.time(number, awake("lander")) - rover.time(number, awake("rover"))) / HOUR
        assert 10 <= awake_before <= 24 if number >= AS_PUBLISHED_FROM else 8 < awake_before < 26
        assert sunrise(number) < rover.time(number, awake("rover"))
    assert 8 <= asleep_before <= 12 if number >= AS_PUBLISHED_FROM else 4 < asleep_before < 14
    assert lander.time(number, asleep("lander")) < sunset(number)
