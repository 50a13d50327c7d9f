"""Same arguments, same octets, on every runtime."""

import hashlib
import sys

import pytest

CRAFT = ["rover", "lander"]
SEEDS = ["7", "1", "2026"]
# From the last drive of lunar day 24 over the night, each room's share of trouble
TROUBLE = """
2020-11-19T21:49:30.500Z obstacle centimetres=60 for 20s
2020-11-19T23:30Z load_dead load=LOAD_ASAN for 1h
2020-11-20T02:00:00.125Z sensor_jumps sensor=BOX_A by=400 for 6h
2020-11-20T03:00Z dust percent=30 for 1d
2020-11-20T04:00Z sensor_dead sensor=SUN_ELEVATION for 3h
2020-11-20T05:00:00.999Z clock_jump seconds=-3600
2020-11-20T06:00Z link_noisy bits=2 for 2h
2020-11-20T09:00Z link_stalled for 2h
2020-11-20T12:00Z load_stuck_on load=LOAD_HEATER
2020-11-20T14:00Z hang for 1s
2020-11-20T16:00Z memory_squeeze kib=24 for 6h
2020-11-20T23:00Z flash_error for 1d
2020-11-21T00:00Z random_tilt
2020-11-21T02:00Z request event=DAWN
2020-11-21T03:00Z battery_aged percent=70
2020-12-09T01:00Z load_dead load=LOAD_SPARE_HEATER for 1d
"""


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


@pytest.mark.slow  # nine lunar days each, three of them on CPython
@pytest.mark.parametrize("craft", CRAFT)
def test_a_lunar_day_is_the_same_on_every_runtime_and_another_for_each_seed(digests, craft):
    by_seed = {seed: set(digests(f"--craft={craft}", "--lunar-day=24", f"--seed={seed}")) for seed in SEEDS}
    assert all(len(found) == 1 for found in by_seed.values())
    assert len(set.union(*by_seed.values())) == len(SEEDS)


@pytest.mark.slow  # six runs of three weeks each
@pytest.mark.parametrize("craft", CRAFT)
def test_a_run_full_of_trouble_is_the_same_on_every_runtime(digests, compile_to, craft):
    scenario = compile_to(*TROUBLE.strip().splitlines())
    options = (f"--craft={craft}", "--start=2020-11-19T21:00", "--days=21")
    found = digests(*options, f"--scenario={scenario}")
    assert len(set(found)) == 1
    assert found != digests(*options)


@pytest.mark.slow
def test_a_paced_run_is_the_same_on_every_runtime(digests):
    assert len(set(digests("--start=2020-11-12", "--days=0.3", "--speed=20000"))) == 1


@pytest.mark.slow
def test_a_run_to_the_clock_s_end_is_the_same_on_every_runtime(digests):
    assert len(set(digests("--start=2052-12-20", "--days=20.5"))) == 1
