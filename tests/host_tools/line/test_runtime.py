"""Which MicroPython runs the firmware: the one given, the environment's, the one on PATH, none."""

import os
import sys
import venv
from pathlib import Path
from subprocess import run

import pytest
from yutu2.firmware import firmware_dir
from yutu2.line.runtime import RuntimeMissing, find_micropython, firmware_command

ASK = "from yutu2.line.runtime import find_micropython; print(find_micropython())"
PACKAGE = Path(find_micropython.__code__.co_filename).parents[2]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The Python of a new environment, which has no MicroPython of its own."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    return folder / "bin" / "python"


@pytest.fixture
def program(tmp_path):
    """`program(folder)`: a program `micropython` in that folder."""

    def make(folder):
        path = Path(folder) / "micropython"
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\necho here\n")
        path.chmod(0o755)
        return path

    return make


def ask(python, path):
    """What an interpreter finds when PATH is `path`."""
    environment = os.environ | {"PATH": str(path), "PYTHONPATH": str(PACKAGE)}
    return run([python, "-c", ASK], env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_the_one_given_goes_before_all(program, tmp_path, monkeypatch):
    on_path, given = program(tmp_path / "path"), program(tmp_path / "given")
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_micropython(str(given)) == given


def test_a_name_that_is_given_is_looked_up_on_path(program, tmp_path, monkeypatch):
    path = program(tmp_path / "path").rename(tmp_path / "path" / "micropython-dev")
    monkeypatch.setenv("PATH", str(path.parent))
    assert find_micropython("micropython-dev") == path


def test_the_environment_s_own_goes_before_path(bare, program, tmp_path):
    on_path, own = program(tmp_path / "path"), program(bare.parent)
    try:
        assert ask(bare, on_path.parent) == str(own)
        # and the environment need not be activated
        assert ask(bare, tmp_path) == str(own)
    finally:
        own.unlink()


def test_else_it_is_the_one_on_path(bare, program, tmp_path):
    on_path = program(tmp_path / "path")
    assert ask(bare, on_path.parent) == str(on_path)


def test_else_there_is_none(bare, tmp_path):
    assert ask(bare, tmp_path) == "None"


def test_a_file_that_cannot_be_run_is_none(bare, program, tmp_path):
    path = program(tmp_path / "path")
    path.chmod(0o644)
    assert ask(bare, path.parent) == "None"
    with pytest.raises(RuntimeMissing):
        find_micropython(str(path))


def test_one_given_that_is_not_there_is_told(tmp_path):
    missing = str(tmp_path / "micropython")
    with pytest.raises(RuntimeMissing, match=f"^--micropython: program {missing} not found; leave the option out"):
        find_micropython(missing)


def test_the_command_names_the_options_as_the_firmware_does():
    main = str(firmware_dir() / "main.py")
    options = {"lunar_day": "3", "seed": "9"}
    given = ["--lunar-day=3", "--seed=9"]
    assert firmware_command(None, options) == [sys.executable, main, *given]
    assert firmware_command(Path("/x/micropython"), options) == ["/x/micropython", "-X", "heapsize=400k", main, *given]


def test_without_any_the_rover_runs_on_cpython_and_says_so(bare, tmp_path):
    """The packages of this environment, in one whose scripts have no MicroPython."""
    packages = [str(PACKAGE), *(folder for folder in sys.path if folder.endswith("site-packages"))]
    environment = os.environ | {"PATH": str(tmp_path), "PYTHONPATH": os.pathsep.join(packages)}
    command = [bare, "-m", "yutu2", "run", "--start", "2020-11-12", "--days", "0.01"]
    done = run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == "yutu2: MicroPython not found; the rover runs on CPython\n"
    assert "HK_COMPUTER" in done.stdout
