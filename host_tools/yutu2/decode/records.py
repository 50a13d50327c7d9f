"""Reports as records: plain values by name, as JSON and as words of a table."""

import json
from datetime import datetime
from typing import Any

from yutu2.decode.fields import Report, Value
from yutu2.errors import printable


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
