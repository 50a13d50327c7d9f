"""The firmware's tables are what the dictionary says, and no older."""

import struct

import pytest
from yutu2.dictionary.model import load
from yutu2.dictionary.tables import firmware_tables
from yutu2.firmware import firmware_dir

GENERATED = firmware_dir() / "rover" / "generated.py"


@pytest.fixture(scope="module")
def tables():
    """The names of `generated.py`, as the rover sees them."""
    import importlib

    return importlib.import_module("rover.generated")


def test_generated_py_is_what_the_generator_makes():
    told = "firmware/rover/generated.py is not what dictionary.toml says: run `yutu2 dictionary generate`"
    assert GENERATED.read_text(encoding="utf-8") == firmware_tables(load()), told


def test_the_command_writes_the_same(yutu2, tmp_path):
    path = tmp_path / "generated.py"
    done = yutu2("dictionary", "generate", "--out", path)
    assert (done.status, done.out, done.err) == (0, b"", f"{path}\n")
    assert path.read_text(encoding="utf-8") == firmware_tables(load())


def test_the_command_says_where_it_cannot_write(refused, tmp_path):
    path = tmp_path / "missing" / "generated.py"
    assert refused("dictionary", "generate", "--out", path) == (
        f"yutu2: {path}: cannot be written: No such file or directory"
    )


def test_it_holds_the_hash_of_the_dictionary(tables):
    assert load().hash == tables.HASH


def test_the_rover_packs_housekeeping_as_long_as_it_says(tables):
    for packet in load().packets:
        if packet.service == 3:
            values = [bytes(4) if field.type == "hash4" else 0 for field in packet.fields]
            packed = struct.pack(getattr(tables, f"{packet.name}_FIELDS"), packet.selector, *values)
            assert getattr(tables, packet.name) == packet.selector
            assert getattr(tables, f"{packet.name}_SIZE") == len(packed)
            assert getattr(tables, f"{packet.name}_PERIOD_S") == packet.period_s


def test_the_rover_packs_events_as_long_as_it_says(tables):
    events = load().events
    assert sorted(tables.EVENTS) == sorted(event.selector for event in events)
    for event in events:
        apid, severity, count, code, size = tables.EVENTS[getattr(tables, event.name)]
        assert (apid, severity, count) == (event.apid, event.subservice, len(event.fields))
        assert len(struct.pack(code, *[0] * count)) == size - 2


def test_the_values_of_enumerations_are_those_of_the_dictionary(tables):
    for labels in load().enums.values():
        for number, label in labels.items():
            assert getattr(tables, label) == number


def test_each_craft_has_its_constants(tables):
    epoch_s = {"rover": 224520, "lander": 181560}  # 2019-01-03T14:22:00Z, 02:26:00Z
    for name, constants in load().craft.items():
        craft = tables.CRAFTS[name]
        assert craft.first_start_s == epoch_s[name]
        assert craft.wake_event == getattr(tables, constants["wake_event"])
        assert craft.sleep_event == getattr(tables, constants["sleep_event"])
        for constant in ("spacecraft", "wake_elevation", "sleep_elevation"):
            assert getattr(craft, constant) == constants[constant]
    assert tables.CRAFTS["lander"].nap_start_elevation is None
