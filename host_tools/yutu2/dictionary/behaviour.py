"""What a craft does, read from the dictionary: its mode table, its monitors and responses; and what may befall it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from yutu2.dictionary.checks import DictionaryError, check_keys, check_one_of, check_range, with_present_keys

_LARGEST = (1 << 30) - 1  # a Pico's small integers
_MOST_ARGUMENTS = 2

_MONITOR = ({"parameter", "repetitions", "rearm_s"}, {"low", "high", "event", "responses", "stale", "status"})
_FAULT = ({"id", "text"}, {"arguments", "momentary", "group"})
_ARGUMENT = ({"name"}, {"enum", "min", "max", "unit", "scale"})
_ACTIVITY = (
    {"text", "load", "uses", "modes", "sun", "box", "motion"},
    {"arguments", "unit_s", "unit_kib", "instrument"},
)
_HIGHEST_SUN = 90_000
_MOST_OF_BOX = 2000

Enums = dict[str, dict[int, str]]


@dataclass(frozen=True, slots=True)
class Monitor:
    """A limit check, ST[12], with its responses, ST[19], in their order. low, high: raw units; None: no such limit."""

    name: str
    parameter: str
    low: int | None
    high: int | None
    repetitions: int
    event: str | None
    responses: tuple[str, ...]
    rearm_s: int
    stale: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of what may be asked for: a raw number from `least` to `most`, or the name of one in `labels`.

    scale: what stands in a text is raw * scale, in `unit`; None: the raw number itself.
    """

    name: str
    least: int
    most: int
    unit: str | None
    labels: dict[int, str] | None
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a scenario may do to a rover.

    momentary: it happens, and does not last. group: those of one group act on the same thing, so that the end of one
    ends the other too.
    """

    name: str
    id: int
    text: str
    momentary: bool
    group: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class PlanActivity:
    """What a plan may ask for. id: from 1, in the order of the dictionary.

    load: is switched on for it. instrument: observes meanwhile, a name of enum `instrument`, or None. uses: resources
    that it holds for itself. modes: in which it works. sun: range of the Sun's elevation in 0.001 degrees; box: of the
    box's temperature in 0.1 degrees C. motion: STILL, MOVING or ANY. unit_s, unit_kib: time and data of each unit of
    its first argument, or in whole where it has none; unit_s None: it takes as long as it takes.
    """

    name: str
    id: int
    text: str
    load: str
    instrument: str | None
    uses: tuple[str, ...]
    modes: tuple[str, ...]
    sun: tuple[int, int]
    box: tuple[int, int]
    motion: str
    unit_s: int | None
    unit_kib: int
    arguments: tuple[Argument, ...]


def read_moves(content: dict[str, Any], enums: Enums) -> dict[str, dict[str, str]]:
    """The mode table: mode -> event -> the mode it leads to, or the reason why it is refused. No pair is missing."""
    modes, events = list(enums["mode"].values()), list(enums["mode_event"].values())
    check_range("enum.refusal", max(enums["refusal"]), 127)
    outcomes = modes + list(enums["refusal"].values())
    check_keys("moves", content, (set(modes), set()))
    for mode in modes:
        check_keys(f"moves.{mode}", content[mode], (set(events), set()))
        for event in events:
            check_one_of(f"moves.{mode}.{event}", content[mode][event], outcomes, "modes and refusals")
    return content


def read_loads(content: dict[str, Any], craft: list[str]) -> dict[str, dict[str, int]]:
    """What each load draws, in mW: load -> craft -> mW."""
    for load, power in content.items():
        check_keys(f"load.{load}", power, (set(craft), set()))
        for name, milliwatts in power.items():
            check_range(f"load.{load}.{name}", milliwatts, _LARGEST)
    return content


def read_monitors(content: dict[str, Any], enums: Enums, fields_of: dict[str, int]) -> tuple[Monitor, ...]:
    """The monitors in the order of the enum. fields_of: how many fields each event has; a monitor's has one."""
    labels = list(enums["monitor"].values())
    if list(content) != labels[: len(content)]:
        raise DictionaryError("monitor: enum.monitor must begin with these tables, in their order")
    return tuple(_monitor(name, entry, enums, fields_of) for name, entry in content.items())


def _monitor(name: str, entry: dict[str, Any], enums: Enums, fields_of: dict[str, int]) -> Monitor:
    place = f"monitor.{name}"
    check_keys(place, entry, _MONITOR)
    check_one_of(f"{place}.parameter", entry["parameter"], list(enums["parameter"].values()), "parameters")
    for key, most in (("repetitions", 255), ("rearm_s", _LARGEST)):
        check_range(f"{place}.{key}", entry[key], most, 1)
    for key in ("low", "high"):
        if key in entry:
            check_range(f"{place}.{key}", entry[key], _LARGEST, -_LARGEST)
    if ("event" in entry) != ("low" in entry or "high" in entry):
        raise DictionaryError(f"{place}: an event and a limit go together")
    if "event" in entry and fields_of.get(entry["event"]) != 1:
        raise DictionaryError(f"{place}: there is no event '{entry['event']}' with one field")
    for action in [*entry.get("responses", []), entry.get("stale", "NOTHING")]:
        check_one_of(place, action, list(enums["action"].values()), "actions")
    status = entry.get("status", "ENABLED")
    check_one_of(f"{place}.status", status, list(enums["monitor_status"].values()), "statuses")
    return Monitor(
        name=name,
        parameter=entry["parameter"],
        low=entry.get("low"),
        high=entry.get("high"),
        repetitions=entry["repetitions"],
        event=entry.get("event"),
        responses=tuple(entry.get("responses", ())),
        rearm_s=entry["rearm_s"],
        stale=entry.get("stale"),
        status=status,
    )


