"""Writes reports as records: a table to read, JSON lines, CSV or Parquet for programs."""

import csv
import io
import json
from datetime import datetime
from typing import IO, Any, Protocol

from yutu2.console import printable
from yutu2.decode.fields import Report, Value
from yutu2.dictionary.commands import CUC
from yutu2.dictionary.model import BOOL, ID, TEXTS, TIME, Field, Packet
from yutu2.errors import WrongUse


class Writer(Protocol):
    """Takes reports one by one; `close` ends the output."""

    def write(self, report: Report) -> None:
        """Writes one report."""

    def close(self) -> None:
        """Writes what is held back. The file itself stays open."""


def record_of(report: Report, raw: bool = False) -> dict[str, Any]:
    """A report as one JSON object: always the same keys, null where one has no meaning; with `raw` two more.

    Times among its fields are for `to_json`.
    """
    record: dict[str, Any] = {
        "time": iso(report.time) if report.time else None,
        "vc": report.packet.virtual_channel,
        "apid": report.packet.apid,
        "seq": report.packet.sequence_count,
        "service": report.service,
        "subservice": report.subservice,
        "name": report.name,
        "fields": report.fields,
    }
    if raw:
        record["raw"] = report.raw
        record["hex"] = report.packet.data.hex()
    return record


def iso(time: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as 2020-11-09T02:17:00.000Z."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_json(value: Any) -> str:
    """A value as JSON, times in ISO 8601."""
    return json.dumps(value, default=iso)


class JsonLines:
    """One JSON object a line."""

    def __init__(self, file: IO[bytes], raw: bool = False) -> None:
        self._file = file
        self._raw = raw

    def write(self, report: Report) -> None:
        """Writes one line."""
        self._file.write(to_json(record_of(report, self._raw)).encode() + b"\n")

    def close(self) -> None:
        """Nothing is held back."""


class Table:
    """A line a packet, in columns, for eyes."""

    def __init__(self, file: IO[bytes], raw: bool = False) -> None:
        self._file = file
        self._raw = raw
        self._file.write(b"time                      vc/apid    seq  type   name           fields\n")

    def write(self, report: Report) -> None:
        """Writes one line."""
        packet = report.packet
        time = iso(report.time) if report.time else "-"
        kind = f"{report.service},{report.subservice}" if report.service is not None else "-"
        values = (report.raw if self._raw else report.fields) or {}
        line = (
            f"{time:24}  {packet.virtual_channel}/{packet.apid:<5}  {packet.sequence_count:5}  {kind:5}  "
            f"{report.name or '-':13}  {' '.join(f'{name}={in_a_word(value)}' for name, value in values.items())}"
        )
        if self._raw:
            line += f"  {packet.data.hex()}"
        self._file.write(line.rstrip().encode() + b"\n")

    def close(self) -> None:
        """Nothing is held back."""


def in_a_word(value: Value) -> str:
    """A value in a table: a list as its values between commas, - for none."""
    if isinstance(value, list):
        return ",".join(map(in_a_word, value))
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, bool):
        return str(value).lower()
    # A file has the name that its sender gives it
    return "-" if value is None else printable(str(value))


class Rows:
    """Rows of flat columns: `fields` as JSON, or of one kind of packet a column a field; with `raw` raw values too.

    columns: name and type, one of text, whole, real, time, flag; with [] behind it, a list of such; names: of bits. A
    field with the name of a column that every packet has is called field_..., as `field_time`.
    """

    def __init__(self, definition: Packet | None, raw: bool) -> None:
        self._fields = definition.fields if definition else None
        self._repeat = definition is not None and definition.repeat
        self._raw = raw
        whole = dict.fromkeys(("vc", "apid", "seq"), "whole")
        self.columns: dict[str, str] = {"time": "time", **whole}
        if self._fields is None:
            self.columns |= {"service": "whole", "subservice": "whole", "name": "text", "fields": "text"}
            if raw:
                self.columns |= {"raw": "text", "hex": "text"}
            return
        names = [f"field_{field.name}" if field.name in self.columns else field.name for field in self._fields]
        named = list(zip(names, self._fields, strict=True))
        self.columns |= {name: self._type_of(field) for name, field in named}
        if raw:
            self.columns |= {f"{name}_raw": self._type_of(field, raw=True) for name, field in named}
            self.columns["hex"] = "text"

    def row(self, report: Report) -> list[Any]:
        """The values of the columns, of which only `time` is a text in place of a time."""
        record = record_of(report, self._raw)
        if self._fields is None:
            for name in ("fields", "raw"):
                if record.get(name) is not None:
                    record[name] = to_json(record[name])
            return [record[column] for column in self.columns]
        values = record["fields"] or {}
        row = [record[name] for name in ("time", "vc", "apid", "seq")]
        row += [values.get(field.name) for field in self._fields]
        if self._raw:
            raw_values = record["raw"] or {}
            row += [raw_values.get(field.name) for field in self._fields] + [record["hex"]]
        return row

    def _type_of(self, field: Field, raw: bool = False) -> str:
        kind = "whole"
        if not raw and field.bits is not None:
            return "names"
        if not raw and field.type in _KINDS:
            kind = _KINDS[field.type]
        elif field.type in TEXTS or (not raw and (field.labels is not None or field.details is not None)):
            kind = "text"
        elif not raw and (field.scale is not None or field.of is not None):
            kind = "real"
        return f"{kind}[]" if self._repeat or field.count is not None else kind


