import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yutu2.pico.errors import ImageError
from yutu2.pico.filesystem import (
    BLOCK,
    FILESYSTEM_REGIONS,
    filesystem_region,
    make_filesystem,
    read_filesystem,
    used_octets,
)
from yutu2.pico.uf2 import flash_contents, pages_of

names = st.lists(st.text("abcdefgh_0123", min_size=1, max_size=12), min_size=1, max_size=3).map("/".join)


def without_clashes(files):
    """A name cannot be a file and a folder at once."""
    return {name: data for name, data in files.items() if not any(other.startswith(name + "/") for other in files)}


def flash_with(files, board="pico_w"):
    layout = FILESYSTEM_REGIONS[board]
    return bytes(flash_contents(pages_of(make_filesystem(files, layout), layout.start)))


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(names, st.binary(max_size=9000), max_size=8).map(without_clashes),
    st.sampled_from(sorted(FILESYSTEM_REGIONS)),
)
def test_files_are_read_back_from_a_flash_image(files, board):
    assert read_filesystem(flash_with(files, board), FILESYSTEM_REGIONS[board]) == files


def test_the_same_files_give_the_same_octets():
    files = {"b.txt": b"2", "a/c.txt": b"1" * 5000}
    again = dict(reversed(files.items()))
    assert make_filesystem(files, FILESYSTEM_REGIONS["pico_w"]) == make_filesystem(again, FILESYSTEM_REGIONS["pico_w"])


def test_both_layouts_end_where_the_flash_ends():
    assert {layout.start + layout.size for layout in FILESYSTEM_REGIONS.values()} == {2 * 1024 * 1024}


def test_files_that_do_not_fit_are_refused_by_name():
    with pytest.raises(ImageError, match=r"big.bin does not go .* 900000 octets; the region has 868352"):
        make_filesystem({"big.bin": bytes(900_000)}, FILESYSTEM_REGIONS["pico_w"])


def test_used_space_counts_whole_blocks():
    empty = used_octets(flash_with({}), FILESYSTEM_REGIONS["pico_w"])
    assert used_octets(flash_with({"f": bytes(3 * BLOCK - 100)}), FILESYSTEM_REGIONS["pico_w"]) == empty + 3 * BLOCK


def test_flash_without_a_file_system_is_not_formatted_behind_ones_back():
    with pytest.raises(ImageError, match="no littlefs file system at flash offset 0x12c000"):
        read_filesystem(bytes(flash_contents({})), FILESYSTEM_REGIONS["pico_w"])


def test_an_unknown_board_lists_the_known_ones():
    with pytest.raises(ImageError, match="'esp32': choose from pico, pico_w"):
        filesystem_region("esp32")
