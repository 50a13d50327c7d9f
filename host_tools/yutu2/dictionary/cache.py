"""Dictionaries in the user's cache, by their hash: each that a rover was run or commanded with can be found again."""

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from yutu2.dictionary.checks import DictionaryError
from yutu2.dictionary.model import FILE_NAME, Dictionary, load, load_file, own_file
from yutu2.errors import WrongUse
from yutu2.system.caches import cache_folder
from yutu2.system.files import write_whole


class Found(NamedTuple):
    """A dictionary, and the file that holds it."""

    dictionary: Dictionary
    path: Path


def keep_dictionary() -> None:
    """Keep this package's own dictionary in the user's cache. A cache that cannot be written stays as it is."""
    path = _place(load().hash.hex())
    with suppress(OSError, WrongUse):
        octets = own_file().read_bytes()
        if not path.is_file() or path.read_bytes() != octets:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, octets)


def find_dictionary(dictionary_hash: str, folder: Path | None = None) -> Found | None:
    """Return the dictionary with a hash (8 hex digits); None if it is nowhere to be found.

    folder: of a recording, which may hold it as dictionary.toml; next comes the user's cache. A file that cannot be
    read, or with another hash, counts as not there.
    """
    if dictionary_hash == load().hash.hex():
        return Found(load(), own_file())
    for path in [*([folder / FILE_NAME] if folder is not None else []), _place(dictionary_hash)]:
        with suppress(OSError, DictionaryError):
            dictionary = load_file(path)
            if dictionary.hash.hex() == dictionary_hash:
                return Found(dictionary, path)
    return None


def read_dictionary(path: Path) -> Dictionary:
    """Return the dictionary in a file that a user gives. Raises WrongUse: it cannot be read, or is invalid."""
    try:
        return load_file(path)
    except OSError as error:
        raise WrongUse(
            f"--dictionary: {path}: cannot be read: {error.strerror}; give a dictionary.toml, as it lies beside a "
            "recording and in the firmware"
        ) from error


def _place(dictionary_hash: str) -> Path:
    """Return where the cache keeps the dictionary with a hash."""
    return cache_folder() / "dictionaries" / f"{dictionary_hash}.toml"
