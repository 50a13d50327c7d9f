"""Commands that read a source, given one that is none of this mission, or that holds two runs."""

import json

import pytest

UNIT = 1119


@pytest.fixture(scope="module")
def packets_file(encoder, tmp_path_factory):
    """Space packets without frames."""
    path = tmp_path_factory.mktemp("other") / "packets.tlm"
    path.write_bytes(b"".join(encoder.packet(0x123, count, bytes(60)) for count in range(300)))
    return path


SAYS = "no transfer frame of this mission was found: space packets without frames, telemetry of APID 291; put them"


def test_decode_names_it_in_one_line_and_does_not_say_that_nothing_is_lost(yutu2, packets_file):
    done = yutu2("decode", packets_file)
    assert done.status == 0
    assert done.err.startswith(f"20,400 octets: {SAYS}")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("command", ["chart", "route", "products"])
def test_pictures_are_refused_with_the_same_words(refused, packets_file, tmp_path, command):
    out = tmp_path / ("out" if command == "products" else "out.png")
    line = refused(command, packets_file, "--out", out)
    assert line.startswith(f"yutu2: {packets_file}: {SAYS}")


def test_two_runs_are_told_and_both_are_decoded(yutu2, morning, tmp_path):
    account = tmp_path / "account.json"
    done = yutu2("decode", "-", "--format", "jsonl", "--account", account, input=morning + morning)
    runs = json.loads(account.read_text())["runs"]
    assert runs == [{"offset": offset, "time": "2020-11-09T03:31:30.000Z"} for offset in (0, len(morning))]
    lines = done.out.splitlines()
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    assert done.err.endswith(
        "nothing lost; 2 runs: the rover was restarted at octet 27,975, 2020-11-09T03:31:30.000Z\n"
    )


def test_frames_of_another_spacecraft_are_counted_beside_ours(yutu2, encoder, morning):
    foreign = b"".join(encoder.frame(b"", 0x7FE, count=n, spacecraft=77) for n in range(3))
    done = yutu2("decode", "-", input=morning + foreign)
    assert done.err.endswith("; nothing lost; also 3 TM frames of 1115 octets of spacecraft 77\n")
