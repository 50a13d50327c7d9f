"""Where octets come from: a file, standard input, a serial device, any URL of pyserial."""

import os
import select
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol, cast
from urllib.parse import urlsplit

import serial

from yutu2.errors import WrongUse
from yutu2.line.emulator import INTERRUPTED, RoverEnded
from yutu2.line.socket_port import SocketPort
from yutu2.line.targets import serial_class_for_url

BAUD_RATE = 115200
_PIECE = 1 << 18
_PATIENCE_S = 0.2  # how long one read of a line waits; Ctrl-C is heard in between


class Port(Protocol):
    """What we ask of an open port of pyserial."""

    @property
    def in_waiting(self) -> int:
        """Octets that can be read without waiting."""

    def read(self, size: int = 1) -> bytes:
        """Up to `size` octets, fewer after a time-out."""

    def write(self, data: bytes, /) -> int | None:
        """Sends octets."""

    def close(self) -> None:
        """Closes the port."""


class SourceError(WrongUse):
    """A source that cannot be opened or read; the text says which and why."""


class RoverFailed(WrongUse):
    """An emulated rover ended before its time, and has said why itself. status: of its process."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the rover ended with status {status}")
        self.status = status


def read_source(source: str) -> Iterator[bytes]:
    """Opens `source` and gives its octets as they come, until its end. SourceError when it cannot be opened or read.

    source: the path of a file or serial device, `-` for standard input, or a URL such as socket://host:port.
    """
    if source == "-":
        if sys.stdin is None:
            raise SourceError("-: standard input is closed")
        return _read_file(sys.stdin.buffer, source)
    if not source:
        raise SourceError("the source has no name; a source is a file, -, a serial device or a URL")
    if "://" in source:
        return _read_line(source)
    path = Path(source)
    try:
        if stat.S_ISCHR(path.stat().st_mode) and _is_terminal(path):
            return _read_line(source)
        return _read_file(path.open("rb", buffering=0), source)
    except FileNotFoundError as error:
        raise SourceError(
            f"{source}: no such file or device; a source is a file, -, a serial device or a URL"
        ) from error
    except OSError as error:
        raise SourceError(f"{source}: cannot be read: {error.strerror}") from error


def open_port(url: str) -> Port:
    """Opens a serial device (as its only user, at 115200 baud) or a URL. SourceError when it cannot be."""
    try:
        if url.startswith("emulator://"):
            # Not by way of pyserial's folder of handlers, which lacks ours in a checkout that is not installed
            _, kind = serial_class_for_url(url)
            port = kind(timeout=_PATIENCE_S)
            port.port = url
            port.open()  # type: ignore[attr-defined]
            return cast(Port, port)
        if url.startswith("socket://"):
            return cast(Port, _open_socket(url))
        # URLs know no exclusive use
        exclusive = None if "://" in url else True
        return cast(Port, serial.serial_for_url(url, BAUD_RATE, timeout=_PATIENCE_S, exclusive=exclusive))
    except (serial.SerialException, ValueError, OSError) as error:
        if isinstance(error.__cause__, WrongUse):
            raise error.__cause__ from None
        reason = str(error)
        if "lock" in reason or "busy" in reason:
            reason = "busy: another program has it open"
        if "://" not in url and isinstance(error, OSError):
            # Loaded on use, as it asks the system for all its devices
            from yutu2.line.ports import explained

            reason = explained(url, error, reason)
        raise SourceError(reason if url in reason else f"{url}: {reason}") from error


def _open_socket(url: str) -> SocketPort:
    parts = urlsplit(url)
    if not parts.hostname or parts.port is None:
        raise SourceError(f"{url}: a socket is named by host and port, as socket://localhost:5000")
    port = SocketPort(timeout=_PATIENCE_S)
    port.port = url
    port.open()
    return port


def _is_terminal(path: Path) -> bool:
    """Whether a character device is a serial line; /dev/null, say, is none."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        return os.isatty(descriptor)
    finally:
        os.close(descriptor)


def read_port(port: Port) -> Iterator[bytes]:
    """Octets of an open port as they come, until the line ends; b"" after each wait without one. Leaves the port open.

    RoverFailed when an emulated rover fails; to end at Ctrl-C is no failure.
    """
    while True:
        try:
            yield port.read(port.in_waiting or 1)
        except RoverEnded as end:
            if end.status not in (0, INTERRUPTED):
                raise RoverFailed(end.status) from end
            return
        except (serial.SerialException, OSError):
            return  # the other end has gone, as at the end of a socket or of a pty


def _read_line(url: str) -> Iterator[bytes]:
    port = open_port(url)
    try:
        yield from read_port(port)
    finally:
        port.close()


def _read_file(file: IO[bytes], source: str) -> Iterator[bytes]:
    regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    with file:
        while True:
            # A pipe or a terminal may be silent for long: Ctrl-C must be heard meanwhile
            if not regular and os.name == "posix" and not select.select([file], [], [], _PATIENCE_S)[0]:
                yield b""
                continue
            try:
                chunk = os.read(file.fileno(), _PIECE)
            except OSError as error:
                raise SourceError(f"{source}: cannot be read: {error.strerror}") from error
            if not chunk:
                return
            yield chunk
