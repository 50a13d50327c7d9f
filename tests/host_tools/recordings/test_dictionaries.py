"""A recording is decoded with the dictionary that its rover was made with, wherever that lies, or not at all."""

import json
import shutil

import pytest
from yutu2.dictionary.model import load, own_file


def powers(done):
    """The fields of HK_POWER in JSON lines, of other packets the name."""
    records = [json.loads(line) for line in done.out.splitlines()]
    return [record["fields"] for record in records if record["name"] == "HK_POWER"]


def decode(yutu2, source, *options, **more):
    return yutu2("decode", source, "--format", "jsonl", *options, **more)


@pytest.mark.parametrize("place", ["folder", "cache", "option"])
def test_it_is_found_beside_the_recording_in_the_cache_and_where_the_user_says(yutu2, recording, other, cache, place):
    places = {"folder": recording / "dictionary.toml", "cache": cache / f"{other.hash}.toml", "option": other.path}
    places[place].parent.mkdir(parents=True, exist_ok=True)
    if places[place] != other.path:
        shutil.copy(other.path, places[place])
    done = decode(yutu2, recording, *(["--dictionary", other.path] if place == "option" else []))
    assert done.status == 0, done.err
    # Also what came before the first HK_COMPUTER
    assert [fields["head_temperature"] for fields in powers(done)] == [21.5] * 600 + [22.5]
    note = f"yutu2: {recording / 'downlink.tm'}: made with dictionary {other.hash}, decoded with {places[place]}\n"
    assert (note in done.err) is (place != "option")


def test_a_packet_is_known_by_its_name_in_that_dictionary(yutu2, craft, make_other, record):
    other = make_other("[packet.HK_POWER]", "[packet.HK_HEAT]")
    folder = record(other.dictionary)
    done = yutu2("decode", folder, "--dictionary", other.path, "--packet", "HK_HEAT", "--format", "csv")
    assert (done.status, done.out.count(b"\n")) == (0, 602)
    assert "unknown packet 'HK_HEAT'" in yutu2("decode", folder, "--packet", "HK_HEAT").err


def test_without_it_nothing_is_guessed_and_the_error_says_what_to_do(yutu2, recording, other):
    done = decode(yutu2, recording)
    assert done.status == 2
    ours = load().hash.hex()
    assert f"yutu2: the rover speaks dictionary {other.hash}, and was decoded with {ours}: names and" in done.err
    assert "with --dictionary FILE" in done.err
    assert json.loads(done.out.splitlines()[-1])["fields"] is None


@pytest.mark.parametrize("kind", ["another dictionary", "none", "a folder"])
def test_a_file_that_is_not_that_dictionary_counts_as_not_there(yutu2, recording, other, cache, kind):
    wrong, right = recording / "dictionary.toml", cache / f"{other.hash}.toml"
    if kind == "a folder":
        wrong.mkdir()
    else:
        wrong.write_bytes(own_file().read_bytes() if kind == "another dictionary" else b"[mission\n")
    assert decode(yutu2, recording).status == 2
    cache.mkdir(parents=True)
    shutil.copy(other.path, right)
    assert decode(yutu2, recording).status == 0


def test_a_stream_is_not_read_ahead_and_its_error_names_the_file(yutu2, recording, other, cache, environment):
    cache.mkdir(parents=True)
    kept = shutil.copy(other.path, cache / f"{other.hash}.toml")
    octets = (recording / "downlink.tm").read_bytes()
    done = decode(yutu2, "-", input=octets, env={"XDG_CACHE_HOME": str(cache.parents[1])})
    assert done.status == 2
    # What came before its housekeeping is decoded with ours, as it might be
    assert powers(done)[0]["mast_temperature"] == 21.5
    assert f"give its dictionary to yutu2 decode, chart, route or products: --dictionary {kept}\n" in done.err
    assert decode(yutu2, "-", "--dictionary", kept, input=octets).status == 0


def test_our_own_recording_needs_no_other(yutu2, record):
    folder = record(load())
    (folder / "dictionary.toml").write_bytes(b"[mission\n")
    done = decode(yutu2, folder)
    assert (done.status, powers(done)[0]["mast_temperature"]) == (0, 21.5)
    assert "dictionary" not in done.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "--dictionary: {path}: cannot be read: No such file or directory; give a dictionary.toml, as it"),
        ("[mission\n", "{path}: Expected ']' at the end of a table declaration"),
        ("[mission]\n", "{path}: there is no [enum]"),
    ],
)
def test_a_dictionary_that_cannot_be_used_is_told_in_one_line(refused, recording, tmp_path, text, told):
    path = tmp_path / "given.toml"
    if text is not None:
        path.write_text(text)
    for command in ("decode", "chart", "route", "products"):
        line = refused(command, recording, "--dictionary", path)
        assert line.startswith("yutu2: " + told.format(path=path)), command


def test_pictures_are_made_with_it_too(yutu2, record, make_other):
    # The overview does not draw this one
    other = make_other('{ name = "bus_voltage"', '{ name = "rail_voltage"')
    folder = record(other.dictionary)
    shutil.copy(other.path, folder / "dictionary.toml")
    done = yutu2("chart", folder)
    assert done.status == 0, done.err
    assert (folder / "chart.png").is_file()


@pytest.mark.parametrize(
    ("command", "old", "new", "lacking"),
    [
        ("chart", '"mast_temperature"', '"head_temperature"', "HK_POWER.mast_temperature"),
        ("chart", "[packet.HK_NIGHT]", "[packet.HK_DARK]", "HK_NIGHT.measured_at"),
        ("route", '"true_east"', '"real_east"', "HK_STOP.true_east"),
        ("products", '"true_east"', '"real_east"', "HK_STOP.true_east"),
        ("products", '{ name = "planned"', '{ name = "wanted"', "product_head.planned"),
        ("products", "[event.PRODUCT_READY]", "[event.FILE_READY]", "PRODUCT_READY.number"),
    ],
)
def test_a_picture_of_what_that_dictionary_lacks_is_refused(refused, record, make_other, command, old, new, lacking):
    other = make_other(old, new)
    line = refused(command, record(other.dictionary), "--dictionary", other.path)
    assert line.startswith(f"yutu2: dictionary {other.hash} has no {lacking}, which this picture needs; use the yutu2")


def test_a_run_keeps_its_dictionary_beside_the_recording_and_in_the_cache(yutu2, tmp_path, cache):
    done = yutu2("run", "--start", "2020-11-12T06:00:00Z", "--days", "0.01", "--out", tmp_path / "run")
    assert done.status == 0, done.err
    assert "downlink.tm, dictionary.toml, packets.jsonl, summary.json" in done.out.decode()
    ours = own_file().read_bytes()
    assert (tmp_path / "run" / "dictionary.toml").read_bytes() == ours
    assert (cache / f"{load().hash.hex()}.toml").read_bytes() == ours
