"""What `yutu2 decode` refuses, and how."""

import json
from pathlib import Path

import pytest
import serial
from yutu2.dictionary.model import load


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["{tmp}/none.tm"], "{tmp}/none.tm: no such file or device; a source is a file, -, a serial device or a URL"),
        (["{tmp}"], "{tmp}: holds no downlink.tm; give a folder that yutu2 run --out has made, or a source"),
        (["{tm}", "--packet", "HK_COMPUTRE"], "--packet: unknown packet 'HK_COMPUTRE'; did you mean HK_COMPUTER?"),
        (["{tm}", "--packet", "!"], "--packet: unknown packet '!'; choose from TIME, HK_COMPUTER, "),
        (["{tm}", "--out", "{tmp}/no/x"], "{tmp}/no/x: cannot be written: No such file or directory"),
        (["{tm}", "--out", "{tmp}"], "{tmp}: cannot be written: Is a directory"),
        (["{tm}", "--account", "{tmp}/no/x"], "{tmp}/no/x: cannot be written: No such file or directory"),
        (["{tm}", "--out", "{tmp}/x", "--account", "{tmp}/./x"], "{tmp}/x: is given for two outputs"),
        (["{tm}", "--format", "xml"], "'xml' is not one of 'table', 'jsonl', 'csv', 'parquet'"),
        (["{tm}", "--colour"], "No such option: --colour"),
        ([], "Missing argument 'source'"),
        (["socket://127.0.0.1:9"], "socket://127.0.0.1:9: [Errno 111] Connection refused"),
        (["emulator://unix?day=3"], "emulator://unix?day=3: unknown option 'day'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_told_in_one_line(refused, morning_file, tmp_path, arguments, told):
    places = {"tmp": tmp_path, "tm": morning_file}
    line = refused("decode", *(argument.format(**places) for argument in arguments))
    assert line.startswith("yutu2: ")
    assert told.format(**places) in line


def test_another_dictionary_is_told_and_nothing_is_guessed(yutu2, altered):
    done = yutu2("decode", "-", "--format", "jsonl", input=altered(0, b"\xde\xad\xbe\xef"))
    assert done.status == 2
    assert (
        f"the rover speaks dictionary deadbeef, and was decoded with {load().hash.hex()}: names and fields" in done.err
    )
    before, *after = [json.loads(row)["name"] for row in done.out.splitlines()]
    assert before == "TIME"
    assert set(after) == {None}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
@pytest.mark.parametrize("option", ["--out", "--account"])
def test_a_full_disk_is_told_in_one_line(refused, morning_file, option):
    assert "/dev/full" in refused("decode", morning_file, option, "/dev/full")


@pytest.mark.parametrize("source", ["{tmp}/none.tm", "{tmp}/kept"], ids=["missing source", "source as output"])
def test_wrong_use_leaves_the_output_file_as_it_was(yutu2, tmp_path, source):
    kept = tmp_path / "kept"
    kept.write_bytes(b"of an earlier day")
    yutu2("decode", source.format(tmp=tmp_path), "--out", kept)
    assert kept.read_bytes() == b"of an earlier day"


def test_a_port_that_is_busy_is_told_in_one_line(refused, terminal):
    with serial.Serial(terminal.name, exclusive=True):
        assert refused("decode", terminal.name) == f"yutu2: {terminal.name}: busy: another program has it open"
