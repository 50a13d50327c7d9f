"""The Yutu-2 rover: the same files run on a Raspberry Pi Pico, the Unix port of MicroPython and CPython."""

import sys

if sys.implementation.name == "cpython":
    # CPython has no `micropython` module. The rover asks it for `const` and `viper`, which mean nothing there.
    from types import ModuleType

    _stand_in = ModuleType("micropython")
    _stand_in.const = lambda value: value  # type: ignore[attr-defined]
    _stand_in.viper = lambda function: function  # type: ignore[attr-defined]
    sys.modules.setdefault("micropython", _stand_in)
