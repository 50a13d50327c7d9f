"""Ctrl-C and its like as a request to end in good order."""

import _thread
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

INTERRUPTED = 130
"""Exit status."""

_AGAIN_S = 0.01  # until a Ctrl-C that was lost is raised again
_raised = False


class Interrupt:
    """While it is entered, the first Ctrl-C sets `asked` and calls `on_ask`, and what runs goes on.

    A second one interrupts as ever. For the main thread only.
    """

    def __init__(self, on_ask: Callable[[], None] = lambda: None) -> None:
        self.asked = False
        self._on_ask = on_ask
        self._raises = False

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Raise KeyboardInterrupt, too, on a first Ctrl-C in this block: for long work that has no effect yet."""
        self._raises = True
        try:
            yield
        finally:
            self._raises = False

    def give_up(self) -> NoReturn:
        """Raise KeyboardInterrupt for a request of which nothing can be kept."""
        _raise(signal.SIGINT, None)

    def __enter__(self) -> "Interrupt":
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, self._before)
        self.asked = True
        self._on_ask()
        if self._raises:
            raise KeyboardInterrupt


def end_in_good_order() -> None:
    """Lets a kill or a closed terminal end us as an exception does, so that what is open is closed, a rover too."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))


def raise_interrupts() -> None:
    """Raise KeyboardInterrupt on Ctrl-C from now on, and again where it got lost; `is_raised` remembers it.

    In the background of a shell that ignores Ctrl-C it stays ignored.
    """
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, _raise)
        sys.unraisablehook = _raise_again


def is_raised() -> bool:
    """Return whether a Ctrl-C has ended what ran, rather than asked it to end."""
    return _raised


def ignore_interrupts() -> None:
    """Ignore Ctrl-C from now on, as the program is about to end anyway, with an exit status of its own."""
    # One that has just come is taken before; else Python prints that it is lost
    signal.signal(signal.SIGINT, lambda number, frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # One inside exec() makes CPython kill itself at its end, though it was caught; the next exec() forgets that
    exec("")


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    global _raised
    _raised = True
    raise KeyboardInterrupt


def _raise_again(unraisable: Any) -> None:
    """A finalizer or a callback of Python's own in which Ctrl-C comes prints it and goes on: it must not be lost."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        # Not in here, where it would be lost as well
        again = threading.Timer(_AGAIN_S, _thread.interrupt_main)
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(unraisable)
