"""Tables of the dictionary: one line per entry, in columns, for a reader, `grep` or `awk`."""

from collections.abc import Callable

from yutu2.dictionary.behaviour import Argument
from yutu2.dictionary.model import SEVERITIES, Dictionary
from yutu2.dictionary.text import told_value

Row = tuple[str, ...]
_LAST = "text"


def _packets(dictionary: Dictionary) -> list[Row]:
    names = {number: name for name, number in dictionary.apids.items()}
    rows: list[Row] = [("name", "apid", "service", "period_s", "fields", _LAST)]
    for packet in dictionary.packets:
        service = f"{packet.service},{packet.subservice}" if packet.service is not None else "-"
        period = str(packet.period_s or "-")
        rows.append((packet.name, names[packet.apid], service, period, str(len(packet.fields)), packet.text))
    return rows


def _events(dictionary: Dictionary) -> list[Row]:
    severities = {subservice: name for name, subservice in SEVERITIES.items()}
    rows: list[Row] = [("name", "id", "severity", _LAST)]
    rows += [(one.name, str(one.selector), severities[one.subservice or 1], one.text) for one in dictionary.events]
    return rows


def _commands(dictionary: Dictionary) -> list[Row]:
    rows: list[Row] = [("name", "service", "arguments", _LAST)]
    for one in dictionary.commands:
        arguments = ",".join(argument.name for argument in one.arguments) or "-"
        rows.append((one.name, f"{one.service},{one.subservice}", arguments, one.text))
    return rows


def _faults(dictionary: Dictionary) -> list[Row]:
    rows: list[Row] = [("name", "id", "arguments", _LAST)]
    rows += [(one.name, str(one.id), _arguments(one.arguments), one.text) for one in dictionary.faults]
    return rows


def _activities(dictionary: Dictionary) -> list[Row]:
    rows: list[Row] = [("name", "id", "power_w", "arguments", _LAST)]
    for one in dictionary.activities:
        watts = f"{dictionary.loads[one.load]['rover'] / 1000:g}"
        rows.append((one.name.lower(), str(one.id), watts, _arguments(one.arguments), one.text))
    return rows


def _parameters(dictionary: Dictionary) -> list[Row]:
    rows: list[Row] = [("name", "default", "min", "max", "unit", _LAST)]
    for one in dictionary.parameters:
        argument = Argument(one.name, one.least, one.most, one.unit, None, one.scale)
        values = (told_value(argument, value) for value in (one.default, one.least, one.most))
        rows.append((one.name, *values, one.unit or "-", one.text))
    return rows


_TABLES: dict[str, Callable[[Dictionary], list[Row]]] = {
    "packets": _packets,
    "commands": _commands,
    "events": _events,
    "faults": _faults,
    "activities": _activities,
    "parameters": _parameters,
}


def table_lines(dictionary: Dictionary, kind: str | None) -> list[str]:
    """Return a heading and one line per entry of a kind.

    kind: packets, commands, ...; None: the kinds with their numbers of entries. Only the last column contains blanks.
    """
    if kind is not None:
        return _aligned(_TABLES[kind](dictionary))
    counts = [(name, str(len(table(dictionary)) - 1)) for name, table in _TABLES.items()]
    return _aligned([("kind", "entries"), *counts])


def _arguments(arguments: tuple[Argument, ...]) -> str:
    return ",".join(argument.name for argument in arguments) or "-"


def _aligned(rows: list[Row]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
