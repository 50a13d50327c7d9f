"""`emulator://unix?lunar_day=24&speed=60` and `emulator://cpython?...`: an emulated rover as a pyserial port.

The firmware runs as a child process: the port receives its standard output and sends to its standard input. The query
has the options of the firmware, and `micropython=PATH` for the interpreter; `scenario=FILE`, `plan=FILE` and
`uplink=FILE` are compiled for the rover; `key=FILE` is the key of its commands. Without a lunar day or a start, the run
starts on 2020-11-12, in the morning of lunar day 24: awake, with enough power to drive.
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
from yutu2.line.runtime import find_micropython, firmware_command
from yutu2.line.url_query import options_of
from yutu2.mission.run_inputs import READERS, read_all
from yutu2.system.streams import report
from yutu2.uplink.security import read_key

INTERRUPTED = 130  # exit status of a rover that was interrupted
RUNTIMES = ("unix", "cpython")
"""Runtimes that run the firmware as a process, as in emulator://unix."""
_OPTIONS = ("craft", "lunar_day", "start", "days", "seed", "speed", "key", *READERS)
_MAX_BUFFERED = 1 << 20  # octets for the reader; the rover waits while there are more
_CHUNK = 1 << 16
_END_TIMEOUT_S = 5.0  # time to read the last octets of a rover that has ended
_START_S = 0.5  # time until an interpreter handles interrupts
_MAX_ERROR_LINES = 20  # of standard error
_SHOWN_LINES = 3  # of them in an exception
_TRACEBACK = "Traceback (most recent call last):"


class RoverEnded(serial.SerialException):
    """Raised when the run of an emulated rover has ended and all its octets are read.

    status: exit status of its process, 0 after a complete run, negative if a signal ended it. error_lines: its latest
    output on standard error, if not printed yet.
    """

    def __init__(self, status: int, error_lines: Iterable[str] = ()) -> None:
        shown = [line.removeprefix("rover: ").strip() for line in error_lines if line.strip() not in ("", _TRACEBACK)]
        super().__init__(": ".join([_describe_status(status), *filter(None, ["; ".join(shown[-_SHOWN_LINES:])])]))
        self.status = status


