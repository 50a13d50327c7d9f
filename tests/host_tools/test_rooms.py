"""The rooms of the host tools, read from their sources: `decode` does no I/O, `cli` holds no logic."""

import ast
from pathlib import Path

import pytest
import yutu2
from importlinter.cli import lint_imports

PACKAGE = Path(yutu2.__file__).parent
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
# The modules that declare commands
COMMANDS = [path for path in sorted((PACKAGE / "cli").glob("*.py")) if "typer" in path.read_text(encoding="utf-8")]
DECODE = sorted((PACKAGE / "decode").glob("*.py"))
IO_MODULES = {"asyncio", "io", "logging", "os", "pathlib", "select", "serial", "shutil", "socket", "subprocess", "sys"}
SCREEN_MODULES = {"prompt_toolkit", "rich", "textual", "typer"}
IO_CALLS = {"input", "open", "print"}
FILE_METHODS = {"open", "read_bytes", "read_text", "write_bytes", "write_text"}


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path):
    """Full names of all modules that a source imports, anywhere in it."""
    names = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "an import of the host tools names its whole path"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def calls_of(path):
    """Names of the functions, and of the methods, that a source calls."""
    calls = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    functions = {call.id for call in calls if isinstance(call, ast.Name)}
    return functions, {call.attr for call in calls if isinstance(call, ast.Attribute)}


@pytest.mark.parametrize("path", DECODE, ids=lambda path: path.name)
def test_decode_does_no_input_or_output(path):
    roots = {name.split(".")[0] for name in imports_of(path)}
    functions, methods = calls_of(path)
    assert roots & IO_MODULES == set()
    assert functions & IO_CALLS == set()
    assert methods & FILE_METHODS == set()


@pytest.mark.parametrize("path", DECODE, ids=lambda path: path.name)
def test_decode_knows_no_screen_and_no_line(path):
    names = imports_of(path)
    assert {name.split(".")[0] for name in names} & SCREEN_MODULES == set()
    ours = {name for name in names if name.startswith("yutu2.")}
    rooms = {".".join(name.split(".")[:2]) for name in ours}
    assert rooms <= {"yutu2.decode", "yutu2.dictionary", "yutu2.errors", "yutu2.firmware"}


def test_only_the_command_line_knows_a_terminal():
    knowing = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if {name.split(".")[0] for name in imports_of(path)} & SCREEN_MODULES
    }
    assert knowing == {"cli"}


def test_the_modules_of_commands_reach_for_nothing_but_the_package():
    for path in COMMANDS:
        roots = {name.split(".")[0] for name in imports_of(path)}
        assert roots & {"serial", "socket", "subprocess", "struct", "crcmod", "threading", "select"} == set(), path


def test_commands_do_not_work_things_out():
    """No loops, and no arithmetic; `|` of types, `/` of paths and `+` of texts are none."""
    arithmetic = (ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod, ast.Pow, ast.LShift, ast.RShift)
    for path in COMMANDS:
        for node in ast.walk(tree_of(path)):
            assert not isinstance(node, (ast.While, ast.AsyncFor)), f"{path}:{node.lineno}: a loop"
            assert not (isinstance(node, ast.BinOp) and isinstance(node.op, arithmetic)), f"{path}:{node.lineno}"


def test_commands_import_rooms_only_when_they_need_them():
    for path in COMMANDS:
        top = [node for node in tree_of(path).body if isinstance(node, ast.ImportFrom)]
        ours = {node.module for node in top if node.module.startswith("yutu2")}
        assert ours <= {"yutu2.cli", "yutu2.cli.options", "yutu2.system.streams", "yutu2.errors"}, path


def test_no_room_imports_one_above_it(monkeypatch, capsys):
    """The contract stands in pyproject.toml; it also knows each module of the package by its room."""
    monkeypatch.chdir(PACKAGE)
    status = lint_imports(config_filename=str(PYPROJECT), no_cache=True)
    assert status == 0, capsys.readouterr().out
