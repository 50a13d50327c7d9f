"""Reports as records, where the rover's own downlink does not lead."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from yutu2.decode.fields import Report
from yutu2.decode.packets import Packet
from yutu2.decode.records import iso, record_of
from yutu2.dictionary.model import Field, load
from yutu2.dictionary.model import Packet as Definition
from yutu2.recordings.writers import make_writer

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


(PLAN,) = (packet for packet in load().packets if packet.name == "HK_PLAN")
(POWER,) = (packet for packet in load().packets if packet.name == "HK_POWER")
PLANNED = replace(
    WITHOUT_FIELDS,
    name="HK_PLAN",
    fields={"plan": "05eb81f2", "ended": True, "next_due": TIME},
    raw={"plan": 0x05EB81F2, "ended": 1, "next_due": 58_000_000},
)
POWERED = replace(
    WITHOUT_FIELDS,
    name="HK_POWER",
    fields={"loads_on": ["LOAD_COMPUTER", 13], "sensors_lost": []},
    raw={"loads_on": 1 << 13 | 1, "sensors_lost": 0},
)


def cells(report, definition, raw=False):
    """Of the columns of CSV."""
    heading, row = csv.reader(io.StringIO(written("csv", [report], definition, raw).decode()))
    return dict(zip(heading, row, strict=True))


def columns(report, definition, raw=False):
    """Of those of Parquet, with their types."""
    pyarrow = pytest.importorskip("pyarrow", reason="needs PyArrow, of the extra `data`")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs PyArrow, of the extra `data`")
    table = parquet.read_table(pyarrow.BufferReader(written("parquet", [report, UNREAD], definition, raw)))
    return table.to_pylist()[0], {field.name: str(field.type) for field in table.schema}


def test_a_time_in_a_field_is_iso_8601_in_text_and_a_timestamp_in_parquet():
    assert json.loads(written("jsonl", [PLANNED]))["fields"]["next_due"] == "2020-11-09T02:17:00.005Z"
    assert json.loads(written("csv", [PLANNED]).decode().splitlines()[1].split(',"')[1][:-1].replace('""', '"')) == {
        "plan": "05eb81f2",
        "ended": True,
        "next_due": "2020-11-09T02:17:00.005Z",
    }
    assert b" next_due=2020-11-09T02:17:00.005Z" in written("table", [PLANNED])
    assert cells(PLANNED, PLAN, raw=True)["next_due"] == "2020-11-09T02:17:00.005Z"
    row, types = columns(PLANNED, PLAN, raw=True)
    assert (row["next_due"], types["next_due"]) == (TIME, "timestamp[ms, tz=UTC]")
    assert (row["next_due_raw"], types["next_due_raw"]) == (58_000_000, "int64")


def test_a_time_that_is_not_known_is_empty():
    report = replace(PLANNED, fields={"next_due": None}, raw={"next_due": 0})
    assert json.loads(written("jsonl", [report]))["fields"] == {"next_due": None}
    assert written("table", [report]).splitlines()[1].endswith(b"next_due=-")
    assert cells(report, PLAN)["next_due"] == ""
    assert columns(report, PLAN)[0]["next_due"] is None


def test_a_flag_is_true_or_false():
    assert json.loads(written("jsonl", [PLANNED]))["fields"]["ended"] is True
    assert b" ended=true " in written("table", [PLANNED])
    values = cells(replace(PLANNED, fields={"ended": False}, raw={"ended": 0}), PLAN, raw=True)
    assert (values["ended"], values["ended_raw"]) == ("false", "0")
    row, types = columns(PLANNED, PLAN)
    assert (row["ended"], types["ended"], row["plan"], types["plan"]) == (True, "bool", "05eb81f2", "string")


def test_bits_are_names_in_a_list():
    assert json.loads(written("jsonl", [POWERED]))["fields"]["loads_on"] == ["LOAD_COMPUTER", 13]
    assert written("table", [POWERED]).splitlines()[1].split()[-2:] == [b"loads_on=LOAD_COMPUTER,13", b"sensors_lost="]
    values = cells(POWERED, POWER, raw=True)
    assert (values["loads_on"], values["sensors_lost"], values["loads_on_raw"]) == ("LOAD_COMPUTER|13", "", "8193")
    row, types = columns(POWERED, POWER, raw=True)
    assert (row["loads_on"], row["sensors_lost"]) == (["LOAD_COMPUTER", "13"], [])
    assert types["loads_on"] in ("list<element: string>", "list<item: string>")
    assert row["loads_on_raw"] == 8193


def test_times_of_what_repeats_are_a_list_of_times():
    (times,) = (packet for packet in load().packets if packet.name == "SCHEDULE_TIMES")
    report = replace(WITHOUT_FIELDS, name="SCHEDULE_TIMES", fields={"time": [TIME]}, raw={"time": ["037f54100000"]})
    assert json.loads(written("jsonl", [report]))["fields"]["time"] == ["2020-11-09T02:17:00.005Z"]
    assert written("table", [report]).splitlines()[1].endswith(b"time=2020-11-09T02:17:00.005Z")
    assert cells(report, times)["field_time"] == '["2020-11-09T02:17:00.005Z"]'
    row, types = columns(report, times, raw=True)
    assert (row["time"], row["field_time"], row["field_time_raw"]) == (TIME, [TIME], ["037f54100000"])
    assert types["time"] == "timestamp[ms, tz=UTC]"


@pytest.mark.parametrize("raw", [False, True])
def test_each_kind_of_packet_has_a_column_for_each_of_its_fields(raw):
    for definition in load().packets + load().events:
        report = replace(UNREAD, name=definition.name)
        heading, row = csv.reader(io.StringIO(written("csv", [report], definition, raw).decode()))
        assert len(heading) == len(set(heading)) == len(row) == 4 + (1 + raw) * len(definition.fields) + raw


(REFUSED,) = (packet for packet in load().packets if packet.name == "TC_START_FAILED")


@pytest.mark.parametrize(("data", "told"), [("needs 60.0 W more, 34.2 W available", None), (5, "5")])
@pytest.mark.parametrize(("code", "label"), [("NO_POWER", None), (999, "999")])
def test_the_reason_of_a_failure_stands_in_every_format(code, label, data, told):
    fields = {"packet_id": 1, "sequence_control": 2, "code": code, "data": data}
    report = replace(WITHOUT_FIELDS, name="TC_START_FAILED", fields=fields, raw=fields | {"code": 73, "data": 5})
    assert json.loads(written("jsonl", [report]))["fields"] == fields
    assert f"code={code} data={data}".encode() in written("table", [report])
    values = cells(report, REFUSED)
    assert (values["code"], values["data"]) == (label or code, told or data)
    row, types = columns(report, REFUSED, raw=True)
    assert (row["code"], row["data"]) == (label or code, told or data)
    assert (row["code_raw"], row["data_raw"], types["data"]) == (73, 5, "string")


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


def test_a_name_of_a_file_does_not_break_the_line_of_a_table_nor_reach_the_terminal():
    fields = {"name": "a\nb\x1b[2J"}
    report = Report(TIME, UNKNOWN.packet, None, None, "CFDP_METADATA", None, fields, fields)
    (line,) = written("table", [report]).splitlines()[1:]
    assert line.endswith(rb"name=a\nb\x1b[2J")
    assert json.loads(written("jsonl", [report]))["fields"] == fields
