"""`yutu2 run`: what the instruments observed, and the products that came down."""

import csv
import json
import signal
import time
from collections import Counter
from hashlib import sha256

import pytest
from yutu2.dictionary.model import load

pytestmark = pytest.mark.slow  # a run with its pictures; the default run has that of test_lunar_day


@pytest.fixture(scope="module")
def morning_run(live):
    """A drive with the radar, the panel, and a spectrum with the atoms."""
    done, kept = live("--start", "2020-11-10T17:00:00Z", "--days", "0.15")
    assert (done.status, done.err) == (0, "")
    return done, kept


@pytest.fixture(scope="module")
def folder(morning_run):
    return morning_run[1].folder / "products"


def test_each_observation_is_told(morning_run):
    done, kept = morning_run
    told = kept.summary["instruments"]
    assert {name: [one["activity"] for one in observations] for name, observations in told.items()} == {
        "PCAM": [],
        "VNIS": ["VNIS_CALIBRATE", "VNIS_DETECT"],
        "ASAN": ["ASAN_OBSERVE"],
        "LPR": ["LPR_DRIVE"],
    }
    times = {(packet["name"], packet["time"]) for packet in kept.packets}
    for name, observations in told.items():
        for one in observations:
            assert (one["state"], one["reason"]) == ("WHOLE", None)
            assert one["begin"] < one["end"]
            assert {(f"HK_{name}", one["begin"]), (f"HK_{name}", one["end"])} <= times
            minute = f"  {one['begin'][:10]} {one['begin'][11:19]}  "
            (line,) = [
                line for line in done.out.decode().splitlines() if line.startswith(minute) and one["activity"] in line
            ]
            assert line.endswith("WHOLE")


def test_that_the_three_were_not_together_is_told(morning_run):
    done, kept = morning_run
    assert kept.summary["together"] == []
    assert "VNIS, ASAN, LPR never observed all at the same time." in done.out.decode()


def test_each_product_that_the_rover_announced_came_whole(morning_run, folder):
    done, kept = morning_run
    announced = {
        packet["fields"]["number"]: packet["fields"] for packet in kept.packets if packet["name"] == "PRODUCT_READY"
    }
    entries = kept.summary["products"]
    files = {file["number"]: (entry, file) for entry in entries for file in entry["files"]}
    assert files.keys() == announced.keys()
    assert {entry["kind"] for entry, _ in files.values()} == {"VNIS_SPECTRA", "ASAN_SPECTRA", "LPR_60", "LPR_500"}
    for number, (entry, file) in files.items():
        told = announced[number]
        assert (entry["kind"], file["records"], file["octets"]) == (told["kind"], told["records"], told["octets"])
        assert (file["state"], file["verified"], file["missing"]) == ("WHOLE", True, [])
        octets = (folder / file["file"]).read_bytes()
        assert sha256(octets[:-32]).digest() == octets[-32:]
    kib = sum(fields["octets"] for fields in announced.values()) / 1024
    told = f"Products: {len(entries)} in {len(files)} files, {kib:,.1f} KiB; all complete, hashes valid."
    assert told in done.out.decode()


def test_the_records_are_those_that_the_instruments_counted(morning_run):
    told = morning_run[1].summary
    instrument = {product.name: product.instrument for product in load().products}
    for name, observations in told["instruments"].items():
        mine = [entry for entry in told["products"] if instrument[entry["kind"]] == name]
        assert sum(entry["records"] for entry in mine) == sum(one["records"] for one in observations)


def test_the_folder_is_what_its_index_says_and_what_products_makes(morning_run, folder, yutu2, tmp_path):
    entries = json.loads((folder / "products.json").read_text())
    assert entries == morning_run[1].summary["products"]
    names = {file["file"] for entry in entries for file in entry["files"]}
    names |= {picture[kind] for entry in entries for picture in entry["pictures"] for kind in ("picture", "data")}
    assert {path.name for path in folder.iterdir()} == names | {"products.json", "route.png"}
    assert yutu2("products", folder.parent, "--out", tmp_path).status == 0
    for path in folder.iterdir():
        assert (tmp_path / "products" / path.name).read_bytes() == path.read_bytes()


def test_packets_of_files_have_the_names_of_their_pdus(morning_run):
    packets = [packet for packet in morning_run[1].packets if packet["vc"] == 1]
    assert len(packets) > 100
    assert all((packet["apid"], packet["time"], packet["service"]) == (32, None, None) for packet in packets)
    counted = Counter(packet["name"] for packet in packets)
    assert counted.keys() == {"CFDP_METADATA", "CFDP_FILE_DATA", "CFDP_EOF"}
    told = morning_run[1].summary["packets"]
    assert {name: told[name] for name in counted} == counted
    assert "1/32" not in told
    # What they hold adds up to the files
    sizes = {packet["fields"]["transaction"]: packet["fields"]["size"] for packet in named(packets, "CFDP_METADATA")}
    ends = {packet["fields"]["transaction"]: packet["fields"]["size"] for packet in named(packets, "CFDP_EOF")}
    pieces = Counter()
    for packet in named(packets, "CFDP_FILE_DATA"):
        pieces[packet["fields"]["transaction"]] += packet["fields"]["length"]
    assert sizes == ends == pieces


def named(packets, name):
    return [packet for packet in packets if packet["name"] == name]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_they_are_a_table_of_their_own(morning_run, yutu2, kind, tmp_path):
    path = tmp_path / "pieces"
    done = yutu2(
        "decode", morning_run[1].folder / "downlink.tm", "--packet", "CFDP_FILE_DATA", "--format", kind, "--out", path
    )
    assert done.status == 0
    if kind == "csv":
        rows = list(csv.DictReader(path.open(newline="")))
    else:
        rows = pytest.importorskip("pyarrow.parquet", reason="needs PyArrow").read_table(path).to_pylist()
    wanted = [packet["fields"] for packet in named(morning_run[1].packets, "CFDP_FILE_DATA")]
    names = ("source", "transaction", "offset", "length")
    assert [[int(row[name]) for name in names] for row in rows] == [[one[name] for name in names] for one in wanted]


@pytest.mark.parametrize("kind", ["table", "csv", "parquet"])
def test_decode_writes_them_too(morning_run, yutu2, kind, tmp_path):
    kept = morning_run[1]
    done = yutu2("decode", kept.folder / "downlink.tm", "--format", kind, "--raw", "--out", tmp_path / "out")
    assert (done.status, "Traceback" in done.err) == (0, False)
    octets = (tmp_path / "out").read_bytes()
    if kind != "parquet":
        assert octets.count(b"\n") == 1 + len(kept.packets)


def test_without_out_products_are_counted_and_nothing_is_kept(morning_run, yutu2, tmp_path):
    done = yutu2("run", "--start", "2020-11-10T17:00:00Z", "--days", "0.15", cwd=tmp_path)
    assert done.out.splitlines() == morning_run[0].out.splitlines()[:-1]
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_pictures_are_made_leaves_whole_files(morning_run, folder, start, tmp_path):
    process = start("products", folder.parent, "--out", tmp_path)
    made = tmp_path / "products"
    while not list(made.glob("*.png")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    entries = json.loads((made / "products.json").read_text())
    assert [entry["name"] for entry in entries] == [entry["name"] for entry in morning_run[1].summary["products"]]
    pictures = sum(len(entry["pictures"]) for entry in entries)
    assert pictures < sum(len(entry["pictures"]) for entry in morning_run[1].summary["products"])
    for path in made.iterdir():
        if path.name != "products.json":
            assert path.read_bytes() == (folder / path.name).read_bytes()
