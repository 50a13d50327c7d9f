"""Commands from a pipe or a file: a line each, one after the other."""

import codecs
import io
import os
from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread
from typing import TextIO

from yutu2.cli.shell.session import DONE, Session, Style
from yutu2.system.streams import report

_PIECE = 1 << 16


def show(text: str, style: Style) -> None:
    """Prints a line, an error on standard error."""
    if style is Style.ERROR:
        report(text)
    else:
        print(text, flush=True)


def obey_all(session: Session, file: TextIO | None) -> int:
    """Obeys the lines of a file until one is not done; there are none in one that is closed. Gives the exit status."""
    lines: SimpleQueue[str | None] = SimpleQueue()
    read_into(lines, file)
    status = session.live(lines, one_by_one=True)
    if status != DONE and session.line_number and not session.is_line_over:
        report(f"ended at line {session.line_number}, which was not done")
    return status


def read_into(lines: "SimpleQueue[str | None]", file: TextIO | None) -> None:
    """Put the lines of a file into a queue as they come, and None at its end; there are none in one that is closed.

    A pipe or a terminal may be silent for long, and the rover must be listened to meanwhile: a thread reads.
    """
    Thread(target=_read, args=(file, lines), daemon=True).start()


def _read(file: TextIO | None, lines: "SimpleQueue[str | None]") -> None:
    if file is not None:
        for line in _lines_of(file.fileno()):
            lines.put(line)
    lines.put(None)


def _lines_of(descriptor: int) -> Iterator[str]:
    """Lines with any of the usual ends, and a byte order mark or none. What is no text is no command either.

    Read by the descriptor: Python's own file is locked while it waits, which a program that ends runs into.
    """
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")(errors="replace"), translate=True)
    unended = ""
    while octets := _read_piece(descriptor):
        *lines, unended = (unended + decoder.decode(octets)).split("\n")
        yield from lines
    unended += decoder.decode(b"", final=True)
    yield from unended.splitlines()


def _read_piece(descriptor: int) -> bytes:
    """What comes next; b"" at the end, and where nothing can be read."""
    try:
        return os.read(descriptor, _PIECE)
    except OSError:
        return b""
