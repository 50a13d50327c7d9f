"""`emulator://unix?lunar_day=24&speed=60` and `emulator://cpython?...`: a rover behind pyserial's interface.

The firmware runs as a child process; its standard output is what the port receives, its standard input what is sent.
The query holds the firmware's options, and `micropython=PATH` for the interpreter; `scenario=FILE`, `plan=FILE` and
`uplink=FILE` are texts, the rover gets them compiled; `key=FILE` holds the key of its commands. Without a lunar day or
a start the rover begins on 2020-11-12, the morning of lunar day 24: awake, and with the power to drive.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import serial
from serial.serialutil import PortNotOpenError, SerialBase, Timeout

from yutu2.dictionary.text import suggest
from yutu2.errors import WrongUse
from yutu2.firmware import awake_by_default
from yutu2.line.query import options_of
from yutu2.line.runtime import find_micropython, firmware_command
from yutu2.mission.run_inputs import READERS, read_all
from yutu2.system.streams import report
from yutu2.uplink.security import read_key

INTERRUPTED = 130  # exit status of a rover that was asked to end
RUNTIMES = ("unix", "cpython")
"""What runs the firmware as a process of its own, as emulator://unix."""
_OPTIONS = ("craft", "lunar_day", "start", "days", "seed", "speed", "key", *READERS)
_BACKLOG = 1 << 20  # octets held for a reader; beyond it the rover is made to wait
_PIECE = 1 << 16
_PARTING_S = 5.0  # until the last octet of an ended rover has surely been read
_START_S = 0.5  # until an interpreter surely listens to interrupts
_KEPT_LINES = 20  # of what the rover writes to standard error
_TOLD_LINES = 3  # of them, in an error
_TRACEBACK = "Traceback (most recent call last):"


class RoverEnded(serial.SerialException):
    """The rover's run is over: nothing more will come.

    status: exit status of its process, 0 when it lived to the end, negative when a signal ended it. said: what it wrote
    to standard error and nobody has seen yet.
    """

    def __init__(self, status: int, said: Iterable[str] = ()) -> None:
        told = [line.removeprefix("rover: ").strip() for line in said if line.strip() not in ("", _TRACEBACK)]
        super().__init__(": ".join([_end_of(status), *filter(None, ["; ".join(told[-_TOLD_LINES:])])]))
        self.status = status


def _end_of(status: int) -> str:
    if status == 0:
        return "the rover's run is over, exit status 0"
    if status > 0:
        return f"the rover ended with exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"the rover was killed by {name}"


