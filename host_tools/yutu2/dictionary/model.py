"""Reads `dictionary.toml` into definitions of packets, events, enumerations and craft, and checks it."""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from yutu2.errors import WrongUse
from yutu2.firmware import firmware_dir

# Types of fields, big-endian: format characters of `struct`. hash4 is four octets, shown in hexadecimal.
TYPES = {"u8": "B", "u16": "H", "u32": "I", "i8": "b", "i16": "h", "i32": "i", "hash4": "4s"}
SEVERITIES = {"info": 1, "low": 2, "medium": 3, "high": 4}


class DictionaryError(WrongUse):
    """Something in the dictionary that cannot be; the text says where."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a packet: its type, a key of TYPES, and how the raw value becomes an engineering value.

    scale: engineering value = raw * scale, in `unit`; None: as it is. labels: raw value to name; None: a number.
    """

    name: str
    type: str
    scale: float | None
    unit: str | None
    labels: dict[int, str] | None
    text: str

    @property
    def code(self) -> str:
        """The format character of `struct`."""
        return TYPES[self.type]


@dataclass(frozen=True, slots=True)
class Packet:
    """A kind of packet. Those without a PUS header have neither service nor subservice.

    selector: the u16 at the head of the data that tells it from others of its service and subservice: the structure id
    of housekeeping, the event id of an event; None where there is no such.
    """

    name: str
    text: str
    apid: int
    service: int | None
    subservice: int | None
    selector: int | None
    fields: tuple[Field, ...]
    period_s: int | None = None


@dataclass(frozen=True)
class Dictionary:
    """The whole dictionary. `hash` is four octets of SHA-256 over its content, comments and order left out."""

    hash: bytes
    apids: dict[str, int]
    enums: dict[str, dict[int, str]]
    packets: tuple[Packet, ...]
    events: tuple[Packet, ...]
    craft: dict[str, dict[str, Any]]


@cache
def load(path: Path | None = None) -> Dictionary:
    """The dictionary at `path`, by default the firmware's own. DictionaryError tells what is wrong and where."""
    path = path or firmware_dir() / "dictionary.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return _Reader(content).read()
    except (tomllib.TOMLDecodeError, DictionaryError) as error:
        raise DictionaryError(f"{path}: {error}") from error


class _Reader:
    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.apids: dict[str, int] = content["mission"]["apids"]
        self.enums = {
            name: {number: label for label, number in table.items()} for name, table in content.get("enum", {}).items()
        }

    def read(self) -> Dictionary:
        canonical = json.dumps(self.content, sort_keys=True, default=str).encode()
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
        return Dictionary(
            hash=hashlib.sha256(canonical).digest()[:4],
            apids=self.apids,
            enums=self.enums,
            packets=packets,
            events=events,
            craft=self.content["craft"],
        )

    def _packet(self, name: str, entry: dict[str, Any]) -> Packet:
        return Packet(
            name=name,
            text=entry["text"],
            apid=self._apid(name, entry["apid"]),
            service=entry.get("service"),
            subservice=entry.get("subservice"),
            selector=entry.get("structure"),
            fields=self._fields(name, entry),
            period_s=entry.get("period_s"),
        )

    def _event(self, name: str, entry: dict[str, Any]) -> Packet:
        if entry["severity"] not in SEVERITIES:
            raise DictionaryError(f"{name}: severity '{entry['severity']}' is none of {', '.join(SEVERITIES)}")
        return Packet(
            name=name,
            text=entry["text"],
            apid=self._apid(name, entry.get("apid", "COMPUTER")),
            service=5,
            subservice=SEVERITIES[entry["severity"]],
            selector=entry["id"],
            fields=self._fields(name, entry),
        )

    def _apid(self, name: str, apid: str) -> int:
        if apid not in self.apids:
            raise DictionaryError(f"{name}: apid '{apid}' is not in mission.apids")
        return self.apids[apid]

    def _fields(self, name: str, entry: dict[str, Any]) -> tuple[Field, ...]:
        fields = []
        for field in entry.get("fields", []):
            if field["type"] not in TYPES:
                raise DictionaryError(f"{name}.{field['name']}: type '{field['type']}' is none of {', '.join(TYPES)}")
            if "enum" in field and field["enum"] not in self.enums:
                raise DictionaryError(f"{name}.{field['name']}: there is no enum '{field['enum']}'")
            fields.append(
                Field(
                    name=field["name"],
                    type=field["type"],
                    scale=field.get("scale"),
                    unit=field.get("unit"),
                    labels=self.enums[field["enum"]] if "enum" in field else None,
                    text=field.get("text", ""),
                )
            )
        return tuple(fields)
