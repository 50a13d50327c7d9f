"""Plans: text files that say what a rover does in a lunar day. Read, checked, compiled for the firmware.

    dictionary d10bb04f
    lunar-day 24

    go:    at sunrise + 2.5d  drive bearing=315 distance=5.5
    radar: with go + 1s       lpr_drive minutes=60
    ring:  after go + 1h      pcam_ring pitches=3  else stop

`with` counts from the start of a step, `after` from its end; from its failure when it fails. `lunar-day each` serves
every lunar day. The order of the steps is free. `dictionary` is the hash of the one that the plan was written for; with
another one the plan is as good as long as its activities are what they were.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from yutu2.dictionary.cache import find_dictionary
from yutu2.dictionary.model import Dictionary, load
from yutu2.dictionary.text import MS, WrongLine, read_text, utc, words_of
from yutu2.errors import WrongUse
from yutu2.firmware import EPOCH, LUNAR_DAYS, borrow_sun
from yutu2.mission.activity_changes import changes
from yutu2.mission.plan_line import Step, read_name, read_step

MOST_STEPS = 60  # as the firmware
DEFAULT_LUNAR_DAY = 24  # to try a plan of each

_FORMAT = 1  # of the compiled form
# From sunrise, for a plan of each lunar day. The Sun is up for 14.4 to 15.0 Earth days: up to 4 h and 8 h off
_NOON_MS = 637_857_000
_SUNSET_MS = 1_275_713_000
_HEADERS = ("dictionary", "lunar-day")
_HASH = re.compile(r"[0-9a-f]{8}")
_DICTIONARY_LINE = re.compile(r"^([ \t]*dictionary[ \t]+)\S+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Light:
    """When the Sun is up: sunrise_ms since 2019-01-01T00:00:00 UTC, the others from there.

    Of a plan for each lunar day sunrise_ms is 0.
    """

    sunrise_ms: int
    noon_ms: int
    sunset_ms: int

    def time_ms(self, step: Step) -> int:
        """When a step is due, from sunrise; of one that counts from another step, from there."""
        if isinstance(step.origin, int):
            return step.origin - self.sunrise_ms + step.delay_ms
        moments = {"noon": self.noon_ms, "sunset": self.sunset_ms}
        return moments.get(step.origin, 0) + step.delay_ms if step.kind == "at" else step.delay_ms


def light_of(lunar_day: int) -> Light:
    """The light of a lunar day; 0: of each."""
    if not lunar_day:
        return Light(0, _NOON_MS, _SUNSET_MS)
    sun = borrow_sun()
    sunrise_s, sunset_s = sun.sunrise(lunar_day), sun.sunset(lunar_day)
    return Light(sunrise_s * 1000, (sunset_s - sunrise_s) * 500, (sunset_s - sunrise_s) * 1000)


@dataclass(frozen=True)
class Plan:
    """A checked plan.

    name: of its file. text: of it. hash: of the dictionary that it was read by, which need not be the one that the text
    names. lunar_day: 0 for each. steps: as in the file.
    """

    name: str
    text: str
    hash: bytes
    lunar_day: int
    steps: tuple[Step, ...]

    def compiled(self) -> str:
        """The firmware's form, ASCII: `plan 1 HASH DAY`, then a line a step, `ID A B ORIGIN S MS POLICY` in decimals.

        DAY: 0 for each. ID: of the activity. A, B: its arguments, 0 where there is none. ORIGIN: from where S, seconds,
        and MS, milliseconds, count: 0 sunrise, 2k - 1 the start of step k, from 1, and 2k its end. POLICY: of
        `on_failure`.
        """
        light = light_of(self.lunar_day)
        numbers: dict[str | int, int] = {step.name: number for number, step in enumerate(self.steps, 1)}
        lines = [f"plan {_FORMAT} {self.hash.hex()} {self.lunar_day}"]
        for step in self.steps:
            origin = 0 if step.kind == "at" else 2 * numbers[step.origin] - (step.kind == "with")
            first, second = (*step.values, 0, 0)[:2]
            s, ms = divmod(light.time_ms(step), 1000)
            lines.append(f"{step.activity.id} {first} {second} {origin} {s} {ms} {step.policy}")
        return "\n".join(lines) + "\n"

    def warnings(self, start: datetime, end: datetime) -> list[str]:
        """A line if a run from `start` to `end`, both UTC, sees nothing of it."""
        light = light_of(self.lunar_day)
        sunrise, sunset = (EPOCH + ms * MS for ms in (light.sunrise_ms, light.sunrise_ms + light.sunset_ms))
        if not self.lunar_day or (sunrise < end and sunset > start):
            return []
        return [
            f"{self.name}: lunar day {self.lunar_day} lies outside the run, {start:%Y-%m-%dT%H:%M:%SZ} to "
            f"{end:%Y-%m-%dT%H:%M:%SZ}"
        ]


class PlanError(WrongUse):
    """Lines of a plan that cannot be: a line of text each, as `FILE:LINE: what is wrong; what may be`."""


def read_plan(path: str, written_for: Dictionary | None = None) -> Plan:
    """Return the plan in a file, read by the firmware's dictionary; written_for: as of `compile_plan`.

    Raises WrongUse: no such text; PlanError: wrong lines.
    """
    return compile_plan(read_text(path, "plan"), path, load(), written_for)


def compile_plan(text: str, name: str, dictionary: Dictionary, written_for: Dictionary | None = None) -> Plan:
    """Return the plan that a text is; name: of its file, for errors.

    written_for: the dictionary that the text names; None: it is this one, or looked up in the user's cache.
    Raises PlanError, which names every wrong line: also each step whose activity has changed since that dictionary.
    """
    return _Reader(text, dictionary, written_for).plan(name)


def lunar_day_of(plan: Plan, asked: int | None) -> int:
    """The lunar day to rehearse a plan on. WrongUse: another one was asked for than the plan is for."""
    if asked is not None and plan.lunar_day not in (0, asked):
        raise WrongUse(
            f"--lunar-day: {plan.name} is for lunar day {plan.lunar_day}, not {asked}; leave the option out, or write "
            "lunar-day each into the plan"
        )
    return plan.lunar_day or asked or DEFAULT_LUNAR_DAY


def with_dictionary(text: str, dictionary: Dictionary) -> str:
    """The text of a plan with the hash of this dictionary in its line `dictionary`."""
    return _DICTIONARY_LINE.sub(rf"\g<1>{dictionary.hash.hex()}", text)


class _Reader:
    """Reads one plan, and collects what is wrong in it: (line, text) each."""

    def __init__(self, text: str, dictionary: Dictionary, written_for: Dictionary | None) -> None:
        self._text = text
        self._dictionary = dictionary
        self._written_for = written_for
        self._before = dictionary  # the one that the text names
        self._activities = {activity.name.lower(): activity for activity in dictionary.activities}
        # skip, stop, safe
        self._policies = {
            label.lower().partition("_")[0]: number for number, label in dictionary.enums["on_failure"].items()
        }
        self._lines = words_of(text)
        self._wrong: list[tuple[int, str]] = []
        self._headers: dict[str, int] = {}  # header -> its line
        self._lunar_day: int | None = None  # until it is read

    def plan(self, name: str) -> Plan:
        """PlanError: it cannot be."""
        names = self._names()
        steps: list[Step] = []
        for number, words in self._lines:
            try:
                if words[0] in _HEADERS:
                    self._header(number, words, bool(steps))
                else:
                    steps.append(read_step(number, words, self._activities, self._policies, names))
            except WrongLine as error:
                self._wrong.append((number, str(error)))
        self._check_headers()
        self._check_cycles(steps)
        self._check_activities(steps)
        if self._lunar_day is not None:
            self._check_times(steps, self._lunar_day)
        if self._wrong or self._lunar_day is None:
            raise PlanError("\n".join(f"{name}:{number}: {wrong}" for number, wrong in sorted(self._wrong)))
        return Plan(name, self._text, self._dictionary.hash, self._lunar_day, tuple(steps))

    def _names(self) -> set[str]:
        """Of all steps, so that one may count from another that stands below it, or that is wrong."""
        lines: dict[str, int] = {}
        for number, words in self._lines:
            try:
                name = read_name(words[0])
            except WrongLine:
                continue
            if name in lines:
                self._wrong.append((number, f"{name} is the name of line {lines[name]} already; give it another"))
                continue
            lines[name] = number
            if len(lines) == MOST_STEPS + 1:
                self._wrong.append((number, f"a step too many; there may be {MOST_STEPS}"))
        return set(lines)

    def _header(self, number: int, words: list[str], is_late: bool) -> None:
        header = words[0]
        if header in self._headers:
            raise WrongLine(f"{header} stands in line {self._headers[header]} already; write it once")
        self._headers[header] = number
        value = words[1] if len(words) == 2 else ""
        if header == "dictionary":
            self._check_dictionary(value)
        elif value == "each":
            self._lunar_day = 0
        elif re.fullmatch(r"[0-9]{1,3}", value) and 1 <= int(value) <= LUNAR_DAYS:
            self._lunar_day = int(value)
        else:
            raise WrongLine(f"lunar-day is followed by a number from 1 to {LUNAR_DAYS}, or each")
        if is_late:
            raise WrongLine(f"{header} stands after a step; write it before the first")

    def _check_dictionary(self, value: str) -> None:
        ours = self._dictionary.hash.hex()
        if not _HASH.fullmatch(value):
            raise WrongLine(f"dictionary is followed by its hash, eight digits; write dictionary {ours}")
        if value == ours:
            return
        if self._written_for is None and (found := find_dictionary(value)) is not None:
            self._written_for = found.dictionary
        if self._written_for is None:
            raise WrongLine(
                f"the plan was written for dictionary {value}, which is not in the cache, and here is {ours}: compare "
                "them by yutu2 plan check with --dictionary FILE, or see whether the activities are what they were, "
                f"and write dictionary {ours}"
            )
        if (given := self._written_for.hash.hex()) != value:
            raise WrongLine(
                f"the plan was written for dictionary {value}, and --dictionary gives {given}; give that one"
            )
        self._before = self._written_for

    def _check_headers(self) -> None:
        first = self._lines[0][0] if self._lines else 1
        ours = self._dictionary.hash.hex()
        for header, may in (("dictionary", f"dictionary {ours}"), ("lunar-day", "lunar-day 24 or lunar-day each")):
            if header not in self._headers:
                self._wrong.append((first, f"there is no line '{header}'; write {may} before the steps"))
        if all(words[0] in _HEADERS for _, words in self._lines):
            last = self._lines[-1][0] if self._lines else 1
            self._wrong.append((last, "there is no step; write one, as ring: at noon - 2d pcam_ring pitches=3"))

    def _check_activities(self, steps: list[Step]) -> None:
        """What a plan asks for must be what it was when the plan was written."""
        before, ours = self._before.hash.hex(), self._dictionary.hash.hex()
        for step in steps if before != ours else ():
            if changed := changes(step.activity, self._before, self._dictionary):
                wrong = (
                    f"{step.activity.name.lower()} has changed since dictionary {before}: {'; '.join(changed)}; see "
                    f"whether {step.name} does what it should, then write dictionary {ours}"
                )
                self._wrong.append((step.line, wrong))

    def _check_cycles(self, steps: list[Step]) -> None:
        """Steps that wait for each other never begin."""
        lines = {step.name: step.line for step in steps}
        waits = {step.name: str(step.origin) for step in steps if step.kind != "at"}
        seen: set[str] = set()
        for first in waits:
            way = []
            at = first
            while at in waits and at not in seen:
                seen.add(at)
                way.append(at)
                at = waits[at]
            if at in way:
                cycle = way[way.index(at) :]
                told = ", ".join(f"{name} for {waits[name]}" for name in cycle)
                may = "let one count from sunrise, noon or sunset"
                self._wrong.append((max(lines[name] for name in cycle), f"each waits for another, {told}; {may}"))

    def _check_times(self, steps: list[Step], lunar_day: int) -> None:
        """The Sun must be up."""
        light = light_of(lunar_day)
        may = "a plan's work lies between both"
        if lunar_day:
            sunset = utc(light.sunrise_ms + light.sunset_ms)
            may = f"on lunar day {lunar_day} the Sun is up from {utc(light.sunrise_ms)} to {sunset}"
        for step in steps:
            time_ms = light.time_ms(step)
            if isinstance(step.origin, int) and not lunar_day:
                told = (
                    "a time in UTC, and the plan is for each lunar day; write at sunrise, or lunar-day and its number"
                )
                self._wrong.append((step.line, told))
            elif step.kind == "at" and not 0 <= time_ms <= light.sunset_ms:
                self._wrong.append(
                    (step.line, f"{step.name} comes {'before sunrise' if time_ms < 0 else 'after sunset'}; {may}")
                )
