"""Modules that are loaded on use, and unloaded after it: on a board their code lies in the heap, and that is small."""

import gc
import sys

_ROVER = __name__[: -len("kernel.modules")]


def unload(*names):
    """Forget modules, by their dotted names within the rover, as "services.plans"; the next import loads them anew.

    On a desktop they stay: the Unix port never gives back what holds the machine code of viper.
    """
    if sys.platform != "rp2":
        return
    for name in names:
        whole = _ROVER + name
        if whole in sys.modules:
            del sys.modules[whole]
            package, _, name = whole.rpartition(".")
            parent = sys.modules[package]
            if hasattr(parent, name):
                delattr(parent, name)
    gc.collect()
