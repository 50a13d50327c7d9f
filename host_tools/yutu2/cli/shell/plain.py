"""The prompt of the shell on a terminal without escape sequences: no completion, no history, no status line."""

import signal
from queue import Empty, SimpleQueue
from sys import stdin
from types import FrameType

from yutu2.cli.shell import script
from yutu2.cli.shell.session import Session, Style

_is_at_prompt = False  # whether the cursor stands behind the prompt


def show(text: str, style: Style) -> None:
    """Print a line below the prompt."""
    global _is_at_prompt
    print(f"\n{text}" if _is_at_prompt else text, flush=True)
    _is_at_prompt = False


def talk(session: Session) -> int:
    """Let the user command a rover until Ctrl-D, `quit` or the end of the line. Return the exit status."""
    show("help lists the commands; Ctrl-C ends a wait, Ctrl-D the shell.", Style.PLAIN)
    lines = _TypedLines(f"{session.craft}> ")
    script.read_into(lines, stdin)

    def cancel(number: int, frame: FrameType | None) -> None:
        if session.awaited:
            session.cancel()

    before = signal.signal(signal.SIGINT, cancel)
    try:
        return session.live(lines, one_by_one=False)
    finally:
        signal.signal(signal.SIGINT, before)
        if _is_at_prompt:
            print()


class _TypedLines(SimpleQueue[str | None]):
    """Lines that are typed; the prompt is printed while there is none."""

    def __init__(self, prompt: str) -> None:
        super().__init__()
        self._prompt = prompt

    def get_nowait(self) -> str | None:
        global _is_at_prompt
        try:
            line = super().get_nowait()
        except Empty:
            if not _is_at_prompt:
                print(self._prompt, end="", flush=True)
                _is_at_prompt = True
            raise
        _is_at_prompt = line is None
        return line
