"""mpremote, as people use it on a board, on the emulated one."""

import os
import subprocess
import sys
import time

import pytest
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.errors import EmulatorError
from yutu2.pico.pty_bridge import PtyBridge

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals on Windows")


# mpremote gives up after seconds of the wall, in which a slow or busy machine emulates little: its clock goes slower
PATIENT = (
    "import time; wall = time.monotonic; time.monotonic = lambda: wall() / 100; "
    "import sys; from mpremote.main import main; sys.exit(main())"
)


def mpremote(bridge, *command):
    done = subprocess.run(
        [sys.executable, "-c", PATIENT, "connect", bridge.path, *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_for(board, us):
    """Wait until the bridge has run the board for so long in its own time."""
    end_us = board.now_us + us
    while board.now_us < end_us:
        time.sleep(0.05)


@pytest.mark.slow
def test_mpremote_runs_code_copies_files_and_resets(micropython, tmp_path):
    sent, back = tmp_path / "sent.bin", tmp_path / "back.bin"
    sent.write_bytes(bytes(range(256)) * 3)
    with EmulatedPico(micropython) as board:
        with PtyBridge(board) as bridge:
            assert mpremote(bridge, "exec", "print(6 * 7)").strip() == "42"
            mpremote(bridge, "fs", "cp", str(sent), ":kept.bin")
            mpremote(bridge, "soft-reset")
            mpremote(bridge, "fs", "cp", ":kept.bin", str(back))
            assert back.read_bytes() == sent.read_bytes()
            mpremote(bridge, "reset")  # comes back before the board has done it, which takes 100 ms
            while not board.resets:
                time.sleep(0.05)
            assert mpremote(bridge, "exec", "import machine; print(machine.reset_cause())").strip() == "3"
        assert [reset.cause for reset in board.resets] == ["watchdog"]


@pytest.mark.slow
def test_an_idle_board_does_not_run_ahead_of_the_wall_nor_keep_a_processor_busy(micropython):
    with EmulatedPico(micropython) as board:
        board.run_ms(200)
        with PtyBridge(board):
            emulated, used, real = board.now_us, time.process_time(), time.monotonic()
            # A busy machine lets it fall behind: so its own time says when it is enough
            run_for(board, 1_000_000)
            real = time.monotonic() - real
            assert time.process_time() - used < 0.3 * real
            assert (board.now_us - emulated) / 1e6 < 1.1 * real


@pytest.mark.slow
def test_a_reader_that_has_stopped_is_felt_by_the_board(make_board):
    chatter = (
        "import time, sys\nfrom machine import Pin\ntime.sleep_ms(100)\n"
        "while True:\n    if sys.stdout.buffer.write(b'x' * 256) == 0:\n        Pin(2, Pin.OUT).on()\n"
    )
    board = make_board(chatter)
    with PtyBridge(board):
        run_for(board, 500_000)
    # some 4 KiB lie in the terminal's buffer; after that the board's writes give up
    assert board.run_until(lambda: board.pin(2) is True, 1500)


def test_a_board_that_loses_its_power_ends_the_bridge_quietly(make_board):
    board = make_board("import time\ntime.sleep_ms(100)\nopen('f', 'w').close()\n")
    board.cut_power_at_flash_operation(1)
    with PtyBridge(board) as bridge:
        bridge._thread.join()
    assert not board.powered


def test_what_goes_wrong_in_the_thread_gets_out(make_board):
    board = make_board("", usb=False)
    with pytest.raises(EmulatorError, match="socket empty"), PtyBridge(board) as bridge:
        bridge._thread.join()
