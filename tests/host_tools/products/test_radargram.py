"""Radargrams of what the world's own layers would send back: true depths found, gaps shown, repeats averaged."""

from io import BytesIO
from math import cos, radians, sin

import numpy as np
import pytest
from astropy.io import fits
from matplotlib.figure import Figure
from rover.kernel.random_stream import RandomStream
from rover.world.ground import Ground
from rover.world.layers import LAYERS, SAMPLES, Layers
from yutu2.dictionary.model import load
from yutu2.products.product import read_product
from yutu2.products.radargram import radargram
from yutu2.products.sparse_file import SparseFile

KINDS = ("LPR_60", "LPR_500")
STEP_MM = (89, 45)  # from trace to trace when driving
HEARD = (4, 2)  # layers
BEGUN_MM = 600_000  # by the wheels, before it began
FIELDS = 8  # octets of a record before its samples
SITES = [(7, -400_000, 400_000, 310), (1, 0, 0, 45), (99, 123_456, -567_890, 180), (2**30 - 1, 599_000, 599_000, 227)]


@pytest.fixture
def listen(make_file):
    """`listen(channel, way, site=SITES[0], lost=())`: a product, and the true depths (m) of each trace's layers.

    way: distances in mm. lost: numbers of records of which nothing came.
    """

    def listen(channel, way, site=SITES[0], lost=()):
        seed, x, y, bearing = site
        below, noise = Layers(Ground(seed)), RandomStream(seed, 9)
        records, depths = [], []
        for number, distance in enumerate(way):
            into = bytearray(SAMPLES[channel])
            place = x + round(distance * sin(radians(bearing))), y + round(distance * cos(radians(bearing)))
            below.trace(channel, *place, noise, into, 0)
            records.append([number * 1000, BEGUN_MM + distance, *np.frombuffer(bytes(into), np.int8)])
            depths.append([below.depth(layer, *place) / 1000 for layer in range(LAYERS)])
        octets = make_file(KINDS[channel], records, begun=58_600_000)
        size = FIELDS + SAMPLES[channel]
        head = len(make_file(KINDS[channel], [])) // 2 - 16  # the SHA-256 is 32 octets
        missing = [(head + number * size, size) for number in lost]
        content = SparseFile.of(octets, missing)
        return read_product(load(), content, len(octets), f"{KINDS[channel].lower()}_0012.bin", 12), np.array(depths)

    return listen


def drive(channel, traces=150):
    return range(0, traces * STEP_MM[channel], STEP_MM[channel])


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("channel", [0, 1])
def test_layers_are_found_where_they_are_along_a_drive(listen, channel, site):
    product, depths = listen(channel, drive(channel), site)
    found = radargram(product)
    truth = depths.mean(axis=0)[: HEARD[channel]]
    # within 10 % is what was asked for
    assert found.facts["layers_m"] == pytest.approx(truth, rel=0.02)
    assert found.title == (
        f"LPR at {(60, 500)[channel]} MHz, {(13.3, 6.7)[channel]} m of traverse: "
        f"layers at {', '.join(f'{depth:.1f}' for depth in found.facts['layers_m'])} m"
    )


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("channel", [0, 1])
def test_layers_are_found_below_a_stand(listen, channel, site):
    product, depths = listen(channel, [0] * 40, site)
    found = radargram(product)
    assert found.facts["layers_m"] == pytest.approx(depths[0][: HEARD[channel]], rel=0.02)
    assert (found.facts["traces"], found.facts["places"]) == (40, 1)
    assert "stationary at 600.0 m" in found.title


@pytest.mark.parametrize("channel", [0, 1])
def test_layers_are_followed_as_they_bend(listen, channel):
    product, depths = listen(channel, drive(channel))
    *_, layers = radargram(product).hdus()
    for layer in range(HEARD[channel]):
        off = layers.data[f"LAYER_{layer + 1}"] - depths[:, layer]
        assert np.abs(off).max() < (0.3, 0.1)[channel]
        # better than a level line
        assert off.std() < 0.5 * depths[:, layer].std()


def test_repeats_of_a_place_are_averaged(listen):
    """A noise of one count and more is, over a hundred traces, a tenth of it."""
    once, _ = listen(1, [0, 45, 90])
    often, _ = listen(1, [0] * 100 + [45] * 100 + [90])
    few, many = radargram(once), radargram(often)
    assert many.facts["places"] == 3
    assert many.facts["traces"] == 201
    # in the fine soil no echo is
    soil = slice(40, 180)
    quiet = many.hdus()[0].data[soil]
    assert np.std(quiet[:, 0]) < 0.2 * np.std(few.hdus()[0].data[soil, 0])
    assert np.std(quiet[:, 2]) > 3 * np.std(quiet[:, 0])
    figure = Figure()
    many.draw(figure)
    assert "198 repeats of a place averaged" in figure.axes[0].get_title()


