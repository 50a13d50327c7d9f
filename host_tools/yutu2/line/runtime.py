"""Find a runtime for the firmware on this machine, and make the command for it."""

import shutil
import sys
import sysconfig
from pathlib import Path

from yutu2.errors import WrongUse
from yutu2.firmware import firmware_dir

# Similar to the 200 KB of a Pico, because objects other than buffers take twice the memory on 64 bits
_HEAP = ("-X", "heapsize=400k")


class RuntimeMissing(WrongUse):
    """Raised for a runtime that is not found. Its text says which and where."""


def find_micropython(given: str | None = None) -> Path | None:
    """Return the Unix port of MicroPython; None without one.

    given: program to use; without it, the one in the environment's scripts folder, else the one on PATH.
    """
    if given is not None:
        path = shutil.which(given)
        if path is None:
            raise RuntimeMissing(
                f"--micropython: program {given} not found; leave the option out to use the one installed"
            )
        return Path(path)
    # The programs of an environment are found without activating it
    path = shutil.which("micropython", path=sysconfig.get_path("scripts")) or shutil.which("micropython")
    return Path(path) if path else None


def firmware_command(micropython: Path | None, options: dict[str, str]) -> list[str]:
    """Return the command that runs the firmware.

    micropython: interpreter; None: CPython. options: of the firmware, named as in a URL.
    """
    interpreter = [str(micropython), *_HEAP] if micropython else [sys.executable]
    command = [*interpreter, str(firmware_dir() / "main.py")]
    for name, value in options.items():
        command.append(f"--{name.replace('_', '-')}={value}")
    return command
