"""The command line of the firmware, on both runtimes."""

import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from yutu2.firmware import firmware_dir

SHORT = ("--start=2020-11-12", "--days=0.1")

WRONG = [
    (["--craft=submarine"], "craft"),
    (["--start=2018-12-31", "--days=1"], "start"),
    (["--start=2053-01-09", "--days=1"], "days"),
    (["--speed=-1"], "speed"),
    (["--speed=0"], "speed"),
    (["--lunar-day=24", "--start=2020-11-09", "--days=1"], "lunar-day"),
    (["--start=2020-11-09"], "days"),
    (["--colour=red"], "--colour"),
    (["day24"], "day24"),
    (["-s", "7"], "-s"),
    (["--seed"], "--seed"),
    (["--seed="], "seed"),
]


def test_a_run_that_comes_to_its_end_says_nothing_and_returns_0(interpreter, run_rover, receive_whole):
    done = run_rover(interpreter, *SHORT)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(receive_whole(done.stdout).housekeeping()) == 145


@pytest.mark.parametrize(
    ("options", "name"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_wrong_use_is_told_in_one_line_and_returns_2(interpreter, run_rover, options, name):
    done = run_rover(interpreter, *options)
    assert (done.returncode, done.stdout) == (2, b"")
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("rover: ")
    assert name in lines[0]


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_tells_all_options(interpreter, run_rover, option):
    done = run_rover(interpreter, "--seed=x", option)
    assert (done.returncode, done.stderr) == (0, b"")
    for name in ("craft", "lunar-day", "start", "days", "seed", "speed", "link", "scenario"):
        assert f"--{name}" in done.stdout.decode()


def test_an_option_and_its_value_may_stand_apart(interpreter, run_rover):
    apart = [part for option in SHORT for part in option.split("=")]
    assert run_rover(interpreter, *apart).stdout == run_rover(interpreter, *SHORT).stdout


@pytest.mark.parametrize(("start", "warned"), [("2044-12-31", False), ("2044-12-31T00:01", True)])
def test_a_date_past_the_fit_of_the_sun_is_warned_of(interpreter, run_rover, start, warned):
    done = run_rover(interpreter, f"--start={start}", "--days=1")
    assert done.returncode == 0
    assert done.stderr.decode().splitlines() == (
        ["rover: from 2045 on the Sun's series is past its fit: its place is less sure"] if warned else []
    )


def test_telemetry_does_not_go_to_a_terminal(interpreter):
    ground, terminal = pty.openpty()
    command = [*interpreter, str(firmware_dir() / "main.py"), *SHORT]
    done = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE)
    os.write(terminal, b"$")
    assert os.read(ground, 100) == b"$"  # and nothing before it
    os.close(ground)
    os.close(terminal)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("rover: standard output is a terminal")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("speed", ["max", "20000"])
def test_a_ground_that_hangs_up_makes_no_traceback(interpreter, speed):
    """As `main.py | head -c 3000` does."""
    command = [*interpreter, str(firmware_dir() / "main.py"), "--start=2020-11-12", "--days=3", f"--speed={speed}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as rover:
        rover.stdout.read(1119)
        rover.stdout.close()
        told = rover.stderr.read().decode()
    assert "Traceback" not in told
    assert len(told.splitlines()) <= 1
    assert rover.returncode != 1  # that would be a fault of the rover


def test_a_full_disk_is_told_in_one_line(interpreter, run_rover):
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full, which only Linux has")
    done = run_rover(interpreter, *SHORT, "--link=/dev/full")
    assert (done.returncode, done.stdout) == (2, b"")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_steps_of_the_plan_that_come_late_by_the_wall_are_told(interpreter):
    """A rover that is held up for 50 minutes of its mission, in which its plan has a step at 18:49."""
    options = ("--start=2020-11-10T17:50", "--days=0.05", "--speed=2000")
    command = [*interpreter, str(firmware_dir() / "main.py"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as rover:
        assert rover.stdout.read(1)
        rover.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        rover.send_signal(signal.SIGCONT)
        rover.stdout.read()
        told = rover.stderr.read().decode()
    assert rover.returncode == 0
    told = re.fullmatch(
        r"rover: (\d+) activities were late, of them (\d+) steps of the plan, by \d+ ms at most\n", told
    )
    assert 1 <= int(told[2]) < int(told[1])
