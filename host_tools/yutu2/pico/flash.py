"""The firmware onto a board that is connected and runs MicroPython, through mpremote."""

import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from yutu2.pico.errors import ImageError, missing_extra
from yutu2.pico.image import KEY_FILE
from yutu2.uplink.security import read_key

_OUR_FOLDER = "rover"
_PATIENCE_S = 120


def flash_board(
    port: str, files: Mapping[str, bytes], settings: Mapping[str, bytes] | None = None, keep_settings: bool = True
) -> None:
    """Copy `files` (as `image.board_files` gives them) to the board on serial device `port`, and restart it.

    `settings` (as `image.settings_file` gives them) go along; with `keep_settings` only to a board that has none.

    The folder rover/ that is on the board goes first: of a module's .py and .mpy MicroPython takes the .py, so that an
    older source would hide the new bytecode. Other files stay. Raises ImageError with what mpremote had to say.
    """
    _require_mpremote()
    there = _mpremote(port, "fs", "ls", ":").split()
    if settings and not (keep_settings and set(settings) <= set(there)):
        files = {**files, **settings}
    with tempfile.TemporaryDirectory(prefix="yutu2-") as folder:
        for name, contents in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents)
        if f"{_OUR_FOLDER}/" in there:
            _mpremote(port, "fs", "rm", "-r", f":{_OUR_FOLDER}")
        entries = [str(entry) for entry in sorted(Path(folder).iterdir())]
        _mpremote(port, "fs", "cp", "-r", *entries, ":")
        _mpremote(port, "reset")


def load_key(port: str, key: Path) -> None:
    """Copies the key in a file to the board on serial device `port`, which takes secured commands alone from then on.

    The board is restarted. mpremote gets the file's path, never what it holds. WrongUse: no key; ImageError: as above.
    """
    read_key(key)
    _require_mpremote()
    _mpremote(port, "fs", "cp", str(key), f":{KEY_FILE}")
    _mpremote(port, "reset")


def _require_mpremote() -> None:
    if importlib.util.find_spec("mpremote") is None:
        raise ImageError(missing_extra("mpremote"))


def _mpremote(port: str, *command: str) -> str:
    """What mpremote printed. Tried twice: a rover that talks can hide the prompt that mpremote waits for, for ever."""
    complaint = ""
    for _ in range(2):
        try:
            done = subprocess.run(
                [sys.executable, "-m", "mpremote", "connect", port, *command],
                capture_output=True,
                text=True,
                check=False,
                timeout=_PATIENCE_S,
            )
        except subprocess.TimeoutExpired:
            complaint = f"no answer in {_PATIENCE_S} s"
            continue
        if done.returncode == 0:
            return done.stdout
        complaint = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
    raise ImageError(f"{port}: mpremote {command[0]}: {complaint}")
