"""`yutu2 products`: from a folder or a stream to files, pictures and a table."""

import json
import random
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
from yutu2.firmware import to_seconds
from yutu2.products import export
from yutu2.recordings.run_folder import products_place, seed_of
from yutu2.system.files import folder_in_use

NOON = datetime(2020, 11, 15, 14, tzinfo=UTC)
BEGUN = to_seconds(NOON)


@pytest.fixture
def day(craft, make_file, make_records, send_file):
    """Two observations, with their events: the first whole, in two parts; of the second a PDU is lost."""
    whole = make_records("ASAN_SPECTRA", 1205)
    for part, records in enumerate((whole[:1200], whole[1200:])):
        send_file(make_file("ASAN_SPECTRA", records, begun=BEGUN, part=part, activity=5), 1 + part)
        craft.tell("PRODUCT_READY", NOON, kind="ASAN_SPECTRA", number=1 + part, records=len(records))
    send_file(make_file("VNIS_SPECTRA", make_records("VNIS_SPECTRA", 10), begun=BEGUN + 60, activity=3), 3, lost=[2])
    craft.tell("PRODUCT_READY", NOON, kind="VNIS_SPECTRA", number=3, records=10)
    return craft


@pytest.fixture
def folder(day, tmp_path):
    """As `yutu2 run --out` leaves it."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "downlink.tm").write_bytes(day.downlink)
    (folder / "summary.json").write_text(json.dumps({"options": {"seed": "5"}}))
    return folder


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    "summary",
    ['{"options": {"seed": 1e999}}', '{"options": {"seed": -5}}', '{"options": {"seed": 1073741824}}', "[" * 100_000],
    ids=["infinite", "negative", "too large", "nested"],
)
def test_a_summary_that_tells_no_seed_is_passed_over(tmp_path, summary):
    (tmp_path / "downlink.tm").touch()
    (tmp_path / "summary.json").write_text(summary)
    assert seed_of(products_place(str(tmp_path), None), None, 7) == 7


def test_a_folder_gets_its_products(yutu2, folder):
    done = yutu2("products", folder)
    assert (done.status, done.err) == (0, "")
    names = {f"asan_spectra_000{number}.bin" for number in (1, 2)} | {"vnis_spectra_0003.bin", "products.json"}
    assert files(folder / "products").keys() >= names
    account, heading, asan, *lines = done.out.decode().splitlines()
    assert "packets in" in account
    assert heading.split() == ["product", "begun,", "UTC", "files", "records", "KiB", "state", "missing"]
    assert asan.split()[:8] == [
        *("asan_spectra_0001", "2020-11-15", "14:00:00", "2", "1,205/1,205"),
        *(f"{(1205 * 32 + 2 * 134) / 1024:.1f}", "WHOLE", "-"),
    ]
    (vnis,) = [line for line in lines if line.split()[0] == "vnis_spectra_0003"]
    assert vnis.endswith("WHOLE      960 octets in 1 gap")
    assert lines[-1] == str(folder / "products")
    entries = json.loads((folder / "products" / "products.json").read_text())
    assert [(entry["name"], entry["missing"]) for entry in entries] == [
        ("asan_spectra_0001", 0),
        ("vnis_spectra_0003", 960),
    ]


@pytest.mark.slow
def test_a_stream_gives_the_same_where_out_says(yutu2, folder, tmp_path):
    assert yutu2("products", folder).status == 0
    for name, source, options in (
        ("file", folder / "downlink.tm", {}),
        ("pipe", "-", {"input": (folder / "downlink.tm").read_bytes()}),
        ("other", folder, {}),
    ):
        assert yutu2("products", source, "--out", tmp_path / "deep" / name, **options).status == 0
        assert files(tmp_path / "deep" / name / "products") == files(folder / "products")


@pytest.mark.slow
def test_lost_frames_leave_holes_that_are_told_to_the_octet(yutu2, folder, tmp_path):
    """2 % of the frames: of each file what came, and what is missing, is what was sent."""
    sent = (folder / "downlink.tm").read_bytes()
    assert yutu2("products", folder).status == 0
    whole = files(folder / "products")
    units = [sent[at : at + 1119] for at in range(0, len(sent), 1119)]
    lost = set(random.Random(2).sample(range(len(units)), max(1, len(units) // 50)))
    damaged = b"".join(unit for place, unit in enumerate(units) if place not in lost)
    done = yutu2("products", "-", "--out", tmp_path, input=damaged)
    assert done.status == 0
    holes = 0
    for entry in json.loads((tmp_path / "products" / "products.json").read_text()):
        for file in entry["files"]:
            octets = bytearray((tmp_path / "products" / file["file"]).read_bytes())
            assert len(octets) == file["octets"]
            for offset, length in file["missing"]:
                assert not any(octets[offset : offset + length])
                octets[offset : offset + length] = whole[file["file"]][offset : offset + length]
                holes += length
            assert octets == whole[file["file"]]
    assert holes > 960


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["{run}/nothing.tm"],
            "yutu2: {run}/nothing.tm: no such file or folder; give the folder of a run, or --out DIR",
        ),
        (
            ["{run}/nothing.tm", "--out", "{run}"],
            "yutu2: {run}/nothing.tm: no such file or device; a source is a file, -, a serial device or a URL",
        ),
        (
            ["{run}", "--seed", "7"],
            "yutu2: --seed: {run}/downlink.tm was made with seed 5, not 7; leave the option out",
        ),
        (
            ["{run}", "--out", "{run}/summary.json"],
            "yutu2: --out: {run}/summary.json is a file, and a folder is wanted",
        ),
        (
            ["{run}/.."],
            "yutu2: {run}/..: holds no downlink.tm; give a folder that yutu2 run --out has made, or a source",
        ),
    ],
    ids=["no out", "no source", "other seed", "out is a file", "no run"],
)
def test_what_cannot_be_is_told_in_one_line(refused, folder, arguments, told):
    before = files(folder)
    said = refused("products", *(argument.format(run=folder) for argument in arguments))
    assert said == told.format(run=folder)
    assert files(folder) == before


def test_a_file_in_place_of_the_folder_is_told_in_one_line(refused, day, tmp_path):
    (tmp_path / "products").write_text("mine")
    said = refused("products", "-", "--out", tmp_path, input=day.downlink)
    assert said.startswith(f"yutu2: {tmp_path / 'products'}: cannot be written: ")
    assert (tmp_path / "products").read_text() == "mine"


@pytest.mark.slow
def test_invalid_pdus_are_told(yutu2, day, tmp_path):
    day.send(1, 32, b"no PDU")
    done = yutu2("products", "-", "--out", tmp_path, input=day.downlink)
    assert (done.status, done.err) == (0, "")
    assert b"1 invalid CFDP PDUs dropped." in done.out


def test_a_stream_without_products_is_told(refused, craft, tmp_path):
    craft.tell("HK_COMPUTER", NOON)
    said = refused("products", "-", "--out", tmp_path, input=craft.downlink)
    assert "-: holds no product; " in said
    assert list(tmp_path.iterdir()) == []


def test_a_rover_of_another_dictionary_is_refused(refused, day, tmp_path):
    day.tell("HK_COMPUTER", NOON + timedelta(seconds=1), dictionary=b"\xde\xad\xbe\xef")
    said = refused("products", "-", "--out", tmp_path, input=day.downlink)
    assert "the rover speaks dictionary deadbeef" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_ends_a_line_and_keeps_what_came(start, terminal, day, tmp_path):
    process = start("products", terminal.name, "--out", tmp_path)
    terminal.wait_for_a_reader()
    terminal.send(day.downlink)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    entries = json.loads((tmp_path / "products" / "products.json").read_text())
    assert [entry["name"] for entry in entries] == ["asan_spectra_0001", "vnis_spectra_0003"]
    assert not list((tmp_path / "products").glob("*.part"))


def interrupted(*arguments):
    """A picture that Ctrl-C stops."""
    signal.raise_signal(signal.SIGINT)
    raise KeyboardInterrupt


def test_ctrl_c_keeps_the_pictures_of_an_earlier_call(yutu2, folder, monkeypatch):
    assert yutu2("products", folder).status == 0
    before = files(folder / "products")
    monkeypatch.setattr(export, "_save_pictures", interrupted)
    done = yutu2("products", folder)
    assert done.status == 130
    assert done.out.decode().splitlines()[-1] == f"Interrupted. Pictures that are missing: yutu2 products {folder}"
    assert files(folder / "products") == before


def test_ctrl_c_leaves_no_pictures_of_another_run(yutu2, folder, monkeypatch):
    assert yutu2("products", folder).status == 0
    octets = (folder / "downlink.tm").read_bytes()
    (folder / "downlink.tm").write_bytes(octets[: -3 * 1119])
    monkeypatch.setattr(export, "_save_pictures", interrupted)
    assert yutu2("products", folder).status == 130
    assert not list((folder / "products").glob("*.png"))


def test_two_programs_do_not_write_into_one_folder(yutu2, refused, folder):
    with folder_in_use(folder):
        for command in (["products", folder], ["run", "--start", "2020-11-12", "--days", "0.01", "--out", folder]):
            assert refused(*command) == (
                f"yutu2: --out: another program writes into {folder}; wait for its end, or give another one"
            )
    assert yutu2("products", folder).status == 0
