"""Packets -> reports: PUS-C header, time and the fields of the mission dictionary."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from struct import Struct, calcsize, unpack
from typing import Any

from yutu2.decode.packets import Packet
from yutu2.decode.pdu import read_pdu
from yutu2.decode.telecommand import TelecommandReader, cuc, size_of
from yutu2.dictionary.commands import CUC, TELECOMMAND
from yutu2.dictionary.details import digits
from yutu2.dictionary.model import BOOL, ID, TIME, TYPES, Dictionary, Field
from yutu2.dictionary.model import Packet as Definition
from yutu2.firmware import to_datetime

# Of an engineering value also a bool, a time in UTC, or None; a list is of a field that is an array, or of bits
Value = int | float | str | datetime | list[Any] | None

_PRIMARY_HEADER = 6
_ERROR_CONTROL = 2
# PUS-C telemetry header, ECSS-E-ST-70-41C, 7.4.3.1: version and time status, service, subservice, type counter u16,
# destination u16, CUC time of 4 + 2 octets
_TM_HEADER_LENGTH = 13
_TM_TIME = Struct(">IH")
_SOURCE_DATA = _PRIMARY_HEADER + _TM_HEADER_LENGTH
_PUS_C = 2
# Time report: rate, CUC time
_TIME_APID = 0
_TIME = Struct(">BIH")
_TIME_LENGTH = _PRIMARY_HEADER + _TIME.size + _ERROR_CONTROL
_SELECTOR = Struct(">H")
_HASH_LENGTH = 4
_FILES = "FILES"  # the name of the APID of file delivery


def pus_type(packet: Packet) -> tuple[int, int] | None:
    """(service, subservice) of a packet with a PUS-C telemetry header, else None."""
    data = packet.data
    if not packet.secondary_header or len(data) < _SOURCE_DATA + _ERROR_CONTROL or data[_PRIMARY_HEADER] >> 4 != _PUS_C:
        return None
    return data[_PRIMARY_HEADER + 1], data[_PRIMARY_HEADER + 2]


@dataclass(frozen=True, slots=True)
class Report:
    """A packet and what the dictionary makes of it; None where something has no meaning or is not known.

    time: on-board time. fields: engineering values by name; raw: raw ones. hex: the whole packet in hexadecimal.
    """

    time: datetime | None
    packet: Packet
    service: int | None
    subservice: int | None
    name: str | None
    text: str | None
    fields: dict[str, Value] | None
    raw: dict[str, Value] | None

    @property
    def run(self) -> int:
        """The run of its spacecraft, from 0: how often the spacecraft began anew before, in this stream."""
        return self.packet.run


class FieldDecoder:
    """Decodes packets by a dictionary.

    rover_hash: the dictionary's hash that the rover reported last in housekeeping; None before the first one.
    foreign_hash: the one that differed from this dictionary's; from then on no field is decoded, for it would be
    guessed.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.rover_hash: str | None = None
        self.foreign_hash: str | None = None
        self._hash = dictionary.hash.hex()
        scales = {parameter.id: _scaled(parameter.scale) for parameter in dictionary.parameters if parameter.scale}
        telecommands = TelecommandReader(dictionary.commands, dictionary.parameters)
        self._definitions = {
            (one.apid, one.service, one.subservice, one.selector): _Layout(one, scales, telecommands)
            for one in dictionary.packets + dictionary.events
            if one.pdu is None
        }
        self._pdus = {one.pdu: _Layout(one, scales, telecommands) for one in dictionary.packets if one.pdu is not None}
        self._files_apid = dictionary.apids.get(_FILES)

    def decode(self, packet: Packet) -> Report:
        """The report that `packet` holds."""
        data = packet.data
        if packet.apid == _TIME_APID and not packet.secondary_header and len(data) == _TIME_LENGTH:
            rate, seconds, fraction = _TIME.unpack_from(data, _PRIMARY_HEADER)
            return self._report(packet, cuc(seconds, fraction), None, None, None, bytes([rate]))
        if packet.apid == self._files_apid and not packet.secondary_header:
            return self._file_report(packet)
        kind = pus_type(packet)
        if kind is None:
            return self._report(packet, None, None, None, None, b"")
        seconds, fraction = _TM_TIME.unpack_from(data, _SOURCE_DATA - _TM_TIME.size)
        source = data[_SOURCE_DATA:-_ERROR_CONTROL]
        selector = _SELECTOR.unpack_from(source)[0] if len(source) >= _SELECTOR.size else None
        return self._report(packet, cuc(seconds, fraction), *kind, selector, source)

    def _file_report(self, packet: Packet) -> Report:
        """The report that a packet of file delivery holds."""
        found = read_pdu(packet.data) if self.foreign_hash is None else None
        layout = self._pdus.get(found[0]) if found is not None else None
        if found is None or layout is None:
            return Report(None, packet, None, None, None, None, None, None)
        raw: dict[str, Value] = dict(found[1])
        return Report(None, packet, None, None, layout.name, None, layout.engineering(raw), raw)

    def _report(
        self,
        packet: Packet,
        time: datetime | None,
        service: int | None,
        subservice: int | None,
        selector: int | None,
        source: bytes,
    ) -> Report:
        kind = (packet.apid, service, subservice)
        layout = self._definitions.get((*kind, selector)) or self._definitions.get((*kind, None)) if time else None
        raw = layout.unpack(source) if layout else None
        told = layout.dictionary_hash(source) if layout else None
        if told is not None:
            self.rover_hash = told
            if told != self._hash:
                self.foreign_hash = told
        if layout is None or self.foreign_hash is not None:
            return Report(time, packet, service, subservice, None, None, None, None)
        fields = layout.engineering(raw) if raw is not None else None
        return Report(time, packet, service, subservice, layout.name, layout.text, fields, raw)


