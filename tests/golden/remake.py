"""Remakes the golden streams: `python tests/golden/remake.py`. See README.md beside it."""

import subprocess
from pathlib import Path

from yutu2.line.runtime import find_micropython, firmware_command

FOLDER = Path(__file__).parent

# Name of the stream: options of the firmware; what is left out has its default
STREAMS = {
    "rover_wake": {"start": "2020-11-09T00:30:00Z", "days": "0.25"},
    # The first drive of the default plan, with the radar on, and what is observed after it
    "rover_drive": {"start": "2020-11-10T18:00:00Z", "days": "0.1"},
    "lander_sleep": {"craft": "lander", "start": "2020-11-22T02:00:00Z", "days": "0.25"},
}


def path_of(name: str) -> Path:
    """The file of a golden stream."""
    return FOLDER / f"{name}.tm"


def main() -> None:
    """Runs the firmware for each stream and writes what it sends."""
    for name, options in STREAMS.items():
        stream = subprocess.run(firmware_command(find_micropython(), options), check=True, capture_output=True).stdout
        path_of(name).write_bytes(stream)
        print(f"{path_of(name)}: {len(stream)} octets")


if __name__ == "__main__":
    main()
