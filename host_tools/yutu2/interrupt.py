"""Ctrl-C and its like as a request to end in good order."""

import signal
import sys
from collections.abc import Callable
from types import FrameType


class Interrupt:
    """While it is entered, the first Ctrl-C sets `asked` and calls `on_ask`, and what runs goes on.

    A second one interrupts as ever. For the main thread only.
    """

    def __init__(self, on_ask: Callable[[], None] = lambda: None) -> None:
        self.asked = False
        self._on_ask = on_ask

    def __enter__(self) -> "Interrupt":
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, self._before)
        self.asked = True
        self._on_ask()


def end_in_good_order() -> None:
    """Lets a kill or a closed terminal end us as an exception does, so that what is open is closed, a rover too."""
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
