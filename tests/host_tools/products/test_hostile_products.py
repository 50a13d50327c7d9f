"""Heads, events and names that hold anything: numbers are shown as they are, and cost what arrived of them."""

import json
import struct
import tracemalloc
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np
import pytest
from yutu2.dictionary.model import load
from yutu2.errors import WrongUse
from yutu2.products.collector import ProductCollector
from yutu2.products.export import save_products
from yutu2.products.pcam_images import images_of
from yutu2.products.product import max_length, read_product
from yutu2.products.product_table import table_lines
from yutu2.products.radar_section import make_section
from yutu2.products.sparse_file import SparseFile

NOON = datetime(2020, 11, 15, 14, tzinfo=UTC)
FIELDS = load().product_head
HEAD = struct.calcsize(">" + "".join(field.code for field in FIELDS))


def changed(octets, **values):
    """The file with other raw values in both heads, and a hash that is right."""
    octets = bytearray(octets)
    at = 0
    for field in FIELDS:
        if field.name in values:
            for head in (at, len(octets) - 32 - HEAD + at):
                struct.pack_into(">" + field.code, octets, head, values[field.name])
        at += struct.calcsize(">" + field.code)
    octets[-32:] = sha256(octets[:-32]).digest()
    return bytes(octets)


def save(folder, observed, pictures=False):
    return save_products(folder, observed, None, 7, lambda name, part: None, lambda: not pictures)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"activity": 77}, {"activity": 77, "state": "WHOLE"}),
        ({"state": 9}, {"state": "9"}),
        ({"state": 2, "reason": 200}, {"state": "PARTIAL", "reason": 200}),
        ({"state": 0}, {"state": "OPEN"}),
    ],
)
def test_an_unknown_value_is_shown_as_a_number(make_file, make_records, send_file, collect, tmp_path, values, shown):
    for part in range(2):
        octets = make_file("ASAN_SPECTRA", make_records("ASAN_SPECTRA", 3), number=1 + part, part=part)
        send_file(changed(octets, **values), 1 + part)
    (entry,) = save(tmp_path, collect(), pictures=True)
    assert {name: entry[name] for name in shown} == shown
    assert {name: entry["files"][0].get(name, entry[name]) for name in shown} == shown
    assert len(entry["files"]) == 2
    assert len(entry["pictures"]) == 1
    assert f"  {shown.get('state', 'WHOLE')} " in table_lines([entry])[1]


def test_an_unknown_kind_is_shown_as_a_number(make_file, make_records, send_file, collect, tmp_path):
    octets = make_file("ASAN_SPECTRA", make_records("ASAN_SPECTRA", 3))
    send_file(changed(octets, kind=77), 4, name="new_0004.bin")
    (entry,) = save(tmp_path, collect())
    assert (entry["kind"], entry["state"], entry["records"]) == (77, "WHOLE", None)
    assert entry["reason"] == "unknown product kind 77; read it with the rover's version of yutu2"
    assert entry["files"][0]["file"] == "new_0004.bin"


def test_parts_without_end_cost_nothing(make_file, make_records, send_file, collect):
    """The last of 65,536 parts would have two and a half million pictures before it."""
    for number, part in enumerate((0, 0xFFFF), 1):
        octets = make_file("PCAM_IMAGES", make_records("PCAM_IMAGES", 2), number=number, part=part)
        send_file(octets, number)
    tracemalloc.start()
    (observed,) = collect()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    assert observed.product.record_count == 0xFFFF * 40 + 2
    assert observed.product.record_numbers.tolist() == [0, 1, 0xFFFF * 40, 0xFFFF * 40 + 1]
    assert observed.entry()["state"] == "CUT"


