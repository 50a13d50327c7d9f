"""How a scenario gets to a rover: as a process, on an emulated board, in an image."""

import gc
import json
from pathlib import Path

import pytest
from yutu2.dictionary.model import load
from yutu2.line.emulator import RoverEnded
from yutu2.line.source import SourceError, open_port
from yutu2.mission.scenario import ScenarioError
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, read_filesystem
from yutu2.pico.uf2 import flash_contents, read_uf2

SPAN = ["--start", "2020-11-12", "--days", "0.5"]
QUERY = "start=2020-11-12&days=0.5&speed=max"
TEXT = "2020-11-12T06:00:00Z reset # at noon\n"
COMPILED = f"scenario 1 {load().hash.hex()}\n58860000 0 11 1 0 0\n"
WRONG = "2020-11-12 reset\nlater reset\n2020-11-12 rest\n"


@pytest.fixture
def day(tmp_path):
    path = tmp_path / "day of faults.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def witness(tmp_path):
    """A program in place of MicroPython that sends what it was given: its scenario, after the path of it."""
    path = tmp_path / "witness"
    path.write_text(
        '#!/bin/sh\nfor word in "$@"; do case $word in --scenario=*)\n'
        '  echo "${word#--scenario=}"; cat "${word#--scenario=}";;\nesac; done\n'
    )
    path.chmod(0o755)
    return path


def all_of(port):
    data = bytearray()
    port.timeout = None
    with pytest.raises(RoverEnded):
        while True:
            data += port.read(1)
    return data.decode()


@pytest.mark.filterwarnings("error")  # as of a folder that goes only because nobody needs it any more
def test_a_process_gets_it_compiled_in_a_file_that_goes_with_the_port(day, witness):
    port = open_port(f"emulator://unix?scenario={day}&micropython={witness}")
    path, _, compiled = all_of(port).partition("\n")
    assert compiled == COMPILED
    assert Path(path).exists()
    port.close()
    assert not Path(path).exists()
    assert not Path(path).parent.exists()
    port.close()


def test_a_port_that_is_opened_again_reads_it_again(day, witness):
    port = open_port(f"emulator://unix?scenario={day}&micropython={witness}")
    all_of(port)
    port.close()
    day.write_text("")
    port.open()
    assert all_of(port).partition("\n")[2] == COMPILED.splitlines(keepends=True)[0]
    port.close()


def test_a_program_that_forgets_the_port_leaves_no_file(day, witness):
    port = open_port(f"emulator://unix?scenario={day}&micropython={witness}")
    path, _, _ = all_of(port).partition("\n")
    port._receiver.join()
    del port
    gc.collect()
    assert not Path(path).parent.exists()


def test_a_rover_without_a_scenario_is_told_of_none(witness):
    port = open_port(f"emulator://unix?{QUERY}&micropython={witness}")
    assert all_of(port) == ""
    port.close()


@pytest.mark.parametrize("target", ["unix", "cpython", "pico"])
def test_a_wrong_scenario_opens_no_port_and_is_told_line_by_line(day, target):
    day.write_text(WRONG)
    with pytest.raises(ScenarioError) as error:
        open_port(f"emulator://{target}?{QUERY}&scenario={day}")
    assert [line.partition("; ")[0] for line in str(error.value).split("\n")] == [
        f"{day}:2: 'later' is not a UTC time",
        f"{day}:3: unknown fault 'rest'",
    ]


@pytest.mark.slow
def test_a_board_gets_it_compiled_with_a_setting_that_names_it(day):
    port = open_port(f"emulator://pico?link=uart&seed=9&scenario={day}")
    files = read_filesystem(port.pico.flash, FILESYSTEM_REGIONS["pico_w"])
    port.close()
    assert files["scenario.txt"] == COMPILED.encode()
    assert settings_in(files) == {
        **{"start": "2020-11-12T00:00:00Z", "days": "10.9", "link": "uart", "seed": "9", "led": "off"},
        "scenario": "scenario.txt",
    }


def test_an_image_that_boots_as_it_is_takes_none(day):
    with pytest.raises(SourceError, match="an image boots as it is; give its scenario to yutu2 image build"):
        open_port(f"emulator://pico?image=rover.uf2&scenario={day}")


