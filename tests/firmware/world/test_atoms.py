"""The atoms that fly off the ground: their spectrum, and how they are counted by chance."""

from itertools import pairwise
from math import exp, factorial, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.kernel.random_stream import RandomStream
from rover.world.atoms import _ONE_EXPECTED, CHANNELS, count, expected

ZENITH = 2**14
NOON = 11500  # sine of 44.6 degrees
SUNS = st.integers(-ZENITH, ZENITH)
SPECTRA = 4000
EDGES = [10 * 1000 ** (edge / CHANNELS) for edge in range(CHANNELS + 1)]
WIND_EV = 1000

ON_UNIX = """
from rover.kernel.random_stream import RandomStream
from rover.world.atoms import _ONE_EXPECTED, CHANNELS, count, expected
noise = RandomStream(7, 5)
into = bytearray(CHANNELS)
for up in range(-1000, 16385, 621):
    count(up, noise, into, 0)
    print(up, *[expected(channel, up) for channel in range(CHANNELS)], *into)
"""


def spectrum(up):
    """Counts to be expected in each channel."""
    return [expected(channel, up) / 1024 for channel in range(CHANNELS)]


@pytest.fixture(scope="module")
def counted():
    """Many spectra near noon, of each channel its counts."""
    noise, into = RandomStream(11, 5), bytearray(CHANNELS)
    spectra = []
    for _ in range(SPECTRA):
        count(NOON, noise, into, 0)
        spectra.append(bytes(into))
    return list(zip(*spectra, strict=True))


def test_the_counts_are_the_same_on_the_unix_port(on_unix_port):
    noise, into = RandomStream(7, 5), bytearray(CHANNELS)
    lines = on_unix_port(ON_UNIX).splitlines()
    assert len(lines) == 28
    for line in lines:
        up, *values = map(int, line.split())
        count(up, noise, into, 0)
        assert values == [*(expected(channel, up) for channel in range(CHANNELS)), *into]


@given(SUNS, st.integers(0, 2**30 - 1))
def test_no_step_reaches_2_to_the_30_and_the_counts_are_octets(pico_int, up, seed):
    into = bytearray(CHANNELS)
    count(pico_int(up), RandomStream(seed, 5), into, 0)
    assert all(0 <= expected(channel, pico_int(up)) < 8 * 1024 for channel in range(CHANNELS))


@given(st.integers(-ZENITH, 0))
def test_in_the_dark_nothing_comes(up):
    into = bytearray(b"\x55" * CHANNELS)
    count(up, RandomStream(7, 5), into, 0)
    assert into == bytes(CHANNELS)
    assert sum(spectrum(up)) == 0


def test_only_its_own_octets_are_written():
    into = bytearray(CHANNELS + 5)
    count(ZENITH, RandomStream(7, 5), into, 3)
    assert into[:3] == bytes(3)
    assert into[-2:] == bytes(2)
    assert sum(into) > 20


@given(st.integers(1, ZENITH - 1))
def test_the_higher_the_sun_the_more_come(up):
    low, high = spectrum(up), spectrum(up + 1)
    assert all(before <= after for before, after in zip(low, high, strict=True))
    assert sum(high) == pytest.approx(sum(spectrum(ZENITH)) * (up + 1) / ZENITH, abs=CHANNELS / 1024)


def test_some_dozens_come_in_three_seconds_near_noon():
    assert 20 < sum(spectrum(NOON)) < 60


def test_the_shape_is_that_of_scattered_hydrogen_and_of_atoms_knocked_out():
    """The sources' forms, by themselves: a flux that falls in a line up to the wind's energy, and Thompson's law."""
    middles = [sqrt(low * high) for low, high in pairwise(EDGES)]
    hydrogen = [max(0, energy * (1 - energy / WIND_EV)) for energy in middles]
    ground = [energy**2 / (energy + 6) ** 3 for energy in middles]
    told = spectrum(ZENITH)
    # Past the wind's energy there is but one kind of atoms; that and the richest channel fix how many there are of each
    many = told[16] / ground[16]
    of_ground = [many * value for value in ground]
    of_wind = [(told[13] - of_ground[13]) / hydrogen[13] * value for value in hydrogen]
    assert told == pytest.approx([a + b for a, b in zip(of_ground, of_wind, strict=True)], rel=0.05, abs=0.1)
    assert 0.2 <= sum(of_ground) / sum(of_wind) <= 0.4
    assert sum(told[16:]) < 0.01 * sum(told)  # past the wind's energy
    assert max(told) == told[13]  # at about half of it


def test_one_expected_comes_by_poisson_s_law():
    limits = [2**15 * sum(exp(-1) / factorial(number) for number in range(most + 1)) for most in range(8)]
    assert list(_ONE_EXPECTED) == pytest.approx(limits, abs=0.6)


def test_in_all_as_many_come_as_are_expected(counted):
    mean = SPECTRA * sum(spectrum(NOON))
    assert abs(sum(map(sum, counted)) - mean) < 3.5 * sqrt(mean)


def test_mean_and_variance_are_those_of_poisson_s_law(counted):
    for channel, (counts, mean) in enumerate(zip(counted, spectrum(NOON), strict=True)):
        average = sum(counts) / SPECTRA
        variance = sum((value - average) ** 2 for value in counts) / (SPECTRA - 1)
        assert abs(average - mean) < 4.5 * sqrt(mean / SPECTRA), channel
        # The variance of a variance by Poisson's law: (mean + 2 mean**2) / n
        assert abs(variance - mean) < 4.5 * sqrt((mean + 2 * mean**2) / SPECTRA), channel


@pytest.mark.parametrize("channel", [0, 6, 13, 15])
def test_counts_are_distributed_by_poisson_s_law(counted, channel):
    mean, most = spectrum(NOON)[channel], 11
    odds = [exp(-mean) * mean**number / factorial(number) for number in range(most)]
    wanted = [SPECTRA * part for part in (*odds, 1 - sum(odds))]
    came = [sum(min(value, most) == number for value in counted[channel]) for number in range(most + 1)]
    # Rare ones together, as the test wants it
    while wanted[-1] < 10:
        wanted[-2:] = [sum(wanted[-2:])]
        came[-2:] = [sum(came[-2:])]
    square = sum((a - b) ** 2 / b for a, b in zip(came, wanted, strict=True))
    freedom = len(wanted) - 1
    assert freedom >= 5
    assert abs(square - freedom) < 4 * sqrt(2 * freedom)


def test_channels_know_nothing_of_each_other(counted):
    for channel in range(15):
        here, there = counted[channel], counted[channel + 1]
        middle, other = sum(here) / SPECTRA, sum(there) / SPECTRA
        together = sum((a - middle) * (b - other) for a, b in zip(here, there, strict=True)) / SPECTRA
        assert abs(together) < 4.5 * sqrt(middle * other / SPECTRA), channel