def test_what_did_not_come_is_a_gap_as_wide_as_the_way(listen):
    lost = range(40, 52)
    product, depths = listen(1, drive(1), lost=lost)
    assert product.verified is None
    found = radargram(product)
    echoes = found.hdus()[0].data
    assert np.flatnonzero(np.isnan(echoes).all(axis=0)).tolist() == list(lost)
    assert np.isnan(echoes).sum() == len(lost) * SAMPLES[1]
    assert np.flatnonzero(np.isnan(found.hdus()[3].data["LAYER_1"])).tolist() == list(lost)
    assert found.facts["missing_traces"] == len(lost)
    assert found.facts["layers_m"] == pytest.approx(depths.mean(axis=0)[:2], rel=0.02)
    figure = Figure()
    found.draw(figure)
    assert "12 traces missing" in figure.axes[0].get_title()
    (mesh,) = figure.axes[0].collections
    assert np.ma.getmaskarray(mesh.get_array())[:, list(lost)].all()


def test_half_a_trace_is_half_a_gap(listen):
    product, _ = listen(1, drive(1))
    product.samples[30, 100:200] = np.ma.masked
    echoes = radargram(product).hdus()[0].data
    assert np.argwhere(np.isnan(echoes)).tolist() == [[row, 30] for row in range(100, 200)]


def test_a_trace_of_which_only_the_head_came_is_missing(listen):
    product, _ = listen(1, drive(1))
    product.samples[30] = np.ma.masked
    found = radargram(product)
    assert (found.facts["traces"], found.facts["missing_traces"], found.facts["places"]) == (149, 1, 149)


def test_without_a_trace_there_is_no_radargram(listen):
    product, _ = listen(1, drive(1, 5), lost=range(5))
    assert radargram(product) is None


def test_noise_has_no_layers(listen):
    product, _ = listen(1, drive(1))
    product.samples[:] = np.random.default_rng(7).integers(-3, 4, product.samples.shape)
    found = radargram(product)
    assert found.facts["layers_m"] == []
    assert "no layers found" in found.title


def test_silence_has_no_layers(listen):
    product, _ = listen(0, drive(0, 10))
    product.samples[:] = 0
    found = radargram(product)
    assert found.facts["layers_m"] == []
    assert np.isfinite(found.hdus()[1].data).all()


def test_echoes_are_as_sent_and_all_axes_have_units(listen, tmp_path):
    product, _ = listen(0, drive(0, 20))
    found = radargram(product)
    file = tmp_path / f"{found.name}.fits"
    fits.HDUList(found.hdus()).writeto(file)
    assert file.name == "radargram_lpr_60_0012.fits"
    with fits.open(file) as (echoes, evened, depths, layers):
        assert echoes.data.T.tolist() == product.samples.tolist()
        head = echoes.header
        assert (head["BUNIT"], head["CUNIT1"], head["CUNIT2"]) == ("count", "m", "ns")
        assert (head["CRVAL1"], head["CDELT1"]) == (600.0, pytest.approx(0.089))
        assert (head["CRVAL2"], head["CDELT2"]) == (0, 4)
        assert evened.data.shape == echoes.data.shape == (256, 20)
        # The direct wave is muted, 4 periods of 16.7 ns
        assert not evened.data[:16].any()
        assert evened.data[20:].any()
        assert [column.unit for column in depths.columns] == ["ns", "m"]
        assert {column.unit for column in layers.columns} == {"m"}
        # 1 m of fine soil, of a permittivity of 3.4, takes 12.3 ns
        assert depths.data["DEPTH"][:20] == pytest.approx(np.arange(20) * 4 / 12.301, rel=1e-3)
        assert np.diff(depths.data["DEPTH"]).min() == pytest.approx(4 * 0.2998 / 2 / 7**0.5, rel=1e-3)


def test_the_picture_has_axes_of_distance_depth_and_time(listen):
    product, _ = listen(1, drive(1))
    figure = Figure()
    radargram(product).draw(figure)
    figure.savefig(BytesIO(), format="png")
    panel, beside = figure.axes
    assert panel.get_xlabel() == "driven since the landing, by the wheels (m)"
    assert panel.get_ylabel() == "depth (m)"
    bottom, top = panel.get_ylim()
    assert bottom == pytest.approx(24, rel=0.03)
    assert top == 0
    (times,) = panel.child_axes
    assert times.get_ylabel() == "two-way time (ns)"
    assert times.get_ylim() == (pytest.approx(511 * 0.625), pytest.approx(0))
    assert beside.get_xlabel() == "mean envelope\n(counts)"
