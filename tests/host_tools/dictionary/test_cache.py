"""The user's cache of dictionaries."""

import sys
from pathlib import Path

import pytest
import yutu2
from yutu2.dictionary.cache import find_dictionary, keep_dictionary
from yutu2.dictionary.model import load, own_file
from yutu2.system.caches import cache_folder

OURS = load().hash.hex()


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "folder"),
    [("linux", ".cache/yutu2"), ("darwin", "Library/Caches/yutu2"), ("win32", "AppData/Local/yutu2/Cache")],
)
def test_it_lies_where_the_platform_has_caches(home, monkeypatch, platform, folder):
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == home / folder


@pytest.mark.parametrize(
    ("platform", "name", "folder"),
    [("linux", "XDG_CACHE_HOME", "yutu2"), ("win32", "LOCALAPPDATA", "yutu2/Cache")],
)
def test_the_user_may_have_it_elsewhere(home, monkeypatch, platform, name, folder):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv(name, str(home / "elsewhere"))
    assert cache_folder() == home / "elsewhere" / folder


def test_a_dictionary_is_kept_as_it_is_and_mended_when_it_was_changed(home):
    keep_dictionary()
    (path,) = cache_folder().rglob("*.toml")
    assert path == home / ".cache" / "yutu2" / "dictionaries" / f"{OURS}.toml"
    path.write_text("cut")
    keep_dictionary()
    assert path.read_bytes() == own_file().read_bytes()


def test_a_cache_that_cannot_be_written_ends_nothing(home):
    (home / ".cache").write_text("a file")
    keep_dictionary()
    assert find_dictionary("deadbeef") is None


def test_our_own_is_found_without_a_cache(home):
    assert find_dictionary(OURS).dictionary is load()


def test_to_connect_keeps_it(home):
    with yutu2.connect("loop://"):
        pass
    assert [path.name for path in cache_folder().rglob("*.toml")] == [f"{OURS}.toml"]
