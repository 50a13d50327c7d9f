"""What the README shows is what the commands print."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from yutu2.dictionary.model import load
from yutu2.firmware import firmware_dir
from yutu2.scenario import compile_scenario

README = Path(__file__).parent.parent / "README.md"


def block(name: str) -> str:
    """The text between the marks `<!-- name -->` and `<!-- end of name -->`, its fence left out."""
    found = re.search(rf"<!-- {name} -->\n```\w*\n(.*?)```\n<!-- end of {name} -->", README.read_text(), re.DOTALL)
    assert found is not None, f"the README has no {name}"
    return found[1]


@pytest.mark.parametrize(
    ("name", "arguments", "lines"),
    [("transcript", ["run", "--lunar-day", "24", "--out", "day24"], None), ("calendar", ["calendar"], 4)],
)
def test_the_readme_shows_what_the_command_prints(tmp_path, name, arguments, lines):
    done = subprocess.run([sys.executable, "-m", "yutu2", *arguments], cwd=tmp_path, capture_output=True, text=True)
    printed = done.stdout.splitlines()[-lines:] if lines else done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert block(name).splitlines() == printed


def test_the_scenario_in_the_readme_is_a_good_one():
    lines = block("scenario")
    entries = [line for line in lines.splitlines() if not line.startswith("#")]
    assert len(compile_scenario(lines, "README.md", load()).entries) == len(entries) == 4


def test_the_plan_in_the_readme_is_the_rover_s_own():
    own = (firmware_dir() / "lunar_day.plan").read_text(encoding="utf-8")
    assert own.endswith("\n" + block("plan"))


def test_the_pictures_in_the_readme_are_there():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README.read_text())
    assert pictures
    assert all((README.parent / picture).read_bytes().startswith(b"\x89PNG") for picture in pictures)
