"""One line of a plan: a step's name, when it is due, an activity of the dictionary, its arguments, and `else`."""

import re
from dataclasses import dataclass

from yutu2.dictionary.behaviour import PlanActivity
from yutu2.dictionary.text import WrongLine, read_duration, read_time, read_values, suggest, told

MOMENTS = ("sunrise", "noon", "sunset")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_USAGE = "NAME: at sunrise + 2d ACTIVITY, or at noon, at sunset, at UTC, with STEP, after STEP"
_LONGEST_DELAY_MS = 30 * 86_400_000  # a lunar day, and a little more


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan.

    line: its number in the file, from 1. kind: at, with or after. origin: one of MOMENTS or a time in ms since
    2019-01-01T00:00:00 UTC, after `at`; else the name of a step. delay_ms: from there. values: of the arguments as the
    firmware takes them. policy: what follows when it fails, of the dictionary's enum `on_failure`.
    """

    line: int
    name: str
    kind: str
    origin: str | int
    delay_ms: int
    activity: PlanActivity
    values: tuple[int, ...]
    policy: int

    @property
    def what(self) -> str:
        """The activity and its arguments, as in the file."""
        return told(self.activity.name.lower(), self.activity.arguments, self.values)


def read_name(word: str) -> str:
    """The name of the step whose line begins with `word`, as `ring:`. WrongLine: no step begins so."""
    name, colon, rest = word.partition(":")
    if not colon or rest or not _NAME.fullmatch(name):
        raise WrongLine(
            f"'{word}' begins no line; it may be dictionary, lunar-day, or a step's name, of letters, digits, - and _ "
            "with a colon behind"
        )
    return name


def read_step(
    number: int, words: list[str], activities: dict[str, PlanActivity], policies: dict[str, int], names: set[str]
) -> Step:
    """The step that line `number` is, given as words. WrongLine tells the first thing wrong in it.

    activities: by their names in a text. policies: the enum `on_failure`, by the words behind `else`. names: of all
    steps of the plan.
    """
    name = read_name(words[0])
    if len(words) < 3 or words[1] not in ("at", "with", "after"):
        raise WrongLine(f"{name} does not say when; write {_USAGE}")
    kind, reference, *rest = words[1:]
    origin = _moment(reference) if kind == "at" else _other(name, kind, reference, names)
    delay_ms, rest = _delay(kind, reference, rest)
    if not rest:
        raise WrongLine(f"a time and no activity; choose from {', '.join(activities)}")
    if rest[0] not in activities:
        raise WrongLine(f"unknown activity '{rest[0]}'; {suggest(rest[0], list(activities))}")
    activity = activities[rest[0]]
    end = rest.index("else") if "else" in rest else len(rest)
    policy = policies[_policy(rest[end + 1 :], policies) if end < len(rest) else "skip"]
    values = read_values(rest[0], activity.arguments, rest[1:end])
    return Step(number, name, kind, origin, delay_ms, activity, values, policy)


def _moment(word: str) -> str | int:
    """One of MOMENTS, or a time in ms."""
    if word in MOMENTS:
        return word
    if word[0].isdigit():
        return read_time(word)
    raise WrongLine(f"there is no moment '{word}'; it may be sunrise, noon, sunset, or a UTC time as 2020-11-12T06:00")


def _other(name: str, kind: str, reference: str, names: set[str]) -> str:
    """The name of the step that `name` counts from."""
    if reference in MOMENTS:
        raise WrongLine(f"'{kind} {reference}': {reference} is no step; write at {reference}")
    if reference == name:
        raise WrongLine(f"{name} waits for itself; let it count from sunrise, noon, sunset or another step")
    if reference not in names:
        others = sorted(names - {name})
        may = suggest(reference, others) if others else "there is no other"
        raise WrongLine(f"unknown step '{reference}'; {may}")
    return reference


def _delay(kind: str, reference: str, words: list[str]) -> tuple[int, list[str]]:
    """(delay in ms, the words behind it), of words such as `+ 2.5d` or `+2.5d`, which may be missing."""
    sign = words[0][0] if words else ""
    if sign not in ("+", "-"):
        return 0, words
    words = [words[0][1:], *words[1:]] if len(words[0]) > 1 else words[1:]
    length_ms = read_duration(words, sign)
    if length_ms > _LONGEST_DELAY_MS:
        raise WrongLine(f"{sign} {words[0]} is longer than a lunar day; it may be 30d at most")
    if sign == "-" and kind != "at":
        raise WrongLine(f"{kind} {reference} - {words[0]}: nobody knows before when {reference} comes; write + or at")
    return (length_ms if sign == "+" else -length_ms), words[1:]


def _policy(words: list[str], policies: dict[str, int]) -> str:
    """What stands behind `else`: one word."""
    if len(words) > 1:
        raise WrongLine(f"'{words[1]}' stands after else {words[0]}, which is the last in a line")
    if not words or words[0] not in policies:
        wrong = f"else '{words[0]}' is not known" if words else "'else' stands alone"
        raise WrongLine(f"{wrong}; it may be else {', else '.join(policies)}")
    return words[0]
