"""Maps of what the world's own scene shows, against the world's true heights, albedo and rocks."""

from math import cos, radians, sin, tan

import numpy as np
import pytest
from astropy.io import fits
from matplotlib.figure import Figure
from rover.world.ground import Ground, rocks
from yutu2.products.dom import dom
from yutu2.products.pcam_images import images_of
from yutu2.products.stereo import HALF_WIDTH_M, STEP_M, stereo_map

STOP = (-403_000, 403_000)
ELSEWHERE = (120_000, -250_000)
COARSE = 6  # cells of a map of which one is compared
BLIND_M = 2.3  # around the mast
CELLS_MM = range(-7500, 7500, 50)


@pytest.fixture(scope="module")
def noon(take_ring):
    """Under the Sun of the ring near noon, 40 degrees high."""
    return take_ring(30, 40, 500)


@pytest.fixture(scope="module")
def result(noon):
    return dom(noon)


@pytest.fixture(scope="module")
def noon_map(noon):
    return stereo_map(images_of(noon))


@pytest.fixture(scope="module")
def other_map(take_ring):
    """Elsewhere, under a Sun 20 degrees high in the west-south-west."""
    return stereo_map(images_of(take_ring(250, 20, 900, place=ELSEWHERE, seed=99)))


def truth(ground, place, azimuth, elevation, size):
    """(heights in m over that at the mast, brightness in per mille) on every COARSE-th place of a map."""
    places = ((np.arange(size) + 0.5) * STEP_M - HALF_WIDTH_M)[::COARSE]
    east, north = round(60 * sin(radians(azimuth))), round(60 * cos(radians(azimuth)))
    heights, brightness = np.zeros((2, len(places), len(places)))
    base = ground.height(*place)
    for row, column in np.ndindex(heights.shape):
        x, y = place[0] + round(1000 * places[column]), place[1] + round(1000 * places[row])
        heights[row, column] = (ground.height(x, y) - base) / 1000
        rise = ground.height(x + east, y + north) - ground.height(x - east, y - north)
        brightness[row, column] = ground.albedo(x, y) * max(0.0, tan(radians(elevation)) - rise / 120)
    return heights, brightness


def distances(shape):
    """From the mast, of every COARSE-th place of a map."""
    places = ((np.arange(shape[0]) + 0.5) * STEP_M - HALF_WIDTH_M)[::COARSE]
    return np.hypot(places[None, :], places[:, None])


def smoothed(values):
    """Means over 3 x 3 places."""
    return sum(np.roll(values, (row, column), (0, 1)) for row in (-1, 0, 1) for column in (-1, 0, 1)) / 9


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, seed, place, sun, least",
    [("noon_map", 7, STOP, (30, 40), 0.8), ("other_map", 99, ELSEWHERE, (250, 20), 0.6)],
)
def test_it_agrees_with_the_true_ground(request, name, seed, place, sun, least):
    """Heights and brightness; a low Sun casts shadows, of which the simple truth here knows nothing."""
    found = request.getfixturevalue(name)
    heights, brightness = truth(Ground(seed), place, *sun, len(found.heights))
    around = (distances(found.heights.shape) > BLIND_M) & np.isfinite(found.heights[::COARSE, ::COARSE])
    assert around.mean() > 0.9
    errors = (found.heights[::COARSE, ::COARSE] - heights)[around]
    matched = np.corrcoef(found.heights[::COARSE, ::COARSE][around], heights[around])[0, 1]
    print(f"{name}: heights r {matched:.3f}, {np.sqrt(np.mean(errors**2)):.3f} m, mean {errors.mean():.3f} m")
    assert matched > 0.85
    assert np.sqrt(np.mean(errors**2)) < 0.09
    assert abs(errors.mean()) < 0.03
    inner = (distances(found.heights.shape) > BLIND_M + 0.4) & (distances(found.heights.shape) < HALF_WIDTH_M - 0.4)
    seen = smoothed(np.nan_to_num(found.brightness[::COARSE, ::COARSE]))
    expected = smoothed(np.minimum(brightness, np.percentile(brightness, 99)))
    like = np.corrcoef(seen[inner], expected[inner])[0, 1]
    print(f"{name}: brightness r {like:.3f}")
    assert like > least


def test_the_pixels_of_the_map_are_that_fine(noon_map):
    assert noon_map.heights.shape == noon_map.brightness.shape == (400, 400)
    assert noon_map.places[[0, -1]] == pytest.approx((-7.98, 7.98))