def _describe_status(status: int) -> str:
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
    """Connect to an emulated rover. Line settings (baud rate, parity...) have no effect.

    After the last octet of a run, `read` raises RoverEnded.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._arrived = threading.Condition()
        self._chunks: deque[bytes] = deque()
        self._error_lines: deque[str] = deque(maxlen=_MAX_ERROR_LINES)  # not printed yet
        self._reason: list[str] = []
        self._waiting = 0  # octets in `_chunks`
        self._at_end = False
        self._cancelled = False
        super().__init__(*args, **kwargs)

    def open(self) -> None:
        """Start the rover. Raises SerialException for an invalid URL."""
        if self.is_open:
            raise serial.SerialException("Port is already open.")
        with ExitStack() as stack:
            command = _command(str(self.port), stack)
            # A session of its own: Ctrl-C goes to this process, which then interrupts the rover
            pipe = subprocess.PIPE
            self._child = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True, bufsize=0
            )
            resources = stack.pop_all()
        self._chunks.clear()
        self._error_lines.clear()
        self._reason.clear()
        self._waiting = 0
        self._at_end = self._cancelled = False
        self._interrupted = False
        self._started_s = time.monotonic()
        # Kills the rover if the program ends without closing the port
        self._end = weakref.finalize(self, _kill, self._child, resources)
        self.is_open = True
        self._receiver = threading.Thread(target=self._receive, args=(self._child,), daemon=True)
        self._receiver.start()
        self._error_reader = threading.Thread(target=self._collect_errors, args=(self._child,), daemon=True)
        self._error_reader.start()

    def close(self) -> None:
        """End the run of the rover at once. To let it complete its frame, call `interrupt` and read on instead."""
        if not self.is_open or self._child is None:
            return
        self.is_open = False
        with self._arrived:
            self._arrived.notify_all()
        self._end()
        # Closed last: the file number may be reused by the next rover, whose octets a reader would take
        if self._child.stdin is not None:
            with contextlib.suppress(OSError):
                self._child.stdin.close()
        for thread, pipe in ((self._receiver, self._child.stdout), (self._error_reader, self._child.stderr)):
            thread.join(_END_TIMEOUT_S)
            if pipe is not None and not thread.is_alive():
                pipe.close()
        self._print_errors()

    def interrupt(self) -> None:
        """Ask the rover to end its run now. It completes the current frame; read on to receive it."""
        self._check_open()
        self._interrupted = True
        # An interpreter that is still starting would end with a traceback
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
        """Return the number of octets that can be read at once."""
        self._check_open()
        return self._waiting

    def read(self, size: int = 1) -> bytes:
        """Read up to `size` octets; fewer after the timeout. Raises RoverEnded at the end of the run."""
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
            raise self._end_of_run()
        return bytes(data)

    def _end_of_run(self) -> RoverEnded:
        """Return the end of a run whose process has ended or is about to; its last output is reported once."""
        assert self._child is not None
        status = self._child.wait()
        # A process that it started may keep the pipe open
        self._error_reader.join(_END_TIMEOUT_S)
        if self._interrupted or status == 0:
            self._print_errors()
        # Reported as the reason, not printed
        self._reason += self._error_lines
        self._error_lines.clear()
        return RoverEnded(INTERRUPTED if self._interrupted else status, self._reason)

    def _print_errors(self) -> None:
        """Print the rover's output on standard error that does not explain its end."""
        while self._error_lines:
            print(self._error_lines.popleft(), file=sys.stderr)

    def _take(self, data: bytearray, size: int) -> None:
        chunk = self._chunks.popleft()
        missing = size - len(data)
        if len(chunk) > missing:
            self._chunks.appendleft(chunk[missing:])
            chunk = chunk[:missing]
        data += chunk
        self._waiting -= len(chunk)
        self._arrived.notify_all()

    def cancel_read(self) -> None:
        """Make a read in another thread, or the next one, return at once with the octets that it has."""
        with self._arrived:
            self._cancelled = True
            self._arrived.notify_all()

    def write(self, data: Any, /) -> int:
        """Send octets to the rover."""
        self._check_open()
        assert self._child is not None and self._child.stdin is not None
        view = memoryview(data)
        done = 0
        try:
            while done < len(view):
                done += os.write(self._child.stdin.fileno(), view[done:])
        except OSError as error:
            try:
                self._child.wait(_END_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                raise serial.SerialException(f"the rover has closed its input: {error}") from error
            raise self._end_of_run() from error
        return done

    def flush(self) -> None:
        """Do nothing: the rover has all that was written."""
        self._check_open()

    def reset_input_buffer(self) -> None:
        """Drop what was received and not read."""
        self._check_open()
        with self._arrived:
            self._chunks.clear()
            self._waiting = 0
            self._arrived.notify_all()

    def reset_output_buffer(self) -> None:
        """Do nothing: the rover has all that was written."""
        self._check_open()

    @property
    def cts(self) -> bool:
        """Return True: there are no modem lines."""
        return True

    dsr = cd = cts

    @property
    def ri(self) -> bool:
        """Return False: there are no modem lines."""
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
            # Earlier output does not explain its end, because the run has started
            self._print_errors()
            with self._arrived:
                while self._waiting >= _MAX_BUFFERED and self.is_open:
                    self._arrived.wait()
                self._chunks.append(chunk)
                self._waiting += len(chunk)
                self._arrived.notify_all()
        with self._arrived:
            self._at_end = True
            self._arrived.notify_all()

    def _collect_errors(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stderr is not None
        partial = b""
        for chunk in _chunks_of(child.stderr.fileno()):
            *lines, partial = (partial + chunk)[-_CHUNK:].split(b"\n")
            self._error_lines.extend(line.decode(errors="backslashreplace") for line in lines)
        if partial:
            self._error_lines.append(partial.decode(errors="backslashreplace"))


def _kill(child: subprocess.Popen[bytes], resources: ExitStack) -> None:
    with resources:
        if child.poll() is None:
            if hasattr(os, "killpg"):
                # Includes what a script around the interpreter has started
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
        while chunk := os.read(descriptor, _CHUNK):
            yield chunk


def _command(url: str, resources: ExitStack) -> list[str]:
    """Return the command for an `emulator://` URL. resources: gets its temporary files, to remove them at the end."""
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
        folder = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="yutu2-"))) if needs_folder else Path()
        if has_odd_name:
            # MicroPython accepts only arguments in UTF-8
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
        report("MicroPython not found; the rover runs on CPython")
    return firmware_command(micropython, options)
