"""What a module has for CPython alone does not go to a board."""

import ast

from yutu2.firmware import firmware_dir
from yutu2.pico.cpython_fallbacks import without_fallbacks

MODULE = '''"""Counts."""
import sys

def count_plain(a):
    return a + 1

def kept_plain(a):
    return a

both = kept_plain(1)

if sys.implementation.name == "micropython":
    def count(a: int) -> int:
        return a + 1
else:
    count = count_plain

if sys.implementation.name == "cpython":
    import json
    import abc
'''


def stripped(text):
    return without_fallbacks({"module.py": text})["module.py"]


def test_the_twin_and_the_branches_of_cpython_go_and_no_line_moves():
    left = stripped(MODULE)
    assert [line for line in left.splitlines() if line] == [
        '"""Counts."""',
        "import sys",
        "pass",
        "def kept_plain(a):",
        "    return a",
        "both = kept_plain(1)",
        "if True:",
        "    def count(a: int) -> int:",
        "        return a + 1",
        "else:",
        "    pass",
        "if False:",
        "    pass",
        "    pass",
    ]
    lines = MODULE.splitlines()
    assert all(
        line in ("", lines[number]) or "pass" in line or "if" in line for number, line in enumerate(left.splitlines())
    )


def test_what_does_not_parse_stays_as_it_is():
    assert stripped("def (") == "def ("


def test_no_twin_is_left_in_the_firmware():
    sources = {str(path): path.read_text(encoding="utf-8") for path in (firmware_dir() / "rover").rglob("*.py")}
    assert any("_plain(" in text for text in sources.values())
    for path, text in without_fallbacks(sources).items():
        names = [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
        assert not [name for name in names if name.endswith("_plain") and name != "_plain"], path
