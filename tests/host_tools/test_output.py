"""Files for results are whole or not there; those that grow end with a whole record."""

import os
import resource
import stat
import subprocess
import sys

import pytest
from yutu2.errors import WrongUse
from yutu2.system.files import OWNER, GrowingFile, write_whole, written
from yutu2.system.streams import OutputEnded


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_its_place_when_it_is_whole(tmp_path):
    path = tmp_path / "result"
    path.write_bytes(b"before")
    with written(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    assert names_in(tmp_path) == ["result"]


@pytest.mark.parametrize("before", [b"before", None])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_what_was_there(tmp_path, before, error):
    path = tmp_path / "result"
    if before is not None:
        path.write_bytes(before)
    with pytest.raises(error), written(path) as file:
        file.write(b"half")
        raise error
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == ({"result": before} if before else {})


def test_a_full_disk_is_told_with_the_file(tmp_path):
    path = tmp_path / "result"
    with pytest.raises(WrongUse, match=rf"^{path}: cannot be written: No space left on device$"), written(path):
        raise OSError(28, os.strerror(28))
    assert list(tmp_path.iterdir()) == []


def test_the_mode_of_a_file_stays(tmp_path):
    path = tmp_path / "result"
    write_whole(path, b"")
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~_mask()
    path.chmod(0o640)
    write_whole(path, b"")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    write_whole(path, b"", OWNER)
    assert stat.S_IMODE(path.stat().st_mode) == OWNER


def _mask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_link_stays_one(tmp_path):
    path, link = tmp_path / "result", tmp_path / "link"
    link.symlink_to(path)
    write_whole(link, b"here")
    assert link.is_symlink()
    assert path.read_bytes() == b"here"


def test_a_name_as_long_as_may_be(tmp_path):
    path = tmp_path / ("n" * 255)
    write_whole(path, b"here")
    assert path.read_bytes() == b"here"


def test_a_device_is_written_and_not_replaced(tmp_path):
    """Through a pipe of our own: the superuser could replace a device of the machine."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(path, b"here")
    assert path.is_fifo()
    assert os.read(reader, 9) == b"here"
    os.close(reader)


def test_a_pipe_without_a_reader_is_no_error(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(OutputEnded), written(path) as file:
        os.close(reader)
        file.write(b"nobody")


@pytest.mark.parametrize("name", [".", "none/result"])
def test_what_cannot_be_written_is_told(tmp_path, name):
    for write in (lambda path: write_whole(path, b""), GrowingFile):
        with pytest.raises(WrongUse, match="cannot be written: "):
            write(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


GROWS = """
import resource, sys
from pathlib import Path
from yutu2.system.files import GrowingFile
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # as a disk with so much room
file = GrowingFile(Path(sys.argv[1]), int(sys.argv[2]))
for octet in range(200):
    file.write(bytes([octet]) * int(sys.argv[3]))
"""


@pytest.mark.parametrize(
    ("frame", "piece", "left"),
    [(0, 70, 980), (0, 1001, 0), (300, 70, 900), (300, 5000, 900), (1119, 70, 0)],
)
def test_a_growing_file_ends_with_a_whole_record(tmp_path, frame, piece, left):
    path = tmp_path / "grows"
    done = subprocess.run([sys.executable, "-c", GROWS, path, str(frame), str(piece)], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == f"yutu2.errors.WrongUse: {path}: cannot be written: File too large"
    assert path.stat().st_size == left


def test_a_growing_file_holds_nothing_back(tmp_path):
    file = GrowingFile(tmp_path / "grows")
    assert file.write(b"one") == 3
    assert (tmp_path / "grows").read_bytes() == b"one"
    file.close()


# --- Commands ---


def limited(octets):
    """For a command that runs where no file may be longer."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets))


@pytest.fixture
def fails(yutu2):
    """`fails(octets, *arguments)`: the one line of a command that has so much room for a file."""

    def run(octets, *arguments):
        done = yutu2(*arguments, preexec_fn=limited(octets))
        assert done.status == 2, done
        (line,) = done.err.splitlines()
        assert line.endswith(": cannot be written: File too large")
        return line

    return run


DAY = ["--start", "2020-11-12", "--days", "9"]


def test_a_run_that_fills_the_disk_keeps_whole_frames_and_lines(fails, tmp_path):
    out = tmp_path / "run"
    line = fails(100_000, "run", *DAY, "--out", out)
    assert line.startswith((f"yutu2: {out / 'downlink.tm'}: ", f"yutu2: {out / 'packets.jsonl'}: "))
    octets, lines = (out / "downlink.tm").read_bytes(), (out / "packets.jsonl").read_bytes()
    assert len(octets) > 0
    assert len(octets) % 1119 == 0
    assert lines.endswith(b"}\n")
    assert names_in(out) == ["dictionary.toml", "downlink.tm", "packets.jsonl"]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("arguments", ["--format csv --out", "--format parquet --out", "--account"])
def test_decode_leaves_the_file_of_another_day(fails, morning_file, tmp_path, arguments):
    path = tmp_path / "kept"
    path.write_bytes(b"of another day")
    fails(100, "decode", morning_file, *arguments.split(), path)
    assert names_in(tmp_path) == ["kept"]
    assert path.read_bytes() == b"of another day"


def test_a_stream_of_a_line_ends_with_a_whole_record(fails, yutu2, morning, tmp_path):
    path = tmp_path / "grows.jsonl"
    done = yutu2("decode", "-", "--format", "jsonl", "--out", path, input=morning, preexec_fn=limited(2000))
    assert (done.status, done.err) == (2, f"yutu2: {path}: cannot be written: File too large\n")
    assert path.read_bytes().endswith(b"}\n")


@pytest.mark.slow
def test_a_chart_is_whole_or_not_there(fails, morning_file, tmp_path):
    fails(3000, "chart", morning_file, "--out", tmp_path / "chart.png")
    assert names_in(tmp_path) == []


@pytest.mark.slow
def test_other_results_are_whole_or_not_there(fails, tmp_path):
    day, out = tmp_path / "day", tmp_path / "out"
    day.write_text("2020-11-12T06:00:00Z PING\n")
    out.mkdir()
    fails(20, "uplink", "check", day, "--out", out / "compiled")
    fails(20, "key", "make", out / "key")
    fails(5000, "image", "build", "--fs-only", "--out", out / "yutu2.uf2")
    assert names_in(out) == []
