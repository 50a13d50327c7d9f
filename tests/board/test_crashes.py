"""What a board does after its rover has hung or raised."""

from datetime import timedelta

import pytest

# The first life hangs in its sleep, so that the emulated wait for the watchdog costs little; the next two raise
CRASHING = b"""
import time
from rover import boot_pico
from rover.board import startup
from rover.kernel.scheduler import Task

def hang():
    while True:
        time.sleep_ms(100)

def fail():
    raise ValueError("told to")

class Crashing(boot_pico.Rover):
    def run(self):
        trouble = fail if lives else hang
        self.scheduler.after(Task(3, trouble), 900)
        super().run()

crash = startup.last_crash()
lives = crash[2] if crash else 0
boot_pico.Rover = Crashing
boot_pico.main()
"""
SETTINGS = {"start": "2020-11-12T00:00:00Z", "days": "13", "speed": "600"}
BEFORE_CRASH_MS = 2500
WATCHDOG_MS = 8000
UP_AGAIN_MS = 4500


@pytest.fixture(scope="module")
def hung(make_rover, listen_to):
    """(ground, first housekeeping of the first life, crash report of the second)."""
    ground = listen_to(make_rover(SETTINGS, {"main.py": CRASHING}))
    ground.boot()
    first = ground.wait_for("HK_COMPUTER", 4000)
    return ground, first, ground.wait_for("CRASH_REPORT", BEFORE_CRASH_MS + WATCHDOG_MS + UP_AGAIN_MS)


def test_the_watchdog_bites_a_hanging_activity_and_the_report_names_it(hung):
    ground, first, crash = hung
    assert [reset.cause for reset in ground.board.resets] == ["watchdog"]
    assert crash.fields["reason"] == "WATCHDOG"
    assert crash.fields["activity"] == "HOUSEKEEPING"
    assert crash.fields["count"] == 1
    assert crash.fields["mission_time"] == first.time + timedelta(minutes=15)


def test_mission_time_goes_on_from_the_crash(hung):
    ground, first, crash = hung
    assert crash.time == first.time + timedelta(minutes=15)
    assert ground.housekeeping()[-1].time == crash.time


def test_the_store_of_a_board_counts_its_starts(hung):
    ground, first, _ = hung
    assert (first.fields["starts"], ground.housekeeping()[-1].fields["starts"]) == (1, 2)


@pytest.fixture(scope="module")
def raised(hung):
    """(ground, crash report of the first life, crash report of the third)."""
    ground, _, crash = hung
    return ground, crash, ground.wait_for("CRASH_REPORT", BEFORE_CRASH_MS + UP_AGAIN_MS)


def test_an_exception_restarts_the_board_and_the_report_says_so(raised):
    ground, first, second = raised
    assert len(ground.board.resets) == 2
    assert second.fields["reason"] == "EXCEPTION"
    assert second.fields["activity"] == "HOUSEKEEPING"
    assert second.fields["count"] == 2
    assert second.fields["mission_time"] == first.fields["mission_time"] + timedelta(seconds=900)


def test_the_traceback_of_an_exception_reaches_the_ground(raised):
    assert b"ValueError: told to\r\n" in raised[0].octets


@pytest.fixture(scope="module")
def given_up(raised):
    """The ground after the third crash in a row."""
    ground = raised[0]
    ground.wait_for_text(b">>> ", BEFORE_CRASH_MS + UP_AGAIN_MS)
    return ground


def test_after_three_crashes_in_a_row_the_board_stays_at_the_repl_and_says_why(given_up):
    assert b"rover: crashed 3 times in a row, so it stays here; Ctrl-D tries again" in given_up.octets
    assert given_up.type(b"print(6 * 7)") == "42"
    given_up.listen(20_000)
    assert len(given_up.board.resets) == 3


def test_a_board_that_has_given_up_starts_afresh_when_told_to(given_up):
    assert given_up.type(b"print(startup.last_crash())") == "None"
