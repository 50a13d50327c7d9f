"""Makes the firmware's tables, the modules of `rover/tables`, from the dictionary."""

import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from yutu2.dictionary.details import FAILURES
from yutu2.dictionary.model import Dictionary, Field, is_host_s
from yutu2.firmware import to_seconds

_EVENT_ROW = 6
_KINDS = "BbHhIi"  # of an event's fields

_HEAD = '''"""Tables made from dictionary.toml by `yutu2 dictionary generate`. Change that file, not this one."""

from micropython import const

'''


_COMMANDS_HEAD = '''"""Telecommands, made from dictionary.toml by `yutu2 dictionary generate`: change that file."""

from micropython import const

'''

_CRAFTS_HEAD = (
    '"""What rover and lander are, made from dictionary.toml by `yutu2 dictionary generate`: change that file."""\n\n'
)

_FAULTS_HEAD = (
    '"""Faults of a scenario, made from dictionary.toml by `yutu2 dictionary generate`: change that file."""\n\n'
)

# Enums whose labels are constants already, as APIDs, packets and events; and one that only commands need
_TOLD_ELSEWHERE = ("application", "instrument", "structure", "event", FAILURES)


def firmware_tables(dictionary: Dictionary) -> str:
    """The source of `tables/__init__.py`: names and numbers that the rover needs, and no text."""
    lines = [f"HASH = {_octets(dictionary.hash)}  # of the dictionary", "", "# Application processes"]
    lines += [f"{name} = const({number})" for name, number in dictionary.apids.items()]
    for name, labels in dictionary.enums.items():
        if name in _TOLD_ELSEWHERE or is_host_s(name):
            continue
        lines += ["", f"# Values of `{name}`"]
        lines += [f"{label} = const({number})" for number, label in labels.items()]
    lines += ["", *_housekeeping(dictionary), "", *_events(dictionary)]
    lines += ["", *_moves(dictionary), "", *_monitors(dictionary)]
    lines += ["", *_faults(dictionary), "", *_activities(dictionary)]
    lines += ["", *_products(dictionary)]
    return _HEAD + "\n".join(lines) + "\n"


def craft_tables(dictionary: Dictionary) -> str:
    """Return the source of `crafts.py`, which the rover loads to make a craft, and then unloads."""
    values = (value for constants in dictionary.craft.values() for value in constants.values())
    events = ", ".join(sorted(value for value in values if isinstance(value, str)))
    lines = [f"from . import {events}", "", *_loads(dictionary), "", *_route(dictionary), "", ""]
    unit = "millidegrees, 0.1 degrees C, mW, per mille"
    lines += _constants(
        "Craft", f"Constants of flight software; {unit}; None: no such thing", dictionary.craft, "CRAFTS"
    )
    lines += ["", ""]
    lines += _constants("Body", "Constants of the simulated craft; mW, J/K, J, cm2", dictionary.bodies, "BODIES")
    return _CRAFTS_HEAD + "\n".join(lines) + "\n"


def fault_tables(dictionary: Dictionary) -> str:
    """Return the source of `faults.py`, which the rover loads when it is given a scenario."""
    return _FAULTS_HEAD + "\n".join(_fault_arguments(dictionary)) + "\n"


def command_tables(dictionary: Dictionary) -> str:
    """The source of `commands.py`, which the rover loads when it is commanded."""
    lines = ["# Values of `tc_failure`"]
    lines += [f"{label} = const({number})" for number, label in dictionary.enums[FAILURES].items()]
    lines += ["", "# Failure codes with a reason: such a one + the number of the reason"]
    lines += [f"{name.upper()} = const({code})" for name, code in dictionary.failure_codes.items()]
    lines += ["", "# Functions of ST[08]"]
    functions = [command for command in dictionary.commands if command.function is not None]
    lines += [f"FUNCTION_{command.name} = const({command.function})" for command in functions]
    lines += ["", *_commands(dictionary), "", *_parameters(dictionary)]
    return _COMMANDS_HEAD + "\n".join(lines) + "\n"


