"""Where the rover's firmware lies, and the modules of it that the ground borrows."""

import importlib
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

EPOCH = datetime(2019, 1, 1, tzinfo=UTC)
LUNAR_DAYS = 420  # that a rover may be asked to live


def firmware_dir() -> Path:
    """The folder with `main.py`, `rover/`, `dictionary.toml`: the repository's, or else the wheel's copy."""
    here = Path(__file__).resolve().parent
    for folder in (here.parent.parent / "firmware", here / "_firmware"):
        if (folder / "main.py").is_file():
            return folder
    raise FileNotFoundError(f"the rover's firmware is not beside {here}: install the package yutu2 again")


def awake_by_default(options: dict[str, str]) -> dict[str, str]:
    """Return the options of a rover, with a time at which it is awake and can drive if they name none.

    That time is the one of the board's settings file as it is shipped: who opens a rover should neither wait through
    the night for its first octet, nor see its first command refused for want of power.
    """
    if options.keys() & {"lunar_day", "start", "days"}:
        return options
    text = (firmware_dir() / "settings.txt").read_text(encoding="utf-8-sig")
    lines = (line.partition("#")[0].partition("=") for line in text.splitlines())
    shipped = {name.strip(): value.strip() for name, equals, value in lines if equals}
    return shipped | options


def borrow_sun() -> Any:
    """The firmware's module `rover.world.sun`: the ground tells sunrise and sunset while the rover is silent."""
    return _borrow("rover.world.sun")


def borrow_ground() -> Any:
    """The firmware's module `rover.world.ground`: maps show the very ground that the rover drives on."""
    return _borrow("rover.world.ground")


def borrow_settings() -> Any:
    """Load the firmware's module `rover.inputs.settings`: options of a run are checked by the rover's own rules."""
    return _borrow("rover.inputs.settings")


def _borrow(name: str) -> Any:
    folder = str(firmware_dir())
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)


def to_datetime(seconds: int, milliseconds: int = 0) -> datetime:
    """UTC of a time in seconds and milliseconds since 2019-01-01T00:00:00 (there was no leap second since)."""
    return EPOCH + timedelta(seconds=seconds, milliseconds=milliseconds)


def to_seconds(time: datetime) -> int:
    """Whole seconds since 2019-01-01T00:00:00 UTC, rounded down."""
    return int((time - EPOCH).total_seconds() // 1)
