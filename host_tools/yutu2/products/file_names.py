"""File names that are safe on every system, whatever the sender calls its files, and unique in their folder."""

import re
from collections.abc import Iterable

_MAX_LENGTH = 100  # characters; leaves room for the suffixes of pictures
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # on Windows, with any extension


def safe_name(name: str) -> str:
    """Return a safe file name for the name that a sender gave; an empty name stays empty.

    Letters, digits, `.`, `_` and `-` are kept, other characters become `_`, separators of folders included. The result
    never ends in .part, which marks files that are being written.
    """
    name = re.sub(r"[^A-Za-z0-9._-]|\.{2,}", "_", name)
    if len(name) > _MAX_LENGTH:
        stem, dot, suffix = name.rpartition(".")
        kept = dot + suffix if stem and len(suffix) < _MAX_LENGTH // 4 else ""
        name = name[: _MAX_LENGTH - len(kept)] + kept
    # A dot at an end hides the file, leaves the folder, or is dropped by Windows
    name = re.sub(r"^\.+|\.+$", "_", name)
    if _RESERVED.match(name) or name.startswith("-"):
        name = "_" + name
    return name + "_" if name.lower().endswith(".part") else name


def is_safe(name: str) -> bool:
    """Return whether a name denotes a file directly in a folder, without a path."""
    return re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name) is not None


class UniqueNames:
    """Assign file names that are unique in a folder, regardless of case, as on Windows and macOS.

    taken: names that are in use already.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}
        self._next: dict[tuple[str, ...], int] = {}

    def assign(self, stem: str, *suffixes: str) -> str:
        """Reserve and return the stem for one file with each suffix; a number is appended if one of them is taken."""
        key = (stem.lower(), *suffixes)
        number = self._next.get(key, 1)
        while True:
            given = stem if number == 1 else f"{stem}_{number}"
            names = {(given + suffix).lower() for suffix in suffixes}
            number += 1
            if not names & self._taken:
                self._taken |= names
                self._next[key] = number
                return given