@pytest.mark.slow
def test_records_that_are_declared_or_announced_cost_nothing(craft, make_file, as_packet, cfdp):
    collector = ProductCollector(load())
    for number in range(1, 200):
        craft.tell("PRODUCT_READY", NOON, kind="PCAM_IMAGES", number=number, records=0xFFFF)
    head = make_file("PCAM_IMAGES", [], planned=0xFFFF)[:HEAD]
    reports = craft.reports
    tracemalloc.start()
    for report in reports:
        collector.add(report)
    for number in range(500, 700):
        for pdu in cfdp(head + bytes(HEAD + 32 + 3085 * 40), "x.bin", number)[:2]:
            collector.files.take(as_packet(pdu))
    entries = [one.entry() for one in collector.product_sets()]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [entry["records"] for entry in entries] == [0xFFFF] * 199 + [40] * 200
    assert peak < 6_000_000


def test_a_number_announced_again_and_again_is_bounded(craft, collect):
    for records in range(100):
        craft.tell("PRODUCT_READY", NOON, kind="LPR_60", number=1, records=records)
    assert len(collect()) == 16


# --- UniqueNames ---


def test_a_file_is_saved_under_its_name_in_cfdp(make_file, make_records, send_file, collect, tmp_path):
    for number, name in enumerate(
        ["radar one.bin", "x/../../y.bin", "products.json", "Route.png", "same.bin", "SAME.bin"], 1
    ):
        send_file(make_file("ASAN_SPECTRA", make_records("ASAN_SPECTRA", 2), begun=number), number, name=name)
    entries = save(tmp_path / "deep" / "products", collect())
    files = [entry["files"][0] for entry in entries]
    assert [file["file"] for file in files] == [
        *("radar_one.bin", "x_____y.bin", "products_2.json", "Route_2.png", "same.bin", "SAME_2.bin")
    ]
    assert [file["cfdp_name"] for file in files][:2] == ["radar one.bin", "x/../../y.bin"]
    assert [entry["name"] for entry in entries][:3] == ["radar_one", "x_____y", "products_2.json"]
    saved = {path.name for path in (tmp_path / "deep" / "products").iterdir()}
    assert {file["file"] for file in files} <= saved
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["products"]
    assert json.loads((tmp_path / "deep" / "products" / "products.json").read_text()) == entries


def test_a_name_may_have_any_octets(make_file, make_records, cfdp, craft, collect, tmp_path):
    octets = make_file("ASAN_SPECTRA", make_records("ASAN_SPECTRA", 2))
    for pdu in cfdp(octets, "abc.bin", 5):
        craft.send(1, 32, pdu.replace(b"abc.bin", b"\xff\0\xe4.bin"))
    (entry,) = save(tmp_path, collect())
    assert (entry["files"][0]["file"], entry["state"]) == ("___.bin", "WHOLE")


def test_what_is_nearly_all_holes_is_not_saved(craft, make_pdu, collect, tmp_path):
    craft.send(1, 32, make_pdu(5, struct.pack(">BBI", 7, 0, 1 << 24) + b"\x05x.bin\x05x.bin"))
    craft.send(1, 32, make_pdu(5, struct.pack(">I", 1 << 20) + b"x", is_file_data=True))
    (entry,) = save(tmp_path, collect())
    (file,) = entry["files"]
    assert (file["file"], file["octets"]) == (None, 1 << 24)
    assert file["missing"] == [[0, 1 << 20], [(1 << 20) + 1, (15 << 20) - 1]]
    assert [path.name for path in tmp_path.iterdir()] == ["products.json"]


# --- What CFDP says of a file ---


def test_a_wrong_checksum_and_a_cancelled_file_are_told(make_file, make_records, cfdp, make_pdu, craft, collect):
    octets = [make_file("LPR_60", make_records("LPR_60", 20), number=number, begun=number) for number in (1, 2, 3)]
    *wrong, end = cfdp(octets[0], "lpr_60_0001.bin", 1)
    cancel = make_pdu(2, struct.pack(">BBII", 4, 0xF0, 0, 1920))
    right = cfdp(octets[2], "lpr_60_0003.bin", 3)
    for pdu in (*wrong, end[:-8] + b"\0\0\0\1" + end[-4:], *cfdp(octets[1], "lpr_60_0002.bin", 2)[:3], cancel, *right):
        craft.send(1, 32, pdu)
    one, two, three = (observed.entry() for observed in collect())
    assert (one["state"], one["missing"], one["verified"]) == ("DAMAGED", 0, True)
    assert (one["files"][0]["checksum"], one["files"][0]["state"]) == ("wrong", "DAMAGED")
    assert (two["state"], two["reason"], two["missing"] > 0) == ("CANCELLED", "CANCEL_REQUEST_RECEIVED", True)
    assert (two["files"][0]["state"], two["files"][0]["checksum"]) == ("CANCELLED", None)
    assert (three["state"], three["files"][0]["checksum"], three["files"][0]["disagreements"]) == ("WHOLE", "right", 0)


