"""Occupy memory, to try a rover that runs short of it."""

import gc

from micropython import const

_PIECE = const(512)
_GIVEN_BACK = const(8)


def occupy_memory(kib):
    """Allocate memory until only `kib` KiB are free, and return the blocks.

    Memory stays scarce while the caller holds them. On CPython, whose memory has no limit, the list is empty.
    """
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
