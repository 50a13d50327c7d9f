"""The patches of firmware/EXTENDING.md: each applies to a copy of the checkout and does what the page says."""

import os
import shutil
import subprocess
import sys

import pytest
from yutu2.firmware import firmware_dir

from .pages import marked

CHECKOUT = firmware_dir().parent
ROVER = "emulator://unix?speed=60"
START = ("--start", "2020-11-12T06:00:00Z", "--days", "0.05")

# Slow: a few processes each
pytestmark = pytest.mark.slow


@pytest.fixture
def extended(tmp_path):
    """`extended(name)`: a function that runs yutu2 with a patch applied, and returns what it prints."""

    def yutu2(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "yutu2", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(tmp_path / "host_tools")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def extend(name):
        for folder in ("firmware", "host_tools"):
            shutil.copytree(CHECKOUT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
        patch = marked(name)[1]
        subprocess.run(["git", "apply", "--verbose", "-"], cwd=tmp_path, input=patch, text=True, check=True)
        yutu2("dictionary", "generate")
        return yutu2

    return extend


def test_a_housekeeping_field_goes_out(extended):
    yutu2 = extended("field")
    yutu2("run", *START, "--out", "day")
    assert "box_b_temperature=29." in yutu2("decode", "day", "--packet", "HK_POWER")


def test_a_parameter_is_set(extended):
    yutu2 = extended("parameter")
    told = yutu2("send", "PARAMETER_SET", "parameter=DRIVE_TOLERANCE", "value=0.5", "--to", ROVER)
    assert "TC_DONE" in told


def test_a_telecommand_is_executed(extended):
    assert "TC_DONE" in extended("command")("send", "LOADS_RESTORE", "--to", ROVER)


def test_a_fault_happens(extended, tmp_path):
    yutu2 = extended("fault")
    (tmp_path / "trouble.txt").write_text("2020-11-12T06:00:30Z odometer_jump decimetres=100\n")
    yutu2("run", *START, "--scenario", "trouble.txt", "--out", "day")
    first, second, *_ = yutu2("decode", "day", "--format", "csv", "--packet", "HK_DRIVE").splitlines()[1:]
    column = 4  # behind time, virtual channel, APID and count
    assert 10 < float(second.split(",")[column]) - float(first.split(",")[column]) < 16
