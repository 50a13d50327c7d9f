"""`yutu2 ports`, and what is said of a port that does not open."""

import errno
import os
import sys
from types import SimpleNamespace

import pytest
import serial
from yutu2.line import ports
from yutu2.line.source import SourceError, open_port

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="the advice is for Linux")


@pytest.fixture
def board(monkeypatch, tmp_path):
    """A port of this machine that its user may open."""
    device = tmp_path / "ttyACM0"
    device.touch()
    described = [SimpleNamespace(device=str(device), description="Board in FS mode", hwid="")]
    monkeypatch.setattr(ports.list_ports, "comports", lambda: described)
    return device


@pytest.fixture
def closed(board, monkeypatch):
    """The same, but that the user may not."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    return board


def fail_with(monkeypatch, number):
    def open_serial(url, *arguments, **options):
        raise serial.SerialException(number, f"could not open port {url}: [Errno {number}] {os.strerror(number)}")

    monkeypatch.setattr(serial, "serial_for_url", open_serial)


def test_a_port_is_listed_with_its_hardware(board):
    assert ports.port_lines() == [f"{board}  Board in FS mode"]


@only_linux
def test_one_that_may_not_be_opened_has_advice(closed):
    assert ports.port_lines() == [
        f"{closed}  Board in FS mode: permission denied; add yourself to the group dialout: "
        "sudo usermod -aG dialout $USER, then log in again"
    ]


def test_without_any_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(ports.list_ports, "comports", list)
    assert ports.port_lines() == ["no serial port found; connect a board, or use emulator://unix in its place"]


def test_a_device_that_is_not_there_is_answered_with_those_that_are(board, tmp_path):
    with pytest.raises(SourceError) as error:
        open_port(str(tmp_path / "ttyX"))
    assert str(error.value) == f"{tmp_path}/ttyX: no such serial port; choose from {board}"


@only_linux
def test_a_device_that_may_not_be_opened_is_answered_with_the_group(board, monkeypatch):
    fail_with(monkeypatch, errno.EACCES)
    monkeypatch.setattr(type(board), "group", lambda path: "uucp")
    with pytest.raises(SourceError) as error:
        open_port(str(board))
    assert str(error.value) == (
        f"{board}: permission denied; add yourself to the group uucp: sudo usermod -aG uucp $USER, then log in again"
    )


def test_another_error_is_told_as_it_is(board, monkeypatch):
    fail_with(monkeypatch, errno.EIO)
    with pytest.raises(SourceError, match=r"could not open port .*ttyACM0: \[Errno 5\]"):
        open_port(str(board))


def test_the_command_lists_them(yutu2):
    done = yutu2("ports")
    assert (done.status, done.err) == (0, "")
    assert done.out.strip()
