"""Spectra of the ground: calibrated by the panel, with bands where the world's minerals absorb."""

import json
from datetime import UTC, datetime, timedelta
from math import radians, sin

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from matplotlib.figure import Figure
from rover.kernel.random_stream import RandomStream
from rover.world.ground import Ground
from rover.world.minerals import ABSORPTIONS, BANDS, CLINOPYROXENE, DARK, PANEL, TARGET, Minerals
from yutu2.dictionary.model import load
from yutu2.products.absorption_bands import WAVELENGTHS_NM, find_absorption_bands
from yutu2.products.product import Product
from yutu2.products.reflectance import reflectance

SEEDS = range(12)
NEAR_NOON = 44.0  # degrees
NOON = datetime(2020, 11, 15, 14, tzinfo=UTC)
COLD = -200  # 0.1 degC, as the rover's detector is
SITE_MM = (-300_000, 420_000)


def soil(seed, place_mm=SITE_MM):
    return Minerals(Ground(seed), *place_mm)


def true_reflectance(minerals):
    return np.array([minerals.reflectance(band) for band in range(BANDS)]) / 10_000


def make_product(
    minerals, kind=TARGET, scans=8, darks=2, sun=NEAR_NOON, falls=0.02, number=1, begun=NOON, seed=1, detector=COLD
):
    """What the rover makes: dark scans, then scans of a kind, while the Sun moves by some degrees from scan to scan."""
    kinds = np.array([DARK] * darks + [kind] * scans, np.int64)
    suns = sun - falls * np.arange(len(kinds))
    noise, into = RandomStream(seed, 3), bytearray(2 * BANDS)
    samples = np.ma.masked_all((len(kinds), BANDS), np.uint16)
    for record, (scan, elevation) in enumerate(zip(kinds, suns, strict=True)):
        minerals.scan(int(scan), round(sin(radians(elevation)) * 2**14), detector, noise, into, 0)
        samples[record] = np.frombuffer(into, ">u2")
    return Product(
        dictionary=load(),
        kind="VNIS_SPECTRA",
        number=number,
        name=f"vnis_spectra_{number:04d}",
        head={"begun": begun, "stop": 5, "east": -300.0, "north": 420.0},
        record_count=len(kinds),
        record_numbers=np.arange(len(kinds)),
        records={
            "after": 100.0 * np.arange(len(kinds)),
            "scan": kinds,
            "detector": np.full(len(kinds), detector / 10),
            "sun_elevation": suns,
        },
        samples=samples,
        missing=[],
        state="WHOLE",
        reason=None,
        verified=True,
    )


def make_both(seed, **options):
    """A detection, and a calibration an hour later under a Sun that has moved on."""
    minerals = soil(seed)
    options = {"sun": NEAR_NOON} | options
    detection = make_product(minerals, seed=seed, **options)
    panel = {"kind": PANEL, "scans": 4, "number": 2, "begun": NOON + timedelta(hours=1), "sun": options["sun"] - 1}
    return [detection, make_product(minerals, seed=seed + 1000, **options | panel)]


def spectrum_of(result):
    return result.hdus()[0].data


def deepest(minerals, low, high):
    """Where the minerals together absorb most, by the constants of the world and their shares."""
    nm = np.arange(low, high)
    absorbed = sum(
        minerals.weight(mineral) * strength * np.exp(-(((nm - middle) / width) ** 2) / 2)
        for mineral, middle, width, strength in ABSORPTIONS
    )
    return nm[absorbed.argmax()]


@pytest.mark.parametrize("seed", SEEDS)
def test_band_centres_are_the_truth_s_and_say_clinopyroxene(seed):
    facts = reflectance(make_both(seed)).facts
    true = find_absorption_bands(true_reflectance(soil(seed)))
    assert facts["band_1_nm"] == pytest.approx(true.first.centre, abs=20)
    assert facts["band_2_nm"] == pytest.approx(true.second.centre, abs=20)
    assert facts["band_1_depth"] == pytest.approx(true.first.depth, abs=0.02)
    assert facts["band_2_depth"] == pytest.approx(true.second.depth, abs=0.02)
    assert facts["mineral"] == true.mineral == "clinopyroxene"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_truth_s_centres_lie_where_the_minerals_absorb_most(seed):
    minerals = soil(seed)
    true = find_absorption_bands(true_reflectance(minerals))
    assert true.first.centre == pytest.approx(deepest(minerals, 800, 1200), abs=10)
    assert true.second.centre == pytest.approx(deepest(minerals, 1700, 2400), abs=15)
    # And by clinopyroxene's own, which other pyroxene draws in
    own = [middle for mineral, middle, _, _ in ABSORPTIONS if mineral == CLINOPYROXENE]
    assert own[0] - 30 < true.first.centre < own[0] + 10
    assert own[2] - 70 < true.second.centre < own[2] + 10


@pytest.mark.parametrize("seed", SEEDS)
def test_the_spectrum_is_the_ground_s(seed):
    found = spectrum_of(reflectance(make_both(seed)))
    true = true_reflectance(soil(seed))
    assert found == pytest.approx(true, rel=0.08)
    assert np.mean(found / true) == pytest.approx(1, abs=0.005)


