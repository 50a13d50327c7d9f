"""What the README shows is what the commands print."""

import re
from pathlib import Path

import pytest
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.firmware import firmware_dir
from yutu2.line.source import read_source
from yutu2.mission.scenario import compile_scenario

README = Path(__file__).parent.parent / "README.md"


def test_the_transcript_in_the_readme_is_what_the_command_prints(day24_run, readme_block):
    done, _ = day24_run
    assert done.returncode == 0, done.stderr
    assert readme_block("transcript") == done.stdout.decode()


def test_the_scenario_in_the_readme_is_a_good_one(readme_block):
    lines = readme_block("scenario")
    entries = [line for line in lines.splitlines() if not line.startswith("#")]
    assert len(compile_scenario(lines, "README.md", load()).entries) == len(entries) == 4


def test_the_plan_in_the_readme_is_the_rover_s_own(readme_block):
    own = (firmware_dir() / "lunar_day.plan").read_text(encoding="utf-8")
    assert own.endswith("\n" + readme_block("plan"))


@pytest.mark.slow
def test_the_program_in_the_readme_commands_a_rover(readme_block, capsys):
    exec(readme_block("python"), {})
    charge, odometer = map(float, capsys.readouterr().out.split())
    assert 50 < charge <= 100
    assert odometer > 0


def test_the_uplink_file_in_the_readme_is_obeyed(readme_block, tmp_path):
    (tmp_path / "day.uplink").write_text(readme_block("uplink"))
    url = f"emulator://unix?start=2020-11-12T03:59&days=0.1&speed=max&uplink={tmp_path / 'day.uplink'}"
    reception = TelemetryDecoder(load())
    names = [report.name for octets in read_source(url) for report in reception.feed(octets)]
    assert names.count("TC_DONE") == 3
    assert "HK_STOP" in names


def test_the_pictures_in_the_readme_are_there():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README.read_text())
    assert pictures
    assert all((README.parent / picture).read_bytes().startswith(b"\x89PNG") for picture in pictures)
