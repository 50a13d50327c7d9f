"""What the radar receives: the same on every machine, echoes at the depths of the layers, rocks as hyperbolas."""

from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rover.kernel.random_stream import RandomStream
from rover.world import layers
from rover.world.ground import Ground
from rover.world.layers import LAYERS, PERMITTIVITY, SAMPLES, Layers
from yutu2.dictionary.model import load

SEEDS = st.integers(0, 2**30 - 1)
PLACES = st.integers(-600_000, 600_000)
CHANNELS = st.sampled_from([0, 1])
LIGHT = 0.299792458  # m/ns
SAMPLE_NS = (4, 0.625)
PERIOD_NS = (1000 / 60, 2)
DIRECT = (16, 12)  # samples after which nothing of the direct wave is left
UNIT_NS = 0.005  # of `echo`'s time at 500 MHz
LOUDEST = 4  # counts that the receiver's noise reaches

ON_UNIX = """
from rover.kernel.random_stream import RandomStream
from rover.world.ground import Ground
from rover.world.layers import SAMPLES, Layers, echo, echo_plain, hiss, hiss_plain
assert echo is not echo_plain and hiss is not hiss_plain
for samples, sample in ((256, 96), (512, 125)):
    for state in (1, 12345, 2**30 - 1):
        vipers, plains = bytearray(samples + 2), bytearray(samples + 2)
        hiss(vipers, 1, samples, state)
        hiss_plain(plains, 1, samples, state)
        for time in (0, 1, 375, 376, 377, 5001, sample * samples - 1, sample * samples + 375, sample * samples + 9999):
            for strength in (-4000, -300, 5, 900, 4000):
                echo(vipers, 1, samples, sample, time, strength)
                echo_plain(plains, 1, samples, sample, time, strength)
                assert vipers == plains, (samples, state, time, strength)
        assert vipers[0] == vipers[-1] == 0
noise = RandomStream(5, 1)
for seed in (0, 7, 2**30 - 1):
    below = Layers(Ground(seed))
    for x, y in ((0, 0), (-400123, 411111), (600000, -600000), (-1, -77777)):
        heard = bytearray(sum(SAMPLES))
        below.trace(0, x, y, noise, heard, 0)
        below.trace(1, x, y, noise, heard, SAMPLES[0])
        print(seed, x, y, *(below.depth(layer, x, y) for layer in range(4)), *heard)
"""


def hear(below, channel, x, y, noise):
    """A trace as an array of counts."""
    into = bytearray(SAMPLES[channel])
    below.trace(channel, x, y, noise, into, 0)
    return np.frombuffer(bytes(into), np.int8).astype(int)


def is_rock(time, strength):
    """Whether an echo at 500 MHz is a rock's, and no layer's nor the direct wave's."""
    return time > 2000 and -strength < 200


def echo_ns(depths_mm):
    """When the echo of the last of these interfaces comes, from physics."""
    layers_mm = np.diff([0, *depths_mm])
    return 2 * sum(mm / 1000 * sqrt(e / 100) for mm, e in zip(layers_mm, PERMITTIVITY, strict=False)) / LIGHT


@pytest.fixture
def quiet(monkeypatch):
    """A receiver without noise: what is heard belongs to the place alone."""
    monkeypatch.setattr(
        layers, "hiss", lambda into, at, samples, _: into.__setitem__(slice(at, at + samples), bytes(samples))
    )
    return RandomStream(0, 0)


def test_viper_does_what_its_plain_twins_do_and_the_traces_are_the_same(on_unix_port):
    noise = RandomStream(5, 1)
    lines = on_unix_port(ON_UNIX).splitlines()
    assert len(lines) == 12
    for line in lines:
        seed, x, y, *rest = map(int, line.split())
        below = Layers(Ground(seed))
        heard = bytearray(sum(SAMPLES))
        below.trace(0, x, y, noise, heard, 0)
        below.trace(1, x, y, noise, heard, SAMPLES[0])
        assert [below.depth(layer, x, y) for layer in range(LAYERS)] == rest[:LAYERS]
        assert list(heard) == rest[LAYERS:]


