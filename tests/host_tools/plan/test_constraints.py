"""`yutu2 plan check --no-dry-run`: what can be said of a plan without a rover."""

import pytest
from yutu2.dictionary.model import load
from yutu2.dictionary.text import MS
from yutu2.firmware import EPOCH, firmware_dir
from yutu2.mission.plan import PlanError, read_plan
from yutu2.mission.plan_constraints import check_constraints
from yutu2.runs.dry_run import rehearse

DRIVE = "a: at sunrise + 4d drive bearing=3 distance=5"


@pytest.fixture
def checked(read):
    """`checked(line, ...)`: what is due when, by the names of the steps."""
    return lambda *lines: {one.step.name: one for one in check_constraints(read(*lines), 24, load())}


@pytest.fixture
def refused_lines(checked):
    def refused(*lines):
        with pytest.raises(PlanError) as error:
            checked(*lines)
        return str(error.value).split("\n")

    return refused


def test_the_rover_s_own_plan_is_due_when_a_rover_does_it():
    plan = read_plan(str(firmware_dir() / "lunar_day.plan"))
    due = {one.step.name: one for one in check_constraints(plan, 24, load())}
    rehearsed = {done.step.name: done for done in rehearse(plan, 24, 7, lambda time: None).done}
    known = {name: one for name, one in due.items() if one.begin is not None}
    assert len(known) == 12  # the others count from the end of a drive
    for name, one in known.items():
        assert EPOCH + one.begin * MS == rehearsed[name].begin, name
        assert one.end is None or EPOCH + one.end * MS == rehearsed[name].end, name


def test_what_counts_from_the_end_of_a_drive_is_not_known(checked):
    due = checked(
        "b: after a vnis_detect", "a: at noon - 2d drive bearing=3 distance=5", "c: with a + 1s vnis_calibrate"
    )
    assert [(due[name].begin is None, due[name].end is None) for name in "abc"] == [
        (False, True),
        (True, True),
        (False, False),
    ]


def test_a_sun_too_low_is_told(refused_lines):
    (line,) = refused_lines("a: at noon - 2d vnis_detect", "b: at sunrise + 1h vnis_detect")
    assert line.startswith("day.plan:4: b cannot begin at 2020-11-08 07:16:30.000: the Sun stands at ")
    assert line.endswith(" deg, and vnis_detect needs it between 15 and 90")


def test_two_that_need_the_same_at_the_same_time_are_told(refused_lines, checked):
    first = "a: at noon - 2d pcam_ring pitches=2"  # 20 minutes
    (line,) = refused_lines(first, "b: with a + 19min pcam_ring pitches=1")
    assert line == "day.plan:4: b cannot begin at 2020-11-13 14:21:50.000: a has MAST_HEAD until it ends"
    assert len(checked(first, "b: with a + 20min pcam_ring pitches=1", "c: with a vnis_detect")) == 3


def test_the_command_needs_no_rover(yutu2, plan_file, tmp_path):
    path = plan_file(
        "a: at sunrise + 3d vnis_detect", "go: at sunrise + 4d drive bearing=3 distance=5", "b: after go vnis_detect"
    )
    done = yutu2("plan", "check", path, "--no-dry-run", "--out", tmp_path / "compiled")
    assert (done.status, done.err) == (0, f"{tmp_path / 'compiled'}\n")
    assert done.out.decode().splitlines() == [
        "  due (UTC)                ends                     step  what",
        "  2020-11-11 06:16:30.000  2020-11-11 06:36:30.000  a     vnis_detect",
        "  2020-11-12 06:16:30.000  -                        go    drive bearing=3 distance=5",
        "  -                        -                        b     vnis_detect",
        "",
        "Lunar day 24: 3 steps; without a dry run power, heat, data and driving are not checked.",
    ]
    assert (tmp_path / "compiled").read_text() == read_plan(path).compiled()


def test_the_command_refuses_in_one_line(refused, plan_file, tmp_path):
    path = plan_file("b: at sunrise + 1h vnis_detect")
    told = refused("plan", "check", path, "--no-dry-run", "--out", tmp_path / "compiled")
    assert told.startswith(f"yutu2: {path}:3: b cannot begin at 2020-11-08 07:16:30.000: the Sun stands at ")
    assert not (tmp_path / "compiled").exists()
