"""Boards on which something is not as it should be."""

import pytest
from yutu2.pico.errors import ImageError
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, make_filesystem, used_octets

LAYOUT = FILESYSTEM_REGIONS["pico_w"]
BROKEN_SETTINGS = b"""\xff\xfe\x00\x80 = \x9f\n\x00\x01\x02
start = 2020-11-12T00:00:00Z
days = 1
led = off
nonsense
colour = red
craft = bus
seed = -1
speed = fast
link = carrier pigeon
baud = 12
light = candle
scenario = lost.txt
plan = plan.txt
"""
WRONG = ("CRAFT", "SEED", "SPEED", "LINK", "BAUD", "LIGHT", "SCENARIO", "PLAN")
REFUSED = ["UNKNOWN_SETTING"] + [f"SETTING_{name}" for name in WRONG]


@pytest.fixture(scope="module")
def broken_settings(make_rover, listen_to):
    """Among them a scenario that is not there and a plan that is not compiled. Unknown lines are reported once."""
    files = {"settings.txt": BROKEN_SETTINGS, "plan.txt": b"drive: at noon drive\n"}
    ground = listen_to(make_rover({}, files))
    ground.boot()
    ground.listen(4500)
    return ground


def test_each_setting_that_cannot_be_is_named_in_an_event(broken_settings):
    refused = [report.fields["setting"] for report in broken_settings.reports if report.name == "SETTING_REFUSED"]
    assert refused == REFUSED


def test_defaults_hold_and_the_rover_runs(broken_settings):
    """It speaks as the rover, on USB, in real time; the settings that were good hold."""
    first = broken_settings.housekeeping()[0]
    assert first.time.isoformat() == "2020-11-12T00:00:00+00:00"
    assert first.fields["mode"] == "ACTIVE"
    assert broken_settings.account()["channels"].keys() == {"0"}
    later = broken_settings.wait_for("HK_COMPUTER", 62_500)
    assert (later.time - first.time).total_seconds() == 60
    assert broken_settings.board.resets == []


@pytest.fixture(scope="module")
def no_room(firmware_files):
    """A file that leaves no block of the file system free."""
    low, high = 0, LAYOUT.blocks
    while high - low > 1:
        middle = (low + high) // 2
        try:
            make_filesystem(firmware_files | {"full.bin": bytes(middle * 4096)}, LAYOUT)
            low = middle
        except ImageError:
            high = middle
    return bytes(low * 4096)


def test_on_a_full_file_system_the_rover_starts_and_runs(make_rover, listen_to, no_room):
    settings = {"start": "2020-11-12T00:00:00Z", "days": "1", "speed": "600"}
    board = make_rover(settings, {"full.bin": no_room})
    assert LAYOUT.size - used_octets(board.flash, LAYOUT) <= 4096
    ground = listen_to(board)
    ground.boot()
    first = ground.wait_for("HK_COMPUTER", 4000)
    ground.wait_for("HK_COMPUTER", 2000)
    assert ground.housekeeping()[-1].time > first.time
    assert board.resets == []


@pytest.mark.parametrize("module", ["rover/flight/mode_manager", "rover/world/moon"])
def test_a_missing_module_is_told_at_the_repl_and_the_board_stays_there(make_rover, listen_to, module):
    """One that is imported at start, and one that is imported when the rover is built, under the watchdog."""
    ground = listen_to(make_rover({}, {f"{module}.mpy": None}))
    ground.wait_for_text(b">>> ", 5000)
    name = module.replace("/", ".").encode()
    assert b"ImportError: no module named '" + name + b"'" in ground.octets
    ground.listen(20_000)
    assert ground.type(b"print(6 * 7)") == "42"
    assert ground.board.resets == []


def test_with_the_telemetry_on_the_uart_ctrl_c_on_usb_gives_the_repl(make_rover, listen_to):
    settings = {"start": "2020-11-12T00:00:00Z", "days": "1", "speed": "600", "link": "uart", "baud": "921600"}
    board = make_rover(settings)
    usb, uart = listen_to(board), listen_to(board, "uart")
    usb.boot()
    uart.wait_for("HK_COMPUTER", 4000)
    uart.wait_for("HK_COMPUTER", 2000)
    board.send_usb(b"\x03")
    usb.wait_for_text(b">>> ", 500)
    assert b"rover: the REPL is yours; Ctrl-D starts the rover" in usb.octets
    assert b"\x1a\xcf\xfc\x1d" not in usb.octets
    uart.listen(20_000)
    silent = len(uart.octets)
    assert usb.type(b"print(6 * 7)") == "42"
    uart.listen(0)
    assert len(uart.octets) == silent
    assert uart.account()["octets"]["skipped"] == 0
    assert board.resets == []
