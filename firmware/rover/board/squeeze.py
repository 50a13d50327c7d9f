"""Takes memory away, to try how a rover does without it."""

import gc

from micropython import const

_PIECE = const(512)
_GIVEN_BACK = const(8)


def taken(kib):
    """A list that holds all memory but `kib` KiB; keep it as long as it shall be gone. CPython has no bounds: empty."""
    held = []
    gc.collect()
    if hasattr(gc, "mem_free"):
        try:
            while gc.mem_free() > kib * 1024:  # pyright: ignore
                held.append(bytearray(_PIECE))
        except MemoryError:
            # What is left lies in smaller pieces
            del held[-_GIVEN_BACK:]
    return held
