"""Sources of octets: a file, standard input, a serial device, any URL of pyserial."""

import errno
import os
import select
import stat
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol, cast
from urllib.parse import urlsplit

import serial

from yutu2.errors import LineEnded, WrongUse
from yutu2.line.emulator import INTERRUPTED, RoverEnded
from yutu2.line.socket_port import SocketClosed, SocketPort
from yutu2.line.targets import serial_class_for_url
from yutu2.system.streams import report

BAUD_RATE = 115200
_CHUNK = 1 << 18
_READ_TIMEOUT_S = 0.2  # timeout of a read, after which Ctrl-C is handled


class Port(Protocol):
    """Declare what is used of an open pyserial port."""

    @property
    def in_waiting(self) -> int:
        """Return the number of octets that can be read at once."""

    def read(self, size: int = 1) -> bytes:
        """Read up to `size` octets, fewer after a timeout."""

    def write(self, data: bytes, /) -> int | None:
        """Send octets."""

    def close(self) -> None:
        """Close the port."""


class SourceError(WrongUse):
    """Raised for a source that cannot be opened or read. Its text says which and why."""


class LineNotOpened(SourceError, LineEnded):
    """Raised for a line that cannot be opened; a later try may succeed. Its text says which and why."""

    def __init__(self, text: str) -> None:
        super().__init__(text, SourceError.status)


class RoverFailed(WrongUse):
    """Raised when an emulated rover ended prematurely. Its text has the latest lines on standard error.

    status: 2 if the rover refused its options, else 1.
    """

    def __init__(self, end: RoverEnded) -> None:
        super().__init__(str(end))
        self.status = end.status if end.status == WrongUse.status else 1


def read_source(source: str) -> Iterator[bytes]:
    """Open `source` and yield its octets until its end. Raises SourceError.

    source: path of a file or serial device, `-` for standard input, or a URL such as socket://host:port.
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
    """Open a URL, or a serial device exclusively at 115200 baud. Raises LineNotOpened."""
    try:
        if url.startswith("emulator://"):
            # Not through pyserial's folder of handlers, which has no emulator:// in a checkout that is not installed
            _, kind = serial_class_for_url(url)
            port = kind(timeout=_READ_TIMEOUT_S)
            port.port = url
            port.open()  # type: ignore[attr-defined]
            return cast(Port, port)
        if url.startswith("socket://"):
            return cast(Port, _open_socket(url))
        # URLs have no exclusive mode
        exclusive = None if "://" in url else True
        return cast(Port, serial.serial_for_url(url, BAUD_RATE, timeout=_READ_TIMEOUT_S, exclusive=exclusive))
    except WrongUse:
        raise
    except Exception as error:
        # Drivers, or pyserial, may raise any exception
        if isinstance(error.__cause__, WrongUse):
            raise error.__cause__ from None
        reason = _reason(error)
        if "lock" in reason or "busy" in reason:
            reason = "busy: another program has it open"
        if "://" not in url and isinstance(error, OSError):
            # Imported late, because it lists all devices of the system
            from yutu2.line.ports import explain_error

            reason = explain_error(url, error, reason)
        raise LineNotOpened(reason if url in reason else f"{url}: {reason}") from error


def _open_socket(url: str) -> SocketPort:
    parts = urlsplit(url)
    if not parts.hostname or parts.port is None:
        raise LineNotOpened(f"{url}: a socket needs host and port; write it as socket://localhost:5000")
    port = SocketPort(timeout=_READ_TIMEOUT_S)
    port.port = url
    port.open()
    return port


def _is_terminal(path: Path) -> bool:
    """Return whether a character device is a serial line, unlike /dev/null."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        return os.isatty(descriptor)
    finally:
        os.close(descriptor)


def read_port(port: Port) -> Generator[bytes, None, str]:
    """Yield the octets of an open port until the line ends, b"" after each timeout. The port stays open.

    Return why the line ended: the end of a run (also after an interrupt), or of a connection, a pty or a device. Raises
    LineEnded for other breaks, RoverFailed for an emulated rover that fails.
    """
    while True:
        try:
            with port_in_use():
                octets = port.read(port.in_waiting or 1)
        except RoverEnded as end:
            if end.status not in (0, INTERRUPTED):
                raise RoverFailed(end) from end
            return str(end)
        except SocketClosed as end:
            return str(end)
        except LineEnded as end:
            if _is_hang_up(end.__cause__):
                return "the other end has closed the line, or the device is unplugged"
            raise
        yield octets


def read_until_break(port: Port, on_break: Callable[[RoverFailed | LineEnded], None]) -> Iterator[bytes]:
    """Yield octets as `read_port`, for a reader that uses what is received before a break or a failure.

    on_break: called with the reason before the end. Raises RoverFailed before the first octet only.
    """
    has_received = False
    try:
        for octets in read_port(port):
            has_received = has_received or bool(octets)
            yield octets
    except RoverFailed as failure:
        if not has_received:
            raise
        on_break(failure)
    except LineEnded as end:
        on_break(end)


@contextmanager
def port_in_use() -> Iterator[None]:
    """Turn all exceptions of a port into LineEnded, except for the regular ends RoverEnded and SocketClosed.

    Depending on platform and call, pyserial raises SerialException, OSError, TypeError or AttributeError for a device
    that is unplugged, or closed during the call.
    """
    try:
        yield
    except (RoverEnded, SocketClosed):
        raise
    except Exception as error:
        raise LineEnded(f"the line has ended: {_reason(error)}") from error


def close_port(port: Port) -> None:
    """Close a port, even one that has vanished."""
    with suppress(LineEnded), port_in_use():
        port.close()


def _is_hang_up(error: BaseException | None) -> bool:
    """Return whether the other end of a serial device is gone; pyserial has its own text for that."""
    if not isinstance(error, OSError):
        return False
    numbers = {getattr(one, "errno", None) for one in (error, error.__context__)}
    return errno.EIO in numbers or "returned no data" in str(error)


def _reason(error: Exception) -> str:
    """Return an exception of a port as one line, with its type if pyserial did not raise it on purpose."""
    text = " ".join(str(error).split())
    if isinstance(error, OSError | ValueError | WrongUse) and text:
        return text
    return f"the port is gone ({type(error).__name__}: {text})"


def _read_line(url: str) -> Iterator[bytes]:
    """Open a line at once, so that the caller starts nothing for a line that cannot be opened."""
    return _read_and_close(open_port(url), url)


def _read_and_close(port: Port, url: str) -> Iterator[bytes]:
    try:
        yield from read_until_break(port, lambda error: report(f"{url}: {error}; the octets received before are used"))
    finally:
        close_port(port)


def _read_file(file: IO[bytes], source: str) -> Iterator[bytes]:
    regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    with file:
        while True:
            # A pipe or a terminal may be silent for long, and Ctrl-C must be handled meanwhile
            if not regular and os.name == "posix" and not select.select([file], [], [], _READ_TIMEOUT_S)[0]:
                yield b""
                continue
            try:
                chunk = os.read(file.fileno(), _CHUNK)
            except OSError as error:
                raise SourceError(f"{source}: cannot be read: {error.strerror}") from error
            if not chunk:
                return
            yield chunk
