"""Where this package keeps what it can get again: its folder in the user's cache."""

import os
import sys
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder of this package in the user's cache, as the platform has it; it need not be there yet.

    That is %LOCALAPPDATA%\\yutu2\\Cache on Windows, ~/Library/Caches/yutu2 on macOS, else $XDG_CACHE_HOME/yutu2 or
    ~/.cache/yutu2. A user without a home has one among the temporary files.
    """
    try:
        return _user_cache()
    except RuntimeError:  # there is no home
        return Path(tempfile.gettempdir(), "yutu2")


def _user_cache() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "yutu2" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "yutu2"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "yutu2"
