"""What `yutu2 decode` prints, format by format."""

import csv
import io
import json
import os
import sys
from pathlib import Path

import pytest

KEYS = ["time", "vc", "apid", "seq", "service", "subservice", "name", "fields"]


@pytest.mark.sampled(1)
def test_out_takes_what_standard_output_would(yutu2, from_file, dirty, tmp_path, kind):
    path = tmp_path / "out"
    done = yutu2("decode", "-", "--format", kind, "--out", path, input=dirty)
    expected, _ = from_file("--format", kind)
    assert (done.status, done.out, done.err) == (0, b"", expected.err)
    assert path.read_bytes() == expected.out


def test_json_lines_have_exactly_the_keys_of_the_contract(from_file, records):
    plain, _ = from_file("--format", "jsonl")
    raw, _ = from_file("--format", "jsonl", "--raw")
    for record, with_raw in zip(records(plain), records(raw), strict=True):
        assert list(record) == KEYS
        assert list(with_raw) == [*KEYS, "raw", "hex"]
        assert record == {key: with_raw[key] for key in KEYS}


def test_json_lines_tell_the_wake_up(from_file, records):
    time_packet, housekeeping, power, drive, wake = records(from_file("--format", "jsonl", "--raw")[0])[:5]
    assert time_packet["name"] == "TIME"
    assert time_packet["service"] is time_packet["subservice"] is None
    assert [housekeeping[key] for key in ("apid", "service", "subservice", "name")] == [1, 3, 25, "HK_COMPUTER"]
    assert (housekeeping["fields"]["mode"], housekeeping["raw"]["mode"]) == ("WAKING", 1)
    assert [power[key] for key in ("apid", "service", "subservice", "name")] == [2, 3, 25, "HK_POWER"]
    assert [drive[key] for key in ("apid", "service", "subservice", "name")] == [3, 3, 25, "HK_DRIVE"]
    assert [wake[key] for key in ("vc", "apid", "service", "subservice", "name")] == [0, 1, 5, 1, "ROVER_WAKE"]
    raw = wake["raw"]
    assert wake["fields"] == {
        "sun_elevation": raw["sun_elevation"] / 1000,
        "array_power": raw["array_power"] / 1000,
        "box_temperature": raw["box_temperature"] / 10,
    }
    assert wake["time"].startswith("2020-11-09T0")
    assert wake["time"].endswith("Z")
    assert bytes.fromhex(wake["hex"])[7:9] == b"\x05\x01"


def test_one_kind_of_packet_is_a_choice_of_all(from_file, records):
    everything = records(from_file("--format", "jsonl")[0])
    chosen = records(from_file("--format", "jsonl", "--packet", "HK_COMPUTER")[0])
    assert chosen == [record for record in everything if record["name"] == "HK_COMPUTER"]
    assert 0 < len(chosen) < len(everything)


def test_several_kinds_of_packets_are_a_choice_of_all(from_file, records):
    everything = records(from_file("--format", "jsonl")[0])
    names = {"HK_COMPUTER", "ROVER_WAKE"}
    chosen = records(from_file("--format", "jsonl", *(word for name in names for word in ("--packet", name)))[0])
    assert chosen == [record for record in everything if record["name"] in names]
    assert {record["name"] for record in chosen} == names
    done, _ = from_file("--format", "csv", *(word for name in names for word in ("--packet", name)))
    assert done.out.decode().splitlines()[0] == "time,vc,apid,seq,service,subservice,name,fields"


def test_raw_values_are_added_to_the_table(from_file):
    line = next(line for line in from_file("--raw")[0].out.decode().splitlines() if "ROVER_WAKE" in line)
    plain = next(line for line in from_file()[0].out.decode().splitlines() if "ROVER_WAKE" in line)
    assert line.startswith(f"{plain}  raw: sun_elevation=")


def test_the_folder_of_a_run_is_a_source(yutu2, morning_file, tmp_path):
    (tmp_path / "downlink.tm").write_bytes(morning_file.read_bytes())
    assert yutu2("decode", tmp_path).out == yutu2("decode", morning_file).out


