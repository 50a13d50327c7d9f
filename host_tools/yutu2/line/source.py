"""Where octets come from: a file, standard input, a serial device, any URL of pyserial."""

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


class LineNotOpened(SourceError, LineEnded):
    """A line that cannot be opened: the user may mend it, and a program may try again. The text says which and why."""

    def __init__(self, text: str) -> None:
        super().__init__(text, SourceError.status)


class RoverFailed(WrongUse):
    """An emulated rover ended before its time; the text says how, with what it wrote last to standard error.

    status: 2 if it refused its options, else 1.
    """

    def __init__(self, end: RoverEnded) -> None:
        super().__init__(str(end))
        self.status = end.status if end.status == WrongUse.status else 1


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
    """Opens a serial device (as its only user, at 115200 baud) or a URL. LineNotOpened when it cannot be."""
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
    except WrongUse:
        raise
    except Exception as error:
        # A driver, or pyserial above it, may raise anything
        if isinstance(error.__cause__, WrongUse):
            raise error.__cause__ from None
        reason = _reason(error)
        if "lock" in reason or "busy" in reason:
            reason = "busy: another program has it open"
        if "://" not in url and isinstance(error, OSError):
            # Loaded on use, as it asks the system for all its devices
            from yutu2.line.ports import explained

            reason = explained(url, error, reason)
        raise LineNotOpened(reason if url in reason else f"{url}: {reason}") from error


def _open_socket(url: str) -> SocketPort:
    parts = urlsplit(url)
    if not parts.hostname or parts.port is None:
        raise LineNotOpened(f"{url}: a socket is named by host and port, as socket://localhost:5000")
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


def read_port(port: Port) -> Generator[bytes, None, str]:
    """Octets of an open port as they come, until the line ends; b"" after each wait without one. Leaves the port open.

    Returns what ended the line: the end of a rover's run, or the other end's of a connection, a pty or a device.
    LineEnded when it breaks otherwise; RoverFailed when an emulated rover fails; to end at Ctrl-C is no failure.
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


def read_on(port: Port, on_break: Callable[[RoverFailed | LineEnded], None]) -> Iterator[bytes]:
    """As `read_port`, for a reader to whom what has come before a line breaks or a rover fails is of use.

    on_break: is called with the reason before the end. RoverFailed: before the first octet.
    """
    has_come = False
    try:
        for octets in read_port(port):
            has_come = has_come or bool(octets)
            yield octets
    except RoverFailed as failure:
        if not has_come:
            raise
        on_break(failure)
    except LineEnded as end:
        on_break(end)


@contextmanager
def port_in_use() -> Iterator[None]:
    """Turn whatever a port raises in a call into LineEnded, but for the regular ends RoverEnded and SocketClosed.

    A device that is unplugged, or closed under the call, is a SerialException, an OSError, a TypeError or an
    AttributeError of pyserial, as platform and call will have it.
    """
    try:
        yield
    except (RoverEnded, SocketClosed):
        raise
    except Exception as error:
        raise LineEnded(f"the line has ended: {_reason(error)}") from error


def close_port(port: Port) -> None:
    """Close a port of which nothing more is asked: one that has vanished is closed, too."""
    with suppress(LineEnded), port_in_use():
        port.close()


def _is_hang_up(error: BaseException | None) -> bool:
    """Whether a serial device has nobody at its other end any more; pyserial has words of its own for it."""
    if not isinstance(error, OSError):
        return False
    numbers = {getattr(one, "errno", None) for one in (error, error.__context__)}
    return errno.EIO in numbers or "returned no data" in str(error)


def _reason(error: Exception) -> str:
    """What a port raises, in one line: an error that pyserial does not raise on purpose by its kind, too."""
    text = " ".join(str(error).split())
    if isinstance(error, OSError | ValueError | WrongUse) and text:
        return text
    return f"the port is gone ({type(error).__name__}: {text})"


def _read_line(url: str) -> Iterator[bytes]:
    """Opens a line at once, so that nothing else is begun for one that cannot be opened."""
    return _octets_of(open_port(url), url)


def _octets_of(port: Port, url: str) -> Iterator[bytes]:
    try:
        yield from read_on(port, lambda error: report(f"{url}: {error}; what came before is used"))
    finally:
        close_port(port)


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