def test_what_moves_the_sun_between_ground_and_panel_does_no_harm():
    minerals = soil(7)
    products = [make_product(minerals, sun=43), make_product(minerals, PANEL, 4, sun=20, number=2, seed=2)]
    found = spectrum_of(reflectance(products))
    assert np.mean(found / true_reflectance(minerals)) == pytest.approx(1, abs=0.01)


def test_what_the_detector_makes_by_itself_is_taken_off():
    minerals = soil(7)
    warm = make_product(minerals, detector=150, darks=8)
    found = spectrum_of(reflectance([warm, make_both(7)[1]]))
    assert np.mean(found / true_reflectance(minerals)) == pytest.approx(1, abs=0.01)


def test_noise_is_lower_under_a_high_sun():
    scatter = {}
    for sun in (15.0, NEAR_NOON):
        minerals = soil(7)
        found = spectrum_of(reflectance(make_both(7, sun=sun + 1)))
        scatter[sun] = np.std(found / true_reflectance(minerals))
    assert scatter[NEAR_NOON] < 0.7 * scatter[15.0]


def test_the_error_that_is_told_is_the_scatter():
    minerals = soil(7)
    units = reflectance(make_both(7, scans=30)).hdus()
    off = (units[0].data - true_reflectance(minerals)) / units[1].data
    assert 0.8 < np.std(off) < 2  # the panel's and the dark scans' noise come on top


def test_the_calibration_nearest_in_time_is_taken():
    minerals = soil(7)
    detection, near = make_both(7)
    far = make_product(minerals, PANEL, 4, number=3, begun=NOON - timedelta(hours=2), seed=9)
    far.samples = far.samples // 2
    result = reflectance([detection, far, near])
    assert result.facts["panel"] == near.name
    assert result.facts == reflectance([detection, near, far]).facts
    assert np.mean(spectrum_of(result) / true_reflectance(minerals)) == pytest.approx(1, abs=0.01)


def test_without_a_calibration_there_are_counts_and_no_mineral():
    detection, calibration = make_both(7)
    calibration.samples = np.ma.masked_all_like(calibration.samples)
    for products in ([detection], [detection, calibration], [detection, make_product(soil(7), seed=3)]):
        result = reflectance(products)
        assert "counts, not calibrated" in result.title
        assert "mineral" not in result.facts
        assert "band_1_nm" not in result.facts
        assert result.hdus()[0].header["BUNIT"] == "count"
        draw(result)
    sine = sin(radians(NEAR_NOON))
    assert result.hdus()[0].data[200] * sine == pytest.approx(detection.samples[2:, 200].mean() - 50, rel=0.03)


def test_a_calibration_alone_makes_no_spectrum():
    detection, calibration = make_both(7)
    assert reflectance([calibration, detection]) is None
    detection.samples = np.ma.masked_all_like(detection.samples)
    assert reflectance([detection, calibration]) is None


def test_holes_are_left_out():
    detection, calibration = make_both(7)
    whole = reflectance([detection, calibration])
    detection.samples[4] = np.ma.masked
    detection.records["scan"][4], detection.records["sun_elevation"][4] = -1, np.nan
    detection.samples[6, 100:] = np.ma.masked
    calibration.samples[3, :300] = np.ma.masked
    result = reflectance([detection, calibration])
    assert np.isfinite(spectrum_of(result)).all()
    for band in ("band_1_nm", "band_2_nm"):
        assert result.facts[band] == pytest.approx(whole.facts[band], abs=15)
    assert spectrum_of(result) == pytest.approx(true_reflectance(soil(7)), rel=0.1)
    draw(result)


def test_a_band_of_which_nothing_came_is_not_told():
    detection, calibration = make_both(7)
    detection.samples[:, 280:330] = np.ma.masked
    result = reflectance([detection, calibration])
    assert np.isnan(spectrum_of(result)[280:330]).all()
    assert "band_1_nm" in result.facts
    assert "band_2_nm" not in result.facts
    draw(result)


def draw(result):
    figure = Figure()
    result.draw(figure)
    figure.canvas.draw()
    return figure


def test_facts_can_be_written_down():
    facts = reflectance(make_both(7)).facts
    assert json.loads(json.dumps(facts)) == facts


def test_the_picture_has_labels_and_units():
    figure = draw(reflectance(make_both(7)))
    labels = {text for panel in figure.axes for text in (panel.get_xlabel(), panel.get_ylabel())}
    assert {"wavelength (nm)", "reflectance", "reflectance / continuum"} <= labels
    assert "clinopyroxene" in figure.get_suptitle()


def test_the_data_tell_their_wavelengths_and_units(tmp_path):
    result = reflectance(make_both(7))
    path = tmp_path / "spectrum.fits"
    fits.HDUList(result.hdus()).writeto(path)
    with fits.open(path) as units:
        units.verify("exception")
        assert [unit.name for unit in units] == ["REFLECTANCE", "ERROR", "CONTINUUM"]
        for unit in units:
            assert (unit.header["CTYPE1"], unit.header["CUNIT1"]) == ("WAVE", "nm")
            metres = WCS(unit.header).all_pix2world(np.arange(BANDS), 0)[0]
            assert metres * 1e9 == pytest.approx(WAVELENGTHS_NM)
        assert units[0].data.max() < 1
