"""One line of a scenario: a UTC time, a fault of the dictionary, its arguments, and `for` with a duration if it ends.

All times here are whole milliseconds since 2019-01-01T00:00:00 UTC.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from fractions import Fraction

from yutu2.dictionary.conduct import Argument, Fault
from yutu2.firmware import EPOCH, to_datetime

CLOCK_END_MS = (1 << 30) * 1000  # 2053-01-09T13:37:04Z: where a Pico's small integers end

_MS = timedelta(milliseconds=1)
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?Z?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,10}", re.ASCII)
_DURATION = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)(ms|s|min|h|d)", re.ASCII)
_UNITS_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a scenario: from `begin_ms` to `end_ms`, None for a fault that is momentary or lasts to the end.

    line: its number in the file, from 1. values: of the arguments as the firmware takes them.
    """

    line: int
    begin_ms: int
    end_ms: int | None
    fault: Fault
    values: tuple[int, ...]

    @property
    def target(self) -> tuple[str, ...]:
        """What the fault acts on: its group and its first argument that is a label, if there is one."""
        labels = [argument.labels[value] for argument, value in self._arguments() if argument.labels]
        return (self.fault.group, *labels[:1])

    @property
    def what(self) -> str:
        """The fault and its arguments, as in the file."""
        told = [
            f"{argument.name}={argument.labels[value] if argument.labels else value}"
            for argument, value in self._arguments()
        ]
        return " ".join([self.fault.name, *told])

    @property
    def until(self) -> str:
        """When it is over, for a reader."""
        if self.end_ms is not None:
            return utc(self.end_ms)
        return "at once" if self.fault.momentary else "the end"

    def lies_in(self, start: datetime, end: datetime) -> bool:
        """Whether a run from `start` to `end`, both UTC, sees anything of it."""
        start_ms, run_end_ms = (start - EPOCH) // _MS, (end - EPOCH) // _MS
        if self.begin_ms >= start_ms:
            return self.begin_ms <= run_end_ms
        return not self.fault.momentary and (self.end_ms is None or self.end_ms > start_ms)

    def _arguments(self) -> list[tuple[Argument, int]]:
        return list(zip(self.fault.arguments, self.values, strict=True))


class WrongLine(Exception):
    """A line that cannot be; the text says what is wrong and what may be, without the place."""


def read_line(number: int, words: list[str], faults: dict[str, Fault]) -> Entry:
    """The entry that line `number` is, given as words. faults: by name. WrongLine tells the first thing wrong in it."""
    begin_ms = _time(words[0])
    if len(words) == 1:
        raise WrongLine(f"a time and no fault; there are {', '.join(faults)}")
    if words[1] not in faults:
        raise WrongLine(f"there is no fault '{words[1]}'; {_suggest(words[1], list(faults))}")
    fault = faults[words[1]]
    end = words.index("for") if "for" in words else len(words)
    end_ms = _end(fault, begin_ms, words[end + 1 :]) if end < len(words) else None
    return Entry(number, begin_ms, end_ms, fault, _values(fault, words[2:end]))


def _time(text: str) -> int:
    """A time in UTC: ISO 8601, the date alone or with hours and minutes, seconds, milliseconds."""
    parts = _TIME.fullmatch(text)
    try:
        if parts is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups()[:6])
        time = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        may = "it may be 2020-11-12, 2020-11-12T06:00, 2020-11-12T06:00:30 or 2020-11-12T06:00:30.250Z"
        raise WrongLine(f"'{text}' is not a UTC time; {may}") from error
    time_ms = (time - EPOCH) // _MS + int((parts[7] or "").ljust(3, "0"))
    if not 0 <= time_ms < CLOCK_END_MS:
        raise WrongLine(f"{text} lies outside the clock; it goes from 2019-01-01 to 2053-01-09T13:37:04Z")
    return time_ms


def _values(fault: Fault, words: list[str]) -> tuple[int, ...]:
    """The values of a fault's arguments, in their order."""
    arguments = {argument.name: argument for argument in fault.arguments}
    given: dict[str, int] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            raise WrongLine(f"'{word}' is no argument; write {_usage(fault)}")
        if name not in arguments:
            may = _suggest(name, list(arguments)) if arguments else "it takes none"
            raise WrongLine(f"{fault.name} has no argument '{name}'; {may}")
        if name in given:
            raise WrongLine(f"{name} stands there twice; give it once")
        given[name] = _value(arguments[name], text)
    for name in arguments:
        if name not in given:
            raise WrongLine(f"{fault.name} lacks {name}; write {_usage(fault)}")
    return tuple(given[name] for name in arguments)


def _value(argument: Argument, text: str) -> int:
    if argument.labels is not None:
        for value, label in argument.labels.items():
            if label == text:
                return value
        raise WrongLine(f"{argument.name}: there is no '{text}'; {_suggest(text, list(argument.labels.values()))}")
    if not _NUMBER.fullmatch(text) or not argument.least <= int(text) <= argument.most:
        unit = f" ({argument.unit})" if argument.unit else ""
        may = f"it may be from {argument.least} to {argument.most}{unit}"
        raise WrongLine(f"{argument.name}: '{text}' is not a whole number in range; {may}")
    return int(text)


def _end(fault: Fault, begin_ms: int, words: list[str]) -> int:
    """The end of a fault that lasts for the duration in `words`, which must hold nothing else."""
    if fault.momentary:
        raise WrongLine(f"{fault.name} happens in a moment; leave out 'for'")
    if len(words) > 1:
        raise WrongLine(f"'{words[1]}' stands after the duration; 'for' and its duration are the last in a line")
    parts = _DURATION.fullmatch(words[0]) if words else None
    length_ms = Fraction(parts[1]) * _UNITS_MS[parts[2]] if parts else Fraction(0)
    if length_ms < 1 or length_ms.denominator != 1:
        wrong = f"'{words[0]}' is not a duration" if words else "'for' stands without a duration"
        raise WrongLine(f"{wrong}; it may be a number of ms, s, min, h or d, as 90min or 1.5h, and is 1ms at least")
    if begin_ms + length_ms > CLOCK_END_MS:
        may = "leave 'for' out, and it lasts to the end"
        raise WrongLine(f"for {words[0]} goes past the clock's end, 2053-01-09T13:37:04Z; {may}")
    return begin_ms + int(length_ms)


def _usage(fault: Fault) -> str:
    """How a fault stands in a line."""
    return " ".join([fault.name, *(f"{argument.name}=..." for argument in fault.arguments)])


def _suggest(word: str, names: list[str]) -> str:
    """The names that are near to a word, else all of them."""
    folded = {name.casefold(): name for name in names}
    near = [folded[name] for name in get_close_matches(word.casefold(), folded)]
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"there {'is' if len(names) == 1 else 'are'} {', '.join(names)}"


def utc(time_ms: int) -> str:
    """A time for a reader, as 2020-11-12 06:00:00.000."""
    return to_datetime(time_ms // 1000, time_ms % 1000).isoformat(" ", "milliseconds").removesuffix("+00:00")
