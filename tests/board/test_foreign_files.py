"""A board on which a user's files lie beside the firmware: it starts as if they were not there."""

import pytest

NAMES = ["filesystem.py", "tc.csv", "files.txt", "file99999.bin", "tc-12.bin", "slot3.txt", "notes/tc001.bin"]
# Modules of MicroPython for which a file would stand in
MODULES = ["array", "binascii", "cryptolib", "hashlib", "io", "machine", "os", "select", "struct", "sys", "time"]
SETTINGS = b"\xef\xbb\xbfstart = 2020-11-11\r\ndays = 1\r\nled = off\r\nseed = 5 # caf\xe9\r\n"


@pytest.fixture(scope="module")
def started(make_rover, listen_to):
    """The ground of such a board, when its first housekeeping has come."""
    files = dict.fromkeys(NAMES, b"mine") | {f"{name}.py": b"x = 1\n" for name in MODULES}
    ground = listen_to(make_rover({}, files | {"settings.txt": SETTINGS}))
    ground.boot()
    ground.wait_for("HK_COMPUTER", 6000)
    return ground


def test_it_starts_and_refuses_no_setting(started):
    assert started.board.resets == []
    assert "SETTING_REFUSED" not in started.events()
    assert b"Traceback" not in started.octets


def test_a_file_that_is_not_of_the_store_is_left_there(started):
    started.listen(250)
    started.board.send_usb(b"\x03")
    started.wait_for_text(b">>> ", 1000)
    line = b"print([name in __import__('os').listdir() for name in ('tc-12.bin', 'file99999.bin')])"
    assert started.type(line) == "[True, True]"
