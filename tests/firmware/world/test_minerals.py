"""What the spectrometer sees: a mixture of minerals that absorb where they should, and counts with their noise."""

from itertools import pairwise
from math import exp, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.kernel.random_stream import RandomStream
from rover.world.ground import Ground
from rover.world.minerals import (
    ABSORPTIONS,
    BANDS,
    CLINOPYROXENE,
    DARK,
    FIRST_NM,
    MINERALS,
    OLIVINE,
    ORTHOPYROXENE,
    PANEL,
    STEP_NM,
    TARGET,
    Minerals,
    absorb_plain,
)

SEEDS = st.integers(0, 2**30 - 1)
PLACES = st.integers(-600_000, 600_000)
KINDS = st.sampled_from([DARK, TARGET, PANEL])
NOON = 11500  # sine of 44.6 degrees
COOL = 150  # 15 degC
NM = [FIRST_NM + STEP_NM * band for band in range(BANDS)]

ON_UNIX = """
from array import array
from rover.kernel.random_stream import RandomStream
from rover.world.ground import Ground
from rover.world.minerals import ABSORPTIONS, BANDS, Minerals, absorb, absorb_plain
places = array("H", [value for absorption in ABSORPTIONS for value in absorption[1:3]])
curves = [array("H", bytes(2 * BANDS)), array("H", bytes(2 * BANDS))]
for albedo in (1, 60, 350):
    for least in (0, 90, 900):
        depths = array("H", [least + number for number in range(len(ABSORPTIONS))])
        absorb(curves[0], albedo, places, depths)
        absorb_plain(curves[1], albedo, places, depths)
        assert curves[0] == curves[1] and max(curves[0]) > 0
noise = RandomStream(7, 3)
into = bytearray(2 * BANDS)
for seed in (0, 7, 2**30 - 1):
    for x, y in ((0, 0), (-600000, 599999), (12345, -54321)):
        minerals = Minerals(Ground(seed), x, y)
        for kind in range(3):
            minerals.scan(kind, 9000, 250, noise, into, 0)
            print(seed, x, y, kind, into.hex(), *[minerals.reflectance(band) for band in range(BANDS)])
"""


class Steady:
    """A chance that never strays."""

    def around_zero(self, most):
        return 0


def soil(seed=7, x=-20_000, y=35_000):
    return Minerals(Ground(seed), x, y)


def scan(minerals, kind, up, noise, detector=COOL):
    """The counts of one scan."""
    into = bytearray(2 * BANDS)
    minerals.scan(kind, up, detector, noise, into, 0)
    return [high << 8 | low for high, low in zip(into[::2], into[1::2], strict=True)]


def spread(scans):
    """Mean and standard deviation over scans, in the mean of the bands."""
    means = [sum(counts) / len(scans) for counts in zip(*scans, strict=True)]
    squares = [
        sum((count - mean) ** 2 for count in counts) / (len(scans) - 1)
        for counts, mean in zip(zip(*scans, strict=True), means, strict=True)
    ]
    return sum(means) / BANDS, sqrt(sum(squares) / BANDS)


def test_viper_does_what_its_plain_twin_does_and_the_scans_are_the_same(on_unix_port):
    noise = RandomStream(7, 3)
    lines = on_unix_port(ON_UNIX).splitlines()
    assert len(lines) == 27
    for line in lines:
        seed, x, y, kind, octets, *curve = line.split()
        minerals = soil(int(seed), int(x), int(y))
        assert [minerals.reflectance(band) for band in range(BANDS)] == list(map(int, curve))
        into = bytearray(2 * BANDS)
        minerals.scan(int(kind), 9000, 250, noise, into, 0)
        assert into.hex() == octets


@given(SEEDS, PLACES, PLACES)
def test_no_step_to_the_soil_reaches_2_to_the_30(pico_int, seed, x, y):
    minerals = Minerals(Ground(pico_int(seed)), pico_int(x), pico_int(y))
    assert 200 < minerals.reflectance(0) < minerals.reflectance(BANDS - 1) < 9000


@pytest.mark.slow
@given(st.integers(50, 350), st.lists(st.integers(0, 909), min_size=len(ABSORPTIONS), max_size=len(ABSORPTIONS)))
def test_no_step_to_the_bands_reaches_2_to_the_30(pico_int, albedo, depths):
    """Depths in 1/10000 that together are no more than all light."""
    places = [pico_int(value) for absorption in ABSORPTIONS for value in absorption[1:3]]
    curve = BANDS * [0]
    absorb_plain(curve, pico_int(albedo), places, list(map(pico_int, depths)))
    assert all(0 <= value <= 10_000 for value in curve)


@given(KINDS, st.integers(-(2**14), 2**14), st.integers(-2000, 2000), SEEDS)
def test_no_step_of_a_scan_reaches_2_to_the_30(pico_int, kind, up, detector, seed):
    minerals = soil()
    minerals._curve = [pico_int(value) for value in minerals._curve]
    into = bytearray(2 * BANDS)
    minerals.scan(kind, pico_int(up), pico_int(detector), RandomStream(seed, 3), into, 0)


@given(SEEDS, PLACES, PLACES)
def test_clinopyroxene_rules_the_mafic_minerals(seed, x, y):
    minerals = soil(seed, x, y)
    weights = [minerals.weight(mineral) for mineral in range(MINERALS)]
    assert sum(weights) == 1000
    assert min(weights) > 0
    assert weights[CLINOPYROXENE] > weights[ORTHOPYROXENE] + weights[OLIVINE]


