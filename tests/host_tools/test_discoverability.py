"""What tells a user which commands, names and options there are, and by which names they are refused."""

import json
import os
import re
import subprocess
import sys
import tomllib

import pytest
import yutu2 as package
from yutu2.dictionary.model import load
from yutu2.firmware import firmware_dir

VERSION = tomllib.loads((firmware_dir().parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
ANY = "emulator://unix"
KINDS = ("packets", "commands", "events", "faults", "activities", "parameters")


def test_the_version_is_that_of_the_project(yutu2):
    done = yutu2("--version")
    assert (done.status, done.out.decode(), done.err) == (0, f"yutu2 {VERSION}\n", "")
    assert package.__version__ == VERSION


def test_every_place_has_the_same_version():
    firmware = json.loads((firmware_dir() / "package.json").read_text(encoding="utf-8"))
    changelog = (firmware_dir().parent / "CHANGELOG.md").read_text(encoding="utf-8")
    assert firmware["version"] == VERSION
    assert re.findall(r"^## (\S+?),? ", changelog, re.MULTILINE)[0] == VERSION


def test_what_is_no_name_of_the_package_is_none():
    with pytest.raises(AttributeError, match="__versoin__"):
        _ = package.__versoin__


def test_a_package_that_is_not_installed_has_no_version(tmp_path):
    script = "import importlib.metadata as m\ndef gone(name): raise m.PackageNotFoundError(name)\nm.version = gone\n"
    done = subprocess.run(
        [sys.executable, "-c", script + "import yutu2; print(yutu2.__version__)"], capture_output=True
    )
    assert done.stdout.decode().strip() == "unknown"


def complete(environment, words, place):
    completion = {"_YUTU2_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(place)}
    command = [sys.executable, "-c", "import sys; sys.argv[0] = 'yutu2'; from yutu2.cli.main import main; main()"]
    done = subprocess.run(command, env=environment | completion, capture_output=True, text=True)
    return done.stdout.split()


def test_a_shell_completes_commands_options_and_their_values(environment):
    assert complete(environment, "yutu2 ro", 1) == ["route"]
    assert complete(environment, "yutu2 dictionary list ", 3) == list(KINDS)
    assert complete(environment, "yutu2 decode --form", 2) == ["--format"]
    assert complete(environment, "yutu2 send DRI", 2) == ["DRIVE"]
    assert complete(environment, "yutu2 decode --packet HK_PO", 3) == ["HK_POWER"]
    assert complete(environment, "yutu2 chart day24 HK_POWER.box", 3) == ["HK_POWER.box_temperature"]


def test_completion_can_be_installed(yutu2):
    help_text = yutu2("--help").out.decode()
    assert "--install-completion" in help_text
    assert "--show-completion" in help_text


class TestDictionaryList:
    @pytest.mark.parametrize("kind", KINDS)
    def test_each_entry_has_a_line_whose_first_word_is_its_name(self, yutu2, kind):
        done = yutu2("dictionary", "list", kind)
        assert (done.status, done.err) == (0, "")
        heading, *lines = done.out.decode().splitlines()
        assert [line.split()[0].upper() for line in lines] == [entry.name.upper() for entry in getattr(load(), kind)]
        assert heading.split()[0] == "name"

    @pytest.mark.parametrize("kind", KINDS)
    def test_columns_but_the_last_hold_no_blanks_and_begin_below_their_heading(self, yutu2, kind):
        heading, *lines = yutu2("dictionary", "list", kind).out.decode().splitlines()
        starts = [match.start() for match in re.finditer(r"\S+", heading)]
        for line in lines:
            assert all(line[start] != " " and line[start - 1] == " " for start in starts[1:])
            assert len(line[: starts[-1]].split()) == len(starts) - 1

    def test_without_a_kind_it_counts_them(self, yutu2):
        rows = [line.split() for line in yutu2("dictionary", "list").out.decode().splitlines()[1:]]
        assert rows == [[kind, str(len(getattr(load(), kind)))] for kind in KINDS]

    def test_its_help_lists_the_kinds(self, yutu2):
        text = " ".join(yutu2("dictionary", "list", "--help").out.decode().split())
        assert all(kind in text for kind in KINDS)

    def test_an_unknown_kind_is_refused_with_the_kinds(self, refused):
        told = refused("dictionary", "list", "evnts")
        assert "'evnts'" in told
        assert all(kind in told for kind in KINDS)

    def test_a_reader_that_has_enough_ends_it(self, environment):
        command = f"{sys.executable} -m yutu2 dictionary list commands | head -1"
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], env=environment, capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "--lunar-day", "x"], "--lunar-day: 'x' is not a number from 1 to 420"),
        (["run", "--lunar-day", "500"], "--lunar-day: '500' is not a number from 1 to 420"),
        (["run", "--speed", "fast"], "--speed: 'fast' is not a number from 0.001 to 100000 nor max"),
        (["run", "--seed", "-1"], "--seed: '-1' is not a number from 0 to 1073741823"),
        (["run", "--craft", "seed"], "--craft: 'seed' is neither rover nor lander"),
        (["run", "--days", "1"], "--start and --days: give both, as 2020-11-09T02:00:00Z and 0.25"),
        (
            ["run", "--lunar-day", "3", "--start", "2020-11-12", "--days", "1"],
            "--lunar-day: give either it or --start and --days, not both",
        ),
        (["run", "--start", "soon", "--days", "1"], "--start: 'soon' is not a UTC time such as 2020-11-09T02:17:00Z"),
        (["run", "--uplink", "/none"], "/none: cannot be read: No such file or directory; give a list of commands"),
        (["run", "--plan", "/none"], "/none: cannot be read: No such file or directory; give a plan"),
        (["run", "--key", "/none"], "/none: cannot be read: No such file or directory; give a file with a key"),
        (["run", "--target", "/dev/none"], "/dev/none: no such serial port; "),
        (["run", "--target", "emulator://unix?lunar_day=x"], "yutu2: lunar_day: 'x' is not a number from 1 to 420"),
        (["send", "PING", "--to", "emulator://unix?lunarday=3"], "did you mean lunar_day?"),
        (["send", "PING", "--to", "emulator://unx"], "unknown target 'unx'; did you mean unix?"),
        (["send", "PINGG", "--to", "emulator://unix"], "unknown command 'PINGG'; did you mean PING?"),
        (
            ["send", "MOVE", "evnt=HEAT", "--to", "emulator://unix"],
            "unknown argument 'evnt' of MOVE; did you mean event?",
        ),
        (["send", "MOVE", "event=HAET", "--to", "emulator://unix"], "event: unknown 'HAET'; did you mean HEAT?"),
        (
            ["send", "PING", "--craft", "landr", "--to", "emulator://unix"],
            "unknown craft 'landr'; did you mean lander?",
        ),
        (
            ["decode", "x", "--packet", "HK_POWR"],
            "--packet: unknown packet 'HK_POWR'; did you mean HK_POWER or HK_LPR?",
        ),
        (["decode", "x", "--packet", "zzz"], "--packet: unknown packet 'zzz'; choose from TIME, "),
        (["rum"], "No such command 'rum'. Did you mean 'run'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_names_what_was_typed_and_prints_no_heading(yutu2, arguments, told):
    done = yutu2(*arguments)
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith("yutu2: ")
    assert told in done.err


@pytest.mark.skipif(os.name != "posix", reason="needs file modes")
def test_a_folder_that_cannot_be_made_is_told_before_any_heading(yutu2, tmp_path):
    (tmp_path / "file").touch()
    done = yutu2("run", "--out", tmp_path / "file" / "below")
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith("yutu2: --out: ")