def _commands(dictionary: Dictionary) -> Iterator[str]:
    yield "# Service << 8 | subservice, function or 0, format of the arguments, 1 if they come N times after N or 2 if"
    yield "# octets follow that the service reads, modes (a bit each), then the least and the most of each raw value"
    yield "COMMANDS = (  # type: tuple[tuple, ...]"
    for command in dictionary.commands:
        row: list[object] = [f"0x{command.service:02X}{command.subservice:02X}", command.function or 0]
        code = "".join(argument.code for argument in command.placed)
        row += [f'"{">" * bool(code)}{code}"', 2 if command.is_open else int(command.repeat)]
        row.append(_bits(command.modes, dictionary.enums["mode"]))
        row += [limit for argument in command.placed for limits in argument.ranges for limit in limits]
        yield f"    ({', '.join(map(str, row))}),  # {command.name}"
    yield ")"


def _parameters(dictionary: Dictionary) -> Iterator[str]:
    yield "# Parameters of ST[20], by id - 1: format, default, least, most"
    yield "PARAMETERS = ("
    for parameter in dictionary.parameters:
        row = f'">{parameter.code}", {parameter.default}, {parameter.least}, {parameter.most}'
        yield f"    ({row}),  # {parameter.name}"
    yield ")"


def _housekeeping(dictionary: Dictionary) -> Iterator[str]:
    yield "# Housekeeping structures: id, format with the id, without a list at the end; octets of all, period"
    for packet in dictionary.packets:
        if packet.service == 3:
            code = ">H" + _codes(tuple(field for field in packet.fields if field.count is None))
            yield f"{packet.name} = const({packet.selector})"
            yield f'{packet.name}_FIELDS = const("{code}")'
            yield f"{packet.name}_SIZE = const({struct.calcsize('>H' + _codes(packet.fields))})"
            if packet.period_s is not None:
                yield f"{packet.name}_PERIOD_S = const({packet.period_s})"


def _events(dictionary: Dictionary) -> Iterator[str]:
    yield "# Events"
    for event in dictionary.events:
        yield f"{event.name} = const({event.selector})"
    yield ""
    yield "# A row for each event, from id 0 on: APID, severity (subservice), and kinds of its fields, four at most;"
    yield f"# a kind counts in {_KINDS} from 1 on"
    yield f"EVENT_ROW = const({_EVENT_ROW})"
    yield "EVENTS = ("
    events = {event.selector or 0: event for event in dictionary.events}
    for number in range(max(events) + 1):
        row, name = bytes(_EVENT_ROW), "none"
        if number in events:
            event = events[number]
            kinds = [_KINDS.index(field.code) + 1 for field in event.fields]
            row, name = struct.pack("BB4s", event.apid, event.subservice, bytes(kinds)), event.name
        yield f"    {_octets(row)}  # {name}"
    yield ")"


def _moves(dictionary: Dictionary) -> Iterator[str]:
    modes = {label: number for number, label in dictionary.enums["mode"].items()}
    refusals = {label: number for number, label in dictionary.enums["refusal"].items()}
    events = dictionary.enums["mode_event"]
    yield "# A row for each mode, an octet for each event: the mode it leads to, or 128 + the reason why it is refused"
    yield f"MODE_EVENTS = const({len(events)})"
    yield "MOVES = ("
    for mode in modes:
        outcomes = (dictionary.moves[mode][event] for event in events.values())
        row = bytes(modes[outcome] if outcome in modes else 128 + refusals[outcome] for outcome in outcomes)
        yield f"    {_octets(row)}  # {mode}"
    yield ")"


def _monitors(dictionary: Dictionary) -> Iterator[str]:
    yield "# Monitors: parameter, low, high, repetitions, event, responses, re-arm in s, response when stale, status"
    yield "MONITORS = ("
    for monitor in dictionary.monitors:
        responses = ", ".join(monitor.responses) + "," * (len(monitor.responses) == 1)
        yield (
            f"    ({monitor.parameter}, {_limit(monitor.low, -1)}, {_limit(monitor.high, 1)}, "
            f"{monitor.repetitions}, {monitor.event}, "
            f"({responses}), {monitor.rearm_s}, {monitor.stale}, {monitor.status}),  # {monitor.name}"
        )
    yield ")"


def _limit(limit: int | None, side: int) -> int:
    """A limit that holds always where there is none."""
    return side * ((1 << 30) - 1) if limit is None else limit