# The type of a column of engineering values, by the type of the field
_KINDS = {BOOL: "flag", TIME: "time", CUC: "time", ID: "text"}


class Csv:
    """A header and a row a packet (RFC 4180)."""

    def __init__(self, file: IO[bytes], rows: Rows) -> None:
        self._rows = rows
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._encoder = csv.writer(self._text)
        self._encoder.writerow(rows.columns)

    def write(self, report: Report) -> None:
        """Writes one row: names of bits with | between them, any other list as JSON."""
        row = zip(self._rows.columns.values(), self._rows.row(report), strict=True)
        self._encoder.writerow([self._cell(kind, value) for kind, value in row])

    def _cell(self, kind: str, value: Any) -> Any:
        if isinstance(value, list):
            return "|".join(map(str, value)) if kind == "names" else to_json(value)
        return in_a_word(value) if isinstance(value, (datetime, bool)) else value

    def close(self) -> None:
        """Lets go of the file, which stays open."""
        self._text.detach()


class Parquet:
    """A Parquet file with the columns of CSV, in row groups of 65,536 packets. Needs PyArrow."""

    _GROUP = 1 << 16

    def __init__(self, file: IO[bytes], rows: Rows) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError as error:
            raise WrongUse("--format parquet needs PyArrow: pip install '.[data]' in the repository") from error
        types = {
            "time": pyarrow.timestamp("ms", "UTC"),
            "whole": pyarrow.int64(),
            "real": pyarrow.float64(),
            "text": pyarrow.string(),
            "flag": pyarrow.bool_(),
        }
        types |= {f"{kind}[]": pyarrow.list_(of_one) for kind, of_one in types.items()}
        types["names"] = types["text[]"]
        self._rows = rows
        self._schema = pyarrow.schema([(name, types[kind]) for name, kind in rows.columns.items()])
        self._batch = pyarrow.RecordBatch.from_pylist
        self._held: list[dict[str, Any]] = []
        self._writer = parquet.ParquetWriter(file, self._schema)

    def write(self, report: Report) -> None:
        """Takes one row."""
        row = dict(zip(self._rows.columns, self._rows.row(report), strict=True))
        for name, kind in self._rows.columns.items():
            # A label that the dictionary does not have comes as a number
            if kind == "text" and row[name] is not None:
                row[name] = str(row[name])
            elif kind in ("text[]", "names") and row[name] is not None:
                row[name] = [str(value) for value in row[name]]
        self._held.append(row | {"time": report.time})
        if len(self._held) == self._GROUP:
            self._release()

    def close(self) -> None:
        """Writes the last group and the file's foot."""
        self._release()
        self._writer.close()

    def _release(self) -> None:
        if self._held:
            self._writer.write_batch(self._batch(self._held, schema=self._schema))
            self._held.clear()


def make_writer(kind: str, file: IO[bytes], definition: Packet | None, raw: bool) -> Writer:
    """The writer of a format: table, jsonl, csv or parquet. definition: of the one kind of packet to write, or None."""
    if kind == "table":
        return Table(file, raw)
    if kind == "jsonl":
        return JsonLines(file, raw)
    rows = Rows(definition, raw)
    return Parquet(file, rows) if kind == "parquet" else Csv(file, rows)