def test_the_table_has_a_line_a_packet(from_file, records):
    heading, *lines = from_file("--format", "table")[0].out.decode().splitlines()
    rows = records(from_file("--format", "jsonl")[0])
    assert heading.split() == ["time", "vc/apid", "seq", "type", "name", "fields"]
    for line, record in zip(lines, rows, strict=True):
        time, channel, seq, kind, name, *fields = line.split()
        assert (time, channel) == (record["time"], f"{record['vc']}/{record['apid']}")
        assert int(seq) == record["seq"]
        assert kind == ("-" if record["service"] is None else f"{record['service']},{record['subservice']}")
        assert name == record["name"]
        told = {key: ",".join(value) if isinstance(value, list) else value for key, value in record["fields"].items()}
        assert fields == [f"{key}={value}" for key, value in told.items()]


def test_a_row_of_csv_is_a_packet_with_its_fields_as_json(from_file, records):
    rows = list(csv.reader(io.StringIO(from_file("--format", "csv", "--raw")[0].out.decode(), newline="")))
    assert rows[0] == [*KEYS, "raw", "hex"]
    for row, record in zip(rows[1:], records(from_file("--format", "jsonl", "--raw")[0]), strict=True):
        values = dict(zip(rows[0], row, strict=True))
        for key in ("fields", "raw"):
            assert json.loads(values[key]) == record.pop(key)
            del values[key]
        assert values == {key: "" if value is None else str(value) for key, value in record.items()}


def test_a_column_of_csv_is_a_field_when_one_kind_is_chosen(from_file, records):
    rows = list(csv.reader(io.StringIO(from_file("--format", "csv", "--packet", "HK_COMPUTER")[0].out.decode())))
    chosen = records(from_file("--format", "jsonl", "--packet", "HK_COMPUTER")[0])
    assert rows[0] == ["time", "vc", "apid", "seq", *chosen[0]["fields"]]
    for row, record in zip(rows[1:], chosen, strict=True):
        values = [record["time"], record["vc"], record["apid"], record["seq"], *record["fields"].values()]
        assert row == [str(value) for value in values]


@pytest.mark.parametrize("options", [[], ["--packet", "HK_COMPUTER"], ["--packet", "HK_COMPUTER", "--raw"]], ids=len)
def test_parquet_has_the_columns_of_csv_and_their_types(from_file, options):
    pyarrow = pytest.importorskip("pyarrow", reason="needs PyArrow, of the extra `data`")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs PyArrow, of the extra `data`")
    table = parquet.read_table(pyarrow.BufferReader(from_file("--format", "parquet", *options)[0].out))
    heading, *rows = csv.reader(io.StringIO(from_file("--format", "csv", *options)[0].out.decode(), newline=""))
    assert table.column_names == heading
    types = {field.name: field.type for field in table.schema}
    assert types["time"] == pyarrow.timestamp("ms", "UTC")
    assert types["seq"] == pyarrow.int64()
    if options:
        assert (types["sun_elevation"], types["packets_sent"]) == (pyarrow.float64(), pyarrow.int64())
        assert (types["mode"], types["dictionary"]) == (pyarrow.string(), pyarrow.string())
    texts = [
        ["" if value is None else str(value) for value in row.values()]
        for row in table.drop_columns(["time"]).to_pylist()
    ]
    assert texts == [row[1:] for row in rows]
    times = [f"{row['time']:%Y-%m-%dT%H:%M:%S}.{row['time'].microsecond // 1000:03}Z" for row in table.to_pylist()]
    assert times == [row[0] for row in rows]


def test_parquet_takes_a_value_that_its_enumeration_lacks(yutu2, altered, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs PyArrow, of the extra `data`")
    path = tmp_path / "x.parquet"
    options = ["--format", "parquet", "--packet", "HK_COMPUTER", "--out", path]
    done = yutu2("decode", "-", *options, input=altered(4, bytes([77])))
    assert done.status == 0, done.err
    assert parquet.read_table(path)["mode"][0].as_py() == "77"


def test_parquet_without_pyarrow_says_which_extra(refused, morning_file, tmp_path):
    (tmp_path / "pyarrow.py").write_text("raise ImportError('not here')\n")
    path = os.pathsep.join([str(tmp_path), str(Path(sys.modules["yutu2"].__path__[0]).parent)])
    line = refused("decode", morning_file, "--format", "parquet", "--out", tmp_path / "x", env={"PYTHONPATH": path})
    assert line == "yutu2: --format parquet needs PyArrow: pip install '.[data]' in the repository"
