"""What is kept of products in a folder: files as they came, pictures and data of them, and an index that tells all."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from yutu2.errors import WrongUse
from yutu2.products import atoms
from yutu2.products.derived_product import DerivedProduct
from yutu2.products.export import lacks_fits, save_products
from yutu2.products.traverse import TraverseBuilder

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def made(monkeypatch):
    """The products of ASAN of which pictures were to be made; none is made of a partial one."""
    called = []

    def fake(product):
        called.append(product)
        if product.state == "PARTIAL":
            return None
        counts = product.samples.filled(0).astype(np.int16)
        return DerivedProduct(
            name=f"fake_{product.name}",
            title=f"Atoms of {product.name}",
            draw=lambda figure: figure.subplots().plot(counts[0]),
            hdus=lambda: [fits.PrimaryHDU(counts, fits.Header([("BUNIT", "count")]))],
            facts={"atoms": int(counts.sum())},
        )

    monkeypatch.setattr(atoms, "atom_spectrum", fake)
    return called


@pytest.fixture
def send_spectra(make_file, make_records, send_file):
    """`send_spectra(number, count, lost=(), reason=0)`: a product of ASAN; returns its file."""

    def send(number, count, lost=(), reason=0):
        octets = make_file(
            "ASAN_SPECTRA", make_records("ASAN_SPECTRA", count), begun=59_000_000 + number, reason=reason
        )
        send_file(octets, number, lost=lost)
        return octets

    return send


def save(folder, observed, **options):
    steps = []
    entries = save_products(folder, observed, None, 7, lambda name, part: steps.append((name, part)), **options)
    return entries, steps


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_are_kept_as_they_came(send_spectra, collect, made, tmp_path):
    whole, holed = send_spectra(1, 5), send_spectra(2, 80, lost=[1])
    save(tmp_path / "deep" / "products", collect())
    folder = tmp_path / "deep" / "products"
    assert (folder / "asan_spectra_0001.bin").read_bytes() == whole
    assert (folder / "asan_spectra_0002.bin").read_bytes() == bytes(960) + holed[960:]


def test_pictures_and_data_are_made_and_told(send_spectra, collect, made, tmp_path):
    send_spectra(1, 5)
    entries, steps = save(tmp_path, collect())
    assert [product.name for product in made] == ["asan_spectra_0001"]
    assert names_in(tmp_path) == [
        "asan_spectra_0001.bin",
        "fake_asan_spectra_0001.fits",
        "fake_asan_spectra_0001.png",
        "products.json",
    ]
    (entry,) = entries
    assert entry["pictures"] == [
        {
            "title": "Atoms of asan_spectra_0001",
            "picture": "fake_asan_spectra_0001.png",
            "data": "fake_asan_spectra_0001.fits",
        }
    ]
    assert entry["facts"] == {"atoms": int(made[0].samples.sum())}
    assert steps == [("asan_spectra_0001", 0)]
    assert (tmp_path / "fake_asan_spectra_0001.png").read_bytes().startswith(PNG)
    with fits.open(tmp_path / "fake_asan_spectra_0001.fits", checksum=True) as units:
        assert units[0].data.tolist() == made[0].samples.tolist()
        header = units[0].header
        assert (header["BUNIT"], header["INSTRUME"], header["PRODUCT"]) == ("count", "ASAN", "asan_spectra_0001")
        assert header["DATE-OBS"] == "2020-11-13T20:53:21"
        units.verify("exception")
        assert units[0].verify_checksum() == units[0].verify_datasum() == 1


def test_without_astropy_there_are_pictures_and_no_fits_files(send_spectra, collect, made, tmp_path, monkeypatch):
    send_spectra(1, 5)
    observed = collect()
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "astropy", None)
        entries, _ = save(tmp_path, observed)
    assert names_in(tmp_path) == ["asan_spectra_0001.bin", "fake_asan_spectra_0001.png", "products.json"]
    assert lacks_fits(entries)
    assert entries[0]["pictures"][0]["data"] is None
    entries, _ = save(tmp_path, observed)
    assert not lacks_fits(entries)
    assert (tmp_path / "fake_asan_spectra_0001.fits").exists()


def test_pictures_of_the_same_name_do_not_overwrite_each_other(send_spectra, collect, made, tmp_path):
    send_spectra(1, 5)
    send_spectra(1, 6)
    observed = collect()
    for one in observed:
        one.product.name = "same"
    entries, _ = save(tmp_path, observed)
    names = [picture["picture"] for entry in entries for picture in entry["pictures"]]
    assert names == ["fake_same.png", "fake_same_2.png"]
    with fits.open(tmp_path / "fake_same_2.fits") as units:
        assert units[0].data.shape == (6, 24)


def test_the_index_is_what_was_returned(send_spectra, collect, made, tmp_path):
    send_spectra(5, 100, lost=[1, 3])
    send_spectra(2, 3, reason=13)
    entries, _ = save(tmp_path, collect())
    assert json.loads((tmp_path / "products.json").read_text()) == entries
    assert [entry["name"] for entry in entries] == ["asan_spectra_0002", "asan_spectra_0005"]
    partial, holed = entries
    assert (partial["state"], partial["reason"], partial["verified"]) == ("PARTIAL", "SHED_LOAD", True)
    assert (partial["pictures"], partial["facts"]) == ([], {})
    assert (holed["state"], holed["verified"], holed["missing"]) == ("WHOLE", None, 1920)
    assert holed["files"][0]["missing"] == [[0, 960], [1920, 960]]
    assert list(holed) == [
        *("name", "kind", "number", "begun", "activity", "stop", "records", "planned", "octets", "missing", "state"),
        *("reason", "verified", "files", "pictures", "facts"),
    ]
    assert holed["begun"] == "2020-11-13T20:53:25.000Z"


def test_of_nothing_there_is_no_picture(send_spectra, craft, collect, made, tmp_path):
    send_spectra(1, 10, lost=[1])  # nothing but its name
    send_spectra(2, 29, lost=[1])  # the second head alone
    send_spectra(4, 100, lost=[1, 4])  # spectra, and neither head
    noon = datetime(2020, 11, 15, 14, tzinfo=UTC)
    for number, records in ((3, 20), (4, 100)):
        craft.tell("PRODUCT_READY", noon, kind="ASAN_SPECTRA", number=number, records=records)
    observed = collect()
    assert [one.product and one.product.samples.mask.all() for one in observed] == [True, True, True, False]
    entries, _ = save(tmp_path, observed)
    assert [entry["begun"] is None for entry in entries] == [True, False, True, True]
    assert made == []
    assert names_in(tmp_path) == ["asan_spectra_0002.bin", "asan_spectra_0004.bin", "products.json"]


def test_the_same_again_gives_the_same_files(send_spectra, collect, made, tmp_path):
    send_spectra(1, 5)
    observed = collect()
    for folder in ("one", "two"):
        save(tmp_path / folder, observed)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert len(one) == 4


def test_what_another_run_has_left_goes_and_nothing_else(send_spectra, collect, made, tmp_path):
    folder = tmp_path / "products"
    send_spectra(1, 5)
    observed = collect()
    save(folder, observed)
    (folder / "notes.txt").write_text("mine")
    (tmp_path / "downlink.tm").write_text("mine too")
    index = json.loads((folder / "products.json").read_text())
    index[0]["files"].append({"file": "../downlink.tm"})
    (folder / "products.json").write_text(json.dumps(index))
    save(folder, [])
    assert names_in(folder) == ["notes.txt", "products.json"]
    assert (tmp_path / "downlink.tm").exists()


@pytest.mark.parametrize("index", ["", "{}", "[1]", '[{"files": [{"file": 1}]}]'])
def test_an_index_of_somebody_else_does_no_harm(index, tmp_path):
    (tmp_path / "products.json").write_text(index)
    save(tmp_path, [])
    assert json.loads((tmp_path / "products.json").read_text()) == []


def test_when_it_is_to_stop_all_files_are_whole(send_spectra, collect, made, tmp_path):
    for number in (1, 2, 3):
        send_spectra(number, 5)
    entries, _ = save(tmp_path, collect(), is_stopped=lambda: len(made) == 2)
    assert [len(entry["pictures"]) for entry in entries] == [1, 1, 0]
    names = names_in(tmp_path)
    assert [name for name in names if name.endswith(".bin")] == [
        f"asan_spectra_000{number}.bin" for number in (1, 2, 3)
    ]
    assert len(names) == 3 + 2 * 2 + 1
    assert json.loads((tmp_path / "products.json").read_text()) == entries


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_no_file_is_left_half_written(monkeypatch, send_spectra, collect, made, tmp_path, failure):
    send_spectra(1, 5)
    replace = Path.replace

    def fail(path, target):
        if "fake" in target.name:
            raise failure
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((WrongUse, KeyboardInterrupt)) as error:
        save(tmp_path, collect())
    assert names_in(tmp_path) == ["asan_spectra_0001.bin"]
    assert error.type is KeyboardInterrupt or str(error.value) == (
        f"{tmp_path / 'fake_asan_spectra_0001.png'}: cannot be written: No space left on device"
    )


def test_a_folder_that_cannot_be_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongUse, match="cannot be written: "):
        save(tmp_path / "file" / "products", [])


@pytest.mark.slow
def test_the_map_of_the_route_is_beside_them(craft, tmp_path):
    noon = datetime(2020, 11, 15, 14, tzinfo=UTC)
    craft.tell("HK_DRIVE", noon)
    craft.tell("HK_STOP", noon + timedelta(hours=1), stop=1, east=2, north=3, true_east=2.1, true_north=3, odometer=4)
    maker = TraverseBuilder()
    for report in craft.reports:
        maker.add(report)
    steps = []
    save_products(tmp_path, [], maker.build(), 7, lambda name, part: steps.append((name, part)))
    assert (tmp_path / "route.png").read_bytes().startswith(PNG)
    assert steps[0] == ("route", 0)
    assert steps[-1] == ("route", 1)


@pytest.mark.slow
def test_drives_with_the_radar_have_a_radargram_of_them_all(make_file, make_records, send_file, collect, tmp_path):
    for number, activity in ((1, 6), (2, 7), (3, 6), (4, 6)):
        records = make_records("LPR_60", 12, seed=number)
        for place, record in enumerate(records):
            record[:2] = 1640 * place, 5000 * number + 90 * place
        send_file(make_file("LPR_60", records, begun=59_000_000 + number, activity=activity), number)
    entries, _ = save(tmp_path, collect())
    names = [[picture["picture"] for picture in entry["pictures"]] for entry in entries]
    alone = [f"radargram_lpr_60_000{number}.png" for number in (1, 2, 3, 4)]
    assert names == [alone[:1], alone[1:2], alone[2:3], [alone[3], "radargram_lpr_60_way.png"]]
    assert [entry["activity"] for entry in entries] == ["LPR_DRIVE", "LPR_STAND", "LPR_DRIVE", "LPR_DRIVE"]
    # Its facts are those of this product, and not of the way
    assert [entry["facts"]["traces"] for entry in entries] == [12] * 4
    with fits.open(tmp_path / "radargram_lpr_60_way.fits") as units:
        assert units[0].header["CRVAL1"] == pytest.approx(5)
        assert units[0].header["CRVAL1"] + units[0].header["CDELT1"] * units[0].data.shape[1] > 20.9
        # Its data begin with the first drive, and so do its date and its product
        header = units[0].header
        assert (header["DATE-OBS"], header["PRODUCT"], header["PRODNUM"]) == ("2020-11-13T20:53:21", "lpr_60_0001", 1)
    with fits.open(tmp_path / "radargram_lpr_60_0004.fits") as units:
        header = units[0].header
        assert (header["DATE-OBS"], header["PRODUCT"], header["PRODNUM"]) == ("2020-11-13T20:53:24", "lpr_60_0004", 4)