class EmulatorPort(SerialBase):
    """A pyserial port with a rover at its other end. Line settings (baud rate, parity...) are taken and mean nothing.

    After the last octet of a run `read` raises RoverEnded.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._arrived = threading.Condition()
        self._chunks: deque[bytes] = deque()
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)  # lines on standard error that nobody has seen yet
        self._reason: list[str] = []
        self._waiting = 0  # octets in `_chunks`
        self._at_end = False
        self._cancelled = False
        super().__init__(*args, **kwargs)

    def open(self) -> None:
        """Starts the rover. SerialException says what in the URL is wrong."""
        if self.is_open:
            raise serial.SerialException("Port is already open.")
        with ExitStack() as stack:
            command = _command(str(self.port), stack)
            # Its own session: Ctrl-C is for the ground, which then tells the rover to end
            pipe = subprocess.PIPE
            self._child = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, bufsize=0
            )
            belongings = stack.pop_all()
        self._chunks.clear()
        self._said.clear()
        self._reason.clear()
        self._waiting = 0
        self._at_end = self._cancelled = False
        self._interrupted = False
        self._started_s = time.monotonic()
        # A program that ends without closing the port leaves no rover behind
        self._end = weakref.finalize(self, _kill, self._child, belongings)
        self.is_open = True
        self._receiver = threading.Thread(target=self._receive, args=(self._child,), daemon=True)
        self._receiver.start()
        self._listener = threading.Thread(target=self._listen, args=(self._child,), daemon=True)
        self._listener.start()

    def close(self) -> None:
        """Ends the rover's run at once; `interrupt` and reading on would let it finish its frame."""
        if not self.is_open or self._child is None:
            return
        self.is_open = False
        with self._arrived:
            self._arrived.notify_all()
        self._end()
        # Only then its pipe is closed: the number of that file may go to the next rover, whose octets it would take
        if self._child.stdin is not None:
            with contextlib.suppress(OSError):
                self._child.stdin.close()
        for thread, pipe in ((self._receiver, self._child.stdout), (self._listener, self._child.stderr)):
            thread.join(_PARTING_S)
            if pipe is not None and not thread.is_alive():
                pipe.close()
        self._pass_on()

    def interrupt(self) -> None:
        """Asks the rover to end its run now: it sends the frame that is open and stops. Go on reading to get it."""
        self._check_open()
        self._interrupted = True
        # An interpreter that is still starting would die of it with a traceback
        started_in_s = self._started_s + _START_S - time.monotonic()
        if started_in_s > 0:
            threading.Timer(started_in_s, self._send_interrupt).start()
        else:
            self._send_interrupt()

    def _send_interrupt(self) -> None:
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGINT)

    @property
    def in_waiting(self) -> int:
        """Octets that can be read without waiting."""
        self._check_open()
        return self._waiting

    def read(self, size: int = 1) -> bytes:
        """Up to `size` octets; fewer when the timeout runs out. RoverEnded when there are none and none will come."""
        self._check_open()
        timeout = Timeout(self.timeout)  # type: ignore[arg-type]  # None is for ever
        data = bytearray()
        with self._arrived:
            while len(data) < size:
                if self._chunks:
                    self._take(data, size)
                elif self._at_end or not self.is_open:
                    break
                elif timeout.expired() or self._cancelled:
                    self._cancelled = False
                    return bytes(data)
                else:
                    self._arrived.wait(timeout.time_left())
        if size and not data:
            raise self._ended()
        return bytes(data)

    def _ended(self) -> RoverEnded:
        """The end of a rover whose process is over, or about to be. What it wrote last is told once."""
        assert self._child is not None
        status = self._child.wait()
        # A process that it has left behind may hold the pipe
        self._listener.join(_PARTING_S)
        if self._interrupted or status == 0:
            self._pass_on()
        # They are the reason now, and passed on no more
        self._reason += self._said
        self._said.clear()
        return RoverEnded(INTERRUPTED if self._interrupted else status, self._reason)

    def _pass_on(self) -> None:
        """Passes on what the rover has written to standard error, which is no reason for its end."""
        while self._said:
            print(self._said.popleft(), file=sys.stderr)

    def _take(self, data: bytearray, size: int) -> None:
        chunk = self._chunks.popleft()
        wanted = size - len(data)
        if len(chunk) > wanted:
            self._chunks.appendleft(chunk[wanted:])
            chunk = chunk[:wanted]
        data += chunk
        self._waiting -= len(chunk)
        self._arrived.notify_all()

    def cancel_read(self) -> None:
        """Makes a read in another thread, or the next one, return at once with what it has."""
        with self._arrived:
            self._cancelled = True
            self._arrived.notify_all()

    def write(self, data: Any, /) -> int:
        """Sends octets to the rover."""
        self._check_open()
        assert self._child is not None and self._child.stdin is not None
        view = memoryview(data)
        done = 0
        try:
            while done < len(view):
                done += os.write(self._child.stdin.fileno(), view[done:])
        except OSError as error:
            try:
                self._child.wait(_PARTING_S)
            except subprocess.TimeoutExpired:
                raise serial.SerialException(f"the rover has closed its input: {error}") from error
            raise self._ended() from error
        return done

    def flush(self) -> None:
        """Nothing to wait for: the rover has what was written."""
        self._check_open()

    def reset_input_buffer(self) -> None:
        """Throws away what was received and not read."""
        self._check_open()
        with self._arrived:
            self._chunks.clear()
            self._waiting = 0
            self._arrived.notify_all()

    def reset_output_buffer(self) -> None:
        """Nothing to throw away: the rover has what was written."""
        self._check_open()

    @property
    def cts(self) -> bool:
        """Always set: there are no modem lines."""
        return True

    dsr = cd = cts

    @property
    def ri(self) -> bool:
        """Never set: there are no modem lines."""
        return False

    def _reconfigure_port(self, force_update: bool = False) -> None:
        pass

    def _update_rts_state(self) -> None:
        pass

    def _update_dtr_state(self) -> None:
        pass

    def _update_break_state(self) -> None:
        pass

    def _check_open(self) -> None:
        if not self.is_open:
            raise PortNotOpenError()

    def _receive(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        for chunk in _chunks_of(child.stdout.fileno()):
            # What it wrote before is no reason for an end: it has begun
            self._pass_on()
            with self._arrived:
                while self._waiting >= _BACKLOG and self.is_open:
                    self._arrived.wait()
                self._chunks.append(chunk)
                self._waiting += len(chunk)
                self._arrived.notify_all()
        with self._arrived:
            self._at_end = True
            self._arrived.notify_all()

    def _listen(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stderr is not None
        unended = b""
        for chunk in _chunks_of(child.stderr.fileno()):
            *lines, unended = (unended + chunk)[-_PIECE:].split(b"\n")
            self._said.extend(line.decode(errors="backslashreplace") for line in lines)
        if unended:
            self._said.append(unended.decode(errors="backslashreplace"))


def _kill(child: subprocess.Popen[bytes], belongings: ExitStack) -> None:
    with belongings:
        if child.poll() is None:
            if hasattr(os, "killpg"):
                # What a script around the interpreter has started goes with it
                os.killpg(child.pid, signal.SIGKILL)
            else:
                child.kill()
            child.wait()


def _is_utf_8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _chunks_of(descriptor: int) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        while chunk := os.read(descriptor, _PIECE):
            yield chunk


def _command(url: str, belongings: ExitStack) -> list[str]:
    """The command that an `emulator://` URL stands for; its files are in `belongings`, which takes them away."""
    parts = urlsplit(url)
    options = options_of(url)
    given = options.pop("micropython", None)
    options = awake_by_default(options)
    for name, value in options.items():
        if name not in _OPTIONS:
            raise serial.SerialException(f"{url}: unknown option '{name}'; {suggest(name, [*_OPTIONS, 'micropython'])}")
        if name not in (*READERS, "key") and not _is_utf_8(value):
            raise serial.SerialException(f"{url}: {name} is no text in UTF-8; write it in letters and digits")
    if parts.netloc not in RUNTIMES:
        raise serial.SerialException(f"{url}: unknown target '{parts.netloc}'; {suggest(parts.netloc, [*RUNTIMES])}")
    try:
        if "key" in options:
            read_key(Path(options["key"]))
        texts = read_all(options)
        has_odd_name = "key" in options and not _is_utf_8(options["key"])
        needs_folder = bool(texts) or has_odd_name
        folder = (
            Path(belongings.enter_context(tempfile.TemporaryDirectory(prefix="yutu2-"))) if needs_folder else Path()
        )
        if has_odd_name:
            # MicroPython takes no other arguments
            (folder / "key").symlink_to(Path(options["key"]).absolute())
            options["key"] = str(folder / "key")
        for kind, text in texts.items():
            file = folder / f"{kind}.txt"
            file.write_text(text.compiled(), encoding="ascii")
            options[kind] = str(file)
        if parts.netloc == "cpython":
            return firmware_command(None, options)
        micropython = find_micropython(given)
    except WrongUse as error:
        raise serial.SerialException(str(error)) from error
    if micropython is None:
        report("there is no MicroPython on this machine: the rover runs on CPython")
    return firmware_command(micropython, options)
