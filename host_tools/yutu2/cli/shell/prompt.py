"""The prompt of the shell: completion, history, a status line below; what the rover says goes above it."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.patch_stdout import patch_stdout

from yutu2.cli.shell.completion import choices
from yutu2.cli.shell.session import Session, Style
from yutu2.dictionary.model import load

_COLOURS = {Style.GOOD: "32", Style.BAD: "31", Style.ERROR: "31", Style.QUIET: "36"}
_REFRESH_S = 0.5  # of the status line


def show(text: str, style: Style) -> None:
    """Prints a line in the colour of its style, unless the environment asks for none."""
    colour = None if os.environ.get("NO_COLOR") else _COLOURS.get(style)
    print(f"\x1b[{colour}m{text}\x1b[0m" if colour else text)


def talk(session: Session) -> int:
    """Lets the user command a rover until Ctrl-D, `quit` or the end of the line. Gives the exit status."""
    with patch_stdout(raw=True):
        print("help tells the commands, Tab completes; Ctrl-C ends a wait, Ctrl-D the shell.")
        return asyncio.run(_talk(session))


async def _talk(session: Session) -> int:
    lines: SimpleQueue[str | None] = SimpleQueue()
    prompt: PromptSession[str] = PromptSession(
        f"{session.craft}> ",
        completer=_Completer(),
        history=_history(),
        key_bindings=_keys(session),
        bottom_toolbar=lambda: session.status_line,
        refresh_interval=_REFRESH_S,
    )
    living = asyncio.create_task(asyncio.to_thread(session.live, lines, one_by_one=False))
    try:
        while not living.done():
            asking = asyncio.create_task(prompt.prompt_async())
            await asyncio.wait((asking, living), return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                asking.cancel()
                break
            lines.put(asking.result())
    except EOFError:
        pass
    finally:
        lines.put(None)
    return await living


def _keys(session: Session) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-c")
    def _(event: KeyPressEvent) -> None:
        if session.awaited:
            session.cancel()
        else:
            event.current_buffer.reset()

    return keys


class _Completer(Completer):
    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """What the word before the cursor may become."""
        for choice in choices(document.text_before_cursor, load()):
            yield Completion(choice.text, -choice.replaced, display_meta=choice.told)


def _history() -> History:
    """In $XDG_STATE_HOME/yutu2, or ~/.local/state/yutu2; where nothing can be written, of this shell alone."""
    try:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "yutu2"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "history").open("ab"):
            return _KeptHistory(str(folder / "history"))
    except (OSError, RuntimeError):  # the latter: there is no home
        return InMemoryHistory()


class _KeptHistory(FileHistory):
    """A file that may become too full to be written."""

    def store_string(self, string: str) -> None:
        """Keep a line, if there is room for it."""
        with suppress(OSError):
            super().store_string(string)
