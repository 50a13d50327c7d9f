"""The package as a user has it: a wheel, or an editable install, in an environment of its own.

Needs the package registry, for what the package depends on.
"""

import contextlib
import os
import pty
import subprocess
import sys
import tty
import venv
import zipfile

import pytest
from yutu2.firmware import firmware_dir

MARKER = bytes.fromhex("1ACFFC1D")
QUIT = b"\x1d"  # Ctrl-]
CHECKOUT = firmware_dir().parent

pytestmark = [
    pytest.mark.slow,  # two virtual environments, with all that the package depends on
    pytest.mark.skipif(
        not (CHECKOUT / "pyproject.toml").exists(), reason="needs a checkout, to build the package from"
    ),
]


def call(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=clean(), **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def clean():
    """The environment without this checkout's folders."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MICROPYPATH")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    call(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, CHECKOUT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module", params=["wheel", "editable"])
def python(request, tmp_path_factory):
    """The Python of a new environment with the package in it."""
    folder = tmp_path_factory.mktemp(request.param)
    what = [request.getfixturevalue("wheel")] if request.param == "wheel" else ["--editable", CHECKOUT]
    venv.create(folder, with_pip=True, symlinks=True)
    call(folder / "bin" / "python", "-m", "pip", "install", "--quiet", *what)
    return folder / "bin" / "python"


def test_the_wheel_holds_firmware_and_tables_and_no_litter(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    firmware = {
        f"yutu2/_firmware/{path.relative_to(firmware_dir()).as_posix()}"
        for pattern in ("*.py", "rover/**/*.py", "dictionary.toml")
        for path in firmware_dir().glob(pattern)
    }
    assert len(firmware) > 20
    assert firmware <= names
    assert names >= {
        "yutu2/cli/main.py",
        "yutu2/py.typed",
        "yutu2/mission/published.csv",
        "serial/urlhandler/protocol_emulator.py",
    }
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".tm"))] == []
    assert [name for name in names if name.startswith(("tests/", "host_tools/", "firmware/"))] == []


def test_the_base_has_pictures_and_names_the_extra_of_fits_files(python, tmp_path):
    options = ("run", "--start", "2020-11-10T18:00:00Z", "--days", "0.05", "--out", "day")
    done = subprocess.run(
        [python.with_name("yutu2"), *options], cwd=tmp_path, env=clean(), capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "pip install '.[fits]'" in done.stderr
    assert list((tmp_path / "day" / "products").glob("*.png"))
    assert not list((tmp_path / "day" / "products").glob("*.fits"))


def test_the_command_runs_from_any_folder(python, tmp_path, day24):
    told = call(python.with_name("yutu2"), "run", "--out", "day", cwd=tmp_path)
    assert "ROVER_WAKE" in told
    assert (tmp_path / "day" / "downlink.tm").read_bytes() == day24
    assert call(python, "-m", "yutu2", "decode", "day/downlink.tm", "--packet", "ROVER_WAKE", cwd=tmp_path)


def test_pyserial_knows_the_emulator(python, tmp_path):
    script = (
        "import serial; port = serial.serial_for_url('emulator://unix?speed=max'); "
        "print(port.read(4).hex(), port.port); port.close()"
    )
    assert call(python, "-c", script, cwd=tmp_path).split() == [MARKER.hex(), "emulator://unix?speed=max"]


def test_miniterm_shows_the_emulator(python, tmp_path):
    url = "emulator://unix?speed=60"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execve(python, [str(python), "-m", "serial.tools.miniterm", url, "--raw"], clean())
    tty.setraw(terminal)
    shown = b""
    while MARKER not in shown:
        shown += os.read(terminal, 1000)
    assert b"--- Miniterm on emulator://unix" in shown
    os.write(terminal, QUIT)
    # An error is the end of a terminal
    with contextlib.suppress(OSError):
        while os.read(terminal, 1000):
            pass
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
