"""Scenarios: text files that say what befalls a rover, when and for how long. Read, checked, compiled for the firmware.

    # lunar day 24: a thermometer dies for six hours, then the computer restarts
    2020-11-12T06:00:00Z      sensor_dead  sensor=BOX_A  for 6h
    2020-11-12T18:00:00.250Z  reset

The order of the lines is free.
"""

from dataclasses import dataclass
from datetime import datetime

from yutu2.dictionary.model import Dictionary, load
from yutu2.dictionary.text import WrongLine, read_text, utc, words_of
from yutu2.errors import WrongUse
from yutu2.firmware import borrow_sun
from yutu2.mission.scenario_line import Entry, read_line

HEADING = f"  {'UTC':23}  {'lunar':>5}  {'until':23}  what"

_FORMAT = 1  # of the compiled form


@dataclass(frozen=True)
class Scenario:
    """A checked scenario. name: of its file. hash: of the dictionary that it was read by. entries: by time."""

    name: str
    hash: bytes
    entries: tuple[Entry, ...]

    def compiled(self) -> str:
        """The firmware's form, ASCII: `scenario 1 HASH`, then a line an action by time, `S MS ID ON A B` in decimals.

        S, MS: seconds since 2019-01-01T00:00:00 UTC, and milliseconds. ID: of the fault. ON: 1 begin, 0 end, which a
        momentary fault has not. A, B: its arguments, 0 where there is none. At one time ends go before begins.
        """
        begins = [(entry.begin_ms, 1, entry) for entry in self.entries]
        ends = [(entry.end_ms, 0, entry) for entry in self.entries if entry.end_ms is not None]
        lines = [f"scenario {_FORMAT} {self.hash.hex()}"]
        for time_ms, on, entry in sorted(begins + ends, key=lambda action: action[:2]):
            first, second = (*entry.values, 0, 0)[:2]
            lines.append(f"{time_ms // 1000} {time_ms % 1000} {entry.fault.id} {on} {first} {second}")
        return "\n".join(lines) + "\n"

    def lines(self) -> list[str]:
        """What will happen, a line each under a heading: UTC, lunar day, until when, fault and arguments."""
        lunar_day = borrow_sun().lunar_day
        return [HEADING] + [
            f"  {utc(entry.begin_ms)}  {lunar_day(entry.begin_ms // 1000):5}  {entry.until:23}  {entry.what}"
            for entry in self.entries
        ]

    def warnings(self, start: datetime, end: datetime) -> list[str]:
        """A line for each entry that a run from `start` to `end`, both UTC, sees nothing of."""
        return [
            f"{self.name}:{entry.line}: {entry.what} lies outside the run, {start:%Y-%m-%dT%H:%M:%SZ} to "
            f"{end:%Y-%m-%dT%H:%M:%SZ}"
            for entry in sorted(self.entries, key=lambda entry: entry.line)
            if not entry.lies_in(start, end)
        ]


class ScenarioError(WrongUse):
    """Lines of a scenario that cannot be: a line of text each, as `FILE:LINE: what is wrong; what may be`."""


def read_scenario(path: str) -> Scenario:
    """The scenario in a file, read by the firmware's dictionary. WrongUse: no such text; ScenarioError: wrong lines."""
    return compile_scenario(read_text(path, "scenario"), path, load())


def compile_scenario(text: str, name: str, dictionary: Dictionary) -> Scenario:
    """The scenario that `text` is; name: of its file, for errors. ScenarioError tells every line that cannot be."""
    faults = {fault.name: fault for fault in dictionary.faults}
    entries, wrong = [], {}
    for number, words in words_of(text):
        try:
            entries.append(read_line(number, words, faults))
        except WrongLine as error:
            wrong[number] = str(error)
    entries.sort(key=lambda entry: entry.begin_ms)
    wrong |= _overlaps(entries)
    if wrong:
        raise ScenarioError("\n".join(f"{name}:{number}: {wrong[number]}" for number in sorted(wrong)))
    return Scenario(name, dictionary.hash, tuple(entries))


def _overlaps(entries: list[Entry]) -> dict[int, str]:
    """Line -> what is wrong, of entries that begin while another of their target lasts. entries: by time."""
    wrong = {}
    lasting: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        if entry.fault.momentary:
            continue
        before = lasting.get(entry.target)
        if before is not None and (before.end_ms is None or before.end_ms > entry.begin_ms):
            wrong[entry.line] = (
                f"{entry.what} begins while {before.what} of line {before.line} lasts, until {before.until}, "
                "and the end of one would end the other; let one follow the other"
            )
        if before is None or (before.end_ms is not None and (entry.end_ms is None or entry.end_ms > before.end_ms)):
            lasting[entry.target] = entry
    return wrong
