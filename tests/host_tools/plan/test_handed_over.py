"""How a plan gets to a rover: as a process, on an emulated board, in an image."""

import json

import pytest
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.line.source import SourceError, open_port
from yutu2.mission.plan import PlanError, read_plan
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, read_filesystem
from yutu2.pico.uf2 import flash_contents, read_uf2

SPAN = ["--start", "2020-11-11T06:00:00Z", "--days", "0.1"]
QUERY = "start=2020-11-11T06:00:00Z&days=0.1&speed=max"


@pytest.fixture
def day(plan_file):
    """The path of a plan."""
    return plan_file("a: at sunrise + 3d vnis_detect", "b: after a vnis_calibrate")


def activities(octets):
    """(step, activity) of those that were done."""
    reports = TelemetryDecoder(load()).feed(octets)
    done = [report.fields for report in reports if report.name == "ACTIVITY_DONE"]
    return [(fields["step"], fields["activity"]) for fields in done]


@pytest.mark.parametrize("target", ["unix", "cpython"])
def test_a_run_follows_it_and_keeps_its_path(yutu2, day, tmp_path, target):
    done = yutu2("run", *SPAN, "--plan", day, "--out", tmp_path / "out", "--target", target)
    assert (done.status, done.err) == (0, "")
    octets = (tmp_path / "out" / "downlink.tm").read_bytes()
    assert activities(octets) == [(1, "VNIS_DETECT"), (2, "VNIS_CALIBRATE")]
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["options"]["plan"] == day


def test_it_goes_with_a_scenario(yutu2, day, tmp_path):
    scenario = tmp_path / "day.scenario"
    scenario.write_text("2020-11-11T06:10 load_dead load=LOAD_VNIS for 30min\n")
    done = yutu2("run", *SPAN, "--plan", day, "--scenario", scenario, "--out", tmp_path / "out")
    assert (done.status, done.err) == (0, "")
    assert activities((tmp_path / "out" / "downlink.tm").read_bytes()) == []
    assert "ACTIVITY_FAILED" in done.out.decode()


def test_a_run_of_another_lunar_day_is_warned_of(yutu2, day):
    done = yutu2("run", "--start", "2020-12-10", "--days", "0.1", "--plan", day)
    assert done.status == 0
    assert done.err == (
        f"yutu2: {day}: lunar day 24 lies outside the run, 2020-12-10T00:00:00Z to 2020-12-10T02:24:00Z\n"
    )


def test_a_wrong_plan_is_told_before_anything_is_kept(refused, plan_file, tmp_path):
    path = plan_file("a: at noon dig")
    told = refused("run", *SPAN, "--plan", path, "--out", tmp_path / "out")
    assert told.startswith(f"yutu2: {path}:3: unknown activity 'dig'; ")
    assert not (tmp_path / "out").exists()


def test_a_lander_has_no_plan(yutu2, day):
    done = yutu2("run", *SPAN, "--craft", "lander", "--plan", day)
    assert (done.status, done.err) == (
        2,
        "yutu2: the rover ended with exit status 2: plan: the lander does not drive; leave it out\n",
    )


@pytest.mark.parametrize("target", ["emulator://unix?lunar_day=3", "/dev/ttyACM0"])
def test_a_line_of_its_own_takes_no_plan_of_ours(refused, day, target):
    assert refused("run", "--plan", day, "--target", target) == (
        f"yutu2: --plan: {target} runs by options of its own; give the plan in its URL, as "
        "emulator://unix?plan=FILE, or in a board's image, by yutu2 image build --plan FILE"
    )


@pytest.mark.parametrize("target", ["unix", "cpython", "pico"])
def test_a_wrong_plan_opens_no_port(plan_file, target):
    path = plan_file("a: at noon dig")
    with pytest.raises(PlanError, match=":3: unknown activity 'dig'; "):
        open_port(f"emulator://{target}?{QUERY}&plan={path}")


@pytest.mark.slow
def test_a_board_gets_it_compiled_with_a_setting_that_names_it(day):
    port = open_port(f"emulator://pico?link=uart&plan={day}")
    files = read_filesystem(port.pico.flash, FILESYSTEM_REGIONS["pico_w"])
    port.close()
    assert files["plan.txt"] == read_plan(day).compiled().encode()
    assert files["settings.txt"].decode().splitlines()[-1] == "plan = plan.txt"


def test_an_image_that_boots_as_it_is_takes_none(day):
    with pytest.raises(SourceError, match="an image boots as it is; give its plan to yutu2 image build --plan FILE"):
        open_port(f"emulator://pico?image=rover.uf2&plan={day}")


@pytest.mark.slow
def test_an_image_holds_it(yutu2, day, tmp_path):
    done = yutu2("image", "build", "--fs-only", "--out", tmp_path / "rover.uf2", "--plan", day)
    assert (done.status, done.err) == (0, "")
    files = read_filesystem(bytes(flash_contents(read_uf2(tmp_path / "rover.uf2"))), FILESYSTEM_REGIONS["pico_w"])
    assert files["plan.txt"] == read_plan(day).compiled().encode()
    assert files["settings.txt"].decode().splitlines()[-1] == "plan = plan.txt"
    assert "scenario.txt" not in files


def test_an_image_is_not_built_with_a_wrong_one(refused, plan_file, tmp_path):
    path = plan_file("a: at noon dig")
    told = refused("image", "build", "--out", tmp_path / "rover.uf2", "--plan", path)
    assert told.startswith(f"yutu2: {path}:3: ")
    assert not (tmp_path / "rover.uf2").exists()
