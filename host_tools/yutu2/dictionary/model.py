"""Reads `dictionary.toml` into definitions of packets, events, craft and what they do, and checks it."""

import hashlib
import json
import struct
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from yutu2.dictionary.behaviour import (
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
from yutu2.dictionary.checks import DictionaryError, check_keys, check_range, places_in
from yutu2.dictionary.commands import (
    CUC,
    TELECOMMAND,
    Command,
    Parameter,
    read_commands,
    read_parameters,
    read_settable,
)
from yutu2.dictionary.details import FAILURE_CODE, FAILURES, Details, read_details, read_failure_codes
from yutu2.dictionary.pdu import PDU_FIELDS, TEXT
from yutu2.dictionary.products import Product, read_permittivity, read_products
from yutu2.firmware import firmware_dir

BOOL = "bool"
ID = "id4"
TIME = "time4"
HASH = "hash4"
# Types of fields, big-endian: format characters of `struct`. A BOOL is true or false, an ID is shown in hexadecimal, a
# TIME in s since the epoch and a CUC time are UTC; of a telecommand, which is as long as its packet says, the words are
# shown. The raw value of a BOOL, an ID and a TIME is a number; of HASH, CUC and TELECOMMAND it is octets.
TYPES = {
    "u8": "B",
    "u16": "H",
    "u32": "I",
    "i8": "b",
    "i16": "h",
    "i32": "i",
    BOOL: "B",
    ID: "I",
    TIME: "I",
    HASH: "4s",
    CUC: "6s",
    TELECOMMAND: "",
    TEXT: "",
}
NUMBERS = ("u8", "u16", "u32", "i8", "i16", "i32")
TEXTS = (HASH, CUC, TELECOMMAND, TEXT)  # whose raw value is a text
SEVERITIES = {"info": 1, "low": 2, "medium": 3, "high": 4}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a packet: its type, a key of TYPES, and how the raw value becomes an engineering value.

    scale: engineering value = raw * scale, in `unit`; None: as it is. labels: raw value to name; None: a number.
    count: how many such values; None: one, and no list of them. of: the field that names the parameter whose scale and
    unit these are, or the reason that this is a number of. details: what the number means, by the reason; None: `of`
    names a parameter, or nothing. bits: bit to name, where the value is a list of bits. none: the raw value that stands
    for none.
    """

    name: str
    type: str
    scale: float | None
    unit: str | None
    labels: dict[int, str] | None
    text: str
    count: int | None = None
    of: str | None = None
    details: Details | None = None
    bits: dict[int, str] | None = None
    none: int | None = None

    @property
    def code(self) -> str:
        """The format of `struct`: a character, before it the count of an array."""
        return TYPES[self.type] if self.count is None else f"{self.count}{TYPES[self.type]}"


@dataclass(frozen=True, slots=True)
class Packet:
    """A kind of packet. Those without a PUS header have neither service nor subservice.

    selector: the u16 at the head of the data that tells it from others of its service and subservice: the structure id
    of housekeeping, the event id of an event; None where there is no such. repeat: N, u8, comes before the fields, and
    each is a list of N. pdu: of file delivery, the directive code of PDU_FIELDS; None: it is no PDU.
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
    pdu: int | None = None


@dataclass(frozen=True)
class Dictionary:
    """The whole dictionary. `hash` is four octets of SHA-256 over its content.

    Comments do not count, nor does the order of entries but where it numbers them, as with loads and activities.
    failure_codes: the code of a telecommand's failure for reason 0 of an enum, by the enum's name.
    """

    hash: bytes
    apids: dict[str, int]
    enums: dict[str, dict[int, str]]
    failure_codes: dict[str, int]
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


FILE_NAME = "dictionary.toml"


@cache
def load() -> Dictionary:
    """Return the dictionary of the firmware that comes with this package. Raises DictionaryError, as `load_file`."""
    return load_file(own_file())


def own_file() -> Path:
    """Return where the dictionary of the firmware that comes with this package lies."""
    return firmware_dir() / FILE_NAME


def load_file(path: Path) -> Dictionary:
    """Return the dictionary in a file. Raises DictionaryError, which tells what is wrong and where; OSError."""
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
    "detail",
    FAILURE_CODE,
)
# Enums that the rest of the dictionary speaks of; of those that count, the firmware makes places in tables
_COUNTED = ("mode", "mode_event", "monitor", "sensor", "resource", "motion")
_ENUMS = (
    *(*_COUNTED, "refusal", "monitor_status", "parameter", "action", "on_failure", "plan_failure", "product_state"),
    FAILURES,
)
# Keys that an entry must have, and those that it may have
_MISSION = ({"name", "epoch", "apids"}, set[str]())
_PACKET = ({"text", "apid"}, {"fields"})
_REPORT = (_PACKET[0] | {"service", "subservice"}, {"fields", "repeat"})
_HK = 3  # the service of housekeeping
_HOUSEKEEPING = ({"text", "apid", "service", "subservice", "structure"}, {"fields", "period_s"})
_PDU = ({"text", "apid", "pdu", "fields"}, set[str]())
_EVENT = ({"id", "severity", "text"}, {"apid", "fields"})
_FIELD = ({"name", "type"}, {"scale", "unit", "enum", "text", "none"})
_FIELD_OF_EVENT = (_FIELD[0], _FIELD[1] | {"of", "bits"})
_FIELD_OF_PACKET = (_FIELD[0], _FIELD_OF_EVENT[1] | {"count"})
_MEANINGS = ("scale", "enum", "bits", "of")  # of a number; one at most
_OF_STANDARD = "cfdp_"  # so begin the names of enums that only the host reads
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
        self.failure_codes: dict[str, int] = content[FAILURE_CODE]
        self.enums[FAILURE_CODE] = read_failure_codes(self.failure_codes, self.enums)
        self.details = read_details(content["detail"], self.failure_codes, self.enums)
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
            key: tuple[int | None, ...] = (packet.apid, packet.service, packet.subservice, packet.selector, packet.pdu)
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
            failure_codes=self.failure_codes,
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
            commands=read_commands(self.content["command"], self.enums, self.failure_codes),
            parameters=read_parameters(self.content["parameter"]),
        )

    def _labels(self, name: str, table: dict[str, int]) -> dict[int, str]:
        labels: dict[int, str] = {}
        for label, number in table.items():
            if name != FAILURES and not is_host_s(name):  # the former has a module to itself
                self._constant(label, f"a label of enum '{name}'")
            if number in labels:
                raise DictionaryError(f"enum.{name}: {label} and {labels[number]} are both {number}")
            labels[number] = label
        return labels

    def _packet(self, name: str, entry: dict[str, Any]) -> Packet:
        check_keys(name, entry, _keys_of(entry))
        if entry.get("repeat", False) and not entry.get("fields"):
            raise DictionaryError(f"{name}: without fields nothing repeats")
        fields = self._fields(name, entry, _FIELD_OF_PACKET)
        if "pdu" in entry:
            _check_pdu(name, entry["pdu"], fields)
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
            fields=fields,
            period_s=entry.get("period_s"),
            repeat=entry.get("repeat", False),
            pdu=entry.get("pdu"),
        )

    def _event(self, name: str, entry: dict[str, Any]) -> Packet:
        check_keys(name, entry, _EVENT)
        self._constant(name, "an event")
        check_range(f"{name}.id", entry["id"], _LARGEST_U16)
        if entry["severity"] not in SEVERITIES:
            raise DictionaryError(f"{name}: severity '{entry['severity']}' is none of {', '.join(SEVERITIES)}")
        fields = self._fields(name, entry, _FIELD_OF_EVENT)
        for place in places_in(f"{name}.text", entry["text"]):
            if place not in [field.name for field in fields]:
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
            self._check_type(place, field, entry)
            if field["name"] in fields:
                raise DictionaryError(f"{place}: stands there twice")
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
                details=self._details_of(place, field["of"], entry["fields"]) if "of" in field else None,
                bits=self._bits(place, field, entry) if "bits" in field else None,
                none=self._none(place, field) if "none" in field else None,
            )
        return tuple(fields.values())

    def _check_type(self, place: str, field: dict[str, Any], entry: dict[str, Any]) -> None:
        """Whether a field's type is one, and may stand there with what it is to mean."""
        is_last = field is entry["fields"][-1]
        if field["type"] not in TYPES:
            raise DictionaryError(f"{place}: type '{field['type']}' is none of {', '.join(TYPES)}")
        if "enum" in field and field["enum"] not in self.enums:
            raise DictionaryError(f"{place}: there is no enum '{field['enum']}'")
        if "count" in field:
            check_range(f"{place}.count", field["count"], _MOST_VALUES, 1)
            if field["type"] not in NUMBERS or not is_last:
                raise DictionaryError(f"{place}: an array is of numbers, and the last field of its packet")
        if field["type"] == TELECOMMAND and (not entry.get("repeat", False) or not is_last):
            raise DictionaryError(f"{place}: a telecommand is the last field of a packet that repeats")
        if field["type"] == TEXT and "pdu" not in entry:
            raise DictionaryError(f"{place}: only a packet with a 'pdu' has a text")
        meanings = [key for key in _MEANINGS if key in field]
        if meanings and field["type"] not in NUMBERS:
            raise DictionaryError(f"{place}: '{meanings[0]}' is for numbers; a {field['type']} is shown in its own way")
        if len(meanings) > 1:
            raise DictionaryError(f"{place}: '{meanings[0]}' and '{meanings[1]}' exclude each other")

    def _details_of(self, place: str, name: str, fields: list[dict[str, Any]]) -> Details | None:
        """The details by the reason that a field holds; None: it holds a parameter."""
        enum = next(field.get("enum") for field in fields if field["name"] == name)
        if enum != "settable" and enum not in self.details:
            known = ", ".join(["settable", *self.details])
            raise DictionaryError(f"{place}.of: '{name}' has the enum '{enum}', which is none of {known}")
        return self.details.get(enum)

    def _bits(self, place: str, field: dict[str, Any], entry: dict[str, Any]) -> dict[int, str]:
        """The names of a field's bits."""
        if field["bits"] not in self.enums:
            raise DictionaryError(f"{place}: there is no enum '{field['bits']}'")
        labels = self.enums[field["bits"]]
        size = 8 * struct.calcsize(TYPES[field["type"]])
        if not field["type"].startswith("u") or "count" in field or entry.get("repeat", False):
            raise DictionaryError(f"{place}: bits are of u8, u16 or u32, once a packet")
        if (last := max(labels, default=0)) >= size:
            raise DictionaryError(f"{place}: {labels[last]} is bit {last}, and a {field['type']} has {size} of them")
        return labels

    def _none(self, place: str, field: dict[str, Any]) -> int:
        """The raw value that stands for none."""
        if field["type"] in TEXTS or "count" in field or "bits" in field:
            raise DictionaryError(f"{place}: 'none' is for a field with one number")
        check_range(f"{place}.none", field["none"], (1 << 32) - 1)
        return int(field["none"])

    def _constant(self, name: str, what: str) -> None:
        """Notes a name that becomes a constant of the firmware; it can stand for one thing alone."""
        if name in self.constants:
            raise DictionaryError(f"{name} is {self.constants[name]} and {what} too")
        self.constants[name] = what


def is_host_s(enum: str) -> bool:
    """Whether the rover needs nothing of an enum: one of a standard that only the host reads, or made of others."""
    return enum == FAILURE_CODE or enum.startswith(_OF_STANDARD)


def _keys_of(entry: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The keys that an entry of a packet must have, and those that it may have."""
    if "pdu" in entry:
        return _PDU
    if "service" not in entry:
        return _PACKET
    return _HOUSEKEEPING if entry["service"] == _HK else _REPORT


def _check_pdu(name: str, pdu: int, fields: tuple[Field, ...]) -> None:
    """Whether a PDU is one of the standard, with its fields."""
    if pdu not in PDU_FIELDS:
        raise DictionaryError(f"{name}.pdu: {pdu} is none of {', '.join(map(str, PDU_FIELDS))}")
    if (names := tuple(field.name for field in fields)) != PDU_FIELDS[pdu]:
        told = ", ".join(PDU_FIELDS[pdu])
        raise DictionaryError(f"{name}: the fields of PDU {pdu} are {told}, not {', '.join(names)}")
