"""Makes the firmware's tables, `rover/generated.py`, from the dictionary."""

import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from yutu2.dictionary.model import Dictionary, Field
from yutu2.firmware import to_seconds

_HEAD = '''"""Tables made from dictionary.toml by `yutu2 dictionary generate`. Change that file, not this one."""

from micropython import const

'''


def firmware_tables(dictionary: Dictionary) -> str:
    """The source of `generated.py`: names and numbers that the rover needs, and no text."""
    lines = [f"HASH = {_octets(dictionary.hash)}  # of the dictionary", "", "# Application processes"]
    lines += [f"{name} = const({number})" for name, number in dictionary.apids.items()]
    for name, labels in dictionary.enums.items():
        lines += ["", f"# Values of `{name}`"]
        lines += [f"{label} = const({number})" for number, label in labels.items()]
    lines += ["", *_housekeeping(dictionary), "", *_events(dictionary), "", "", *_craft(dictionary.craft)]
    return _HEAD + "\n".join(lines) + "\n"


def _housekeeping(dictionary: Dictionary) -> Iterator[str]:
    yield "# Housekeeping structures: id, format with the id, octets of both, period"
    for packet in dictionary.packets:
        if packet.service == 3:
            code = ">H" + _codes(packet.fields)
            yield f"{packet.name} = const({packet.selector})"
            yield f'{packet.name}_FIELDS = "{code}"'
            yield f"{packet.name}_SIZE = const({struct.calcsize(code)})"
            yield f"{packet.name}_PERIOD_S = const({packet.period_s})"


def _events(dictionary: Dictionary) -> Iterator[str]:
    yield "# Events"
    for event in dictionary.events:
        yield f"{event.name} = const({event.selector})"
    yield ""
    yield "# Event id: APID, severity (subservice), fields and their format, octets of id and fields"
    yield "EVENTS = {"
    for event in dictionary.events:
        code = ">" + _codes(event.fields) if event.fields else ""
        size = 2 + struct.calcsize(code)
        yield f'    {event.name}: ({event.apid}, {event.subservice}, {len(event.fields)}, "{code}", {size}),'
    yield "}"


def _craft(craft: dict[str, dict[str, Any]]) -> Iterator[str]:
    names = list(dict.fromkeys(name for constants in craft.values() for name in constants))
    # What not every craft has may be left out, and stands behind what all have
    names.sort(key=lambda name: not all(name in constants for constants in craft.values()))
    yield "class Craft:"
    yield '    """The constants of one craft: elevations in millidegrees, times in s; None: it has no such thing."""'
    yield ""
    yield "    def __init__("
    yield "        self,"
    for name in names:
        optional = "" if all(name in constants for constants in craft.values()) else "=None"
        yield f"        {_constant(name)}{optional},"
    yield "    ):"
    yield from (f"        self.{_constant(name)} = {_constant(name)}" for name in names)
    yield ""
    yield ""
    yield "CRAFTS = {"
    for label, constants in craft.items():
        yield f'    "{label}": Craft('
        yield from (f"        {_constant(name)}={_value(value)}," for name, value in constants.items())
        yield "    ),"
    yield "}"


def _octets(octets: bytes) -> str:
    return 'b"' + "".join(f"\\x{octet:02x}" for octet in octets) + '"'


def _codes(fields: tuple[Field, ...]) -> str:
    return "".join(field.code for field in fields)


def _constant(name: str) -> str:
    return name + "_s" if name == "first_start" else name


def _value(value: object) -> object:
    return to_seconds(value) if isinstance(value, datetime) else value
