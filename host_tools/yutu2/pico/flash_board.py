"""Copy the firmware to a connected board that runs MicroPython, through mpremote."""

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from yutu2.pico.errors import ImageError, missing_extra
from yutu2.pico.image import KEY_FILE
from yutu2.uplink.security import read_key

_FIRMWARE_FOLDER = "rover"
_TIMEOUT_S = 120


def flash_board(
    port: str, files: Mapping[str, bytes], settings: Mapping[str, bytes] | None = None, keep_settings: bool = True
) -> None:
    """Copy `files` (see `image.board_files`) to the board on serial device `port`, and restart it.

    settings (see `image.settings_file`): copied, too; with `keep_settings` only to a board without settings.

    The folder rover/ on the board is removed first: MicroPython prefers a module's .py over its .mpy, so an older
    source would be used instead of the new bytecode. Other files stay. Raises ImageError with the message of mpremote.
    """
    _require_mpremote()
    entries_on_board = _mpremote(port, "fs", "ls", ":").split()
    if settings and not (keep_settings and set(settings) <= set(entries_on_board)):
        files = {**files, **settings}
    with tempfile.TemporaryDirectory(prefix="yutu2-") as folder:
        for name, contents in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents)
        if f"{_FIRMWARE_FOLDER}/" in entries_on_board:
            _mpremote(port, "fs", "rm", "-r", f":{_FIRMWARE_FOLDER}")
        entries = [str(entry) for entry in sorted(Path(folder).iterdir())]
        _mpremote(port, "fs", "cp", "-r", *entries, ":")
        _mpremote(port, "reset")


def load_key(port: str, key: Path) -> None:
    """Copy the key in a file to the board on serial device `port`, and restart it.

    The board accepts only secured commands then. mpremote gets the path of the file, never its content. Raises WrongUse
    without a valid key, ImageError as above.
    """
    read_key(key)
    _require_mpremote()
    _mpremote(port, "fs", "cp", str(key), f":{KEY_FILE}")
    _mpremote(port, "reset")


def _require_mpremote() -> None:
    if importlib.util.find_spec("mpremote") is None:
        raise ImageError(missing_extra("mpremote"))


def _mpremote(port: str, *command: str) -> str:
    """Run mpremote and return its output.

    It is run twice if needed: the output of a rover can hide the prompt for which mpremote waits without a time limit.
    """
    message = ""
    for _ in range(2):
        try:
            done = subprocess.run(
                [sys.executable, "-m", "mpremote", "connect", port, *command],
                capture_output=True,
                text=True,
                check=False,
                timeout=_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            message = f"no answer in {_TIMEOUT_S} s"
            continue
        if done.returncode == 0:
            return done.stdout
        message = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
    raise ImageError(f"{port}: mpremote {command[0]}: {message}")
