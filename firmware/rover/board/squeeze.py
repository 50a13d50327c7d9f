"""Takes memory away, to try how a rover does without it."""

import gc

from micropython import const

_PIECE = const(512)


def taken(kib):
    """A list that holds all memory but `kib` KiB; keep it as long as it shall be gone. CPython has no bounds: empty."""
    held = []
    gc.collect()
    if hasattr(gc, "mem_free"):
        while gc.mem_free() > kib * 1024:  # pyright: ignore
            held.append(bytearray(_PIECE))
    return held
