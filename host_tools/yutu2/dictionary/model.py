"""Reads `dictionary.toml` into definitions of packets, events, craft and what they do, and checks it."""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from yutu2.dictionary.checks import DictionaryError, check_keys, check_range
from yutu2.dictionary.commands import (
    CUC,
    TELECOMMAND,
    Command,
    Parameter,
    read_commands,
    read_parameters,
    read_settable,
)
from yutu2.dictionary.conduct import (
    Fault,
    Monitor,
    PlanActivity,
    read_activities,
    read_faults,
    read_loads,
    read_monitors,
    read_moves,
    read_route,
)
from yutu2.dictionary.products import Product, read_permittivity, read_products
from yutu2.firmware import firmware_dir

# Types of fields, big-endian: format characters of `struct`. hash4 is four octets, shown in hexadecimal; a CUC time is
# shown as UTC, and a telecommand, which is as long as its packet says, in words. The raw value of all three is octets.
TYPES = {
    "u8": "B",
    "u16": "H",
    "u32": "I",
    "i8": "b",
    "i16": "h",
    "i32": "i",
    "hash4": "4s",
    CUC: "6s",
    TELECOMMAND: "",
}
TEXTS = ("hash4", CUC, TELECOMMAND)
SEVERITIES = {"info": 1, "low": 2, "medium": 3, "high": 4}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a packet: its type, a key of TYPES, and how the raw value becomes an engineering value.

    scale: engineering value = raw * scale, in `unit`; None: as it is. labels: raw value to name; None: a number.
    count: how many such values; None: one, and no list of them. of: the field that names the parameter whose scale and
    unit these are.
    """

    name: str
    type: str
    scale: float | None
    unit: str | None
    labels: dict[int, str] | None
    text: str
    count: int | None = None
    of: str | None = None

    @property
    def code(self) -> str:
        """The format of `struct`: a character, before it the count of an array."""
        return TYPES[self.type] if self.count is None else f"{self.count}{TYPES[self.type]}"


@dataclass(frozen=True, slots=True)
class Packet:
    """A kind of packet. Those without a PUS header have neither service nor subservice.

    selector: the u16 at the head of the data that tells it from others of its service and subservice: the structure id
    of housekeeping, the event id of an event; None where there is no such. repeat: N, u8, comes before the fields, and
    each is a list of N.
    """

    name: str
    text: str
    apid: int
    service: int | None
    subservice: int | None
    selector: int | None
    fields: tuple[Field, ...]
    period_s: int | None = None
    repeat: bool = False


@dataclass(frozen=True)
class Dictionary:
    """The whole dictionary. `hash` is four octets of SHA-256 over its content.

    Comments do not count, nor does the order of entries but where it numbers them, as with loads and activities.
    """

    hash: bytes
    apids: dict[str, int]
    enums: dict[str, dict[int, str]]
    packets: tuple[Packet, ...]
    events: tuple[Packet, ...]
    craft: dict[str, dict[str, Any]]
    bodies: dict[str, dict[str, int]]
    loads: dict[str, dict[str, int]]
    moves: dict[str, dict[str, str]]
    monitors: tuple[Monitor, ...]
    faults: tuple[Fault, ...]
    activities: tuple[PlanActivity, ...]
    route: tuple[tuple[int, int], ...]
    product_head: tuple[Field, ...]
    products: tuple[Product, ...]
    permittivity: tuple[float, ...]
    commands: tuple[Command, ...]
    parameters: tuple[Parameter, ...]


@cache
def load(path: Path | None = None) -> Dictionary:
    """The dictionary at `path`, by default the firmware's own. DictionaryError tells what is wrong and where."""
    path = path or firmware_dir() / "dictionary.toml"
    try:
        return _Reader(tomllib.loads(path.read_text(encoding="utf-8-sig"))).read()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, DictionaryError) as error:
        raise DictionaryError(f"{path}: {error}") from error


