"""`yutu2 plan check`."""

import signal
import time

import pytest
from yutu2.mission.plan import read_plan

GOOD = ("a: at sunrise + 3d vnis_detect", "b: after a vnis_calibrate")
LATE = "a: at sunset - 1h vnis_detect"


def test_a_good_plan_is_shown_as_a_timeline(yutu2, plan_file):
    done = yutu2("plan", "check", plan_file(*GOOD))
    assert (done.status, done.err) == (0, "")
    assert done.out.decode().splitlines() == [
        "  begins (UTC)             ends                     step      W     KiB  what",
        "  2020-11-11 06:16:30.000  2020-11-11 06:36:30.000  a      20.0       8  vnis_detect",
        "  2020-11-11 06:36:30.000  2020-11-11 06:46:30.000  b      20.0       5  vnis_calibrate",
        "",
        "Lunar day 24, seed 7: 2 steps, 0.0 m driven, 13 of 4,096 KiB of data.",
    ]


def test_the_compiled_form_is_written_where_it_is_wanted(yutu2, plan_file, tmp_path):
    path, out = plan_file(*GOOD), tmp_path / "compiled"
    done = yutu2("plan", "check", path, "--out", out, "--seed", "3")
    assert (done.status, done.err) == (0, f"{out}\n")
    assert done.out.decode().splitlines()[-1].startswith("Lunar day 24, seed 3: ")
    assert out.read_text(encoding="ascii") == read_plan(path).compiled()


def test_every_wrong_line_is_a_line_on_standard_error(yutu2, plan_file, tmp_path):
    path = plan_file("a: at noon dig", "b: with c vnis_detect")
    done = yutu2("plan", "check", path, "--out", tmp_path / "compiled")
    assert (done.status, done.out) == (2, b"")
    assert [line.partition(";")[0] for line in done.err.splitlines()] == [
        f"yutu2: {path}:3: unknown activity 'dig'",
        f"yutu2: {path}:4: unknown step 'c'",
    ]
    assert not (tmp_path / "compiled").exists()


def test_what_a_rover_cannot_do_is_told_and_not_compiled(refused, plan_file, tmp_path):
    path = plan_file(LATE)
    told = refused("plan", "check", path, "--out", tmp_path / "compiled")
    assert told == f"yutu2: {path}:3: a never begins: too late: the rover parks at 2020-11-21 14:46:30.000"
    assert not (tmp_path / "compiled").exists()


def test_wrong_use_is_told(refused, plan_file, tmp_path):
    path = plan_file(*GOOD)
    none = tmp_path / "none.plan"
    assert refused("plan", "check", none) == (
        f"yutu2: {none}: cannot be read: No such file or directory; give a plan, a text file"
    )
    assert refused("plan", "check", path, "--out", path) == (
        f"yutu2: {path}: is the source itself; write somewhere else"
    )
    assert refused("plan", "check", path, "--lunar-day", "25").startswith("yutu2: --lunar-day: ")


@pytest.mark.slow
def test_ctrl_c_ends_it_and_the_rover(start, plan_file, environment, monkeypatch, tmp_path):
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    monkeypatch.setitem(environment, "TMPDIR", str(rooms))
    process = start("plan", "check", plan_file(LATE))
    while not list(rooms.iterdir()):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"yutu2: interrupted\n")
    assert not list(rooms.iterdir())
