"""A rover refuses what it is commanded: the downlink alone tells why, in every format."""

import csv
import io
import json

import pytest

# Dust takes half of the light; what is left is not enough for the wheels, which draw 60 W
SCENARIO = "2020-11-11T00:01:00Z dust percent=50\n"
UPLINK = """\
2020-11-11T00:06:00Z DRIVE bearing=180 distance=5
2020-11-11T00:06:10Z MOVE event=COOL
2020-11-11T00:06:20Z TURN bearing=9
2020-11-11T00:06:30Z PLAN_LOAD offset=480 octets=00
"""
REASONS = ["NO_POWER", "NOT_NAPPING", "NO_POWER", "INCOMPLETE"]


@pytest.fixture(scope="module")
def stream(yutu2, tmp_path_factory):
    """The downlink of a rover that refuses."""
    folder = tmp_path_factory.mktemp("refused")
    given = {"uplink": UPLINK, "scenario": SCENARIO}
    for kind, text in given.items():
        (folder / kind).write_text(text)
    options = [word for kind in given for word in (f"--{kind}", folder / kind)]
    done = yutu2("run", "--start", "2020-11-11T00:00:00Z", "--days", "0.01", *options, "--out", folder / "out")
    assert done.status == 0, done.err
    return folder / "out" / "downlink.tm"


def test_it_tells_its_reasons_by_name(yutu2, stream):
    lines = yutu2("decode", stream, "--format", "jsonl", "--raw").out.splitlines()
    refused = [record for record in map(json.loads, lines) if record["name"] == "TC_START_FAILED"]
    assert [record["fields"]["code"] for record in refused] == REASONS
    assert refused[0]["raw"]["code"] == 64 + 9
    needed, available = divmod(refused[0]["raw"]["data"], 1 << 16)
    told = f"needs {needed / 10} W more, {available / 10} W available"
    assert refused[0]["fields"]["data"] == told
    assert needed >= 600
    assert 0 <= available < needed


def test_so_do_tables_and_csv(yutu2, stream):
    table = yutu2("decode", stream).out.decode()
    rows = csv.DictReader(
        io.StringIO(yutu2("decode", stream, "--format", "csv", "--packet", "TC_START_FAILED").out.decode())
    )
    assert [row["code"] for row in rows] == REASONS
    for reason in REASONS:
        assert f"code={reason} data=" in table


def test_so_does_parquet(yutu2, stream, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs PyArrow, of the extra `data`")
    path = tmp_path / "refused.parquet"
    done = yutu2("decode", stream, "--format", "parquet", "--packet", "TC_START_FAILED", "--out", path)
    assert done.status == 0
    assert parquet.read_table(path)["code"].to_pylist() == REASONS
