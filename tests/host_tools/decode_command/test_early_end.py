"""`yutu2 decode` ends in good order when it is told to end early."""

import json
import signal
import time

import pytest

UNIT = 1119


@pytest.fixture
def day_file(day24, tmp_path):
    """More than a pipe takes."""
    path = tmp_path / "day.tm"
    path.write_bytes(day24)
    return path


@pytest.mark.sampled(1)
def test_a_reader_that_has_had_enough_gets_no_traceback(start, day_file, kind):
    process = start("decode", day_file, "--format", kind)
    assert process.stdout.read(4)
    process.stdout.close()
    assert process.stderr.read() == b""


@pytest.mark.slow
def test_a_reader_that_has_had_enough_is_no_error(start, day_file):
    process = start("decode", day_file)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait() == 0


@pytest.mark.sampled(1)
def test_ctrl_c_leaves_a_whole_file(yutu2, start, terminal, morning, morning_file, tmp_path, kind):
    out, account = tmp_path / "out", tmp_path / "account.json"
    process = start("decode", terminal.name, "--format", kind, "--out", out, "--account", account)
    terminal.wait_for_a_reader()
    terminal.send(morning)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    expected = yutu2("decode", morning_file, "--format", kind)
    assert out.read_bytes() == expected.out
    assert process.stderr.read().decode() == expected.err
    assert json.loads(account.read_text())["frames"]["good"] == 25


@pytest.mark.sampled(1)
@pytest.mark.parametrize("shape", ["table", "jsonl", "csv"])
def test_packets_are_written_while_the_line_is_silent(start, terminal, morning, tmp_path, shape):
    out = tmp_path / "out"
    process = start("decode", terminal.name, "--format", shape, "--packet", "ROVER_WAKE", "--out", out)
    terminal.wait_for_a_reader()
    terminal.send(morning[: 2 * UNIT])
    while b"2020-11-09T" not in out.read_bytes():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
