"""Emulated boards to measure on, and the table of what was measured."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from yutu2.firmware import firmware_dir
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.image import build_image

KIB = 1024
BEGAN = time.monotonic()


class Row(NamedTuple):
    """A line of the table; aim and whether it is met are empty where there is none."""

    name: str
    figure: str
    aim: str = ""
    met: bool | None = None


def at_most(name: str, us: float, aim_ms: float | None = None) -> Row:
    """A row of a time in ms, and the aim that it may have."""
    if aim_ms is None:
        return Row(name, f"{us / 1000:.1f} ms")
    return Row(name, f"{us / 1000:.1f} ms", f"<= {aim_ms:g} ms", us <= aim_ms * 1000)


def print_table(rows: list[Row]) -> None:
    """Prints the rows in columns."""
    names = max(len(row.name) for row in rows)
    widths = max(len(row.figure) for row in rows)
    for row in rows:
        verdict = "" if row.met is None else "  met" if row.met else "  MISSED"
        print(f"{row.name:{names}}  {row.figure:{widths}}  {row.aim}{verdict}".rstrip())


def progress(text: str) -> None:
    """Says on standard error what is being done."""
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {text}", file=sys.stderr)


def board_with(folder: Path, settings: dict[str, str], files: Mapping[str, bytes] | None = None) -> EmulatedPico:
    """An emulated Pico, just powered on, with the firmware, these settings and these files, maybe another main.py."""
    lines = "".join(f"{name} = {value}\n" for name, value in (settings | {"led": "off"}).items())
    image = folder / "bench.uf2"
    build_image(firmware_dir(), image, extra_files={"settings.txt": lines.encode(), **(files or {})})
    return EmulatedPico(image)


def text_until(board: EmulatedPico, end: bytes, limit_ms: float) -> bytes:
    """What the board prints over USB until `end`, a line."""
    if not board.run_until(end + b"\r\n", limit_ms):
        sys.exit(f"the program did not come to its end; last came {board.usb_received.take()[-900:]!r}")
    return board.usb_received.take()