_PARTS = (
    "mission",
    "enum",
    "packet",
    "event",
    "craft",
    "body",
    "load",
    "activity",
    "moves",
    "monitor",
    "route",
    "fault",
    "product_head",
    "product",
    "radar",
    "command",
    "parameter",
)
# Enums that the rest of the dictionary speaks of; of those that count, the firmware makes places in tables
_COUNTED = ("mode", "mode_event", "monitor", "sensor", "resource", "motion")
_ENUMS = (
    *(*_COUNTED, "refusal", "monitor_status", "parameter", "action", "on_failure", "plan_failure", "product_state"),
    "tc_failure",
)
# Keys that an entry must have, and those that it may have
_MISSION = ({"name", "epoch", "apids"}, set[str]())
_PACKET = ({"text", "apid"}, {"fields"})
_REPORT = (_PACKET[0] | {"service", "subservice"}, {"fields", "repeat"})
_HK = 3  # the service of housekeeping
_HOUSEKEEPING = ({"text", "apid", "service", "subservice", "structure"}, {"fields", "period_s"})
_EVENT = ({"id", "severity", "text"}, {"apid", "fields"})
_FIELD = ({"name", "type"}, {"scale", "unit", "enum", "text"})
_FIELD_OF_PACKET = (_FIELD[0], _FIELD[1] | {"count", "of"})
_MOST_VALUES = 1024  # of an array
_LARGEST_APID = 2046
_INSTRUMENTS = range(16, 32)  # APIDs
_LARGEST_U16 = 65535


