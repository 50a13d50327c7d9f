"""Finds what runs the firmware on this desktop, and the command for it."""

import shutil
import sys
import sysconfig
from pathlib import Path

from yutu2.errors import WrongUse
from yutu2.firmware import firmware_dir

# About what a Pico has: 200 KB there, and on 64 bits all but buffers takes twice the room
_HEAP = ("-X", "heapsize=400k")


class RuntimeMissing(WrongUse):
    """What was asked for to run the firmware is not there; the text says what and where."""


def find_micropython(given: str | None = None) -> Path | None:
    """The Unix port of MicroPython: the one given, else the environment's own, else the one on PATH, else None."""
    if given is not None:
        path = shutil.which(given)
        if path is None:
            raise RuntimeMissing(
                f"--micropython: there is no program {given}; leave the option out to use the one installed"
            )
        return Path(path)
    # An environment need not be activated for its own programs to be found
    path = shutil.which("micropython", path=sysconfig.get_path("scripts")) or shutil.which("micropython")
    return Path(path) if path else None


def firmware_command(micropython: Path | None, options: dict[str, str]) -> list[str]:
    """The command that runs the firmware with `options`, named as in a URL: on MicroPython, or on CPython if None."""
    interpreter = [str(micropython), *_HEAP] if micropython else [sys.executable]
    command = [*interpreter, str(firmware_dir() / "main.py")]
    for name, value in options.items():
        command.append(f"--{name.replace('_', '-')}={value}")
    return command
