"""What the tests of several rooms share: the command `yutu2` as a process of its own, and streams to feed it with."""

import fcntl
import importlib.util
import os
import pty
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from yutu2.cli.main import main
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import TYPES, load
from yutu2.firmware import EPOCH

ENCODER = "yutu2_tests_encoder"
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
def finished() -> type[Finished]:
    """`finished(status, out, err)`: a command that a test has run in a way of its own."""
    return Finished


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Environment variables of a command: the package is found from any folder."""
    path = os.environ.get("PYTHONPATH", "")
    folders = [str(Path(folder).resolve()) for folder in path.split(os.pathsep) if folder]
    return os.environ | {"PYTHONPATH": os.pathsep.join(folders), "COLUMNS": "200"}


def call_main(*arguments, cwd=None) -> Finished:
    """Run the command in this process, with standard streams, a folder and signal handlers as if it had its own."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    ours = [os.dup(number) for number in range(3)]
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        _, out, err = files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        for number, (name, file) in enumerate(zip(("stdin", "stdout", "stderr"), files, strict=True)):
            os.dup2(file.fileno(), number)
            stream = os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False)
            patch.setattr(sys, name, stack.enter_context(stream))
        patch.setattr(sys, "argv", ["yutu2", *map(str, arguments)])
        patch.setattr(sys, "unraisablehook", sys.unraisablehook)
        patch.setenv("COLUMNS", "200")
        patch.chdir(cwd or Path.cwd())
        try:
            with pytest.raises(SystemExit) as end:
                main()
        finally:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            for number, file in enumerate(ours):
                os.dup2(file, number)
                os.close(file)
            for number, handler in handlers.items():
                signal.signal(number, handler)
        for file in (out, err):
            file.seek(0)
        return Finished(end.value.code, out.read(), err.read().decode())


@pytest.fixture(scope="session")
def yutu2(environment) -> Callable[..., Finished]:
    """`yutu2(*arguments, input=octets, **options of Popen)`: run the command to its end; `env` adds variables.

    It runs in this process, which spares a second of imports, unless it needs variables, input or options of its own.
    """

    def run(*arguments, input=b"", env=None, cwd=None, **options):  # noqa: A002
        if not input and env is None and not options:
            return call_main(*arguments, cwd=cwd)
        command = [sys.executable, "-m", "yutu2", *map(str, arguments)]
        options |= {"env": environment | (env or {}), "cwd": cwd}
        done = subprocess.run(command, input=input, capture_output=True, **options)
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


LOCAL_FLAGS = 3  # in what tcgetattr gives


class Terminal:
    """A pty as a serial device that a program reads."""

    def __init__(self):
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        # Who opens it as a serial device switches that off: so one sees it, and takes nothing from it
        attributes = termios.tcgetattr(self._slave)
        attributes[LOCAL_FLAGS] |= termios.ECHO
        termios.tcsetattr(self._slave, termios.TCSANOW, attributes)
        self.name = os.ttyname(self._slave)

    def wait_for_a_reader(self):
        """Waits until a program has it open."""
        while termios.tcgetattr(self._slave)[LOCAL_FLAGS] & termios.ECHO:
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


@pytest.fixture(scope="session")
def encoder():
    """The module decode/encoder.py: no test folder is on sys.path in importlib mode."""
    if ENCODER not in sys.modules:
        spec = importlib.util.spec_from_file_location(ENCODER, Path(__file__).parent / "decode" / "encoder.py")
        sys.modules[ENCODER] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[ENCODER])
    return sys.modules[ENCODER]


class Craft:
    """Packs reports as they are told into a downlink. Fields are engineering values; those not given are 0.

    What repeats does so once.
    """

    def __init__(self, encoder, spacecraft=24):
        self.sender = encoder.Sender(spacecraft)
        self._definitions = {definition.name: definition for definition in load().packets + load().events}

    def tell(self, name, time, **values):
        definition = self._definitions[name]
        seconds = (time - EPOCH) // timedelta(seconds=1)
        header = struct.pack(">BBBHHIH", 0x20, definition.service, definition.subservice, 0, 0, seconds, 0)
        selector = b"" if definition.selector is None else struct.pack(">H", definition.selector)
        fields = b"".join(self._packed(field, values.get(field.name, 0)) for field in definition.fields)
        self.sender.send(0, definition.apid, header + selector + bytes([1]) * definition.repeat + fields)

    def send(self, virtual_channel, apid, data):
        """A packet without a secondary header."""
        self.sender.send(virtual_channel, apid, data, secondary_header=False)

    @property
    def downlink(self):
        self.sender.end()
        return self.sender.stream

    @property
    def reports(self):
        """What the decoder makes of the downlink."""
        return TelemetryDecoder(load()).feed(self.downlink)

    def _packed(self, field, value):
        if field.type == "hash4":
            return value or load().hash
        if field.labels is not None:
            # Of two with the same label the first
            value = {label: number for number, label in reversed(field.labels.items())}.get(value, value)
        if field.count is not None:
            return struct.pack(">" + field.code, *(value or [0] * field.count))
        return struct.pack(">" + TYPES[field.type], round(value / (field.scale or 1)))


@pytest.fixture
def craft(encoder):
    """`craft.tell(name, time, field=value, ...)`; `craft.send(...)`; `craft.downlink`; `craft.reports`."""
    return Craft(encoder)


@pytest.fixture
def craft_like(encoder):
    """`craft_like(spacecraft_id)`: another one."""
    return lambda spacecraft: Craft(encoder, spacecraft)
