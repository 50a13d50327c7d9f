"""A stream that a bad line has touched, and what `decode` says of it."""

import json
from binascii import crc_hqx
from importlib.util import find_spec

import pytest
from yutu2.dictionary.model import load

UNIT = 1119


@pytest.fixture(scope="module")
def dirty(day24, morning):
    """A morning and an evening, with text, damage and a loss."""
    octets = bytearray(b"MPY: soft reboot\r\n" + morning[: 20 * UNIT] + b">>> " + day24[-8 * UNIT :])
    octets[5 * UNIT + 300] ^= 0x40
    del octets[12 * UNIT + 77 : 12 * UNIT + 80]
    return bytes(octets)


@pytest.fixture(scope="module")
def from_file(yutu2, dirty, tmp_path_factory):
    """`from_file(*options)`: what `decode` of a file says, and its account."""
    folder = tmp_path_factory.mktemp("reference")
    path = folder / "dirty.tm"
    path.write_bytes(dirty)
    known = {}

    def run(*options):
        if options not in known:
            account = folder / "account.json"
            done = yutu2("decode", path, *options, "--account", account)
            assert done.status == 0, done
            known[options] = (done, json.loads(account.read_text()))
        return known[options]

    return run


@pytest.fixture
def altered(morning):
    """`altered(at, octets)`: the first frame, with other octets from `at` on in its first housekeeping report.

    at: from the dictionary's hash. The checksums are right.
    """

    def alter(at, octets):
        frame = bytearray(morning[:UNIT])
        fields = frame.index(load().hash)
        packet = fields - 21  # after primary header, PUS header and structure id
        end = packet + 7 + int.from_bytes(frame[packet + 4 : packet + 6], "big")
        frame[fields + at : fields + at + len(octets)] = octets
        frame[end - 2 : end] = crc_hqx(frame[packet : end - 2], 0xFFFF).to_bytes(2, "big")
        frame[-2:] = crc_hqx(frame[4:-2], 0xFFFF).to_bytes(2, "big")
        return bytes(frame)

    return alter


@pytest.fixture(scope="session")
def records():
    """`records(done)`: the JSON lines that a command has printed."""

    def records(done):
        assert done.status == 0, done
        return [json.loads(line) for line in done.out.splitlines()]

    return records


def pytest_generate_tests(metafunc):
    """A test with the argument `kind` is done for every format."""
    if "kind" in metafunc.fixturenames:
        missing = pytest.mark.skipif(find_spec("pyarrow") is None, reason="needs PyArrow, of the extra `data`")
        metafunc.parametrize("kind", ["table", "jsonl", "csv", pytest.param("parquet", marks=missing)])
