"""Modules that are loaded on use, and dropped after it: on a board their code lies in the heap, and that is small."""

import gc
import sys


def drop(package, name):
    """Forgets the module `name` of a package, both by their names; the next import loads it anew.

    On a desktop it stays: the Unix port never gives back what holds the machine code of viper.
    """
    whole = package + "." + name
    if sys.platform == "rp2" and whole in sys.modules:
        del sys.modules[whole]
        parent = sys.modules[package]
        if hasattr(parent, name):
            delattr(parent, name)
        gc.collect()