def rocks_around(ground, nearest, farthest):
    """((east, north) from the stop, height) in m of the tops of rocks higher than 3 cm."""
    cells = [[rocks(STOP[0] + x, STOP[1] + y, ground.salt) >> 2 for x in CELLS_MM] for y in CELLS_MM]
    heights = np.array(cells)
    for row, column in zip(*np.nonzero(heights > 30), strict=True):
        window = heights[max(row - 6, 0) : row + 7, max(column - 6, 0) : column + 7]
        place = np.array([CELLS_MM[column], CELLS_MM[row]]) / 1000
        if heights[row, column] == window.max() and nearest < np.hypot(*place) < farthest:
            yield place, heights[row, column] / 1000


@pytest.mark.slow
@pytest.mark.parametrize("sun", [30, 210])
def test_shadows_lie_away_from_the_sun(take_ring, sun):
    """Where the shadow of a rock should lie it is darker than as far from the rock on its sunny side."""
    found = stereo_map(images_of(take_ring(sun, 15, 1000)))
    toward = np.array([sin(radians(sun)), cos(radians(sun))])
    usual = np.nanmedian(found.brightness)
    behind, before = [], []
    for place, height in rocks_around(Ground(7), 2.6, 7):
        length = height / tan(radians(15))
        behind.append(np.mean([seen_at(found, place - part * length * toward) for part in (0.4, 0.6, 0.8)]))
        before.append(np.mean([seen_at(found, place + part * length * toward) for part in (0.4, 0.6, 0.8)]))
    assert len(behind) > 10
    assert np.median(before) > np.median(behind) + 0.4 * usual


def seen_at(found, place):
    column, row = ((place + HALF_WIDTH_M) / STEP_M).astype(int)
    return found.brightness[row - 1 : row + 2, column - 1 : column + 2].mean()


@pytest.mark.slow
def test_there_are_holes_where_pictures_are_missing(take_ring):
    """To the east both pictures of both lower pitches, to the west one of the right eye at each of them."""
    holed = dom(take_ring(30, 40, 500, lost=(50, 51, 90, 91, 71, 111)))
    brightness, heights = (unit.data for unit in holed.hdus())
    east, west, north = (slice(198, 202), slice(320, 330)), (slice(198, 202), slice(70, 80)), (slice(320, 330), 200)
    assert np.isnan(brightness[east]).all()
    assert np.isnan(heights[east]).all()
    assert np.isfinite(brightness[west]).all()
    assert np.isnan(heights[west]).all()
    assert np.isfinite(brightness[north]).all()
    assert np.isfinite(heights[north]).all()
    assert holed.facts["heights_covered_percent"] < holed.facts["dom_covered_percent"] < 94


def test_without_the_ground_there_is_none(take_ring):
    """All pictures of the left eye that show it are missing."""
    assert dom(take_ring(30, 40, 500, lost=range(0, 120, 2))) is None


@pytest.mark.slow
def test_data_tell_their_axes_and_units(result, noon_map):
    assert (result.name, result.title) == ("dom_0007", "DOM of stop 1: brightness and heights from stereo")
    brightness, heights = fits.HDUList(result.hdus())
    assert (brightness.header["BUNIT"], heights.header["BUNIT"], heights.name) == ("adu", "m", "HEIGHT")
    for unit in (brightness, heights):
        header = unit.header
        assert (header["CTYPE1"], header["CUNIT1"], header["CTYPE2"], header["CUNIT2"]) == ("EAST", "m", "NORTH", "m")
        assert (header["CRVAL1"], header["CRVAL2"]) == pytest.approx((-410.98, 395.02))
        assert header["CDELT1"] == header["CDELT2"] == STEP_M
    assert heights.data == pytest.approx(noon_map.heights, abs=1e-3, nan_ok=True)
    assert result.facts["lowest_m"] == pytest.approx(np.nanmin(noon_map.heights), abs=0.01)
    assert result.facts["highest_m"] == pytest.approx(np.nanmax(noon_map.heights), abs=0.01)


@pytest.mark.slow
def test_the_picture_shows_both_maps_around_the_rover(result, noon_map):
    figure = Figure(dpi=50)
    result.draw(figure)
    figure.canvas.draw()
    left, right = (panel for panel in figure.axes if panel.images)
    for panel, values in ((left, noon_map.brightness), (right, noon_map.heights)):
        assert panel.images[0].get_array().filled(np.nan) == pytest.approx(values, nan_ok=True)
    for panel in (left, right):
        assert panel.get_xlim() == pytest.approx((-411, -395))
        assert panel.get_ylim() == pytest.approx((395, 411))
    assert {"N", "2 m", "rover", "sunlight"} <= {text.get_text() for text in left.texts}
