"""One line of a scenario: a UTC time, a fault of the dictionary, its arguments, and `for` with a duration if it ends.

All times here are whole milliseconds since 2019-01-01T00:00:00 UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from yutu2.dictionary.behaviour import Fault
from yutu2.dictionary.text import CLOCK_END_MS, MS, WrongLine, read_duration, read_time, read_values, suggest, told, utc
from yutu2.firmware import EPOCH


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
        pairs = zip(self.fault.arguments, self.values, strict=True)
        labels = [argument.labels[value] for argument, value in pairs if argument.labels]
        return (self.fault.group, *labels[:1])

    @property
    def what(self) -> str:
        """The fault and its arguments, as in the file."""
        return told(self.fault.name, self.fault.arguments, self.values)

    @property
    def until(self) -> str:
        """When it is over, for a reader."""
        if self.end_ms is not None:
            return utc(self.end_ms)
        return "at once" if self.fault.momentary else "the end"

    def lies_in(self, start: datetime, end: datetime) -> bool:
        """Whether a run from `start` to `end`, both UTC, sees anything of it."""
        start_ms, run_end_ms = (start - EPOCH) // MS, (end - EPOCH) // MS
        if self.begin_ms >= start_ms:
            return self.begin_ms <= run_end_ms
        return not self.fault.momentary and (self.end_ms is None or self.end_ms > start_ms)


def read_line(number: int, words: list[str], faults: dict[str, Fault]) -> Entry:
    """The entry that line `number` is, given as words. faults: by name. WrongLine tells the first thing wrong in it."""
    begin_ms = read_time(words[0])
    if len(words) == 1:
        raise WrongLine(f"a time and no fault; choose from {', '.join(faults)}")
    if words[1] not in faults:
        raise WrongLine(f"unknown fault '{words[1]}'; {suggest(words[1], list(faults))}")
    fault = faults[words[1]]
    end = words.index("for") if "for" in words else len(words)
    end_ms = _end(fault, begin_ms, words[end + 1 :]) if end < len(words) else None
    return Entry(number, begin_ms, end_ms, fault, read_values(fault.name, fault.arguments, words[2:end]))


def _end(fault: Fault, begin_ms: int, words: list[str]) -> int:
    """The end of a fault that lasts for the duration in `words`, which must hold nothing else."""
    if fault.momentary:
        raise WrongLine(f"{fault.name} happens in a moment; leave out 'for'")
    if len(words) > 1:
        raise WrongLine(f"'{words[1]}' stands after the duration; 'for' and its duration are the last in a line")
    length_ms = read_duration(words, "for")
    if begin_ms + length_ms > CLOCK_END_MS:
        may = "leave 'for' out, and it lasts to the end"
        raise WrongLine(f"for {words[0]} goes past the clock's end, 2053-01-09T13:37:04Z; {may}")
    return begin_ms + length_ms
