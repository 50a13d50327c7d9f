"""Modules that are loaded on use, and dropped after it: their code lies in the heap."""

import gc
import sys


def drop(package, name):
    """Forgets the module `name` of a package, both by their names; the next import loads it anew."""
    whole = package + "." + name
    if whole in sys.modules:
        del sys.modules[whole]
        parent = sys.modules[package]
        if hasattr(parent, name):
            delattr(parent, name)
    gc.collect()
