"""A recording of a rover that was made with another dictionary than this package's."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from yutu2.dictionary.model import Dictionary, load, load_file, own_file

MORNING = datetime(2020, 11, 12, 6, tzinfo=UTC)
BEFORE = 600  # reports before the first HK_COMPUTER
RENAMED = ('{ name = "mast_temperature"', '{ name = "head_temperature"')


class Other(NamedTuple):
    """Another dictionary, and the file that holds it."""

    dictionary: Dictionary
    path: Path

    @property
    def hash(self) -> str:
        return self.dictionary.hash.hex()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """The user's cache: an empty folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "yutu2" / "dictionaries"


@pytest.fixture
def make_other(tmp_path):
    """`make_other(old, new)`: the dictionary of the firmware with other words in it."""

    def make(old, new):
        text = own_file().read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "other.toml"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return Other(load_file(path), path)

    return make


@pytest.fixture
def other(make_other) -> Other:
    """A dictionary in which a field of HK_POWER has another name."""
    return make_other(*RENAMED)


@pytest.fixture
def record(craft, tmp_path):
    """`record(dictionary)`: the folder of a run whose rover was made with it. HK_COMPUTER comes after some 40 KiB."""

    def record(dictionary):
        for number in range(BEFORE):
            craft.tell("HK_POWER", MORNING + number * timedelta(seconds=1), mast_temperature=21.5, battery_charge=80)
        craft.tell("HK_COMPUTER", MORNING + timedelta(minutes=10), dictionary=dictionary.hash, mode="ACTIVE")
        craft.tell("HK_POWER", MORNING + timedelta(minutes=15), mast_temperature=22.5, battery_charge=80)
        folder = tmp_path / "recording"
        folder.mkdir()
        (folder / "downlink.tm").write_bytes(craft.downlink)
        return folder

    return record


@pytest.fixture
def recording(other, record) -> Path:
    """The folder of a run of the other dictionary, which is not in it."""
    assert other.hash != load().hash.hex()
    return record(other.dictionary)
