"""Bands of spectra that are made up of known ones."""

import numpy as np
import pytest
from yutu2.products.absorption_bands import WAVELENGTHS_NM, find_absorption_bands

# Middle, standard deviation, depth, as laboratories find them
MINERALS = {
    "orthopyroxene": [(915, 75, 0.2), (1880, 190, 0.15)],
    "clinopyroxene": [(1000, 90, 0.2), (2200, 180, 0.12)],
    "olivine": [(850, 80, 0.06), (1050, 75, 0.15), (1250, 150, 0.1)],
}


def spectrum(bands, slope=1e-4):
    absorbed = sum(
        (depth * np.exp(-(((WAVELENGTHS_NM - middle) / width) ** 2) / 2) for middle, width, depth in bands),
        0 * WAVELENGTHS_NM,
    )
    return (0.1 + slope * (WAVELENGTHS_NM - 750)) * (1 - absorbed)


@pytest.mark.parametrize("mineral", MINERALS)
def test_each_mineral_is_known_by_its_bands(mineral):
    bands = find_absorption_bands(spectrum(MINERALS[mineral]))
    assert bands.mineral == mineral


def test_two_pyroxenes_together_are_told_as_such():
    both = [*MINERALS["orthopyroxene"], *MINERALS["clinopyroxene"]]
    bands = find_absorption_bands(spectrum(both))
    assert 930 < bands.first.centre < 980
    assert 1900 < bands.second.centre < 2100
    assert bands.mineral == "mixed pyroxenes"


@pytest.mark.parametrize("slope", [0, 5e-5, 1e-4])
@pytest.mark.parametrize("middle", [930, 960, 990, 1030])
def test_centre_of_the_first_band(middle, slope):
    assert find_absorption_bands(spectrum([(middle, 85, 0.15)], slope)).first.centre == pytest.approx(middle, abs=4)


@pytest.mark.parametrize("slope", [0, 5e-5, 1e-4])
@pytest.mark.parametrize("depth", [0.03, 0.1, 0.3])
def test_depth_of_a_band_that_keeps_clear_of_the_ties(depth, slope):
    assert find_absorption_bands(spectrum([(1010, 80, depth)], slope)).first.depth == pytest.approx(depth, rel=0.06)


@pytest.mark.parametrize("middle", [1950, 2050, 2150])
def test_centre_of_the_second_band(middle):
    band = find_absorption_bands(spectrum([(middle, 150, 0.15)])).second
    # Where the band reaches over the last tie, the continuum draws it in
    assert band.centre == pytest.approx(middle, abs=20)


def test_the_continuum_goes_through_its_ties_and_is_divided_out():
    bands = find_absorption_bands(spectrum([]))
    inside = np.isfinite(bands.continuum)
    assert WAVELENGTHS_NM[inside].min() == 750
    assert WAVELENGTHS_NM[inside].max() == 2375
    assert bands.continuum_removed[inside] == pytest.approx(1)
    assert (bands.first, bands.second, bands.mineral) == (None, None, None)


def test_a_slope_alone_is_no_band():
    bands = find_absorption_bands(spectrum([(2600, 300, 0.3)]))
    assert bands.first is None
    assert bands.second is None


def test_without_a_second_band_it_is_no_pyroxene_and_olivine_only_far_enough_out():
    near, far = (find_absorption_bands(spectrum([(middle, 85, 0.15)])) for middle in (950, 1060))
    assert near.second is far.second is None
    assert (near.mineral, far.mineral) == (None, "olivine")


def test_a_band_whose_centre_lies_elsewhere_is_none():
    """Plagioclase's, at 1.25 um: where the first band is looked for, it falls to the very edge."""
    assert find_absorption_bands(spectrum([(1250, 110, 0.1)])).first is None


def test_a_second_band_alone_tells_no_mineral():
    bands = find_absorption_bands(spectrum([(2050, 150, 0.15)]))
    assert bands.first is None
    assert bands.second is not None
    assert bands.mineral is None


def test_without_a_tie_there_are_no_bands():
    holed = spectrum(MINERALS["clinopyroxene"])
    holed[(WAVELENGTHS_NM >= 1490) & (WAVELENGTHS_NM <= 1610)] = np.nan
    assert find_absorption_bands(holed) is None


def test_a_band_must_have_come_for_the_most_part():
    holed = spectrum(MINERALS["clinopyroxene"])
    holed[(WAVELENGTHS_NM >= 900) & (WAVELENGTHS_NM <= 940)] = np.nan
    whole = find_absorption_bands(spectrum(MINERALS["clinopyroxene"]))
    assert find_absorption_bands(holed).first.centre == pytest.approx(whole.first.centre, abs=2)
    holed[(WAVELENGTHS_NM >= 900) & (WAVELENGTHS_NM <= 980)] = np.nan
    assert find_absorption_bands(holed).first is None
    assert find_absorption_bands(holed).second is not None


def test_a_band_that_has_not_come_tells_no_olivine():
    holed = spectrum(MINERALS["olivine"])
    holed[(WAVELENGTHS_NM >= 1900) & (WAVELENGTHS_NM <= 2200)] = np.nan
    bands = find_absorption_bands(holed)
    assert bands.first is not None
    assert (bands.second, bands.mineral) == (None, None)
