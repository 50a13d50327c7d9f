"""The ground: the same on every machine, smooth where nothing lies on it, with craters and rocks of sane sizes."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.world.ground import Ground, chance_plain, noise_plain

SEEDS = st.integers(0, 2**30 - 1)
# Millimetres of the lander, as far as a rover may come in all its years
PLACES = st.integers(-15_000_000, 15_000_000)
SITE = (-400_000, 400_000)

ON_UNIX = """
import sys
from rover.world.ground import Ground, chance, chance_plain, noise, noise_plain
for seed in (0, 7, 2**30 - 1):
    ground = Ground(seed)
    for x in range(-15000000, 15000000, 1234577):
        for y in (-14999999, -400123, -1, 0, 1, 511, 65536, 400777, 14999999):
            assert chance(x, y, seed) == chance_plain(x, y, seed)
            for bits in (9, 11, 13, 16):
                assert noise(seed, bits, x, y) == noise_plain(seed, bits, x, y)
            print(seed, x, y, ground.height(x, y), ground.albedo(x, y))
"""


def heights(seed, side_mm, step_mm):
    """Heights of a square of the site, by row and column."""
    ground, (x, y) = Ground(seed), SITE
    steps = range(0, side_mm, step_mm)
    return [[ground.height(x + across, y + along) for across in steps] for along in steps]


def test_viper_does_what_its_plain_twins_do_and_the_ground_is_the_same(on_unix_port):
    lines = on_unix_port(ON_UNIX).splitlines()
    assert len(lines) > 500
    for line in lines:
        seed, x, y, height, albedo = map(int, line.split())
        assert (Ground(seed).height(x, y), Ground(seed).albedo(x, y)) == (height, albedo)


@given(SEEDS, PLACES, PLACES)
def test_no_step_reaches_2_to_the_30_and_what_comes_out_can_be(pico_int, seed, x, y):
    ground = Ground(pico_int(seed))
    assert -8000 < ground.height(pico_int(x), pico_int(y)) < 8000
    assert 50 <= ground.albedo(pico_int(x), pico_int(y)) <= 350


@given(st.integers(0, 2**15 - 1), st.integers(0, 2**15 - 1), SEEDS)
def test_chance_belongs_to_its_cell(column, row, salt):
    assert chance_plain(column, row, salt) == chance_plain(column + 2**15, row - 2**15, salt)
    assert 0 <= chance_plain(column, row, salt) < 2**30


def test_chance_is_spread_evenly():
    found = [chance_plain(column, row, 12345) for column, row in product(range(100), range(100))]
    assert sum(found) / len(found) == pytest.approx(2**29, rel=0.02)
    for bit in range(30):
        assert sum(value >> bit & 1 for value in found) / len(found) == pytest.approx(0.5, abs=0.03), bit


@given(SEEDS, st.sampled_from([9, 11, 13, 16]), PLACES, PLACES)
def test_noise_is_smooth_and_within_its_bounds(salt, bits, x, y):
    here = noise_plain(salt, bits, x, y)
    assert -(2**14) <= here <= 2**14
    # At its steepest it goes from end to end within a cell, and half as steep again
    step = max(1, 2**bits >> 8)
    assert abs(noise_plain(salt, bits, x + step, y) - here) <= (3 << 14) * step / 2**bits + 64
    assert abs(noise_plain(salt, bits, x, y + step) - here) <= (3 << 14) * step / 2**bits + 64


def test_another_seed_is_another_ground():
    assert heights(7, 20_000, 500) == heights(7, 20_000, 500) != heights(8, 20_000, 500)


@given(SEEDS, PLACES, PLACES)
def test_the_slope_is_that_of_the_heights(seed, x, y):
    ground = Ground(seed)
    east, north = ground.slope(x, y)
    assert east == ground.height(x + 500, y) - ground.height(x - 500, y)
    assert north == ground.height(x, y + 500) - ground.height(x, y - 500)


@pytest.mark.parametrize("seed", [1, 7, 99])
def test_most_of_it_can_be_driven_on(seed):
    """Mare is flat: a metre off, nine places of ten have risen or sunk by less than 10 degrees allow."""
    square = heights(seed, 60_000, 1000)
    rises = [abs(later - before) for row in square for before, later in pairwise(row)]
    assert sum(rise < 176 for rise in rises) > 0.9 * len(rises)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed", [1, 7, 99])
def test_there_are_craters_and_rocks(seed):
    """In a square of 60 m. What stands out of, or lies below, the plain of its neighbourhood by more than 6 cm."""
    step = 200
    square = heights(seed, 60_000, step)
    out = [[0] * len(square) for _ in square]
    reach = 10
    for row in range(reach, len(square) - reach):
        for column in range(reach, len(square) - reach):
            around = [square[row - reach][column], square[row + reach][column]]
            around += [square[row][column - reach], square[row][column + reach]]
            out[row][column] = square[row][column] - sorted(around)[1]
    pits = sum(value < -60 for row in out for value in row)
    lumps = sum(value > 60 for row in out for value in row)
    points = (len(square) - 2 * reach) ** 2
    assert 0.005 < pits / points < 0.5
    assert 0.0005 < lumps / points < 0.4


def test_craters_and_rocks_are_brighter_than_the_plain():
    ground, (x, y) = Ground(7), SITE
    found = [
        ground.albedo(x + across, y + along) for across in range(0, 30_000, 500) for along in range(0, 30_000, 500)
    ]
    assert max(found) > 1.2 * sorted(found)[len(found) // 2]
