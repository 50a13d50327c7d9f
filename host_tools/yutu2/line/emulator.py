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
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import serial
from serial.serialutil import PortNotOpenError, SerialBase, Timeout

from yutu2.errors import WrongUse
from yutu2.firmware import awake_by_default
from yutu2.handed_over import READERS, read_all
from yutu2.line.runtime import find_micropython, firmware_command
from yutu2.text_line import suggest
from yutu2.uplink.security import read_key

INTERRUPTED = 130  # exit status of a rover that was asked to end
_OPTIONS = ("craft", "lunar_day", "start", "days", "seed", "speed", "key", *READERS)
_BACKLOG = 1 << 20  # octets held for a reader; beyond it the rover is made to wait
_PIECE = 1 << 16
_PARTING_S = 5.0  # until the last octet of an ended rover has surely been read
_START_S = 0.5  # until an interpreter surely listens to interrupts


class RoverEnded(serial.SerialException):
    """The rover's run is over: nothing more will come. status: of its process, 0 when it lived to the end."""

    def __init__(self, status: int) -> None:
        super().__init__("the rover's run is over" if status == 0 else f"the rover ended with status {status}")
        self.status = status


class EmulatorPort(SerialBase):
    """A pyserial port with a rover at its other end. Line settings (baud rate, parity...) are taken and mean nothing.

    After the last octet of a run `read` raises RoverEnded.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._arrived = threading.Condition()
        self._chunks: deque[bytes] = deque()
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
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, bufsize=0
            )
            belongings = stack.pop_all()
        self._chunks.clear()
        self._waiting = 0
        self._at_end = self._cancelled = False
        self._interrupted = False
        self._started_s = time.monotonic()
        # A program that ends without closing the port leaves no rover behind
        self._end = weakref.finalize(self, _kill, self._child, belongings)
        self.is_open = True
        self._receiver = threading.Thread(target=self._receive, args=(self._child,), daemon=True)
        self._receiver.start()

    def close(self) -> None:
        """Ends the rover's run at once; `interrupt` and reading on would let it finish its frame."""
        if not self.is_open or self._child is None:
            return
        self.is_open = False
        with self._arrived:
            self._arrived.notify_all()
        self._end()
        # Only then its pipe is closed: the number of that file may go to the next rover, whose octets it would take
        self._receiver.join(_PARTING_S)
        if self._child.stdin is not None:
            with contextlib.suppress(OSError):
                self._child.stdin.close()
        if self._child.stdout is not None and not self._receiver.is_alive():
            self._child.stdout.close()

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
            assert self._child is not None
            status = self._child.wait()
            raise RoverEnded(INTERRUPTED if self._interrupted else status)
        return bytes(data)

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
            raise serial.SerialException(f"the rover does not listen any more: {error}") from error
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
            with self._arrived:
                while self._waiting >= _BACKLOG and self.is_open:
                    self._arrived.wait()
                self._chunks.append(chunk)
                self._waiting += len(chunk)
                self._arrived.notify_all()
        with self._arrived:
            self._at_end = True
            self._arrived.notify_all()


def _kill(child: subprocess.Popen[bytes], belongings: ExitStack) -> None:
    with belongings:
        if child.poll() is None:
            child.kill()
            child.wait()


def _chunks_of(descriptor: int) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        while chunk := os.read(descriptor, _PIECE):
            yield chunk


def _command(url: str, belongings: ExitStack) -> list[str]:
    """The command that an `emulator://` URL stands for; its files are in `belongings`, which takes them away."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    given = options.pop("micropython", None)
    options = awake_by_default(options)
    for name in options:
        if name not in _OPTIONS:
            raise serial.SerialException(f"{url}: unknown option '{name}'; {suggest(name, [*_OPTIONS, 'micropython'])}")
    if parts.netloc not in ("unix", "cpython"):
        raise serial.SerialException(
            f"{url}: unknown target '{parts.netloc}'; {suggest(parts.netloc, ['unix', 'cpython', 'pico'])}"
        )
    try:
        if "key" in options:
            read_key(Path(options["key"]))
        texts = read_all(options)
        folder = Path(belongings.enter_context(tempfile.TemporaryDirectory(prefix="yutu2-"))) if texts else Path()
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
        print("yutu2: there is no MicroPython on this machine: the rover runs on CPython", file=sys.stderr)
    return firmware_command(micropython, options)