def test_the_mixture_changes_from_place_to_place_but_not_at_once():
    here, beside, away = soil(x=0), soil(x=20), soil(x=20_000)
    for mineral in range(MINERALS):
        assert abs(here.weight(mineral) - beside.weight(mineral)) < 20
    assert any(abs(here.weight(mineral) - away.weight(mineral)) > 20 for mineral in range(MINERALS))
    assert any(soil(8).weight(mineral) != soil(7).weight(mineral) for mineral in range(MINERALS))


@given(SEEDS, PLACES, PLACES)
def test_the_minerals_absorb_as_gaussians_of_their_shares(seed, x, y):
    minerals = soil(seed, x, y)
    albedo = Ground(seed).albedo(x, y)
    for band, nm in enumerate(NM):
        absorbed = sum(
            minerals.weight(mineral) / 1000 * strength / 1000 * exp(-(((nm - middle) / width) ** 2) / 2)
            for mineral, middle, width, strength in ABSORPTIONS
        )
        reddened = 0.62 + 0.006634 * band - 5.005e-6 * band**2
        assert minerals.reflectance(band) == pytest.approx(10 * albedo * reddened * (1 - absorbed), abs=3, rel=0.003)


def test_ground_that_looks_brighter_is_so_in_every_band():
    ground = Ground(7)
    places = [(x, 0) for x in range(0, 100_000, 500)]
    dim, bright = (choose(places, key=lambda place: ground.albedo(*place)) for choose in (min, max))
    dim, bright = Minerals(ground, *dim), Minerals(ground, *bright)
    assert all(dim.reflectance(band) < bright.reflectance(band) for band in range(BANDS))


@pytest.mark.parametrize("detector", [-400, -370, -160, 0, 210, 400])
def test_dark_counts_double_each_8_kelvins_and_know_no_sun(detector):
    noise, minerals = RandomStream(7, 3), soil()
    level, warm, warmer = (
        spread([scan(minerals, DARK, up, noise, detector + more) for _ in range(8)])[0]
        for up, more in ((NOON, 0), (-NOON, 40), (0, 80))
    )
    assert warmer == pytest.approx(2 * level, rel=0.02, abs=0.7)
    assert warm / level == pytest.approx(2**0.5, rel=0.1)
    assert level == pytest.approx(9 * 2 ** ((detector + 400) / 80), rel=0.1)


def test_counts_go_with_the_light():
    noise, minerals = RandomStream(7, 3), soil()
    dark, _ = spread([scan(minerals, DARK, NOON, noise) for _ in range(8)])
    half, _ = spread([scan(minerals, PANEL, NOON // 2, noise) for _ in range(8)])
    whole, _ = spread([scan(minerals, PANEL, NOON, noise) for _ in range(8)])
    assert whole - dark == pytest.approx(2 * (half - dark), rel=0.01)
    assert spread([scan(minerals, TARGET, -1, noise) for _ in range(8)])[0] == pytest.approx(dark, rel=0.01)


@pytest.mark.parametrize("seed", [1, 7, 99])
def test_the_target_over_the_panel_is_the_reflectance(seed):
    noise, minerals = RandomStream(seed, 3), soil(seed)
    means = [
        [sum(counts) / 40 for counts in zip(*(scan(minerals, kind, NOON, noise) for _ in range(40)), strict=True)]
        for kind in (DARK, TARGET, PANEL)
    ]
    found = [0.99 * (target - dark) / (panel - dark) for dark, target, panel in zip(*means, strict=True)]
    true = [minerals.reflectance(band) / 10_000 for band in range(BANDS)]
    assert found == pytest.approx(true, rel=0.05)
    assert sum(found) == pytest.approx(sum(true), rel=0.005)


def test_noise_grows_as_the_root_of_the_light():
    noise, minerals = RandomStream(7, 3), soil()
    for kind, up in ((DARK, 0), (TARGET, NOON // 6), (TARGET, NOON), (PANEL, NOON)):
        level, sigma = spread([scan(minerals, kind, up, noise) for _ in range(30)])
        # Six electrons a count, and four counts from reading
        assert sigma == pytest.approx(sqrt(level / 6 + 16), rel=0.06)


def test_counts_end_at_both_ends_of_two_octets():
    assert max(scan(soil(), PANEL, 2**14, RandomStream(7, 3), detector=900)) == 0xFFFF
    assert min(scan(soil(), DARK, 0, RandomStream(7, 3), detector=-900)) == 0


def test_sunlight_and_detectors_are_smooth():
    counts = scan(soil(), PANEL, 2**14, Steady())
    assert max(abs(later - before) / before for before, later in pairwise(counts)) < 0.06
    assert max(counts) > 2 * min(counts)


def test_near_noon_nothing_is_too_bright_for_a_detector_that_is_not_hot():
    assert max(scan(soil(), PANEL, NOON, RandomStream(7, 3), detector=400)) < 0xFFFF


def test_only_its_own_octets_are_written():
    into = bytearray(2 * BANDS + 8)
    soil().scan(PANEL, NOON, COOL, RandomStream(7, 3), into, 5)
    assert into[:5] == bytes(5)
    assert into[-3:] == bytes(3)
    assert into[5:9] != bytes(4)
    assert into[-7:-3] != bytes(4)
