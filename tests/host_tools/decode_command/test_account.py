"""The account that `yutu2 decode` gives of a line, clean or not."""

import json
import random

import pytest

UNIT = 1119


@pytest.fixture
def account_of(yutu2, records, tmp_path):
    """`account_of(octets)`: the JSON lines of that input, and its account."""

    def decode(octets):
        path = tmp_path / "account.json"
        done = yutu2("decode", "-", "--format", "jsonl", "--account", path, input=octets)
        return records(done), json.loads(path.read_text())

    return decode


def check_account(account, rows, octets):
    """Layout and sums as in contract.md."""
    assert list(account) == ["octets", "skipped", "frames", "channels", "packets", "apids", "runs"]
    assert list(account["octets"]) == ["total", "in_frames", "skipped"]
    assert list(account["frames"]) == ["received", "good", "duplicate", "damaged"]
    assert list(account["packets"]) == ["good", "damaged", "incomplete", "idle"]
    for counts in [*account["channels"].values(), *account["apids"].values()]:
        assert list(counts) == ["good", "duplicate", "lost"]
    total, frames = account["octets"], account["frames"]
    assert total["total"] == total["in_frames"] + total["skipped"] == len(octets)
    assert total["skipped"] == sum(length for _, length in account["skipped"])
    assert frames["received"] == frames["good"] + frames["duplicate"] + frames["damaged"]
    assert account["packets"]["good"] == len(rows)
    for apid, counts in account["apids"].items():
        sequence = [row["seq"] for row in rows if f"{row['vc']}/{row['apid']}" == apid]
        assert counts["good"] == len(sequence)
        assert (counts["good"] + counts["lost"] - 1) % 16384 == (sequence[-1] - sequence[0]) % 16384


def test_the_account_of_a_clean_morning(account_of, morning):
    rows, account = account_of(morning)
    check_account(account, rows, morning)
    assert account["skipped"] == []
    assert account["frames"] == {"received": 25, "good": 25, "duplicate": 0, "damaged": 0}
    assert account["channels"] == {"0": {"good": 25, "duplicate": 0, "lost": 0}}
    assert list(account["apids"]) == ["0/0", "0/1", "0/2", "0/3"]
    assert account["packets"]["damaged"] == 0


def soil(octets, chance):
    """The same after a bad line: flips, cuts, text between frames, frames lost and repeated."""
    frames = [bytearray(octets[at : at + UNIT]) for at in range(0, len(octets), UNIT)]
    soiled = bytearray()
    for frame in frames:
        what = chance.random()
        if what < 0.1:
            frame[chance.randrange(UNIT)] ^= 1 << chance.randrange(8)
        elif what < 0.2:
            at = chance.randrange(UNIT)
            del frame[at : at + chance.randint(1, 40)]
        elif what < 0.3:
            soiled += b"Traceback (most recent call last):\r\n"
        elif what < 0.4:
            frame = b""
        elif what < 0.5:
            soiled += frame
        soiled += frame
    return bytes(soiled)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", range(4))
def test_damage_is_no_error_and_the_account_tells_it(account_of, day24, seed):
    octets = soil(day24[: 120 * UNIT], random.Random(seed))
    rows, account = account_of(octets)
    check_account(account, rows, octets)
    assert account["frames"]["damaged"]
    assert account["frames"]["duplicate"]
    assert account["channels"]["0"]["lost"]
    assert account["apids"]["0/1"]["lost"]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("octets", [b"", b"nothing but text\r\n" * 100, bytes(5000)], ids=["empty", "text", "zeros"])
def test_a_source_without_telemetry_is_no_error(account_of, octets):
    rows, account = account_of(octets)
    assert rows == []
    check_account(account, rows, octets)
    assert account["octets"]["skipped"] == len(octets)


def test_the_account_is_told_in_one_line(yutu2, morning_file):
    done = yutu2("decode", morning_file)
    assert done.err.endswith(
        "25 frames; damaged 0 frames, 0 packets; 0 duplicate frames; 0 octets skipped; nothing lost\n"
    )
    assert done.err.count("\n") == 1