@given(SEEDS, CHANNELS, PLACES, PLACES)
@settings(max_examples=40)
def test_no_step_reaches_2_to_the_30(pico_int, seed, channel, x, y):
    ground = Ground(seed)
    ground.salt = pico_int(ground.salt)
    noise = RandomStream(pico_int(seed), 1)
    Layers(ground).trace(channel, pico_int(x), pico_int(y), noise, bytearray(SAMPLES[channel] + 7), 7)


@given(SEEDS, PLACES, PLACES)
def test_layers_lie_where_the_mission_found_them_and_the_upper_two_within_500_mhz(seed, x, y):
    below = Layers(Ground(seed))
    depths = [below.depth(layer, x, y) for layer in range(LAYERS)]
    assert depths == sorted(depths)
    assert depths[0] == pytest.approx(12_000, rel=0.12)
    assert depths[1] == pytest.approx(24_000, rel=0.09)
    assert depths[2] < depths[3] < 60_000
    assert echo_ns(depths[:2]) + PERIOD_NS[1] < SAMPLES[1] * SAMPLE_NS[1]
    # the seam lies in the lowest rock
    assert echo_ns(depths) + PERIOD_NS[0] < SAMPLES[0] * SAMPLE_NS[0]


@given(SEEDS, PLACES, PLACES)
def test_interfaces_bend_smoothly(seed, x, y):
    below = Layers(Ground(seed))
    for layer in range(LAYERS):
        assert abs(below.depth(layer, x + 90, y) - below.depth(layer, x, y)) < 90 * 0.45


@pytest.mark.parametrize("channel", [0, 1])
@pytest.mark.parametrize(("seed", "x", "y"), [(1, 0, 0), (7, -400_000, 411_000), (99, 123_456, -598_000)])
def test_echoes_come_when_depths_and_permittivities_say(quiet, seed, x, y, channel):
    below = Layers(Ground(seed))
    heard = hear(below, channel, x, y, quiet)
    depths = [below.depth(layer, x, y) for layer in range(LAYERS)]
    for layer in range((LAYERS, 2)[channel]):
        at = echo_ns(depths[: layer + 1]) / SAMPLE_NS[channel]
        near = slice(round(at) - 3, round(at) + 4)
        # The lower side is the denser: a dip, its middle where weights say
        dip = np.minimum(heard[near], 0)
        assert dip.min() < -8
        assert np.sum(dip * np.arange(near.start, near.stop)) / dip.sum() == pytest.approx(at, abs=0.5), layer


@pytest.mark.parametrize("channel", [0, 1])
def test_at_one_place_traces_differ_by_the_receivers_noise_alone(quiet, monkeypatch, channel):
    below = Layers(Ground(7))
    place = hear(below, channel, -400_000, 400_000, quiet)
    monkeypatch.undo()
    noise = RandomStream(7, 3)
    heard = np.array([hear(below, channel, -400_000, 400_000, noise) for _ in range(300)])
    assert np.abs(heard - place).max() <= LOUDEST
    assert heard[0].tolist() != heard[1].tolist()
    assert hear(below, channel, -400_000, 400_000, RandomStream(7, 3)).tolist() == heard[0].tolist()
    # and it has no bias where nothing was cut
    off = (heard - place)[:, DIRECT[channel] :]
    assert np.abs(off.mean(axis=0)).max() < 0.8
    assert abs(off.mean()) < 0.05


def test_noise_grows_threefold_and_has_no_memory():
    heard = []
    for state in range(1, 2_000_000, 10_007):
        into = bytearray(512)
        layers.hiss_plain(into, 0, 512, state)
        heard.append(np.frombuffer(bytes(into), np.int8).astype(float))
    noise = np.array(heard)
    assert noise[:, -64:].std() / noise[:, :64].std() == pytest.approx(2.5, rel=0.15)
    assert np.abs(noise).max() <= LOUDEST
    for lag in (1, 2, 3, 8):
        assert abs(np.mean(noise[:, lag:] * noise[:, :-lag])) < 0.02 * noise.var()