@pytest.fixture(scope="module")
def built(yutu2):
    """`built(folder, *options)`: the files in an image of the command, MicroPython left out."""

    def build(folder, *options):
        done = yutu2("image", "build", "--fs-only", "--out", folder / "rover.uf2", *options)
        assert (done.status, done.err) == (0, "")
        layout = FILESYSTEM_REGIONS["pico_w"]
        return read_filesystem(bytes(flash_contents(read_uf2(folder / "rover.uf2"))), layout)

    return build


def settings_in(files):
    lines = (line.partition("#")[0].partition("=") for line in files["settings.txt"].decode().splitlines())
    return {name.strip(): value.strip() for name, equals, value in lines if equals}


@pytest.mark.slow
def test_an_image_holds_it_and_our_settings(built, day, tmp_path):
    files = built(tmp_path, "--scenario", day)
    assert files["scenario.txt"] == COMPILED.encode()
    plain = built(tmp_path)
    assert "scenario.txt" not in plain
    assert settings_in(files) == settings_in(plain) | {"scenario": "scenario.txt"}


@pytest.mark.slow
def test_an_image_with_other_settings_names_it_too(built, day, tmp_path):
    settings = tmp_path / "settings"
    settings.write_text("scenario = another.txt\nspeed = 60")
    files = built(tmp_path, "--scenario", day, "--settings", settings)
    assert settings_in(files) == {"speed": "60", "scenario": "scenario.txt"}


def test_an_image_is_not_built_with_a_wrong_one(yutu2, day, tmp_path):
    day.write_text(WRONG)
    done = yutu2("image", "build", "--out", tmp_path / "rover.uf2", "--scenario", day)
    assert done.status == 2
    assert len(done.err.splitlines()) == 2
    assert not (tmp_path / "rover.uf2").exists()


def test_a_run_keeps_its_path_as_it_was_given(yutu2, day, witness, tmp_path):
    given = f"./{day.name}"
    done = yutu2("run", *SPAN, "--scenario", given, "--micropython", witness, "--out", "out", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert (tmp_path / "out" / "downlink.tm").read_bytes().partition(b"\n")[2] == COMPILED.encode()
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["options"]["scenario"] == given


def test_a_run_warns_of_what_it_will_not_see(yutu2, day, witness):
    day.write_text("2020-11-12 reset\n2020-11-13 reset\n2020-11-11 hang for 24h\n")
    done = yutu2("run", *SPAN, "--scenario", day, "--micropython", witness)
    assert done.status == 0
    assert done.err.splitlines() == [
        f"yutu2: {day}:{what} lies outside the run, 2020-11-12T00:00:00Z to 2020-11-12T12:00:00Z"
        for what in ("2: reset", "3: hang")
    ]


def test_a_wrong_scenario_is_told_before_anything_is_kept(yutu2, day, tmp_path):
    day.write_text(WRONG)
    done = yutu2("run", *SPAN, "--scenario", day, "--out", tmp_path / "out")
    assert done.status == 2
    assert [line.partition("; ")[0] for line in done.err.splitlines()] == [
        f"yutu2: {day}:2: 'later' is not a UTC time",
        f"yutu2: {day}:3: unknown fault 'rest'",
    ]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("target", ["emulator://unix?lunar_day=3", "/dev/ttyACM0"])
def test_a_line_of_its_own_takes_no_scenario_of_ours(refused, day, target):
    assert refused("run", "--scenario", day, "--target", target) == (
        f"yutu2: --scenario: {target} runs by options of its own; give the scenario in its URL, as "
        "emulator://unix?scenario=FILE, or in a board's image, by yutu2 image build --scenario FILE"
    )


# With the firmware itself


# Without a drive: its pictures take longer than the rover
QUIET = ["--start", "2020-11-13", "--days", "0.5"]


def downlink(yutu2, tmp_path, *options):
    done = yutu2("run", *QUIET, "--out", tmp_path / "out", *options)
    assert (done.status, done.err) == (0, "")
    return (tmp_path / "out" / "downlink.tm").read_bytes()


def test_a_scenario_in_which_nothing_befalls_changes_nothing(yutu2, day, tmp_path):
    day.write_text("# a quiet day\n")
    assert downlink(yutu2, tmp_path, "--scenario", day) == downlink(yutu2, tmp_path)


def test_what_befalls_a_rover_shows_and_is_the_same_everywhere(yutu2, day, tmp_path):
    day.write_text("2020-11-13T06:00 clock_jump seconds=1000\n")
    told = downlink(yutu2, tmp_path, "--scenario", day)
    assert told != downlink(yutu2, tmp_path)
    assert downlink(yutu2, tmp_path, "--scenario", day, "--target", "cpython") == told
