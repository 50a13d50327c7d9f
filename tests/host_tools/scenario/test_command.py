"""`yutu2 scenario check`."""

import pytest
from yutu2.dictionary.model import load

DAY = """\
# lunar day 24: a thermometer dies for six hours, then the computer restarts
2020-11-12T18:00:00.250Z  reset
2020-11-12T06:00:00Z      sensor_dead  sensor=BOX_A  for 6h
2020-12-13                load_draws_more load=LOAD_PAYLOAD watts=80
"""
TABLE = """\
  UTC                      lunar  until                    what
  2020-11-12 06:00:00.000     24  2020-11-12 12:00:00.000  sensor_dead sensor=BOX_A
  2020-11-12 18:00:00.250     24  at once                  reset
  2020-12-13 00:00:00.000     25  the end                  load_draws_more load=LOAD_PAYLOAD watts=80
"""


@pytest.fixture
def day(tmp_path):
    path = tmp_path / "day.txt"
    path.write_text(DAY)
    return path


def test_a_good_scenario_is_shown_as_a_table(yutu2, day):
    done = yutu2("scenario", "check", day)
    assert (done.status, done.err) == (0, "")
    assert done.out.decode() == TABLE


def test_an_empty_scenario_is_good(yutu2, day):
    day.write_text("")
    done = yutu2("scenario", "check", day)
    assert (done.status, done.err) == (0, "")
    assert done.out.decode() == TABLE.splitlines(keepends=True)[0]


def test_the_mark_that_some_editors_put_before_a_text_is_no_part_of_it(yutu2, day):
    day.write_bytes(b"\xef\xbb\xbf2020-11-12 reset\r\n")
    done = yutu2("scenario", "check", day)
    assert (done.status, done.err) == (0, "")


def test_the_compiled_form_is_written_where_it_is_wanted(yutu2, day, tmp_path):
    out = tmp_path / "compiled"
    done = yutu2("scenario", "check", day, "--out", out)
    assert (done.status, done.err) == (0, f"{out}\n")
    assert done.out.decode() == TABLE
    head, *lines = out.read_text(encoding="ascii").splitlines()
    assert head == f"scenario 1 {load().hash.hex()}"
    assert [line.split()[0] for line in lines] == ["58860000", "58881600", "58903200", "61516800"]


def test_every_wrong_line_is_a_line_on_standard_error(yutu2, day, tmp_path):
    day.write_text("2020-11-12 brownout\n2020-11-12 reset\n2020-11-12 sensor_dead\n")
    done = yutu2("scenario", "check", day, "--out", tmp_path / "compiled")
    assert (done.status, done.out) == (2, b"")
    assert done.err.splitlines() == [
        f"yutu2: {day}:1: unknown fault 'brownout'; did you mean brown_out?",
        f"yutu2: {day}:3: sensor_dead lacks sensor; write sensor_dead sensor=...",
    ]
    assert not (tmp_path / "compiled").exists()


def test_a_file_that_is_not_there_is_told(refused, tmp_path):
    path = tmp_path / "none.txt"
    told = f"yutu2: {path}: cannot be read: No such file or directory; give a scenario, a text file"
    assert refused("scenario", "check", path) == told


def test_a_folder_is_told(refused, tmp_path):
    assert refused("scenario", "check", tmp_path).startswith(f"yutu2: {tmp_path}: cannot be read: ")


def test_what_is_no_text_is_told(refused, day):
    day.write_bytes(b"\x1a\xcf\xfc\x1d")
    told = "is no text in UTF-8, because of an octet 0xCF; save it as UTF-8, and give a scenario, a text file"
    assert refused("scenario", "check", day) == f"yutu2: {day}:1: {told}"


def test_the_scenario_itself_is_never_overwritten(refused, day):
    told = f"yutu2: {day}: is the source itself; write somewhere else"
    assert refused("scenario", "check", day, "--out", day) == told
    assert day.read_text() == DAY


def test_a_file_that_cannot_be_written_is_told(refused, day, tmp_path):
    out = tmp_path / "none" / "compiled"
    told = f"yutu2: {out}: cannot be written: No such file or directory"
    assert refused("scenario", "check", day, "--out", out) == told
