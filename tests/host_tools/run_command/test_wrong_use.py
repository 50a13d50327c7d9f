"""What `yutu2 run` and the other commands refuse, and how."""

import pytest

SPAN = ["--start", "2020-11-12", "--days", "1"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--craft", "beagle"], "'beagle'"),
        (["--start", "2018-12-31", "--days", "1"], "2018-12-31"),
        (["--start", "2053-01-01", "--days", "30"], "2053-01-09T13:37:04Z"),
        (["--start", "yesterday", "--days", "1"], "'yesterday'"),
        (["--start", "2020-11-12"], "give both"),
        (["--days", "1"], "give both"),
        (["--lunar-day", "24", *SPAN], "not both"),
        (["--speed", "-1"], "'-1'"),
        (["--speed", "0"], "'0'"),
        (["--lunar-day", "0"], "'0'"),
        (["--lunar-day", "1000"], "'1000'"),
        (["--seed", "-1"], "'-1'"),
        (["--seed", "seven"], "'seven'"),
        (["--micropython", "{tmp}/none"], "--micropython: program {tmp}/none not found; leave the option out"),
        (
            ["--target", "venus"],
            "--target: unknown target 'venus'; choose from unix, cpython, pico-emulated, a URL, a serial device",
        ),
        (
            ["--target", "emulator://unix?lunar_day=3", "--seed", "9"],
            "--seed: emulator://unix?lunar_day=3 runs by options of its own; give the seed in its URL, as "
            "emulator://unix?seed=9, or in a board's settings.txt",
        ),
        (["--target", "/dev/ttyACM0", "--craft", "lander"], "--craft: /dev/ttyACM0 runs by options of its own; "),
        (["--target", "emulator://venus"], "emulator://venus: unknown target 'venus'"),
        (["--target", "{tmp}/ttyX"], "{tmp}/ttyX: no such serial port; "),
        (["--target", "socket://127.0.0.1:9"], "Could not open port socket://127.0.0.1:9: "),
        (["--gravity", "1.6"], "No such option: --gravity"),
        (["lander"], "Got unexpected extra argument(s) (lander)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_told_in_one_line(refused, tmp_path, arguments, told):
    (tmp_path / "file").touch()
    line = refused("run", *(argument.format(tmp=tmp_path) for argument in arguments))
    assert line.startswith(("yutu2: ", "rover: "))
    assert told.format(tmp=tmp_path) in line


@pytest.mark.parametrize("path", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_told_in_one_line(refused, tmp_path, path):
    (tmp_path / "file").touch()
    assert "--out: " in refused("run", "--out", tmp_path / path)


def test_wrong_use_leaves_an_earlier_run_as_it_was(yutu2, tmp_path):
    (tmp_path / "downlink.tm").write_bytes(b"of an earlier day")
    yutu2("run", "--lunar-day", "0", "--out", tmp_path)
    assert (tmp_path / "downlink.tm").read_bytes() == b"of an earlier day"


def test_a_rover_that_takes_its_time_to_refuse_leaves_it_too(yutu2, tmp_path):
    """As on a busy machine."""
    (tmp_path / "downlink.tm").write_bytes(b"of an earlier day")
    slow = tmp_path / "micropython"
    slow.write_text("#!/bin/sh\nsleep 1\nexit 2\n")
    slow.chmod(0o755)
    assert yutu2("run", "--micropython", slow, "--out", tmp_path).status == 2
    assert (tmp_path / "downlink.tm").read_bytes() == b"of an earlier day"


def test_an_unknown_command_is_told_in_one_line(refused):
    assert refused("jump") == "yutu2: No such command 'jump'. (see yutu2 --help)"


def test_a_wrong_seed_of_the_calendar_is_told_in_one_line(refused):
    assert "--seed" in refused("calendar", "--seed", "x")


@pytest.mark.parametrize("arguments", [[], ["dictionary"]], ids=["yutu2", "yutu2 dictionary"])
def test_no_command_at_all_shows_the_help_alone(yutu2, arguments):
    done = yutu2(*arguments)
    assert b"Usage" in done.out
    assert done.err == ""
