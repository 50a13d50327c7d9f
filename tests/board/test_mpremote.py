"""mpremote, as people use it, on a board whose rover talks on USB."""

import os
import select
import subprocess
import sys

import pytest
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, read_filesystem
from yutu2.pico.pty_bridge import PtyBridge

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals on Windows")

SETTINGS = {"start": "2020-11-12T00:00:00Z", "days": "13", "speed": "60"}
MARKER = b"\x1a\xcf\xfc\x1d"
# mpremote gives up after seconds of the wall, in which a slow or busy machine emulates little: its clock goes slower
PATIENT = (
    "import time; wall = time.monotonic; time.monotonic = lambda: wall() / 100; "
    "import sys; from mpremote.main import main; sys.exit(main())"
)
LIMIT_US = 20_000_000  # of emulated time: from a reset to the first frame it takes 5 s
CONTENT = bytes(range(256)) * 4


def mpremote(path, *command):
    done = subprocess.run(
        [sys.executable, "-c", PATIENT, "connect", path, *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read_terminal(board, path, what):
    """Read the device as a ground does, until `what` came; return all that came."""
    octets = b""
    end_us = board.now_us + LIMIT_US
    terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        while what not in octets and board.now_us < end_us:
            if select.select([terminal], [], [], 0.1)[0]:
                octets += os.read(terminal, 4096)
    finally:
        os.close(terminal)
    return octets


@pytest.fixture(scope="module")
def session(make_rover, listen_to, tmp_path_factory):
    """(board, what `exec` printed, what came before mpremote, what came after the reset)."""
    source = tmp_path_factory.mktemp("mpremote") / "sent.bin"
    source.write_bytes(CONTENT)
    board = make_rover(SETTINGS)
    assert board.run_until(MARKER, 5000)
    board.run_ms(1000)
    with PtyBridge(board) as bridge:
        before = read_terminal(board, bridge.path, MARKER)
        printed = mpremote(bridge.path, "exec", "print(1+1)")
        mpremote(bridge.path, "fs", "cp", str(source), ":kept.bin")
        mpremote(bridge.path, "reset")
        after = read_terminal(board, bridge.path, MARKER)
    ground = listen_to(board)
    ground.wait_for("HK_COMPUTER", 10_000)
    return board, printed, before, after, ground


def test_mpremote_gets_in_while_the_rover_talks(session):
    _, printed, before, _, _ = session
    assert MARKER in before
    assert printed.strip() == "2"


def test_it_copies_a_file_to_the_board(session):
    assert read_filesystem(session[0].flash, FILESYSTEM_REGIONS["pico_w"])["kept.bin"] == CONTENT


def test_after_a_reset_the_rover_is_back_and_talks(session):
    board, _, _, after, ground = session
    grace, _, _ = after.partition(MARKER)
    # it drops off the bus and comes back; mpremote's own last words may stand before
    assert b"rover: starts in 3 s" in grace
    assert MARKER in after
    assert ground.housekeeping()
    assert len(board.resets) == 1
    assert "CRASH_REPORT" not in ground.events()
