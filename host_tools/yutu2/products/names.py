"""Names of files in a folder: safe on every system, whatever a sender calls its file, and none given twice."""

import re
from collections.abc import Iterable

_LONGEST = 100  # characters, so that what pictures add still fits
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # by Windows, with any extension


def safe_name(name: str) -> str:
    """Make a name of a file of what a sender calls it: letters, digits, `.`, `_` and `-` stay, all else becomes `_`.

    Folders are part of the name then; an empty name stays empty. A suffix .part, of files that are being written, is
    not given.
    """
    name = re.sub(r"[^A-Za-z0-9._-]|\.{2,}", "_", name)
    if len(name) > _LONGEST:
        stem, dot, suffix = name.rpartition(".")
        kept = dot + suffix if stem and len(suffix) < _LONGEST // 4 else ""
        name = name[: _LONGEST - len(kept)] + kept
    # A point at either end hides the file, leaves the folder, or is dropped by Windows
    name = re.sub(r"^\.+|\.+$", "_", name)
    if _RESERVED.match(name) or name.startswith("-"):
        name = "_" + name
    return name + "_" if name.lower().endswith(".part") else name


def is_safe(name: str) -> bool:
    """Whether a name is one of a file in this folder, and not of another one, a folder or none."""
    return re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name) is not None


class Names:
    """Names taken in a folder, upper and lower case alike, as Windows and macOS see them."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.lower() for name in taken}
        self._next: dict[tuple[str, ...], int] = {}

    def give(self, stem: str, *suffixes: str) -> str:
        """Take the stem for one file with each suffix, with a number at its end if one of them is taken."""
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
