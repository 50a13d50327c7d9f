"""Same arguments, same octets, on every runtime."""

import hashlib
import sys

import pytest

CRAFT = ["rover", "lander"]
SEEDS = ["7", "1", "2026"]


@pytest.fixture(scope="session")
def digests(micropython, unix_port, run_rover):
    """`digests(*options)`: SHA-256 of what each runtime sends: a Pico's memory, plenty of memory, CPython."""

    def digests(*options):
        found = []
        for interpreter in (unix_port, (str(micropython),), (sys.executable,)):
            done = run_rover(interpreter, *options)
            assert done.returncode == 0, done.stderr
            assert len(done.stdout) > 5 * 1119
            found.append(hashlib.sha256(done.stdout).hexdigest())
        return found

    return digests


@pytest.mark.parametrize("craft", CRAFT)
def test_a_lunar_day_is_the_same_on_every_runtime_and_another_for_each_seed(digests, craft):
    by_seed = {seed: set(digests(f"--craft={craft}", "--lunar-day=24", f"--seed={seed}")) for seed in SEEDS}
    assert all(len(found) == 1 for found in by_seed.values())
    assert len(set.union(*by_seed.values())) == len(SEEDS)


def test_a_paced_run_is_the_same_on_every_runtime(digests):
    assert len(set(digests("--start=2020-11-12", "--days=0.3", "--speed=20000"))) == 1


def test_a_run_to_the_clock_s_end_is_the_same_on_every_runtime(digests):
    assert len(set(digests("--start=2052-12-20", "--days=20.5"))) == 1
