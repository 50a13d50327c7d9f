"""Compiled scenarios and uplink files: marks of editors do not count, damage is told before the run."""

import io

import pytest
from rover.inputs import SettingError
from rover.inputs.compiled_text import open_compiled
from rover.inputs.scenario import Scenario
from rover.inputs.uplink_file import UplinkFile
from yutu2.dictionary.model import load

HASH = load().hash.hex()
HEADS = {"scenario": f"scenario 1 {HASH}\n", "uplink": f"uplink 1 {HASH}\n"}
READERS = {"scenario": Scenario, "uplink": UplinkFile}
GOOD = {"scenario": "58860000 0 11 1 0 0\n58860000 500 21 1 3 0\n", "uplink": "58860000 0 eb90\n58860001 999 00ff\n"}
KINDS = pytest.mark.parametrize("kind", READERS)
MARK = b"\xef\xbb\xbf"


def lines_of(kind, octets):
    """All that a reader makes of these octets."""
    reader = READERS[kind]("a.txt", io.BytesIO(octets), None)
    reader.go_on = lambda: None
    read = []
    while True:
        reader._read()
        if not reader._due:
            return read
        read.append(reader._due)


@KINDS
@pytest.mark.parametrize("mark", [b"", MARK])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_of_editors_do_not_count(kind, mark, end):
    text = HEADS[kind] + GOOD[kind]
    expected = lines_of(kind, text.encode())
    assert len(expected) == 2
    assert lines_of(kind, mark + text.replace("\n", end).encode()) == expected
    assert lines_of(kind, mark + text.replace("\n", end).rstrip().encode()) == expected


DAMAGED = [
    *[("scenario", line) for line in ("58860000 0 11 1 0", "58860000 0 11 1 0 0 0", "x 0 11 1 0 0", "58860000 0 11")],
    *[("scenario", line) for line in ("-1 0 11 1 0 0", "1073741825 0 11 1 0 0", "58860000 1000 11 1 0 0", "")],
    *[("scenario", line) for line in ("58860000 0 0 1 0 0", "58860000 0 25 1 0 0", "58860000 0 11 2 0 0")],
    *[("scenario", line) for line in ("58860000 0 1 1 12 0", "58860000 0 4 1 13 0", "58860000 0 24 1 20 0")],
    *[("scenario", line) for line in ("58860000 0 22 1 13 0", "58860000 0 21 1 9 0", "58860000 0 8 1 -1 0")],
    *[("uplink", line) for line in ("58860000 0", "58860000 0 eb9", "58860000 0 xy", "58860000 0 eb 90", "x 0 eb")],
    *[("uplink", line) for line in ("-1 0 eb90", "58860000 -1 eb90", "58860000 1000 eb90", "1073741825 0 eb90", "")],
    *[(kind, "\xe9" * 5000) for kind in READERS],
]


@pytest.mark.parametrize(("kind", "line"), DAMAGED)
def test_a_damaged_line_is_told_before_the_run(kind, line):
    octets = (HEADS[kind] + GOOD[kind] + line + "\n" + GOOD[kind]).encode()
    with pytest.raises(SettingError) as error:
        READERS[kind]("a.txt", io.BytesIO(octets), None)
    assert error.value.text == f"{kind}: a.txt is damaged in line 4: compile it anew"
    assert error.value.names == (kind,)


@KINDS
def test_what_cannot_be_read_twice_is_played_as_it_comes(kind):
    class Pipe(io.BytesIO):
        def tell(self):
            raise OSError

    reader = READERS[kind]("pipe", Pipe((HEADS[kind] + GOOD[kind]).encode()), None)
    reader.go_on = lambda: None
    reader._read()
    assert reader._due[0] == 58860000


def test_the_words_behind_the_hash_are_given():
    assert open_compiled("plan", "a.txt", io.BytesIO(MARK + f"plan 1 {HASH} 24\r\n".encode())) == [b"24"]


@KINDS
def test_the_firmware_tells_it_and_returns_2(interpreter, run_rover, tmp_path, kind):
    path = tmp_path / "compiled"
    path.write_text(HEADS[kind] + GOOD[kind] + "58860000 0\n")
    done = run_rover(interpreter, "--lunar-day=24", f"--{kind}={path}")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"rover: {kind}: {path} is damaged in line 4: compile it anew\n"
