"""Seeded chance."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.kernel.random_stream import RandomStream

SEEDS = st.integers(0, 2**30 - 1)
STREAMS = st.integers(0, 2**15 - 1)
LIMITS = st.integers(1, 2**15)

DRAW = """
import sys
from rover.kernel.random_stream import RandomStream
for case in sys.argv[1:]:
    seed, stream, limit = [int(number) for number in case.split(",")]
    noise = RandomStream(seed, stream)
    print([noise.below(limit) for _ in range(20)], [noise.around_zero(60) for _ in range(20)])
"""


def numbers(seed, stream, limit, count=20):
    noise = RandomStream(seed, stream)
    return [noise.below(limit) for _ in range(count)]


def test_the_same_numbers_on_both_runtimes(on_unix_port):
    dice = random.Random(24)
    cases = [(dice.randrange(2**30), dice.randrange(2**15), dice.randint(1, 2**15)) for _ in range(300)]
    cases += [(0, 0, 1), (2**30 - 1, 2**15 - 1, 2**15), (7, 1, 61)]
    expected = []
    for seed, stream, limit in cases:
        noise = RandomStream(seed, stream)
        drawn = [noise.below(limit) for _ in range(20)], [noise.around_zero(60) for _ in range(20)]
        expected.append("{} {}".format(*drawn))
    assert on_unix_port(DRAW, *("{},{},{}".format(*case) for case in cases)).splitlines() == expected


@given(SEEDS, STREAMS, LIMITS)
def test_numbers_are_in_range_and_computed_in_small_integers(pico_int, seed, stream, limit):
    noise = RandomStream(pico_int(seed), pico_int(stream))
    for _ in range(50):
        assert 0 <= noise.below(pico_int(limit)) < limit
        assert -limit < noise.around_zero(pico_int(limit - 1)) < limit


@given(SEEDS, STREAMS, STREAMS)
def test_each_stream_has_its_own_numbers(seed, one, other):
    if one != other:
        assert numbers(seed, one, 2**15) != numbers(seed, other, 2**15)


@given(SEEDS, SEEDS, STREAMS)
def test_each_seed_has_its_own_numbers(one, other, stream):
    if one != other:
        assert numbers(one, stream, 2**15) != numbers(other, stream, 2**15)


@given(SEEDS, st.integers(0, 29))
def test_each_bit_of_the_seed_matters(seed, bit):
    assert numbers(seed, 1, 2**15) != numbers(seed ^ 1 << bit, 1, 2**15)


def test_neighbouring_seeds_and_streams_share_no_first_number():
    firsts = [numbers(seed, stream, 2**15, 1)[0] for seed in range(30) for stream in range(30)]
    # 900 of 32768: about 12 meet by chance
    assert len(set(firsts)) > 860


@pytest.mark.parametrize("limit", [2, 10, 61, 1000])
@pytest.mark.parametrize("seed", [0, 7, 2**30 - 1])
def test_each_number_is_as_likely(seed, limit):
    draws = 200 * limit
    counts = Counter(numbers(seed, 1, limit, draws))
    chi_square = sum((counts[value] - 200) ** 2 / 200 for value in range(limit))
    # mean limit - 1, standard deviation sqrt(2 * limit): five of them
    assert abs(chi_square - (limit - 1)) < 5 * (2 * limit) ** 0.5


@pytest.mark.parametrize("seed", [0, 7, 2026])
def test_noise_round_zero_is_triangular(seed):
    noise = RandomStream(seed, 1)
    drawn = [noise.around_zero(60) for _ in range(20000)]
    deviation = (sum(value * value for value in drawn) / len(drawn)) ** 0.5
    assert abs(sum(drawn) / len(drawn)) < 1
    assert deviation == pytest.approx(0.41 * 60, rel=0.03)
    assert min(drawn) < -50 and max(drawn) > 50


@pytest.mark.parametrize("seed", [0, 7, 2**30 - 1])
def test_the_numbers_do_not_come_round_soon(seed):
    drawn = numbers(seed, 1, 2**15, 200000)
    assert drawn[:8] not in [drawn[at : at + 8] for at in range(1, len(drawn)) if drawn[at] == drawn[0]]