class _Layout:
    """One definition, made ready to unpack the source data of its packets.

    scales: of those parameters that have one, by id. telecommands: reads those that are fields.
    """

    def __init__(
        self, definition: Definition, scales: dict[int, Callable[[Any], Value]], telecommands: TelecommandReader
    ) -> None:
        self.name = definition.name
        self.text = definition.text if definition.service == 5 else None
        self._skip = 0 if definition.selector is None else _SELECTOR.size
        self._struct = Struct(">" + "".join(field.code for field in definition.fields))
        self._names = [field.name for field in definition.fields]
        self._array = bool(definition.fields) and definition.fields[-1].count is not None
        self._repeat = definition.repeat
        self._ends_in_packet = bool(definition.fields) and definition.fields[-1].type == TELECOMMAND
        self._calibrations = [(field.name, _calibration(field, telecommands)) for field in definition.fields]
        self._of = [(field.name, field.of, field.details) for field in definition.fields if field.of is not None]
        self._scales = scales

    def dictionary_hash(self, source: bytes) -> str | None:
        """The hash of the rover's dictionary, where this definition begins with it: also if the rest has changed."""
        if self._names[:1] != ["dictionary"] or len(source) < self._skip + _HASH_LENGTH:
            return None
        return source[self._skip : self._skip + _HASH_LENGTH].hex()

    def unpack(self, source: bytes) -> dict[str, Value] | None:
        """Raw values by name, or None when the length is not the one of the definition."""
        if self._repeat:
            return self._unpack_all(source)
        if len(source) != self._skip + self._struct.size:
            return None
        values: list[Any] = [
            value.hex() if isinstance(value, bytes) else value for value in self._struct.unpack_from(source, self._skip)
        ]
        if self._array:
            last = len(self._names) - 1
            values[last:] = [values[last:]]
        return dict(zip(self._names, values, strict=True))

    def _unpack_all(self, source: bytes) -> dict[str, Value] | None:
        """A list for each field, of as many values as the octet before them says."""
        columns: dict[str, list[Any]] = {name: [] for name in self._names}
        at = 1
        for _ in range(source[0] if source else 0):
            if at + self._struct.size > len(source):
                return None
            values: list[Any] = list(self._struct.unpack_from(source, at))
            at += self._struct.size
            if self._ends_in_packet:
                end = at + size_of(source[at:])
                values.append(source[at:end])
                at = end
            for name, value in zip(self._names, values, strict=True):
                columns[name].append(value.hex() if isinstance(value, bytes) else value)
        return dict(columns) if source and at == len(source) else None

    def engineering(self, raw: dict[str, Value]) -> dict[str, Value]:
        """Engineering values by name."""
        if not self._repeat:
            return self._engineering(raw)
        columns: list[Any] = list(raw.values())
        rows = [self._engineering(dict(zip(self._names, row, strict=True))) for row in zip(*columns, strict=True)]
        return {name: [row[name] for row in rows] for name in self._names}

    def _engineering(self, raw: dict[str, Any]) -> dict[str, Value]:
        values = {name: calibrate(raw[name]) if calibrate else raw[name] for name, calibrate in self._calibrations}
        for name, of, details in self._of:
            if details is not None:
                detail = details.get(raw[of])
                values[name] = raw[name] if detail is None else detail.words(raw[name])
            elif raw[of] in self._scales:
                values[name] = self._scales[raw[of]](raw[name])
        return values


def _calibration(field: Field, telecommands: TelecommandReader) -> Callable[[Any], Value] | None:
    """What makes an engineering value of a raw one; None: they are the same."""
    if field.none is not None:
        none, of_others = field.none, _calibration(replace(field, none=None), telecommands)
        return lambda raw: None if raw == none else of_others(raw) if of_others else raw
    if field.type == CUC:
        return lambda raw: cuc(*unpack(">IH", bytes.fromhex(raw)))
    if field.type == TIME:
        return to_datetime
    if field.type == BOOL:
        return bool
    if field.type == ID:
        return lambda raw: f"{raw:08x}"
    if field.type == TELECOMMAND:
        return lambda raw: telecommands.words(bytes.fromhex(raw))
    if field.bits is not None:
        names = [field.bits.get(bit, bit) for bit in range(8 * calcsize(TYPES[field.type]))]
        return lambda raw: [name for bit, name in enumerate(names) if raw >> bit & 1]
    if field.count is not None:
        of_one = _calibration(replace(field, count=None), telecommands)
        return of_one and (lambda raw: [of_one(value) for value in raw])
    if field.labels is not None:
        labels = field.labels
        return lambda raw: labels.get(raw, raw)
    return None if field.scale is None else _scaled(field.scale)


def _scaled(scale: float) -> Callable[[Any], Value]:
    """No more digits than the scale has: 7514 * 0.001 is 7.514."""
    places = digits(scale)
    return lambda raw: round(raw * scale, places)
