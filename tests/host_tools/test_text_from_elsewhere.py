"""Text files of any editor: byte order marks, line ends, other encodings."""

import codecs
from queue import SimpleQueue

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yutu2.cli.shell import script
from yutu2.dictionary import model
from yutu2.dictionary.text import read_text
from yutu2.errors import WrongUse
from yutu2.firmware import firmware_dir
from yutu2.mission.plan import read_plan
from yutu2.mission.scenario import read_scenario
from yutu2.mission.uplink_file import read_uplink
from yutu2.pico.image import settings_file
from yutu2.uplink.security import make_key, read_key

HEAD = f"dictionary {model.load().hash.hex()}\nlunar-day 24\n"
PLAN = f"{HEAD}# north-west\ngo: at sunrise + 2.5d drive bearing=315 distance=2\n"
SCENARIO = "# of a day\n2020-11-12T06:00:00Z reset\n2020-11-12T07:00:00Z reset\n"
UPLINK = "craft rover\n2020-11-12T06:00:00Z PING\n2020-11-12T07:00:00Z STOP\n"
READERS = {"plan": (read_plan, PLAN), "scenario": (read_scenario, SCENARIO), "uplink": (read_uplink, UPLINK)}
by_kind = pytest.mark.parametrize(("read", "text"), READERS.values(), ids=list(READERS))
ENDS = ["\n", "\r\n", "\r"]


@by_kind
@pytest.mark.parametrize("end", ENDS, ids=ascii)
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["no mark", "a mark"])
def test_marks_and_line_ends_make_no_difference(tmp_path, read, text, end, mark):
    plain, other = tmp_path / "plain", tmp_path / "other"
    plain.write_text(text, newline="\n")
    other.write_bytes(mark + text.replace("\n", end).encode())
    assert read(str(other)).compiled() == read(str(plain)).compiled()


@by_kind
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_widths_are_refused_with_what_to_do(tmp_path, read, text, encoding):
    path = tmp_path / "wide"
    path.write_text(text, encoding=encoding)
    with pytest.raises(WrongUse) as error:
        read(str(path))
    assert str(error.value).startswith(f"{path}: is UTF-16 or no text; save it as UTF-8, and give a ")


@by_kind
@pytest.mark.parametrize("end", ENDS, ids=ascii)
def test_what_is_not_utf_8_is_refused_with_its_line(tmp_path, read, text, end):
    path = tmp_path / "latin-1"
    path.write_bytes((text + "# caf\xe9\n").replace("\n", end).encode("latin-1"))
    with pytest.raises(WrongUse) as error:
        read(str(path))
    line = text.count("\n") + 1
    assert str(error.value).startswith(
        f"{path}:{line}: is no text in UTF-8, because of an octet 0xE9; save it as UTF-8"
    )


LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0\ufeff"), max_size=9)


@given(lines=st.lists(st.tuples(LINE, st.sampled_from(ENDS))))
def test_lines_are_those_that_were_written(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("text") / "text"
    # A carriage return and the line feed of an empty line after it are one end
    lines = [(text or " ", end) for text, end in lines]
    path.write_bytes("".join(text + end for text, end in lines).encode())
    assert read_text(str(path), "text") == "".join(text + "\n" for text, _ in lines)


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["no mark", "a mark"])
@pytest.mark.parametrize("octets", [b"PING\r\nSTOP\r\n", b"PING\rSTOP", b"PING\nSTOP\n"])
def test_commands_of_the_shell_are_read_likewise(mark, octets, tmp_path):
    (tmp_path / "commands").write_bytes(mark + octets)
    lines = SimpleQueue()
    with (tmp_path / "commands").open() as file:
        script.read_into(lines, file)
        assert [lines.get(timeout=60) for _ in range(3)] == ["PING", "STOP", None]


def test_a_device_that_never_ends_is_no_text():
    with pytest.raises(WrongUse, match=r"^/dev/zero: is UTF-16 or no text"):
        read_text("/dev/zero", "plan")


def test_of_a_text_that_is_too_long_no_more_is_read(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"a\n" * (1 << 20) + b"\n")
    with pytest.raises(WrongUse, match=r"log: has more than 2 MiB; give a plan, a text file"):
        read_text(str(path), "plan")


def test_a_key_with_a_mark_and_other_line_ends(tmp_path):
    path = tmp_path / "key"
    make_key(path)
    key = read_key(path)
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_key(path) == key


@pytest.mark.parametrize("end", ENDS, ids=ascii)
def test_settings_of_an_image_are_plain(tmp_path, end):
    path = tmp_path / "settings.txt"
    path.write_bytes(codecs.BOM_UTF8 + f"speed = 60{end}seed = 9{end}".encode())
    assert settings_file(path) == {"settings.txt": b"speed = 60\nseed = 9\n"}


def test_settings_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "settings.txt"
    path.write_text("speed = 60\n", encoding="utf-16")
    with pytest.raises(WrongUse, match="save it as UTF-8"):
        settings_file(path)


def test_a_dictionary_with_a_mark_is_the_same(tmp_path):
    path = tmp_path / "dictionary.toml"
    path.write_bytes(codecs.BOM_UTF8 + (firmware_dir() / "dictionary.toml").read_bytes())
    assert model.load_file(path).packets == model.load().packets
