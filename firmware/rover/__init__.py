"""The Yutu-2 rover: the same files run on a Raspberry Pi Pico, the Unix port of MicroPython and CPython."""

import sys

if sys.implementation.name == "cpython":
    # CPython has no `micropython` module. The rover asks it for `const` alone, which means nothing there.
    from types import ModuleType

    _stand_in = ModuleType("micropython")
    _stand_in.const = lambda value: value  # type: ignore[attr-defined]
    sys.modules.setdefault("micropython", _stand_in)