def _faults(dictionary: Dictionary) -> Iterator[str]:
    yield "# What a scenario may do"
    for fault in dictionary.faults:
        yield f"{_fault_constant(fault.name)} = const({fault.id})"


def _fault_arguments(dictionary: Dictionary) -> Iterator[str]:
    yield "# By id - 1: whether it happens and does not last; the least and the most of each of two arguments"
    yield "FAULTS = ("
    for fault in dictionary.faults:
        limits = [limit for argument in fault.arguments for limit in (argument.least, argument.most)]
        row = [int(fault.momentary), *limits, 0, 0, 0, 0][:5]
        yield f"    ({', '.join(map(str, row))}),  # {fault.name.upper()}"
    yield ")"


def _fault_constant(name: str) -> str:
    return f"FAULT_{name.upper()}"


def _loads(dictionary: Dictionary) -> Iterator[str]:
    yield "# What each load draws, in mW"
    yield "LOADS = {"
    for craft in dictionary.craft:
        yield f'    "{craft}": ({", ".join(str(power[craft]) for power in dictionary.loads.values())}),'
    yield "}"


def _activities(dictionary: Dictionary) -> Iterator[str]:
    yield "# What a plan may ask for, by id - 1: load, seconds and KiB a unit, resources and modes (a bit each), Sun"
    yield "# from and to (0.001 deg), box from and to (0.1 degC), motion, instrument or 0, most units"
    yield "PLAN_ACTIVITIES = ("
    for activity in dictionary.activities:
        uses = _bits(activity.uses, dictionary.enums["resource"])
        modes = _bits(activity.modes, dictionary.enums["mode"])
        most = activity.arguments[0].most if activity.arguments else 1
        yield (
            f"    ({activity.load}, {activity.unit_s or 0}, {activity.unit_kib}, {uses}, {modes}, "
            f"{activity.sun[0]}, {activity.sun[1]}, {activity.box[0]}, {activity.box[1]}, {activity.motion}, "
            f"{activity.instrument or 0}, {most}),  # {activity.name}"
        )
    yield ")"


def _route(dictionary: Dictionary) -> Iterator[str]:
    yield "# Lunar day, tenths of a metre driven by its end, and so on"
    yield "ROUTE = ("
    yield from (f"    {day}, {driven}," for day, driven in dictionary.route)
    yield ")  # fmt: skip"


def _products(dictionary: Dictionary) -> Iterator[str]:
    code = ">" + _codes(dictionary.product_head)
    yield "# Products: the head of a file; and by id - 1 the format of a record's fields, octets of a record, records a"
    yield "# file, and what its name begins with"
    yield f'PRODUCT_HEAD_FIELDS = const("{code}")'
    yield f"PRODUCT_HEAD_SIZE = const({struct.calcsize(code)})"
    yield "PRODUCTS = ("
    for product in dictionary.products:
        row = f'"{product.fields_code}", {product.record_size}, {product.part}, "{product.name.lower()}"'
        yield f"    ({row}),"
    yield ")"


def _bits(labels: tuple[str, ...], enum: dict[int, str]) -> int:
    return sum(1 << number for number, label in enum.items() if label in labels)


def _constants(kind: str, what: str, tables: dict[str, dict[str, Any]], name_of_all: str) -> Iterator[str]:
    """A class for each craft, with its constants for attributes: a board keeps it without the module it comes from."""
    names = list(dict.fromkeys(name for constants in tables.values() for name in constants))
    for label, constants in tables.items():
        yield f"class {label.title()}{kind}:"
        yield f'    """{what}."""'
        yield ""
        yield from (f"    {_constant(name)} = {_value(constants.get(name))}" for name in names)
        yield ""
        yield ""
    entries = ", ".join(f'"{label}": {label.title()}{kind}' for label in tables)
    yield f"{name_of_all} = {{{entries}}}"


def _octets(octets: bytes) -> str:
    return 'b"' + "".join(f"\\x{octet:02x}" for octet in octets) + '"'


def _codes(fields: tuple[Field, ...]) -> str:
    return "".join(field.code for field in fields)


def _constant(name: str) -> str:
    return name + "_s" if name == "first_start" else name


def _value(value: object) -> object:
    return to_seconds(value) if isinstance(value, datetime) else value
