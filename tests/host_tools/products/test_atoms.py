"""Spectra of neutral atoms: the world's own, within what counting allows."""

import json
from datetime import UTC, datetime
from math import radians, sin, sqrt

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from matplotlib.figure import Figure
from rover.kernel.random_stream import RandomStream
from rover.world import atoms as world
from yutu2.dictionary.model import load
from yutu2.products.atoms import EDGES_EV, SPECTRUM_S, atom_spectrum
from yutu2.products.product import Product

HALF_AN_HOUR = 600  # spectra


def up(sun):
    return round(sin(radians(sun)) * 2**14)


def make_product(count=HALF_AN_HOUR, sun=44.0, seed=1):
    suns = sun - 0.0003 * np.arange(count)
    noise, into = RandomStream(seed, 5), bytearray(world.CHANNELS)
    samples = np.ma.masked_all((count, world.CHANNELS), np.uint8)
    for record, elevation in enumerate(suns):
        world.count(up(elevation), noise, into, 0)
        samples[record] = np.frombuffer(into, np.uint8)
    return Product(
        dictionary=load(),
        kind="ASAN_SPECTRA",
        number=4,
        name="asan_spectra_0004",
        head={"begun": datetime(2020, 11, 15, 14, tzinfo=UTC), "stop": 5},
        record_count=count,
        record_numbers=np.arange(count),
        records={"after": 3.0 * np.arange(count), "sun_elevation": suns},
        samples=samples,
        missing=[],
        state="WHOLE",
        reason=None,
        verified=True,
    )


def expected(product, came=None):
    """Counts that the world lets expect in each bin."""
    each = np.array(
        [[world.expected(channel, up(sun)) / 1024 for channel in range(world.CHANNELS)] for sun in suns_of(product)]
    )
    return (each if came is None else each * came).sum(0)


def suns_of(product):
    return product.records["sun_elevation"]


def table_of(result):
    return result.hdus()[1].data


def draw(result):
    figure = Figure()
    result.draw(figure)
    figure.canvas.draw()
    return figure


@pytest.mark.parametrize("seed", range(8))
def test_the_shape_is_the_world_s_within_counting_noise(seed):
    product = make_product(seed=seed)
    counts, wanted = table_of(atom_spectrum(product))["COUNTS"], expected(product)
    # Bins that hold few are taken together, as the test wants it
    rare = wanted < 10
    assert rare.sum() < 6
    counts = [*counts[~rare], counts[rare].sum()]
    wanted = [*wanted[~rare], wanted[rare].sum()]
    square = sum((count - mean) ** 2 / mean for count, mean in zip(counts, wanted, strict=True))
    freedom = len(wanted)
    assert abs(square - freedom) < 3.5 * sqrt(2 * freedom)
    # A flat spectrum of as many counts is none
    flat = sum(wanted) / freedom
    assert sum((count - flat) ** 2 / flat for count in counts) > 50 * freedom


def test_total_and_rates_are_those_of_the_samples():
    product = make_product()
    result = atom_spectrum(product)
    total = int(product.samples.sum())
    assert json.loads(json.dumps(result.facts)) == result.facts
    assert result.facts == {"counts": total, "seconds": 1800.0, "counts_per_s": round(total / 1800, 2)}
    table = table_of(result)
    assert table["RATE"].sum() == pytest.approx(total / 1800)
    widths = (table["E_MAX"] - table["E_MIN"]) / 1000
    assert (table["SPECTRUM"] * widths).sum() == pytest.approx(total / 1800)
    assert table["ERROR"] * widths * 1800 == pytest.approx(np.sqrt(table["COUNTS"]))


def test_bins_go_from_10_ev_to_10_kev_by_equal_factors():
    assert (EDGES_EV[0], EDGES_EV[-1], len(EDGES_EV)) == (pytest.approx(10), pytest.approx(10_000), world.CHANNELS + 1)
    assert EDGES_EV[1:] / EDGES_EV[:-1] == pytest.approx(10 ** (1 / 8))
    # The solar wind's cut is one of the edges: below it there is much, past it hardly anything
    counts = table_of(atom_spectrum(make_product()))["COUNTS"]
    cut = int(np.argmin(abs(EDGES_EV - 1000)))
    assert counts[cut - 1] > 20 * counts[cut]


def test_holes_count_as_no_time():
    product = make_product()
    product.samples[100:300] = np.ma.masked
    product.samples[400, 10:] = np.ma.masked
    result = atom_spectrum(product)
    table = table_of(result)
    assert list(table["TIME"]) == [400 * SPECTRUM_S] * 10 + [399 * SPECTRUM_S] * 14
    came = ~np.ma.getmaskarray(product.samples)
    wanted = expected(product, came)
    assert (abs(table["RATE"] * table["TIME"] - wanted) < 5 * np.sqrt(wanted) + 1).all()
    assert "400 spectra" in result.title
    draw(result)


def test_where_nothing_came_there_is_no_spectrum():
    product = make_product(10)
    product.samples[:] = np.ma.masked
    assert atom_spectrum(product) is None


def test_few_counts_make_a_picture_too():
    product = make_product(1)
    draw(atom_spectrum(product))
    product.samples[:] = 0
    result = atom_spectrum(product)
    assert result.facts["counts"] == 0
    draw(result)


def test_the_picture_has_labels_and_units():
    figure = draw(atom_spectrum(make_product(50)))
    upper, lower = figure.axes
    assert (lower.get_xlabel(), upper.get_ylabel(), lower.get_ylabel()) == (
        "energy (eV)",
        "counts / s, in each bin",
        "counts / s / keV",
    )
    assert {panel.get_xscale() for panel in figure.axes} == {panel.get_yscale() for panel in figure.axes} == {"log"}


def test_the_data_tell_their_energies_and_units(tmp_path):
    result = atom_spectrum(make_product(50))
    path = tmp_path / "atoms.fits"
    fits.HDUList(result.hdus()).writeto(path)
    with fits.open(path) as units:
        units.verify("exception")
        primary, table = units
        assert primary.header["BUNIT"] == "count"
        joules = WCS(primary.header).all_pix2world(np.arange(world.CHANNELS), 0)[0]
        middles = np.sqrt(EDGES_EV[1:] * EDGES_EV[:-1])
        assert joules / 1.602176634e-19 == pytest.approx(middles, rel=1e-6)
        assert [column.unit for column in table.columns] == [
            *("eV", "eV", "s", "count", "count s-1", "count s-1 keV-1", "count s-1 keV-1")
        ]
        assert list(table.data["COUNTS"]) == list(primary.data)
