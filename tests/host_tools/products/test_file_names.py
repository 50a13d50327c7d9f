"""Whatever a sender calls its file, it gets a name that every system takes, in this folder, and no other file has."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yutu2.products.file_names import UniqueNames, is_safe, safe_name

RESERVED = {"con", "prn", "aux", "nul", *(f"{device}{number}" for device in ("com", "lpt") for number in range(10))}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("lpr_60_0001.bin", "lpr_60_0001.bin"),
        ("Log-2.TXT", "Log-2.TXT"),
        ("../../etc/passwd", "____etc_passwd"),
        ("/etc/x.bin", "_etc_x.bin"),
        ("C:\\x.bin", "C__x.bin"),
        ("..", "_"),
        ("a..bin", "a_bin"),
        ("a.", "a_"),
        (".hidden", "_hidden"),
        ("nul.bin", "_nul.bin"),
        ("COM1", "_COM1"),
        ("console.bin", "console.bin"),
        ("x\0y\n.bin", "x_y_.bin"),
        ("\ufffd\u00e4.bin", "__.bin"),
        ("x" * 255 + ".bin", "x" * 96 + ".bin"),
        ("x.bin.part", "x.bin.part_"),
        ("-rf", "_-rf"),
        ("", ""),
    ],
)
def test_a_name_is_made_safe(name, safe):
    assert safe_name(name) == safe


@given(st.text(max_size=300))
@example("." * 200)
@example("a." + "b" * 200)
@example("." + "x" * 99 + "/.")
@example("nul" + "." * 120)
def test_any_name_is_safe_then(name):
    safe = safe_name(name)
    if not name:
        return
    assert is_safe(safe)
    assert len(safe) <= 102
    assert not re.search(r"[^A-Za-z0-9._-]", safe)
    assert not safe.startswith((".", "-"))
    assert not safe.endswith(".")
    assert safe.lower().split(".")[0] not in RESERVED
    assert not safe.lower().endswith(".part")
    assert ".." not in safe
    assert safe_name(safe) == safe or len(safe) > 100


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", "x\0", "\u00e4", "x y"])
def test_what_leads_elsewhere_is_not_safe(name):
    assert not is_safe(name)


def test_no_name_is_given_twice_whatever_the_case():
    names = UniqueNames(["products.json"])
    given = [names.assign(stem, ".bin") for stem in ("x", "X", "x_2", "x")]
    assert given == ["x", "X_2", "x_2_2", "x_3"]
    assert names.assign("Products", ".json") == "Products_2"
    assert names.assign("x", ".png", ".fits") == "x"


def test_all_files_of_a_stem_are_free():
    names = UniqueNames(["x.fits", "y.PNG"])
    assert names.assign("x", ".png", ".fits") == "x_2"
    assert names.assign("y", ".png", ".fits") == "y_2"


def test_many_of_one_name_take_no_longer():
    """A square of this would take minutes."""
    names = UniqueNames()
    assert len({names.assign("x", ".bin") for _ in range(30_000)}) == 30_000
