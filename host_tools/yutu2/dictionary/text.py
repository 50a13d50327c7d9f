"""What lines of scenarios, plans and commands are made of: UTC times, durations, arguments by name; how wrong is told.

All times here are whole milliseconds since 2019-01-01T00:00:00 UTC.
"""

import codecs
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path

from yutu2.dictionary.behaviour import Argument
from yutu2.errors import WrongUse
from yutu2.firmware import EPOCH, to_datetime

CLOCK_END_MS = (1 << 30) * 1000  # 2053-01-09T13:37:04Z: where a Pico's small integers end

MS = timedelta(milliseconds=1)
_LONGEST = 2 << 20  # octets of a text; each of a million lines may be wrong, and a device may never end
_LOOKED_AT = 4096  # octets in which UTF-16 without a mark is found
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?Z?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,10}", re.ASCII)
_FRACTION = re.compile(r"-?\d{1,10}(?:\.\d{1,9})?", re.ASCII)
_DURATION = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)(ms|s|min|h|d)", re.ASCII)
_UNITS_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


class WrongLine(Exception):
    """A line that cannot be; the text says what is wrong and what may be, without the place."""


def read_text(path: str, kind: str) -> str:
    """Read a text that a person has written: UTF-8, with or without a byte order mark, any line ends.

    kind: what it should be, as `scenario`. Raises WrongUse: it is no such text.
    """
    try:
        with Path(path).open("rb") as file:
            octets = file.read(_LONGEST + 1)
    except OSError as error:
        raise WrongUse(f"{path}: cannot be read: {error.strerror}; give a {kind}, a text file") from error
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in octets[:_LOOKED_AT]:
        raise WrongUse(f"{path}: is UTF-16 or no text; save it as UTF-8, and give a {kind}, a text file")
    if len(octets) > _LONGEST:
        raise WrongUse(f"{path}: has more than {_LONGEST >> 20} MiB; give a {kind}, a text file")
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = octets[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        line, octet = before.count(b"\n") + 1, octets[error.start]
        raise WrongUse(
            f"{path}:{line}: is no text in UTF-8, because of an octet 0x{octet:02X}; save it as "
            f"UTF-8, and give a {kind}, a text file"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def words_of(text: str) -> list[tuple[int, list[str]]]:
    """Number, from 1, and words of each line that holds more than a comment, which begins with #."""
    lines = ((number, line.partition("#")[0].split()) for number, line in enumerate(text.split("\n"), 1))
    return [(number, words) for number, words in lines if words]


def read_time(text: str) -> int:
    """A time in UTC: ISO 8601, the date alone or with hours and minutes, seconds, milliseconds. Else WrongLine."""
    parts = _TIME.fullmatch(text)
    try:
        if parts is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups()[:6])
        time = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        may = "it may be 2020-11-12, 2020-11-12T06:00, 2020-11-12T06:00:30 or 2020-11-12T06:00:30.250Z"
        raise WrongLine(f"'{text}' is not a UTC time; {may}") from error
    time_ms = (time - EPOCH) // MS + int((parts[7] or "").ljust(3, "0"))
    if not 0 <= time_ms < CLOCK_END_MS:
        raise WrongLine(f"{text} lies outside the clock; it goes from 2019-01-01 to 2053-01-09T13:37:04Z")
    return time_ms


def read_duration(words: list[str], after: str) -> int:
    """The duration, in ms, that is the first of `words`. WrongLine: it is none, or shorter than 1 ms, or not whole.

    after: the word before it, which must not stand alone.
    """
    parts = _DURATION.fullmatch(words[0]) if words else None
    length_ms = Fraction(parts[1]) * _UNITS_MS[parts[2]] if parts else Fraction(0)
    if length_ms < 1 or length_ms.denominator != 1:
        wrong = f"'{words[0]}' is not a duration" if words else f"'{after}' stands without a duration"
        raise WrongLine(f"{wrong}; it may be a number of ms, s, min, h or d, as 90min or 1.5h, and is 1ms at least")
    return int(length_ms)


def read_values(name: str, arguments: Sequence[Argument], words: list[str]) -> tuple[int, ...]:
    """The raw values of the arguments of `name`, in their order, from words such as watts=80. Else WrongLine."""
    texts = read_texts(name, arguments, words)
    return tuple(read_value(argument, texts[argument.name]) for argument in arguments)


def read_texts(name: str, arguments: Sequence[Argument], words: list[str]) -> dict[str, str]:
    """The text behind each argument's name, from words such as watts=80: of all, and of no other. Else WrongLine."""
    known = [argument.name for argument in arguments]
    given: dict[str, str] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise WrongLine(f"'{word}' is no argument; write {_usage(name, arguments)}")
        if key not in known:
            may = suggest(key, known) if known else "it takes none"
            raise WrongLine(f"unknown argument '{key}' of {name}; {may}")
        if key in given:
            raise WrongLine(f"{key} stands there twice; give it once")
        given[key] = text
    for key in known:
        if key not in given:
            raise WrongLine(f"{name} lacks {key}; write {_usage(name, arguments)}")
    return given


def told(name: str, arguments: Sequence[Argument], values: tuple[int, ...]) -> str:
    """A name and its arguments, as in a file."""
    texts = [told_value(argument, value) for argument, value in zip(arguments, values, strict=True)]
    return " ".join([name, *(f"{argument.name}={text}" for argument, text in zip(arguments, texts, strict=True))])


def told_value(argument: Argument, value: int) -> str:
    """A raw value, as in a file."""
    if argument.labels is not None:
        return argument.labels[value]
    return f"{float(value * _scale(argument)):.12g}" if argument.scale is not None else str(value)


def _scale(argument: Argument) -> Fraction:
    """Exact, as it is written in the dictionary."""
    return Fraction(str(argument.scale)) if argument.scale is not None else Fraction(1)


def read_value(argument: Argument, text: str) -> int:
    """The raw value that a text such as 5.5 or a label is, in the argument's unit. Else WrongLine."""
    if argument.labels is not None:
        for value, label in argument.labels.items():
            if label == text:
                return value
        raise WrongLine(f"{argument.name}: unknown '{text}'; {suggest(text, list(argument.labels.values()))}")
    pattern = _NUMBER if argument.scale is None else _FRACTION
    raw = Fraction(text) / _scale(argument) if pattern.fullmatch(text) else None
    if raw is None or raw.denominator != 1 or not argument.least <= raw <= argument.most:
        number = "a whole number" if argument.scale is None else f"a number of steps of {argument.scale:g}"
        unit = f" ({argument.unit})" if argument.unit else ""
        may = f"it may be from {told_value(argument, argument.least)} to {told_value(argument, argument.most)}{unit}"
        raise WrongLine(f"{argument.name}: '{text}' is not {number} in range; {may}")
    return int(raw)


def _usage(name: str, arguments: Sequence[Argument]) -> str:
    """How a name stands in a line."""
    return " ".join([name, *(f"{argument.name}=..." for argument in arguments)])


def suggest(word: str, names: list[str]) -> str:
    """The names that are near to a word, else all of them."""
    folded = {name.casefold(): name for name in names}
    near = [folded[name] for name in get_close_matches(word.casefold(), folded)]
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"choose from {', '.join(names)}"


def utc(time_ms: int) -> str:
    """A time for a reader, as 2020-11-12 06:00:00.000."""
    return to_datetime(time_ms // 1000, time_ms % 1000).isoformat(" ", "milliseconds").removesuffix("+00:00")