def test_a_stray_piece_without_metadata_or_end_is_left_out(craft, make_file, make_records, cfdp, make_pdu, collect):
    octets = make_file("LPR_60", make_records("LPR_60", 10))
    craft.tell("PRODUCT_READY", NOON, kind="LPR_60", number=1, records=10)
    stray = make_pdu(1, struct.pack(">I", 15 << 20) + b"x", is_file_data=True)
    for pdu in (*cfdp(octets, "", 1)[1:-1], stray):
        craft.send(1, 32, pdu)
    (entry,) = (observed.entry() for observed in collect())
    assert (entry["state"], entry["octets"], entry["missing"], entry["verified"]) == ("WHOLE", len(octets), 0, True)
    assert entry["files"][0]["disagreements"] == 1


def test_a_stray_piece_makes_no_file_longer_than_any_is(craft, make_file, make_records, cfdp, make_pdu, collect):
    octets = make_file("LPR_60", make_records("LPR_60", 10))
    stray = make_pdu(1, struct.pack(">I", 1 << 30) + b"x", is_file_data=True)
    for pdu in (*cfdp(octets, "", 1)[1:-1], stray):
        craft.send(1, 32, pdu)
    (entry,) = (observed.entry() for observed in collect())
    assert len(octets) <= entry["octets"] < 2 * max_length(load())


# --- Pictures ---


def test_a_picture_that_looks_beyond_the_zenith_is_left_out(make_file):
    records = [[0, 0, pitch, 0, 1, *[9] * 3072] for pitch in (-32768, -9001, -9000, 9000, 32767)]
    octets = make_file("PCAM_IMAGES", records)
    product = read_product(load(), SparseFile.of(octets), len(octets), "", 1)
    assert [picture.pitch for picture in images_of(product)] == [-90, 90]


def test_one_distance_that_is_wrong_makes_no_thousand_columns(make_file):
    records = [[place, distance, *[1] * 256] for place, distance in enumerate([*range(0, 900, 90), (1 << 32) - 1])]
    octets = make_file("LPR_60", records)
    section = make_section(read_product(load(), SparseFile.of(octets), len(octets), "", 1))
    assert section.traces == 11
    assert len(section.distances) <= 16 * 11 + 1
    assert np.isfinite(section.echoes[[0, -1]]).all()


@pytest.mark.parametrize(
    "index",
    [
        "[" * 100_000,
        '[{"files": [{"file": 1}], "pictures": []}]',
        '[{"files": [{"file": ""}, {"file": "."}, {"file": ".."}], "pictures": []}]',
        r'[{"files": [{"file": "x\u0000y"}, {"file": "../kept"}, {"file": ["x"]}], "pictures": []}]',
    ],
)
def test_an_index_that_says_anything_costs_no_file(index, tmp_path):
    (tmp_path / "kept").write_text("mine")
    folder = tmp_path / "products"
    folder.mkdir()
    (folder / "products.json").write_text(index)
    save(folder, [])
    assert json.loads((folder / "products.json").read_text()) == []
    assert (tmp_path / "kept").exists()


def test_a_folder_in_place_of_a_file_is_told(make_file, make_records, send_file, collect, tmp_path):
    send_file(make_file("ASAN_SPECTRA", make_records("ASAN_SPECTRA", 2)), 1)
    (tmp_path / "asan_spectra_0001.bin").mkdir()
    with pytest.raises(WrongUse, match="cannot be written: "):
        save(tmp_path, collect())
