"""What the pages of documentation show is what the commands print, and where they point there is something."""

import re

import pytest
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.firmware import firmware_dir
from yutu2.line.source import read_source
from yutu2.mission.scenario import compile_scenario

from .pages import PAGES, here_document, name_of, refusal

# Of GitHub's headings: their texts in lower case, without punctuation, blanks as hyphens
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def test_the_first_page_is_short():
    assert len(PAGES[0].read_text(encoding="utf-8").splitlines()) <= 150


def test_the_transcript_is_what_the_command_prints(day24_run, readme_block):
    done, _ = day24_run
    assert done.returncode == 0, done.stderr
    assert readme_block("transcript") == done.stdout.decode()


def test_the_scenario_is_a_good_one(readme_block):
    lines = here_document(readme_block("scenario"))
    assert len(compile_scenario(lines, "README.md", load()).entries) == len(lines.splitlines()) == 4


def test_the_plan_is_the_rover_s_own(readme_block):
    own = (firmware_dir() / "lunar_day.plan").read_text(encoding="utf-8")
    assert own.endswith("\n" + readme_block("plan"))


def test_the_refusal_of_a_plan_is_what_the_command_prints(readme_block):
    assert readme_block("refusal") == refusal()


@pytest.mark.slow
def test_the_program_commands_a_rover(readme_block, capsys):
    exec(readme_block("python"), {})
    charge, odometer = map(float, capsys.readouterr().out.split())
    assert 50 < charge <= 100
    assert odometer > 0


def test_the_uplink_file_is_obeyed(readme_block, tmp_path):
    (tmp_path / "day.uplink").write_text(here_document(readme_block("uplink")))
    url = f"emulator://unix?start=2020-11-12T03:59&days=0.1&speed=max&uplink={tmp_path / 'day.uplink'}"
    reception = TelemetryDecoder(load())
    names = [report.name for octets in read_source(url) for report in reception.feed(octets)]
    assert names.count("TC_DONE") == 3
    assert "HK_STOP" in names


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_picture_and_page_that_a_page_points_to_is_there(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, heading = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if heading:
            headings = HEADING.findall(linked.read_text(encoding="utf-8"))
            assert heading in [re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in headings]
        if linked.suffix == ".png":
            assert linked.read_bytes().startswith(b"\x89PNG")


def test_the_first_page_shows_a_picture_and_points_to_every_other_page():
    text = PAGES[0].read_text(encoding="utf-8")
    assert re.search(r"^!\[[^\]]+\]\(\.pictures/", text, re.MULTILINE)
    assert [name_of(page) for page in PAGES[1:] if f"]({name_of(page)})" not in text] == []