@pytest.mark.parametrize(("channel", "apart", "alike"), [(0, 90, 0.99), (1, 37, 0.9), (1, 90, 0.8)])
def test_neighbouring_traces_are_alike_and_distant_ones_are_not(quiet, channel, apart, alike):
    below = Layers(Ground(7))
    rows = [hear(below, channel, x, 400_000, quiet)[DIRECT[channel] :] for x in range(-400_000, -380_000, apart)]
    near = [np.corrcoef(one, other)[0, 1] for one, other in pairwise(rows)]
    assert np.median(near) > alike
    far = np.corrcoef(rows[0], rows[-1])[0, 1]
    assert far < np.median(near) - 0.05


def test_a_rock_is_a_hyperbola_whose_bend_tells_the_permittivity_above(quiet, monkeypatch):
    """As with the real one. The loudest rock's echo is followed along a line, over layers that lie level."""
    told = []
    monkeypatch.setattr(layers, "echo", lambda *rest: told.append(rest[4:]))
    monkeypatch.setattr(Layers, "depth", lambda _, layer, x, y: layers._INTERFACES[layer][0])
    below = Layers(Ground(7))

    def rocks(x):
        told.clear()
        below.trace(1, x, 0, quiet, bytearray(512), 0)
        return [(time * UNIT_NS, -strength) for time, strength in told if is_rock(time, strength)]

    _, time, start = max((strength, time, x) for x in range(0, 8000, 500) for time, strength in rocks(x))
    way, squares = [], []
    drift = 0
    for x in range(start, start + 3000, 50):
        # Where others cross it, the one that goes on as before
        last, time = time, min((time for time, _ in rocks(x)), key=lambda other: abs(other - time - drift))
        drift = time - last
        way.append(x / 1000)
        squares.append(time * time)
    curve = np.polyfit(way, squares, 2)
    assert np.abs(np.polyval(curve, way) - squares).max() < 0.001 * max(squares)
    permittivity = curve[0] * LIGHT**2 / 4
    assert PERMITTIVITY[0] / 100 < permittivity < (PERMITTIVITY[0] + PERMITTIVITY[1]) / 200
    # Its apex is the time down to it and back, aside as it may be
    apex = sqrt(curve[2] - curve[1] ** 2 / (4 * curve[0]))
    assert 12.5 < apex / sqrt(curve[0]) < 23.5


def test_rocks_lie_between_the_upper_two_interfaces_only(quiet, monkeypatch):
    told = []
    monkeypatch.setattr(layers, "echo", lambda *rest: told.append(rest[4:]))
    for seed in range(40):
        below = Layers(Ground(seed))
        x, y = seed * 3001, -seed * 7001
        told.clear()
        below.trace(1, x, y, quiet, bytearray(512), 0)
        rocks = [time * UNIT_NS for time, strength in told if is_rock(time, strength)]
        first, second = (echo_ns([below.depth(layer, x, y) for layer in range(count)]) for count in (1, 2))
        assert len(rocks) > 4
        assert min(rocks) > first
        assert sorted(rocks)[len(rocks) // 2] < second


def test_another_seed_is_another_underground(quiet):
    one, other = (hear(Layers(Ground(seed)), 1, 0, 0, quiet)[DIRECT[1] :].tolist() for seed in (7, 8))
    assert one == hear(Layers(Ground(7)), 1, 0, 0, quiet)[DIRECT[1] :].tolist() != other


def test_permittivities_are_those_of_the_dictionary():
    assert [value / 100 for value in PERMITTIVITY] == list(load().permittivity)
    assert [round(sqrt(value * 10_000)) for value in PERMITTIVITY] == list(layers._INDEX)
