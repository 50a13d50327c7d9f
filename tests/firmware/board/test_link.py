"""Telemetry on a device given by its path."""

import os
import pty
import select
import subprocess
import termios

import pytest
from yutu2.firmware import firmware_dir

OPTIONS = ("--start=2020-11-12", "--days=0.5")


@pytest.fixture
def terminal():
    """(descriptor of the ground's end, path of the rover's end) of a pseudo-terminal as a shell would leave it."""
    ground, rover = pty.openpty()
    yield ground, os.ttyname(rover)
    os.close(ground)
    os.close(rover)


def read_all(ground, process):
    """What comes at the ground's end until the process has ended and nothing is left."""
    stream = b""
    while True:
        ended = process.poll() is not None
        if select.select([ground], [], [], 0.05)[0]:
            stream += os.read(ground, 65536)
        elif ended:
            return stream


@pytest.mark.sampled(2)
@pytest.mark.parametrize("speed", ["max", "50000"])
def test_a_terminal_carries_the_same_octets_as_standard_output(interpreter, run_rover, terminal, speed):
    ground, path = terminal
    options = (*OPTIONS, f"--speed={speed}")
    command = [*interpreter, str(firmware_dir() / "main.py"), *options, f"--link={path}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        stream = read_all(ground, process)
        assert process.stdout.read() == b""
    assert process.returncode == 0
    expected = run_rover(interpreter, *options).stdout
    assert len(expected) > 20 * 1119
    assert stream == expected


def test_the_terminal_is_made_raw(interpreter, run_rover, terminal):
    """Else its driver would change octets, and 0x03 from the ground would end the rover."""
    ground, path = terminal
    command = [*interpreter, str(firmware_dir() / "main.py"), "--start=2020-11-12", "--days=0.01", f"--link={path}"]
    with subprocess.Popen(command) as process:
        read_all(ground, process)
    _, output, _, local, *_ = termios.tcgetattr(ground)
    assert not output & termios.OPOST
    assert not local & (termios.ICANON | termios.ECHO | termios.ISIG)


def test_a_file_as_link_is_written_to(interpreter, run_rover, tmp_path):
    path = tmp_path / "day.tm"
    path.touch()
    done = run_rover(interpreter, *OPTIONS, f"--link={path}")
    assert (done.returncode, done.stdout) == (0, b"")
    assert path.read_bytes() == run_rover(interpreter, *OPTIONS).stdout


@pytest.mark.parametrize(
    ("path", "why"), [("/dev/no-such-device", "there is no such file or device"), ("/dev", "it is a folder")]
)
def test_a_link_that_cannot_be_opened_is_told_in_one_line(interpreter, run_rover, path, why):
    done = run_rover(interpreter, f"--link={path}")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"rover: link: cannot open {path}: {why}\n"
