"""Standard streams and terminals: any encoding, closed or full streams, terminals without escape sequences."""

import io
import logging
import os
import sys
from typing import IO, Any, TextIO

from yutu2.errors import WrongUse, printable

_WITHOUT_ESCAPES = ("", "dumb", "unknown")  # values of TERM
_OUT, _ERR = 1, 2
_MOST_LINES, _LONGEST_LINE = 100, 4000  # of a note; a file may be wrong in each of a million lines, or in a long one


class OutputFailed(WrongUse):
    """Raised when standard output cannot be written; the text says why."""


class OutputEnded(Exception):
    """Raised when the reader of standard output has gone, as `head` does after ten lines. No error: exit status 0."""


def prepare_streams() -> None:
    """Make the standard streams safe for any text and any failure. For the command line, before it prints.

    Text that the encoding lacks is written as backslash escapes. A stream that was closed before the start does not
    lend its number to the next file that is opened. Standard output raises OutputFailed or OutputEnded once, and takes
    everything after that without a word; standard error takes everything at all times.
    """
    for number in (0, _OUT, _ERR):
        _reserve(number)
    if sys.stdout is None or _is_ours_to_replace(sys.stdout, _OUT):
        sys.stdout = _wrapped(sys.stdout, _OUT, _Output)
    if sys.stderr is None or _is_ours_to_replace(sys.stderr, _ERR):
        sys.stderr = _wrapped(sys.stderr, _ERR, _Lossy)
    # What Matplotlib warns of, as a cache folder that is read-only, costs time alone
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    # What a notebook or a user has chosen may not be there, and pictures go into files alone
    os.environ["MPLBACKEND"] = "agg"


def report(text: str) -> None:
    """Print an error or a note for the user on standard error, a line of it a line.

    What it quotes from files and lines is shown without control characters, and not at any length.
    """
    lines = text.rstrip("\n").split("\n")
    shown = [_shortened(line) for line in lines[:_MOST_LINES]]
    if (more := len(lines) - _MOST_LINES) > 0:
        shown.append(f"{more:,} more lines of this kind are not shown")
    print(*(f"yutu2: {line}" for line in shown), sep="\n", file=sys.stderr)


def _shortened(line: str) -> str:
    return printable(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}...")


def takes_escapes() -> bool:
    """Return whether the terminal obeys escape sequences, as far as its name says; on Windows each does."""
    return os.name == "nt" or os.environ.get("TERM", "").lower() not in _WITHOUT_ESCAPES


def is_unicode(stream: IO[str]) -> bool:
    """Return whether a stream can write every character."""
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "").startswith("utf")


class _Output(io.RawIOBase):
    """The raw file below standard output. Fails once: a program that ends must be able to flush."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._failed = False

    def write(self, octets: Any, /) -> int | None:
        if self._failed:
            return len(octets)
        try:
            return self._raw.write(octets)  # type: ignore[no-any-return]
        except BrokenPipeError:
            self._failed = True
            raise OutputEnded from None
        except OSError as error:
            self._failed = True
            raise OutputFailed(f"standard output: cannot be written: {error.strerror}") from error

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def isatty(self) -> bool:
        return bool(self._raw.isatty())


class _Lossy(_Output):
    """The raw file below standard error: there is no place left to report that it cannot be written."""

    def write(self, octets: Any, /) -> int | None:
        try:
            return super().write(octets)
        except (OutputEnded, OutputFailed):
            return len(octets)


def _reserve(number: int) -> None:
    """Open a file that cannot be written under the number of a standard stream that is closed."""
    try:
        os.fstat(number)
    except OSError:
        # The lowest free number, so this very one
        os.open(os.devnull, os.O_RDONLY)


def _is_ours_to_replace(stream: TextIO, number: int) -> bool:
    """Whether a stream is the process's own, and not one that a test or a caller has put in its place."""
    if type(stream) is not io.TextIOWrapper or isinstance(_raw_of(stream), _Output):
        return False
    try:
        return stream.fileno() == number
    except OSError:
        return False


def _raw_of(stream: io.TextIOWrapper) -> Any:
    """The raw file of a stream, which may be unbuffered."""
    return getattr(stream.buffer, "raw", stream.buffer)


def _wrapped(stream: TextIO | None, number: int, kind: type[_Output]) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        raw, encoding, by_line = io.FileIO(number, "w", closefd=False), "utf-8", True
    else:
        stream.flush()
        raw, encoding = _raw_of(stream), stream.encoding
        by_line = stream.line_buffering or raw is stream.buffer or kind is _Lossy
    return io.TextIOWrapper(
        io.BufferedWriter(kind(raw)), encoding=encoding, errors="backslashreplace", line_buffering=by_line
    )
