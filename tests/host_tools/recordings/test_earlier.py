"""Recordings of earlier dictionaries are still decoded as they were then; tests/golden/README.md says what they are."""

from pathlib import Path

import pytest
from yutu2.dictionary.model import load_file

EARLIER = sorted((Path(__file__).parents[2] / "golden" / "earlier").iterdir())


@pytest.mark.parametrize("folder", EARLIER, ids=lambda folder: folder.name)
def test_it_is_decoded_as_it_was(yutu2, folder):
    dictionary = folder / "dictionary.toml"
    assert load_file(dictionary).hash.hex() == folder.name
    expected = (folder / "packets.jsonl").read_bytes()
    # By the hash in its housekeeping, and by the option
    for options in ((), ("--dictionary", dictionary)):
        done = yutu2("decode", folder, "--format", "jsonl", *options)
        assert done.status == 0, done.err
        assert done.out == expected
