"""From power-on to the first frame, and the ways to the REPL."""

import subprocess
import sys

import pytest
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.firmware import firmware_dir
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.image import SETTINGS_FILE, build_image

GRACE_US = 3_000_000
FIRST_FRAME_US = 1_000_000
GRACE = b"rover: starts in 3 s; Ctrl-C keeps the REPL, as does GP22 held to ground\r\n"
MINE = b"rover: the REPL is yours; Ctrl-D starts the rover"
BREAK = b"\x03"
SOFT_RESET = b"\x04"


def first_good_frame_us(board):
    """Emulated time from the end of the grace to the first good frame, as the decoder judges it."""
    assert board.run_until(b"rover: starts in 3 s", 2000)
    board.usb_received.take()
    end_of_grace = board.now_us + GRACE_US
    decoder = TelemetryDecoder(load())
    board.run_ms((GRACE_US + FIRST_FRAME_US) / 1000)
    for piece in board.usb_received.take_chunks():
        decoder.feed_packets(piece.octets)
        if decoder.account()["frames"]["good"]:
            return piece.time_us - end_of_grace
    return None


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The image with the settings that it is delivered with, but for the light, which hangs on the radio."""
    path = tmp_path_factory.mktemp("image") / "rover.uf2"
    settings = (firmware_dir() / SETTINGS_FILE).read_bytes() + b"led = off\n"
    build_image(firmware_dir(), path, extra_files={SETTINGS_FILE: settings})
    return path


@pytest.fixture(scope="module")
def started(image):
    """(board, time of its first good frame)."""
    with EmulatedPico(image) as board:
        yield board, first_good_frame_us(board)


def test_the_first_good_frame_comes_within_a_second_of_the_grace(started):
    _, first_us = started
    assert first_us is not None
    assert 0 < first_us <= FIRST_FRAME_US


def test_the_image_that_the_command_builds_sends_its_first_good_frame_in_time(tmp_path):
    """The very file, its light on."""
    image = tmp_path / "rover.uf2"
    subprocess.run([sys.executable, "-m", "yutu2", "image", "build", "--out", image], check=True, capture_output=True)
    with EmulatedPico(image) as board:
        first_us = first_good_frame_us(board)
    assert first_us is not None
    assert 0 < first_us <= FIRST_FRAME_US


@pytest.fixture(scope="module")
def disturbed(started, listen_to):
    """A ground that has sent 0x03 among other octets, never after silence."""
    ground = listen_to(started[0])
    board = ground.board
    for octets in (b"ab" + BREAK + b"cd", BREAK, b"\r\r" + BREAK, BREAK + BREAK):
        board.send_usb(octets)
        ground.listen(50)
    return ground


def test_a_0x03_among_other_octets_does_not_stop_the_rover(disturbed):
    disturbed.listen(500)
    assert MINE not in disturbed.octets
    assert disturbed.board.resets == []


@pytest.fixture(scope="module")
def interrupted(disturbed):
    """The same, after a 0x03 by itself."""
    disturbed.listen(250)
    disturbed.board.send_usb(BREAK)
    disturbed.wait_for_text(b">>> ", 1000)
    return disturbed


def test_a_0x03_after_silence_gives_the_repl_and_stops_the_watchdog(interrupted):
    assert MINE in interrupted.octets
    assert interrupted.type(b"print(6 * 7)") == "42"
    interrupted.listen(20_000)
    assert interrupted.board.resets == []


@pytest.fixture(scope="module")
def kept_back(interrupted):
    """(ground, what came after Ctrl-D, with Ctrl-C in the grace)."""
    board = interrupted.board
    start = len(interrupted.octets)
    board.send_usb(SOFT_RESET)
    interrupted.boot()
    interrupted.listen(1500)
    board.send_usb(BREAK)
    interrupted.wait_for_text(b">>> ", 200)
    return interrupted, bytes(interrupted.octets[start:])


def test_ctrl_c_in_the_grace_keeps_the_repl(kept_back):
    ground, text = kept_back
    assert GRACE + MINE in text
    assert ground.type(b"print(6 * 7)") == "42"


def test_the_repl_pin_held_to_ground_keeps_the_repl_at_once(kept_back):
    ground, _ = kept_back
    board = ground.board
    board.set_pin(22, False)
    start = len(ground.octets)
    board.send_usb(SOFT_RESET)
    ground.wait_for_text(b">>> ", 1000)
    text = bytes(ground.octets[start:])
    assert MINE in text
    assert b"starts in" not in text
    ground.listen(20_000)
    assert ground.type(b"print(6 * 7)") == "42"
    assert board.resets == []


def test_a_0x03_right_after_the_start_gives_the_repl(kept_back):
    """A tool that knocks sends it once, and may well do so in the rover's first moments."""
    ground, _ = kept_back
    board = ground.board
    board.set_pin(22, True)
    board.send_usb(SOFT_RESET)
    ground.boot()
    ground.wait_for_text(b"\x1a\xcf\xfc\x1d", 4000)
    board.send_usb(b"\r" + BREAK)
    ground.wait_for_text(b">>> ", 1000)
    assert board.resets == []
