"""200 streams of the bench hostile_files.py: none raises, and none costs the sound file that lies in it."""

import importlib.util
import sys
from pathlib import Path

import pytest

NAME = "yutu2_tests_hostile_files"
STREAMS = 50  # a part; there are four


@pytest.fixture(scope="module")
def bench():
    """The module bench/hostile_files.py: no test folder is on sys.path in importlib mode."""
    spec = importlib.util.spec_from_file_location(NAME, Path(__file__).parents[2] / "bench" / "hostile_files.py")
    sys.modules[NAME] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[NAME])
    return sys.modules[NAME]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("part", range(4))
def test_hostile_streams_do_no_harm(bench, tmp_path, part):
    for number in range(part * STREAMS, (part + 1) * STREAMS):
        stream = bench.hostile_stream(bench.SEED, number)
        assert list(bench.faults(stream, tmp_path / str(number) / "in" / "products", with_pictures=False)) == [], number


def test_the_bench_sees_a_file_that_is_lost(bench, tmp_path):
    sound = bench.framed([])
    assert list(bench.faults(sound, tmp_path / "products", with_pictures=False)) == ["the sound file is not whole\n"]
