"""The kernel: mission clock, scheduler, pacing, random streams; and the unloading of modules that are loaded on use.

On a board their code lies in the heap, and that is small.
"""

import gc
import sys

_ROVER = __name__[: -len("kernel")]


def unload(room, *names):
    """Forget modules of a room, all by their names; the next import loads them anew.

    On a desktop they stay: the Unix port never gives back what holds the machine code of viper.
    """
    if sys.platform != "rp2":
        return
    room = _ROVER + room
    for name in names:
        whole = room + "." + name
        if whole in sys.modules:
            del sys.modules[whole]
            parent = sys.modules[room]
            if hasattr(parent, name):
                delattr(parent, name)
    gc.collect()
