"""Commands from a pipe or a file: a line each, one after the other."""

import sys
from queue import SimpleQueue
from threading import Thread
from typing import TextIO

from yutu2.shell.session import DONE, Session, Style


def show(text: str, style: Style) -> None:
    """Prints a line, an error on standard error."""
    if style is Style.ERROR:
        print(f"yutu2: {text}", file=sys.stderr)
    else:
        print(text, flush=True)


def obey_all(session: Session, file: TextIO | None) -> int:
    """Obeys the lines of a file until one is not done; there are none in one that is closed. Gives the exit status."""
    lines: SimpleQueue[str | None] = SimpleQueue()
    # A pipe may be silent for long, and the rover must be listened to meanwhile
    Thread(target=_read, args=(file, lines), daemon=True).start()
    status = session.live(lines, one_by_one=True)
    if status != DONE and session.line_number:
        print(f"yutu2: ended at line {session.line_number}, which was not done", file=sys.stderr)
    return status


def _read(file: TextIO | None, lines: "SimpleQueue[str | None]") -> None:
    if file is not None:
        for line in file.buffer:
            # What is no text is no command either
            lines.put(line.decode(errors="replace"))
    lines.put(None)
