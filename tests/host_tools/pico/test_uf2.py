import pytest
from hypothesis import given
from hypothesis import strategies as st
from yutu2.pico.errors import ImageError
from yutu2.pico.uf2 import FLASH_SIZE, PAGE, flash_contents, format_uf2, pages_of, parse_uf2, read_uf2

pages = st.dictionaries(
    st.integers(0, FLASH_SIZE // PAGE - 1).map(lambda page: page * PAGE),
    st.binary(min_size=PAGE, max_size=PAGE),
    min_size=1,
    max_size=8,
)


@given(pages)
def test_what_is_written_is_read_back(pages):
    assert parse_uf2(format_uf2(pages)) == pages


@given(pages, st.data())
def test_a_truncated_file_is_refused(pages, data):
    uf2 = format_uf2(pages)
    length = data.draw(st.integers(0, len(uf2) - 1))
    with pytest.raises(ImageError):
        parse_uf2(uf2[:length])


@given(st.binary(max_size=2048))
def test_garbage_is_refused_with_a_reason(garbage):
    with pytest.raises(ImageError, match=r"thing.uf2: (\d+ octets is not|block 0 of \d)"):
        parse_uf2(garbage, "thing.uf2")


THREE = pages_of(bytes(3 * PAGE), 0x1000)


@pytest.mark.parametrize(
    ("at", "value", "complaint"),
    [
        (0, b"\0", "not a UF2 block"),
        (511, b"\0", "not a UF2 block"),
        (28, b"\x57\xff\x8b\xe4", "not for an RP2040"),
        (8, b"\x01\x20", "not for the main flash"),
        (16, b"\x80", "not one page"),
        (12, b"\x01", "not one page"),
        (12, b"\0\0\0\x20", "not one page"),
        (20, b"\x07", "calls itself 7 of 3"),
        (24, b"\x09", "calls itself 1 of 9"),
        (12, b"\0\x10\0\x10", "a second time"),
    ],
)
def test_a_damaged_block_is_named_with_its_place_and_fault(at, value, complaint):
    uf2 = bytearray(format_uf2(THREE))
    uf2[512 + at : 512 + at + len(value)] = value
    with pytest.raises(ImageError, match=f"x.uf2: block 1 of 3, at octet 512: .*{complaint}"):
        parse_uf2(bytes(uf2), "x.uf2")


def test_a_page_outside_the_flash_is_not_written():
    with pytest.raises(ImageError, match="0x200000"):
        format_uf2({FLASH_SIZE: bytes(PAGE)})


def test_a_missing_file_gives_one_line(tmp_path):
    with pytest.raises(ImageError, match=r"none\.uf2: No such file"):
        read_uf2(tmp_path / "none.uf2")


def test_of_a_file_too_large_for_flash_no_more_is_read(tmp_path):
    path = tmp_path / "disk.img"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ImageError, match=r"disk\.img: has more than 4 MiB, and no UF2 for a Pico's 2 MiB flash has"):
        read_uf2(path)


def test_a_uf2_for_all_of_flash_is_read(tmp_path):
    path = tmp_path / "whole.uf2"
    flash = {offset: bytes(PAGE) for offset in range(0, FLASH_SIZE, PAGE)}
    path.write_bytes(format_uf2(flash))
    assert read_uf2(path) == flash


def test_flash_outside_the_pages_is_erased():
    flash = flash_contents({PAGE: bytes(PAGE)})
    assert len(flash) == FLASH_SIZE
    assert flash[: 3 * PAGE] == b"\xff" * PAGE + bytes(PAGE) + b"\xff" * PAGE
