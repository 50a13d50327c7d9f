"""Makes the firmware's tables, `rover/generated.py`, from the dictionary."""

import struct
from datetime import datetime

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
    lines += ["", "# Housekeeping structures: id, format with the id, octets of both, period"]
    for packet in dictionary.packets:
        if packet.service == 3:
            code = ">H" + _codes(packet.fields)
            lines += [
                f"{packet.name} = const({packet.selector})",
                f'{packet.name}_FIELDS = "{code}"',
                f"{packet.name}_SIZE = const({struct.calcsize(code)})",
                f"{packet.name}_PERIOD_S = const({packet.period_s})",
            ]
    lines += ["", "# Events"]
    lines += [f"{event.name} = const({event.selector})" for event in dictionary.events]
    lines += [
        "",
        "# Event id: APID, severity (subservice), format of the fields, octets of id and fields",
        "EVENTS = {",
    ]
    for event in dictionary.events:
        code = ">" + _codes(event.fields) if event.fields else ""
        size = 2 + struct.calcsize(code)
        lines.append(f'    {event.name}: ({event.apid}, {event.subservice}, "{code}", {size}),')
    lines += [
        "}",
        "",
        "",
        "class Craft:",
        '    """The constants of one craft: elevations in millidegrees, times in s."""',
        "",
    ]
    lines += ["    def __init__(self, **constants):"]
    names = sorted({_constant(name) for craft in dictionary.craft.values() for name in craft})
    lines += [f'        self.{name} = constants.get("{name}")' for name in names]
    lines += ["", "", "CRAFTS = {"]
    for craft, constants in dictionary.craft.items():
        lines.append(f'    "{craft}": Craft(')
        lines += [f"        {_constant(name)}={_value(name, value)}," for name, value in constants.items()]
        lines.append("    ),")
    lines.append("}")
    return _HEAD + "\n".join(lines) + "\n"


def _octets(octets: bytes) -> str:
    return 'b"' + "".join(f"\\x{octet:02x}" for octet in octets) + '"'


def _codes(fields: tuple[Field, ...]) -> str:
    return "".join(field.code for field in fields)


def _constant(name: str) -> str:
    return name + "_s" if name == "first_start" else name


def _value(name: str, value: object) -> object:
    return to_seconds(value) if isinstance(value, datetime) else value
