"""What the ground may ask for, read from the dictionary: telecommands with their arguments, and parameters."""

from dataclasses import dataclass
from typing import Any

from yutu2.dictionary.behaviour import Argument, Enums
from yutu2.dictionary.checks import DictionaryError, check_keys, check_one_of, check_range, with_present_keys

# Type -> formats of `struct`, and the raw range: no further than a Pico's small integers go
CUC = "cuc"
OCTETS = "octets"
"""The rest of a packet, which its service reads; in a text hex digits, as a raw value bytes."""
TELECOMMAND = "telecommand"
"""A whole packet of up to `max` octets, which the service reads; in a text a command with its arguments."""
_SMALL = (1 << 30) - 1
_CODES = {"u8": "B", "u16": "H", "u32": "I", "i8": "b", "i16": "h", "i32": "i", CUC: "IH"} | dict.fromkeys(
    (OCTETS, TELECOMMAND), ""
)
_RANGES = {
    "u8": (0, 0xFF),
    "u16": (0, 0xFFFF),
    "u32": (0, _SMALL),
    "i8": (-0x80, 0x7F),
    "i16": (-0x8000, 0x7FFF),
    "i32": (-_SMALL, _SMALL),
    CUC: (0, _SMALL * 1000 + 999),  # ms; on the line whole seconds and a fraction
    OCTETS: (0, 0),
    TELECOMMAND: (0, 1017),  # what a clear frame holds
}
_NUMBERS = [name for name in _CODES if name not in (CUC, OCTETS, TELECOMMAND)]

_COMMAND = ({"text", "service", "subservice"}, {"function", "modes", "arguments", "repeat", "reasons", "answer"})
_ARGUMENT = ({"name", "type"}, {"enum", "min", "max", "unit", "scale", "of", "once"})
_PARAMETER = ({"id", "text", "type", "default", "min", "max"}, {"unit", "scale"})
_FUNCTIONS = 8  # the service of function management
_ASLEEP = "DORMANT"  # the mode in which nothing is heard


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandArgument(Argument):
    """An argument with its type, a field's or CUC, of which the raw value is in ms since 2019-01-01T00:00:00 UTC.

    of: the argument before it that names the parameter whose range, scale and unit this one has; None: its own. once:
    where arguments repeat, this one does not, and comes before their number.
    """

    type: str
    of: str | None = None
    once: bool = False

    @property
    def code(self) -> str:
        """The format of `struct`: a character a raw value, of which CUC has two."""
        return _CODES[self.type]

    @property
    def is_open(self) -> bool:
        """Whether its octets are for the service to read."""
        return self.type in (OCTETS, TELECOMMAND)

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """The least and the most of each raw value."""
        if self.is_open:
            return ()
        return ((0, _SMALL), (0, 0xFFFF)) if self.type == CUC else ((self.least, self.most),)


@dataclass(frozen=True, slots=True)
class Command:
    """A telecommand. function: its id among those of ST[08], None elsewhere. modes: in which it is legal.

    repeat: N, u8, comes first, or after those arguments that come once, and then the others N times. reasons: for which
    it may be refused or fail, beside what any command may; None: no others. answer: the report that it asks for;
    None: those of its service.
    """

    name: str
    text: str
    service: int
    subservice: int
    function: int | None
    modes: tuple[str, ...]
    arguments: tuple[CommandArgument, ...]
    repeat: bool
    reasons: dict[int, str] | None = None
    answer: str | None = None

    @property
    def code(self) -> str:
        """The format of its arguments, of one of N where they repeat, for `struct`."""
        return "".join(argument.code for argument in self.arguments)

    @property
    def once(self) -> tuple[CommandArgument, ...]:
        """Of a command that repeats, the arguments that do not."""
        return tuple(argument for argument in self.arguments if argument.once)

    @property
    def is_open(self) -> bool:
        """Whether its service reads what is behind the arguments of a fixed place."""
        return bool(self.once) or any(argument.is_open for argument in self.arguments)

    @property
    def placed(self) -> tuple[CommandArgument, ...]:
        """The arguments that can be checked without its service."""
        return self.once if self.is_open and self.repeat else self.arguments


@dataclass(frozen=True, slots=True)
class Parameter:
    """What ST[20] sets. type: a field's. default, least, most: raw; engineering value = raw * scale, in `unit`."""

    name: str
    id: int
    text: str
    type: str
    default: int
    least: int
    most: int
    unit: str | None
    scale: float | None

    @property
    def code(self) -> str:
        """The format of `struct` that holds it."""
        return _CODES[self.type]


def read_settable(content: dict[str, Any]) -> dict[str, int]:
    """The enum `settable`: name of a parameter -> its id."""
    for number, (name, entry) in enumerate(content.items(), 1):
        check_keys(f"parameter.{name}", with_present_keys(f"parameter.{name}", entry), _PARAMETER)
        if entry["id"] != number:
            raise DictionaryError(f"parameter.{name}.id: {entry['id']} is not {number}: they count from 1, in order")
    return {name: entry["id"] for name, entry in content.items()}


def read_parameters(content: dict[str, Any]) -> tuple[Parameter, ...]:
    """All parameters, by id."""
    return tuple(_parameter(f"parameter.{name}", name, entry) for name, entry in content.items())


