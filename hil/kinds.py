"""The kinds of targets: Unix port, emulated Pico, board on a serial device, and a line that is taken as it is."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import serial
from yutu2.decode.fields import Report
from yutu2.line.emulator import EmulatorPort, RoverEnded
from yutu2.line.source import SourceError
from yutu2.pico.url_port import UrlPicoPort

from .target import State, Target, Wedged

_MPREMOTE_S = 45
_NO_PIN = "nothing here can pull its RUN pin: a hand would have to take its power away"


def make_target(name: str) -> Target:
    """The target that `--target` names."""
    if name == "unix":
        return UnixPort(name)
    if name == "pico-emulated":
        return EmulatedBoard(name)
    return TakenAsItRuns(name) if "://" in name else Board(name)


class UnixPort(Target):
    """The firmware on the Unix port of MicroPython, as a child process."""

    cannot: Mapping[str, str] = {
        "settings file": "a desktop has options and no settings file",
        "console": "a desktop has no REPL behind the rover",
        "run pin": "a desktop has none",
    }
    patience = 3  # a busy machine may not run it for a while
    _status: int | None = None

    def power_on(self, settings: Mapping[str, str]) -> None:
        self._status = None
        self._open(f"emulator://unix?{urlencode(settings)}")

    def hard_reset(self) -> None:
        assert self.settings is not None
        self.start(self.settings)  # which kills a process that does not heed an interrupt

    def wedge(self) -> None:
        """Stops its process as a debugger does: it neither speaks nor listens."""
        assert isinstance(self._port, EmulatorPort) and self._port._child is not None
        os.kill(self._port._child.pid, signal.SIGSTOP)
        self.state = State.UNKNOWN

    def ended(self) -> bool:
        return self._status is not None

    def receive(self) -> bytes:
        try:
            return super().receive()
        except RoverEnded as end:
            self._status = end.status
            return b""


class EmulatedBoard(Target):
    """A Raspberry Pi Pico, emulated: what computes takes 20 times as long, what sleeps as long as on a board."""

    @property
    def port(self) -> UrlPicoPort:
        assert isinstance(self._port, UrlPicoPort)
        return self._port

    def power_on(self, settings: Mapping[str, str]) -> None:
        self._open(f"emulator://pico?{urlencode(settings)}")

    def hard_reset(self) -> None:
        self.port.pico.reset()

    def clock_s(self) -> float:
        return self.port.pico.now_us / 1e6 if self._port is not None else 0.0

    def receive(self) -> bytes:
        try:
            return super().receive()
        except RoverEnded:
            return b""  # the rover's run, or a line typed at the prompt: the board itself goes on


class Board(Target):
    """A board on a serial device of this machine. mpremote writes its settings file, and puts the old one back."""

    cannot: Mapping[str, str] = {"run pin": _NO_PIN}

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._own_settings: bytes | None = None

    def power_on(self, settings: Mapping[str, str]) -> None:
        if self._own_settings is None:
            self._own_settings = self._fetch_settings()
        self._write_settings("".join(f"{name} = {value}\n" for name, value in settings.items()).encode())
        self.hard_reset()

    def hard_reset(self) -> None:
        self._close()
        self._mpremote("reset")
        # The device goes and comes back; the rover waits 3 s before it speaks
        time.sleep(0.5)

    def receive(self) -> bytes:
        try:
            if self._port is None:
                self._open(self.name)
            return super().receive()
        except (SourceError, serial.SerialException, OSError):
            self._close()
            time.sleep(0.1)
            return b""

    def put_back(self) -> None:
        """Gives the board its own settings back, and starts it."""
        if self._own_settings is None:
            return
        self.stop()
        if self._own_settings:
            self._write_settings(self._own_settings)
        else:
            self._mpremote("fs", "rm", ":settings.txt")
        self._mpremote("reset")

    def _fetch_settings(self) -> bytes:
        """Those it has now; nothing when it has none."""
        self._close()
        if "settings.txt" not in self._mpremote("fs", "ls", ":").split():
            return b""
        with tempfile.TemporaryDirectory(prefix="yutu2-") as folder:
            file = Path(folder) / "settings.txt"
            self._mpremote("fs", "cp", ":settings.txt", str(file))
            return file.read_bytes()

    def _write_settings(self, octets: bytes) -> None:
        self._close()
        with tempfile.TemporaryDirectory(prefix="yutu2-") as folder:
            file = Path(folder) / "settings.txt"
            file.write_bytes(octets)
            self._mpremote("fs", "cp", str(file), ":settings.txt")

    def _mpremote(self, *command: str) -> str:
        # resume: without a soft reset first, since what runs in RAM does not matter here
        line = [sys.executable, "-m", "mpremote", "connect", self.name, "resume", *command]
        for _ in range(2):
            try:
                done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=_MPREMOTE_S)
                break
            except subprocess.TimeoutExpired:
                # It sends one interrupt; when that is missed it waits for as long as the rover goes on speaking
                self._log(f"mpremote {command[0]} got no prompt")
        else:
            raise Wedged(f"{self.name}: mpremote gets no prompt")
        if done.returncode:
            complaint = (done.stderr.strip() or done.stdout.strip()).splitlines() or ["no reason given"]
            raise Wedged(f"{self.name}: mpremote {command[0]}: {complaint[-1]}")
        return done.stdout

    def _close(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None


class TakenAsItRuns(Target):
    """A line behind a URL, such as socket://host:port: who started the rover there, and how, is not ours to say."""

    patience = 10  # at speed 1 housekeeping comes each 60 s
    cannot = dict.fromkeys(
        ("settings", "settings file", "console", "run pin"), "behind a URL the rover is taken as it runs"
    )

    def first_words(self) -> Report:
        if self._port is None:
            self._open(self.name)
        return super().first_words()
