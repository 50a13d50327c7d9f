"""What the tests of several rooms share: the command `yutu2` as a process of its own, and streams to feed it with."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

UNIT = 1119  # octets of a frame with its marker
SETTLE_S = 0.3  # pyserial throws away what comes while it opens a line
Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    status: int
    out: bytes
    err: str


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Environment variables of a command: the package is found from any folder."""
    path = os.environ.get("PYTHONPATH", "")
    folders = [str(Path(folder).resolve()) for folder in path.split(os.pathsep) if folder]
    return os.environ | {"PYTHONPATH": os.pathsep.join(folders), "COLUMNS": "200"}


@pytest.fixture(scope="session")
def yutu2(environment) -> Callable[..., Finished]:
    """`yutu2(*arguments, input=octets)`: runs the command to its end; `env` adds variables."""

    def run(*arguments, input=b"", env=None, **options):  # noqa: A002
        command = [sys.executable, "-m", "yutu2", *map(str, arguments)]
        done = subprocess.run(
            command, input=input, capture_output=True, env=environment | (env or {}), timeout=120, **options
        )
        return Finished(done.returncode, done.stdout, done.stderr.decode())

    return run


@pytest.fixture
def start(environment) -> Iterator[Callable[..., Process]]:
    """`start(*arguments, **options of Popen)`: the command, still running; it hears Ctrl-C wherever pytest runs."""
    running = []

    def run(*arguments, **options):
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, "-m", "yutu2", *map(str, arguments)]
        running.append(subprocess.Popen(command, env=environment, preexec_fn=_hear_interrupts, **(pipes | options)))
        return running[-1]

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _hear_interrupts() -> None:
    # A process that a shell has put into the background ignores them, and its children too
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def refused(yutu2) -> Callable[..., str]:
    """`refused(*arguments)`: the one line with which the command says that it was used wrongly."""

    def run(*arguments, **options):
        done = yutu2(*arguments, **options)
        assert done.status == 2, done
        assert done.err.endswith("\n")
        (line,) = done.err.splitlines()
        assert "Traceback" not in line
        return line

    return run


@pytest.fixture(scope="session")
def morning(day24) -> bytes:
    """The first 25 frames of lunar day 24: its wake-up, and nearly eight hours."""
    return day24[: 25 * UNIT]


@pytest.fixture(scope="session")
def morning_file(morning, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("morning") / "morning.tm"
    path.write_bytes(morning)
    return path


class Terminal:
    """A pty as a serial device that a program reads."""

    def __init__(self):
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.name = os.ttyname(self._slave)

    def wait_for_a_reader(self):
        """Waits until a program has it open."""
        while True:
            try:
                fcntl.flock(self._slave, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                break
            fcntl.flock(self._slave, fcntl.LOCK_UN)
            time.sleep(0.01)
        time.sleep(SETTLE_S)

    def send(self, octets):
        """Sends, and waits until all was read: what waits in a pty is lost when its writing end closes."""
        while octets:
            octets = octets[os.write(self._master, octets) :]
        for _ in range(10):
            while struct.unpack("i", fcntl.ioctl(self._slave, termios.FIONREAD, bytes(4)))[0]:
                time.sleep(0.01)
            time.sleep(0.01)

    def close(self):
        """Ends the line."""
        if self._master is not None:
            os.close(self._slave)
            os.close(self._master)
            self._master = None


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()
