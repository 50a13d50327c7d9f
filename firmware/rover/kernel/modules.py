"""Modules that are loaded on use, and dropped after it: on a board their code lies in the heap, and that is small."""

import gc
import sys


def drop(package, *names):
    """Forgets modules of a package, all by their names; the next import loads them anew.

    On a desktop they stay: the Unix port never gives back what holds the machine code of viper.
    """
    if sys.platform != "rp2":
        return
    for name in names:
        whole = package + "." + name
        if whole in sys.modules:
            del sys.modules[whole]
            parent = sys.modules[package]
            if hasattr(parent, name):
                delattr(parent, name)
    gc.collect()
