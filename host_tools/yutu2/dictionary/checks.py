"""What every part of the dictionary is checked for."""

from string import Formatter
from typing import Any

from yutu2.errors import WrongUse

_RENAMED_KEYS = {"least": "min", "most": "max"}


class DictionaryError(WrongUse):
    """Something in the dictionary that cannot be; the text says where."""


def check_keys(place: str, entry: dict[str, Any], keys: tuple[set[str], set[str]]) -> None:
    """Whether an entry has all keys that it must (first set), and no other than those it may (second)."""
    must, may = keys
    missing, unknown = sorted(must - set(entry)), sorted(set(entry) - must - may)
    if missing:
        raise DictionaryError(f"{place}: '{missing[0]}' is missing")
    if unknown:
        raise DictionaryError(f"{place}: '{unknown[0]}' is not known here; there are {', '.join(sorted(must | may))}")


def with_present_keys(place: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry with the keys of today: a dictionary of an older recording has `least` for `min`."""
    for old, new in _RENAMED_KEYS.items():
        if old in entry and new in entry:
            raise DictionaryError(f"{place}: '{old}' is the old name of '{new}'; give '{new}' alone")
    return {_RENAMED_KEYS.get(key, key): value for key, value in entry.items()}


def check_range(place: str, number: object, most: int, least: int = 0) -> None:
    """Whether a number is whole and from `least` to `most`."""
    if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
        raise DictionaryError(f"{place}: {number} is not a number from {least} to {most}")


def check_one_of(place: str, name: object, names: list[str], what: str) -> None:
    """Whether a name is one of `names`."""
    if name not in names:
        raise DictionaryError(f"{place}: '{name}' is none of the {what}: {', '.join(names)}")


def places_in(place: str, text: str) -> list[str]:
    """The names of the places that a text has for values, "" of a nameless one; formats are refused."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise DictionaryError(f"{place}: '{text}': {error}; a brace itself is written twice") from error
    for _, name, layout, conversion in parts:
        if layout or conversion:
            raise DictionaryError(f"{place}: {{{name}}} in it has a format; leave that out, its type says how it looks")
    return [name for _, name, _, _ in parts if name is not None]
