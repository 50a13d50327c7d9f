"""Parameters with short names: functions that do what they did, called as they were."""

import ast

import pytest
from yutu2.firmware import firmware_dir
from yutu2.pico.image import board_files, compile_module
from yutu2.pico.shortened_names import shorten_parameters


def shortened(source, **others):
    return shorten_parameters({"rover/app.py": source, **{f"rover/{name}.py": text for name, text in others.items()}})[
        "rover/app.py"
    ]


def test_a_parameter_is_a_letter_wherever_it_is_used():
    source = "class Clock:\n    def set(self, seconds):\n        self.seconds = seconds  # seconds\n"
    assert shortened(source) == "class Clock:\n    def set(self, a):\n        self.seconds = a  # seconds\n"


def test_functions_share_their_letters():
    source = "def first(octets, at):\n    return octets[at]\ndef twice(number):\n    return 2 * number\n"
    assert shortened(source) == "def first(a, b):\n    return a[b]\ndef twice(a):\n    return 2 * a\n"


def test_what_is_a_letter_stays_one():
    assert shortened("def add(y, more):\n    return y + more\n") == "def add(y, a):\n    return y + a\n"


def test_a_type_stays_at_its_parameter():
    assert shortened("def low(number: int) -> int:\n    return number & 255\n") == (
        "def low(a: int) -> int:\n    return a & 255\n"
    )


def test_what_a_call_names_keeps_its_name_wherever_it_is_called():
    source = "def pack(size, apid):\n    return apid, size\n"
    assert shortened(source, other="pack(1, apid=2)\n") == "def pack(a, apid):\n    return apid, a\n"
    assert shortened(source, other="pack(**given)\n") == source


# Each gives `value`; the outer names are there to be confused with parameters
MEANINGS = {
    "a letter that is taken": ("a = 5\ndef add(number):\n    return number + a\nvalue = add(1)", 6),
    "a letter that is a local variable": (
        "def add(number):\n    a = number\n    a += number\n    return a\nvalue = add(1)",
        2,
    ),
    "a default from outside": ("size = 7\ndef of(size, more=size):\n    return size + more\nvalue = of(1)", 8),
    "a default for a parameter that is renamed": ("def of(size, more=2):\n    return size + more\nvalue = of(1)", 3),
    "one that is assigned": ("def next_of(number):\n    number += 1\n    return number\nvalue = next_of(1)", 2),
    "a lambda within": ("def adder(size):\n    return lambda more: size + more\nvalue = adder(1)(2)", 3),
    "a lambda with the same parameter": ("def adder(size):\n    return lambda size: 2 * size\nvalue = adder(1)(2)", 4),
    "a lambda's parameter that is a global here": (
        "more = 3\ndef adder(size):\n    return (lambda more: more)(size) + more\nvalue = adder(1)",
        4,
    ),
    "a comprehension": ("def double(size):\n    return [2 * size for size in (size, size)]\nvalue = double(1)", [2, 2]),
    "a function within": (
        "def outer(size):\n    def inner(more):\n        nonlocal size\n        size += more\n"
        "    inner(2)\n    return size\nvalue = outer(1)",
        3,
    ),
    "a function within of the same name": (
        "def of(size):\n    def size():\n        return 5\n    return size()\nvalue = of(1)",
        5,
    ),
    "a name that an import binds": (
        "def of(path):\n    from posixpath import sep as path\n    return path\nvalue = of(1)",
        "/",
    ),
    "an error": (
        "def of(error):\n    try:\n        return 1 // error\n    except ZeroDivisionError as error:\n"
        "        return 0\nvalue = of(0)",
        0,
    ),
    "an f-string": ("def told(name):\n    return f'{name=}'\nvalue = told(1)", "name=1"),
    "a method of a class within": (
        "def made(size):\n    class Made:\n        def size_of(self, more):\n            return size + more\n"
        "    return Made()\nvalue = made(1).size_of(2)",
        3,
    ),
    "many of them": ("value = (lambda " + ", ".join(f"p{n}" for n in range(30)) + ": p29 - p0)(*range(30))", 29),
}


@pytest.mark.parametrize(("source", "value"), MEANINGS.values(), ids=MEANINGS)
def test_a_name_still_means_what_it_meant(source, value):
    names = {}
    exec(shortened(source + "\n"), names)
    assert names["value"] == value


def test_a_board_gets_short_parameters(tmp_path):
    (tmp_path / "rover").mkdir()
    (tmp_path / "main.py").write_text("")
    (tmp_path / "rover/app.py").write_text("def use(very_long):\n    return very_long\n")
    assert b"very_long" not in b"".join(board_files(tmp_path).values())


def test_what_does_not_parse_is_left_to_the_compiler():
    assert shortened("def (:\n") == "def (:\n"


FIRMWARE = {
    path.relative_to(firmware_dir()).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(firmware_dir().rglob("*.py"))
    if path.name != "manifest.py"
}
SHORTENED = shorten_parameters(FIRMWARE)


def test_each_module_of_the_firmware_compiles_with_each_line_where_it_was():
    for path, source in FIRMWARE.items():
        before, after = source.splitlines(), SHORTENED[path].splitlines()
        assert [line.count("(") for line in before] == [line.count("(") for line in after], path
        assert compile_module(SHORTENED[path], path, firmware_dir() / path)


def test_the_firmware_has_far_fewer_names_of_parameters():
    before, after = (
        {node.arg for text in sources.values() for node in ast.walk(ast.parse(text)) if isinstance(node, ast.arg)}
        for sources in (FIRMWARE, SHORTENED)
    )
    assert len(before) > 200
    assert len(after) < len(before) // 2
