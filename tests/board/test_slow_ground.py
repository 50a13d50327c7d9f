"""A ground that stops reading USB for a while."""

from datetime import timedelta
from itertools import pairwise

import pytest

START = "2020-11-12T00:00:00Z"
# A minute of the mission takes 4 ms, and twelve frames leave in a second: the queue is soon full. The lander, for it
# keeps no flight state of a drive: a write to flash takes 60 ms, more than may be late, whoever reads
FAST = {"craft": "lander", "start": START, "days": "13", "speed": "15000"}
HOUSEKEEPING_A_FRAME = 21
KEEP_ROVER = b"""
import gc

gc.threshold(16384)
from rover import boot_pico

class Kept(boot_pico.Rover):
    def __init__(self, *arguments):
        global rover
        super().__init__(*arguments)
        rover = self

boot_pico.Rover = Kept
boot_pico.main()
"""
AT_MAX = {"start": START, "days": "0.06", "speed": "max"}


@pytest.fixture(scope="module")
def paced(make_rover, listen_to):
    """A ground that did not read for 1.1 s, then read again for a while and at last took the REPL."""
    ground = listen_to(make_rover(FAST, {"main.py": KEEP_ROVER}))
    board = ground.board
    ground.boot()
    ground.wait_for("HK_COMPUTER", 4000)
    board.hold_usb()
    assert ground.listen(1100) == []
    board.release_usb()
    ground.listen(300)
    board.send_usb(b"\x03")
    ground.wait_for_text(b">>> ", 1000)
    return ground


def test_a_paced_rover_keeps_its_deadlines_while_nobody_reads(paced):
    assert paced.type(b"print(rover.pacer.late, rover.pacer.worst_ms)") == "0 0"


def test_a_paced_rover_drops_whole_frames_and_counts_them(paced):
    account = paced.account()
    assert account["frames"]["damaged"] == 0
    assert account["packets"]["damaged"] == 0
    lost = account["channels"]["0"]["lost"]
    assert lost >= 2
    assert paced.housekeeping()[-1].fields["frames_dropped"] == lost
    assert paced.type(b"print(rover.line.dropped())") == str(lost)


def test_a_paced_rover_recovers_within_a_frame(paced):
    """The frames that waited in the queue come first; what was made after the reader's return comes without a gap."""
    counts = [report.fields["frames_dropped"] for report in paced.housekeeping()]
    assert counts == sorted(counts)
    assert counts[-HOUSEKEEPING_A_FRAME:] == [paced.account()["channels"]["0"]["lost"]] * HOUSEKEEPING_A_FRAME
    times = [report.time for report in paced.housekeeping()]
    assert sum(later - earlier > timedelta(minutes=1) for earlier, later in pairwise(times)) == 1


def test_a_paced_rover_is_not_reset(paced):
    assert paced.board.resets == []


@pytest.fixture(scope="module")
def held_at_max(make_rover):
    """(board, all that came): 20 s in which nobody reads, in the middle of a run at max."""
    board = make_rover(AT_MAX)
    assert board.run_until(b"\x1a\xcf\xfc\x1d", 5000)
    board.hold_usb()
    length = len(board.usb_received)
    board.run_ms(20_000)
    assert len(board.usb_received) == length
    board.release_usb()
    assert board.run_until(b"run is over", 5000)
    return board, board.usb_received.take()


def test_at_max_the_rover_waits_and_nothing_is_lost(held_at_max, unix_port, run_rover):
    done = run_rover(unix_port, f"--start={AT_MAX['start']}", f"--days={AT_MAX['days']}")
    assert len(done.stdout) >= 3 * 1119
    assert done.stdout in held_at_max[1]


def test_at_max_the_watchdog_is_fed_while_the_rover_waits(held_at_max):
    assert held_at_max[0].resets == []