class _Reader:
    """Reads one dictionary; every fault is told with the place where it stands."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.constants: dict[str, str] = {}  # names that become constants of the firmware -> what they name
        for part in _PARTS:
            if not isinstance(content.get(part), dict):
                raise DictionaryError(f"there is no [{part}]")
        for name in _ENUMS:
            if not isinstance(content["enum"].get(name), dict):
                raise DictionaryError(f"there is no [enum.{name}]")
        check_keys("mission", content["mission"], _MISSION)
        self.apids: dict[str, int] = content["mission"]["apids"]
        for name, number in self.apids.items():
            self._constant(name, "an APID")
            check_range(f"mission.apids.{name}", number, _LARGEST_APID)
        loads = {load: number for number, load in enumerate(content["load"])}
        activities = {activity: number for number, activity in enumerate(content["activity"], 1)}
        products = {product: number for number, product in enumerate(content["product"], 1)}
        settable = read_settable(content["parameter"])
        tables = [*content["enum"].items(), ("load", loads), ("plan_activity", activities), ("product", products)]
        tables.append(("settable", settable))
        self.enums = {name: self._labels(name, table) for name, table in tables}
        # Their names are constants already, as those of APIDs
        self.enums["event"] = {entry["id"]: name for name, entry in content["event"].items() if "id" in entry}
        self.enums["application"] = {number: name for name, number in self.apids.items()}
        self.enums["instrument"] = {number: name for name, number in self.apids.items() if number in _INSTRUMENTS}
        for name in _COUNTED:
            if list(self.enums[name]) != list(range(len(self.enums[name]))):
                raise DictionaryError(f"enum.{name}: must count from 0, in order")

    def read(self) -> Dictionary:
        orders = [list(self.content[part]) for part in ("load", "activity", "product")]
        canonical = json.dumps([self.content, orders], sort_keys=True, default=str).encode()
        packets = tuple(self._packet(name, entry) for name, entry in self.content["packet"].items())
        events = tuple(self._event(name, entry) for name, entry in self.content["event"].items())
        seen: dict[tuple[int | None, ...], str] = {}
        for packet in packets + events:
            key: tuple[int | None, ...] = (packet.apid, packet.service, packet.subservice, packet.selector)
            if packet.service == 5:
                key = (packet.service, packet.selector)  # an event id is one, whatever the severity
            if key in seen:
                raise DictionaryError(f"{packet.name} cannot be told from {seen[key]}")
            seen[key] = packet.name
        self.enums["structure"] = {p.selector: p.name for p in packets if p.selector is not None and p.period_s}
        names = {event.name for event in events}
        for craft, constants in self.content["craft"].items():
            for constant, value in constants.items():
                if constant.endswith("_event") and value not in names:
                    raise DictionaryError(f"craft.{craft}.{constant}: there is no event '{value}'")
        fields_of = {event.name: len(event.fields) for event in events}
        check_keys("body", self.content["body"], (set(self.content["craft"]), set()))
        return Dictionary(
            hash=hashlib.sha256(canonical).digest()[:4],
            apids=self.apids,
            enums=self.enums,
            packets=packets,
            events=events,
            craft=self.content["craft"],
            bodies=self.content["body"],
            loads=read_loads(self.content["load"], list(self.content["craft"])),
            moves=read_moves(self.content["moves"], self.enums),
            monitors=read_monitors(self.content["monitor"], self.enums, fields_of),
            faults=read_faults(self.content["fault"], self.enums),
            activities=read_activities(self.content["activity"], self.enums),
            route=read_route(self.content["route"]),
            product_head=self._fields("product_head", self.content["product_head"]),
            products=read_products(self.content["product"], self.enums["instrument"], TYPES, self._fields),
            permittivity=read_permittivity(self.content["radar"]),
            commands=read_commands(self.content["command"], self.enums),
            parameters=read_parameters(self.content["parameter"]),
        )

    def _labels(self, name: str, table: dict[str, int]) -> dict[int, str]:
        labels: dict[int, str] = {}
        for label, number in table.items():
            if name != "tc_failure":  # which has a module to itself
                self._constant(label, f"a label of enum '{name}'")
            if number in labels:
                raise DictionaryError(f"enum.{name}: {label} and {labels[number]} are both {number}")
            labels[number] = label
        return labels

    def _packet(self, name: str, entry: dict[str, Any]) -> Packet:
        keys = _PACKET if "service" not in entry else _HOUSEKEEPING if entry["service"] == _HK else _REPORT
        check_keys(name, entry, keys)
        if entry.get("repeat", False) and not entry.get("fields"):
            raise DictionaryError(f"{name}: without fields nothing repeats")
        if "structure" in entry:
            self._constant(name, "a packet")
            check_range(f"{name}.structure", entry["structure"], _LARGEST_U16)
        return Packet(
            name=name,
            text=entry["text"],
            apid=self._apid(name, entry["apid"]),
            service=entry.get("service"),
            subservice=entry.get("subservice"),
            selector=entry.get("structure"),
            fields=self._fields(name, entry, _FIELD_OF_PACKET),
            period_s=entry.get("period_s"),
            repeat=entry.get("repeat", False),
        )

    def _event(self, name: str, entry: dict[str, Any]) -> Packet:
        check_keys(name, entry, _EVENT)
        self._constant(name, "an event")
        check_range(f"{name}.id", entry["id"], _LARGEST_U16)
        if entry["severity"] not in SEVERITIES:
            raise DictionaryError(f"{name}: severity '{entry['severity']}' is none of {', '.join(SEVERITIES)}")
        fields = self._fields(name, entry)
        for _, place, _, _ in Formatter().parse(entry["text"]):
            if place is not None and place not in [field.name for field in fields]:
                raise DictionaryError(f"{name}: its text speaks of {{{place}}}, which is none of its fields")
        return Packet(
            name=name,
            text=entry["text"],
            apid=self._apid(name, entry.get("apid", "COMPUTER")),
            service=5,
            subservice=SEVERITIES[entry["severity"]],
            selector=entry["id"],
            fields=fields,
        )

    def _apid(self, name: str, apid: str) -> int:
        if apid not in self.apids:
            raise DictionaryError(f"{name}: apid '{apid}' is not in mission.apids")
        return self.apids[apid]

    def _fields(self, name: str, entry: dict[str, Any], keys: tuple[set[str], set[str]] = _FIELD) -> tuple[Field, ...]:
        fields: dict[str, Field] = {}
        for field in entry.get("fields", []):
            place = f"{name}.{field.get('name', 'a field')}"
            check_keys(place, field, keys)
            if field["type"] not in TYPES:
                raise DictionaryError(f"{place}: type '{field['type']}' is none of {', '.join(TYPES)}")
            if "enum" in field and field["enum"] not in self.enums:
                raise DictionaryError(f"{place}: there is no enum '{field['enum']}'")
            if field["name"] in fields:
                raise DictionaryError(f"{place}: stands there twice")
            if "count" in field:
                check_range(f"{place}.count", field["count"], _MOST_VALUES, 1)
                if field["type"] in TEXTS or field is not entry["fields"][-1]:
                    raise DictionaryError(f"{place}: an array is of numbers, and the last field of its packet")
            if field["type"] == TELECOMMAND and (not entry.get("repeat", False) or field is not entry["fields"][-1]):
                raise DictionaryError(f"{place}: a telecommand is the last field of a packet that repeats")
            if "of" in field and field["of"] not in fields:
                raise DictionaryError(f"{place}.of: there is no field '{field['of']}' before it")
            fields[field["name"]] = Field(
                name=field["name"],
                type=field["type"],
                scale=field.get("scale"),
                unit=field.get("unit"),
                labels=self.enums[field["enum"]] if "enum" in field else None,
                text=field.get("text", ""),
                count=field.get("count"),
                of=field.get("of"),
            )
        return tuple(fields.values())

    def _constant(self, name: str, what: str) -> None:
        """Notes a name that becomes a constant of the firmware; it can stand for one thing alone."""
        if name in self.constants:
            raise DictionaryError(f"{name} is {self.constants[name]} and {what} too")
        self.constants[name] = what
