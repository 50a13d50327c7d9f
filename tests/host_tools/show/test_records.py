"""Reports as records, where the rover's own downlink does not lead."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from yutu2.decode.fields import Report
from yutu2.decode.packets import Packet
from yutu2.dictionary.model import Field, load
from yutu2.dictionary.model import Packet as Definition
from yutu2.show.records import iso, make_writer, record_of

(HOUSEKEEPING,) = (packet for packet in load().packets if packet.name == "HK_COMPUTER")
TIME = datetime(2020, 11, 9, 2, 17, 0, 5000, UTC)
UNREAD = Report(None, Packet(4, 2, 77, 9, False, b"\x00\x4d"), None, None, None, None, None, None)
UNKNOWN = Report(TIME, Packet(24, 0, 1, 9, True, b"\x08\x01"), 17, 2, None, None, None, None)
WITHOUT_FIELDS = Report(TIME, Packet(24, 0, 1, 9, True, b"\x08\x01"), 3, 25, "HK_COMPUTER", None, None, None)


def written(kind, reports, definition=None, raw=False):
    file = io.BytesIO()
    writer = make_writer(kind, file, definition, raw)
    for report in reports:
        writer.write(report)
    writer.close()
    assert not file.closed
    return file.getvalue()


def test_a_time_has_milliseconds_and_says_that_it_is_utc():
    assert iso(TIME) == "2020-11-09T02:17:00.005Z"
    assert iso(TIME.replace(microsecond=0)) == "2020-11-09T02:17:00.000Z"


def test_what_has_no_meaning_is_null():
    assert record_of(UNREAD) == {
        "time": None,
        "vc": 2,
        "apid": 77,
        "seq": 9,
        "service": None,
        "subservice": None,
        "name": None,
        "fields": None,
    }
    assert record_of(UNREAD, raw=True) == record_of(UNREAD) | {"raw": None, "hex": "004d"}


def test_a_packet_that_cannot_be_read_is_a_record_all_the_same():
    assert json.loads(written("jsonl", [UNREAD])) == record_of(UNREAD)
    assert written("table", [UNREAD]).splitlines()[1].split() == [b"-", b"2/77", b"9", b"-", b"-"]
    assert written("table", [UNKNOWN]).splitlines()[1].split()[2:] == [b"9", b"17,2", b"-"]
    assert written("csv", [UNREAD]).splitlines()[1] == b",2,77,9,,,,"
    row = written("csv", [WITHOUT_FIELDS], HOUSEKEEPING).splitlines()[1]
    assert row == b"2020-11-09T02:17:00.005Z,0,1,9" + b"," * len(HOUSEKEEPING.fields)


@pytest.mark.parametrize("definition", [None, HOUSEKEEPING], ids=["all", "one kind"])
@pytest.mark.parametrize("raw", [False, True])
def test_parquet_takes_them_as_well(definition, raw):
    pyarrow = pytest.importorskip("pyarrow", reason="needs PyArrow, of the extra `data`")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs PyArrow, of the extra `data`")
    octets = written("parquet", [UNREAD, UNKNOWN, WITHOUT_FIELDS], definition, raw)
    first, second, _ = parquet.read_table(pyarrow.BufferReader(octets)).to_pylist()
    assert (first["time"], first["seq"], second["time"]) == (None, 9, TIME)


QUICK_LOOK = Definition(
    "QUICK_LOOK",
    "what was seen",
    *(16, 3, 25, 77),
    fields=(
        Field("gain", "u8", None, None, None, ""),
        Field("columns", "i16", 0.1, "dB", None, "", 3),
    ),
)
LOOKED = replace(
    WITHOUT_FIELDS,
    name="QUICK_LOOK",
    fields={"gain": 2, "columns": [0.1, -0.2, 3.0]},
    raw={"gain": 2, "columns": [1, -2, 30]},
)


def test_an_array_is_a_list_in_a_record():
    assert json.loads(written("jsonl", [LOOKED]))["fields"] == LOOKED.fields
    assert written("table", [LOOKED]).splitlines()[1].split()[-2:] == [b"gain=2", b"columns=0.1,-0.2,3.0"]
    heading, row, empty = csv.reader(io.StringIO(written("csv", [LOOKED, UNREAD], QUICK_LOOK, raw=True).decode()))
    values = dict(zip(heading, row, strict=True))
    assert (values["columns"], values["columns_raw"]) == ("[0.1, -0.2, 3.0]", "[1, -2, 30]")
    assert dict(zip(heading, empty, strict=True))["columns"] == ""


@pytest.mark.parametrize(("labels", "columns"), [(None, [0.1, -0.2, 3.0]), ({1: "SUN"}, ["0.1", "-0.2", "3.0"])])
def test_parquet_has_lists(labels, columns):
    pyarrow = pytest.importorskip("pyarrow", reason="needs PyArrow, of the extra `data`")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs PyArrow, of the extra `data`")
    gain, array = QUICK_LOOK.fields
    definition = replace(QUICK_LOOK, fields=(gain, replace(array, labels=labels)))
    octets = written("parquet", [LOOKED, UNREAD], definition, raw=True)
    first, second = parquet.read_table(pyarrow.BufferReader(octets)).to_pylist()
    assert (first["columns"], first["columns_raw"]) == (columns, [1, -2, 30])
    assert second["columns"] is None


(PARAMETERS,) = (packet for packet in load().packets if packet.name == "PARAMETERS")
SET = replace(
    WITHOUT_FIELDS,
    name="PARAMETERS",
    fields={"parameter": ["HAZARD_HEIGHT", "COMMAND_LOSS_H"], "value": [0.28, 72]},
    raw={"parameter": [1, 5], "value": [280, 72]},
)


def test_what_repeats_is_a_list_in_a_record():
    pyarrow = pytest.importorskip("pyarrow", reason="needs PyArrow, of the extra `data`")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs PyArrow, of the extra `data`")
    heading, row = csv.reader(io.StringIO(written("csv", [SET], PARAMETERS).decode()))
    assert dict(zip(heading, row, strict=True))["value"] == "[0.28, 72]"
    octets = written("parquet", [SET, UNREAD], PARAMETERS, raw=True)
    first, second = parquet.read_table(pyarrow.BufferReader(octets)).to_pylist()
    assert (first["parameter"], first["value"], first["value_raw"]) == (
        SET.fields["parameter"],
        [0.28, 72.0],
        [280, 72],
    )
    assert second["value"] is None


@pytest.mark.parametrize("kind", ["table", "jsonl", "csv", "parquet"])
def test_no_packets_are_no_error(kind):
    if kind == "parquet":
        pytest.importorskip("pyarrow", reason="needs PyArrow, of the extra `data`")
    lines = written(kind, []).splitlines()
    assert len(lines) == {"table": 1, "jsonl": 0, "csv": 1}.get(kind, len(lines))


def test_csv_ends_its_rows_as_rfc_4180_says():
    octets = written("csv", [UNREAD, UNREAD])
    assert octets.count(b"\r\n") == 3
    assert len(list(csv.reader(io.StringIO(octets.decode(), newline="")))) == 3