def read_faults(content: dict[str, Any], enums: Enums) -> tuple[Fault, ...]:
    """All that a scenario may do."""
    faults = tuple(_fault(name, entry, enums) for name, entry in content.items())
    if len({fault.id for fault in faults}) < len(faults):
        raise DictionaryError("fault: two have the same id")
    return faults


def _fault(name: str, entry: dict[str, Any], enums: Enums) -> Fault:
    place = f"fault.{name}"
    check_keys(place, entry, _FAULT)
    check_range(f"{place}.id", entry["id"], 255, 1)
    arguments = entry.get("arguments", [])
    if len(arguments) > _MOST_ARGUMENTS:
        raise DictionaryError(f"{place}: more than {_MOST_ARGUMENTS} arguments")
    return Fault(
        name=name,
        id=entry["id"],
        text=entry["text"],
        momentary=entry.get("momentary", False),
        group=entry.get("group", name),
        arguments=tuple(_argument(place, argument, enums) for argument in arguments),
    )


def read_activities(content: dict[str, Any], enums: Enums) -> tuple[PlanActivity, ...]:
    """All that a plan may ask for."""
    return tuple(_activity(name, number, content[name], enums) for number, name in enums["plan_activity"].items())


def _activity(name: str, number: int, entry: dict[str, Any], enums: Enums) -> PlanActivity:
    place = f"activity.{name}"
    check_keys(place, entry, _ACTIVITY)
    check_one_of(f"{place}.load", entry["load"], list(enums["load"].values()), "loads")
    check_one_of(f"{place}.motion", entry["motion"], list(enums["motion"].values()), "motions")
    if "instrument" in entry:
        check_one_of(f"{place}.instrument", entry["instrument"], list(enums["instrument"].values()), "instruments")
    for key, enum in (("uses", "resource"), ("modes", "mode")):
        for label in entry[key]:
            check_one_of(f"{place}.{key}", label, list(enums[enum].values()), f"enum.{enum}")
    for key, least, most in (("sun", 0, _HIGHEST_SUN), ("box", -_MOST_OF_BOX, _MOST_OF_BOX)):
        if len(entry[key]) != 2:
            raise DictionaryError(f"{place}.{key}: a range is two numbers")
        check_range(f"{place}.{key}", entry[key][0], most, least)
        check_range(f"{place}.{key}", entry[key][1], most, entry[key][0])
    for key in ("unit_s", "unit_kib"):
        check_range(f"{place}.{key}", entry.get(key, 1), 0xFFFF, 1)
    arguments = entry.get("arguments", [])
    if len(arguments) > _MOST_ARGUMENTS:
        raise DictionaryError(f"{place}: more than {_MOST_ARGUMENTS} arguments")
    return PlanActivity(
        name=name,
        id=number,
        text=entry["text"],
        load=entry["load"],
        instrument=entry.get("instrument"),
        uses=tuple(entry["uses"]),
        modes=tuple(entry["modes"]),
        sun=(entry["sun"][0], entry["sun"][1]),
        box=(entry["box"][0], entry["box"][1]),
        motion=entry["motion"],
        unit_s=entry.get("unit_s"),
        unit_kib=entry.get("unit_kib", 0),
        arguments=tuple(_argument(place, argument, enums) for argument in arguments),
    )


def read_route(content: dict[str, Any]) -> tuple[tuple[int, int], ...]:
    """(lunar day, tenths of a metre driven by its end), both rising."""
    check_keys("route", content, ({"driven"}, set()))
    route = tuple((day, driven) for day, driven in content["driven"])
    for (day, driven), (next_day, next_driven) in pairwise(((0, 0), *route)):
        check_range("route.driven: lunar day", next_day, 420, day + 1)
        check_range("route.driven: tenths of a metre", next_driven, 100_000, driven)
    return route


def _argument(place: str, entry: dict[str, Any], enums: Enums) -> Argument:
    entry = with_present_keys(place, entry)
    check_keys(place, entry, _ARGUMENT)
    place = f"{place}.{entry['name']}"
    labels = None
    if "enum" in entry:
        check_one_of(place, entry["enum"], list(enums), "enums")
        numbers = enums[entry["enum"]]
        least, most = entry.get("min", min(numbers)), entry.get("max", max(numbers))
        labels = {number: label for number, label in numbers.items() if least <= number <= most}
    else:
        check_keys(place, entry, ({"name", "min", "max"}, {"unit", "scale"}))
        least, most = entry["min"], entry["max"]
        check_range(f"{place}.min", least, _LARGEST, -_LARGEST)
        check_range(f"{place}.max", most, _LARGEST, least)
    return Argument(entry["name"], least, most, entry.get("unit"), labels, entry.get("scale"))