def _parameter(place: str, name: str, entry: dict[str, Any]) -> Parameter:
    entry = with_present_keys(place, entry)
    check_one_of(f"{place}.type", entry["type"], _NUMBERS, "types")
    least, most = _range(place, entry)
    check_range(f"{place}.default", entry["default"], most, least)
    return Parameter(
        name=name,
        id=entry["id"],
        text=entry["text"],
        type=entry["type"],
        default=entry["default"],
        least=least,
        most=most,
        unit=entry.get("unit"),
        scale=entry.get("scale"),
    )


def read_commands(content: dict[str, Any], enums: Enums, failure_codes: dict[str, int]) -> tuple[Command, ...]:
    """All telecommands, in the order of the dictionary. failure_codes: the enums of reasons, with their codes."""
    seen: dict[tuple[int, ...], str] = {}
    commands = tuple(_command(name, entry, enums, failure_codes) for name, entry in content.items())
    for command in commands:
        key = (command.service, command.subservice, command.function or 0)
        if key in seen:
            raise DictionaryError(f"command.{command.name} cannot be told from {seen[key]}")
        seen[key] = command.name
    return commands


def _command(name: str, entry: dict[str, Any], enums: Enums, failure_codes: dict[str, int]) -> Command:
    place = f"command.{name}"
    check_keys(place, entry, _COMMAND)
    for key in ("service", "subservice"):
        check_range(f"{place}.{key}", entry[key], 0xFF, 1)
    if ("function" in entry) != (entry["service"] == _FUNCTIONS):
        raise DictionaryError(f"{place}: a function and service {_FUNCTIONS} go together")
    check_range(f"{place}.function", entry.get("function", 1), 0xFFFF, 1)
    all_modes = [mode for mode in enums["mode"].values() if mode != _ASLEEP]
    modes = entry.get("modes", all_modes)
    for mode in modes:
        check_one_of(f"{place}.modes", mode, all_modes, "modes that hear")
    arguments: dict[str, CommandArgument] = {}
    for argument in entry.get("arguments", []):
        argument = with_present_keys(place, argument)
        check_keys(f"{place}.{argument.get('name', 'an argument')}", argument, _ARGUMENT)
        if argument["name"] in arguments:
            raise DictionaryError(f"{place}.{argument['name']}: stands there twice")
        arguments[argument["name"]] = _argument(f"{place}.{argument['name']}", argument, arguments, enums)
    if entry.get("repeat", False) and not arguments:
        raise DictionaryError(f"{place}: without arguments nothing repeats")
    types = [argument.type for argument in arguments.values()]
    if OCTETS in types[:-1] or (OCTETS in types and entry.get("repeat", False)):
        raise DictionaryError(f"{place}: octets come last, and once")
    if TELECOMMAND in types[:-1]:
        raise DictionaryError(f"{place}: a telecommand comes last")
    once = [argument.once for argument in arguments.values()]
    if any(once) and (not entry.get("repeat", False) or once != sorted(once, reverse=True) or all(once)):
        raise DictionaryError(f"{place}: what comes once stands before what repeats")
    if "reasons" in entry:
        check_one_of(f"{place}.reasons", entry["reasons"], list(failure_codes), "enums of [failure_code]")
    return Command(
        name=name,
        text=entry["text"],
        service=entry["service"],
        subservice=entry["subservice"],
        function=entry.get("function"),
        modes=tuple(modes),
        arguments=tuple(arguments.values()),
        repeat=entry.get("repeat", False),
        reasons=enums[entry["reasons"]] if "reasons" in entry else None,
        answer=entry.get("answer"),
    )


def _argument(place: str, entry: dict[str, Any], before: dict[str, CommandArgument], enums: Enums) -> CommandArgument:
    check_one_of(f"{place}.type", entry["type"], list(_CODES), "types")
    labels = None
    once = entry.get("once", False)
    entry = {key: value for key, value in entry.items() if key != "once"}
    if "of" in entry:
        check_keys(place, entry, (_ARGUMENT[0] | {"of"}, set()))
        if entry["of"] not in before or before[entry["of"]].labels != enums["settable"]:
            raise DictionaryError(f"{place}.of: '{entry['of']}' is no argument before it with the enum 'settable'")
    if "enum" in entry:
        check_keys(place, entry, (_ARGUMENT[0] | {"enum"}, {"min", "max"}))
        check_one_of(place, entry["enum"], list(enums), "enums")
        numbers = enums[entry["enum"]]
        entry = {"min": min(numbers), "max": max(numbers)} | entry
        labels = {number: label for number, label in numbers.items() if entry["min"] <= number <= entry["max"]}
    elif entry["type"] in (CUC, OCTETS):
        check_keys(place, entry, (_ARGUMENT[0], set()))
    elif entry["type"] == TELECOMMAND:
        check_keys(place, entry, (_ARGUMENT[0], {"max"}))
    least, most = _range(place, entry)
    return CommandArgument(
        name=entry["name"],
        type=entry["type"],
        least=least,
        most=most,
        unit=entry.get("unit"),
        labels=labels,
        scale=entry.get("scale"),
        of=entry.get("of"),
        once=once,
    )


def _range(place: str, entry: dict[str, Any]) -> tuple[int, int]:
    """(least, most) of raw values, which the type can hold; by default all that it can."""
    lowest, highest = _RANGES[entry["type"]]
    least, most = entry.get("min", lowest), entry.get("max", highest)
    check_range(f"{place}.max", most, highest, lowest)
    check_range(f"{place}.min", least, most, lowest)
    return least, most
