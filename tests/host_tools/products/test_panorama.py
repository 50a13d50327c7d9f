"""Panoramas of what the world's own scene shows: pictures in their places, no seams, holes where some are missing."""

import numpy as np
import pytest
from astropy.io import fits
from matplotlib.figure import Figure
from yutu2.products.panorama import panorama, stitch
from yutu2.products.pcam_images import images_of

STEP = 0.25  # degrees
GAIN = 500
LEFTS = range(0, 120, 2)  # numbers of records of the left eye: 40 to a pitch, two to an azimuth


@pytest.fixture(scope="module")
def whole(take_ring):
    return take_ring(30, 40, GAIN)


@pytest.fixture(scope="module")
def ring(whole):
    """Brightness by elevation and azimuth."""
    return stitch([picture for picture in images_of(whole) if picture.eye == 0])[2]


def at(azimuth, elevation):
    """(row, column) of a direction."""
    return round((elevation + 37.25) / STEP - 0.5), round(azimuth / STEP - 0.5) % 1440


def test_it_goes_all_around_and_as_far_up_and_down_as_the_pictures(whole, ring):
    azimuths, elevations, _ = stitch([picture for picture in images_of(whole) if picture.eye == 0])
    assert ring.shape == (162, 1440)
    assert (azimuths[0], azimuths[-1]) == (0.125, 359.875)
    assert (elevations[0], elevations[-1]) == pytest.approx((-37.125, 3.125))
    assert np.isfinite(ring).all()


def test_what_a_picture_shows_stands_in_its_direction(whole, ring):
    """The pixels of the middle of each picture, against the place of their direction in the panorama."""
    for number in LEFTS:
        azimuth, pitch = whole.records["azimuth"][number], whole.records["pitch"][number]
        pixels = whole.samples[number].reshape(64, 48)
        shown, seen = [], []
        for column in range(16, 48, 3):
            for row in range(12, 36, 3):
                direction = azimuth + (column - 31.5) * 19.7 / 64, pitch + (row - 23.5) * 14.5 / 48
                shown.append(ring[at(*direction)])
                seen.append(pixels[column, row])
        # It lies between pixels, up to half a pixel off; where rocks are that makes a difference
        assert np.median(np.abs(np.subtract(shown, seen))) < 5
        assert np.corrcoef(shown, seen)[0, 1] > 0.6


def test_sky_is_black_over_lit_ground(ring):
    assert ring[at(0, 2.9)[0] :].max() <= 2
    assert ring[: at(0, -2)[0]].mean() > 50


def test_no_seam_jumps(ring):
    """From column to column it changes as little where pictures meet, in the middle between azimuths, as elsewhere."""
    ground = ring[: at(0, -2)[0]]
    changes = np.abs(np.diff(ground, axis=1, append=ground[:, :1])).mean(axis=0)
    seams = [(36 + 72 * number + offset) % 1440 for number in range(20) for offset in range(-4, 4)]
    assert changes[seams].mean() < 1.1 * np.delete(changes, seams).mean()
    # Row by row too, where pitches meet
    changes = np.abs(np.diff(ground, axis=0)).mean(axis=1)
    for elevation in (-10.5, -23.5):
        row = at(0, elevation)[0]
        assert changes[row - 3 : row + 3].mean() < 1.3 * np.median(changes[row - 20 : row + 20])


def test_a_picture_goes_over_into_the_next(take_ring, ring):
    """One picture that is 60 brighter than it should be stands out, but has no edges."""
    product = take_ring(30, 40, GAIN)
    product.samples = product.samples.astype(int)
    product.samples[80] += 60
    brighter = stitch([picture for picture in images_of(product) if picture.eye == 0])[2]
    low, high = at(0, -36)[0], at(0, -25)[0]
    more = (brighter - ring)[low:high].mean(axis=0)
    assert more.max() == pytest.approx(60)
    assert np.abs(np.diff(more)).max() < 0.25 * 60


def test_missing_pictures_of_the_left_eye_are_holes(take_ring):
    """Azimuth 108 at pitch -4, azimuth 90 at pitch -17; and one of the right eye, which is not shown."""
    product = take_ring(30, 40, GAIN, lost=(12, 50, 91))
    result = panorama(product)
    (image,) = result.hdus()
    holes = np.isnan(image.data)
    for azimuth, elevation in ((108, -2), (100, -2), (90, -17), (96, -20)):
        assert holes[at(azimuth, elevation)]
    for azimuth, elevation in ((90, -2), (126, -2), (108, -17), (90, -30), (90, -10)):
        assert not holes[at(azimuth, elevation)]
    # Two pictures of 16.3 by 13 degrees, less what lies under the other pitch's
    assert holes.mean() == pytest.approx(2 * 16.3 * 12.3 / (360 * 40.5), rel=0.05)
    assert result.facts == {
        "pictures": 117,
        "missing_pictures": 3,
        "panorama_covered_percent": round(100 - 100 * holes.mean(), 1),
    }
    assert "58 pictures" in result.title


def test_a_part_of_a_picture_is_shown(take_ring):
    product = take_ring(30, 40, GAIN)
    product.samples[50, 1536:] = np.ma.masked
    holes = np.isnan(panorama(product).hdus()[0].data)
    assert holes[at(95, -17)]
    assert not holes[at(86, -17)]


def test_without_the_left_eye_there_is_none(take_ring):
    assert panorama(take_ring(30, 40, GAIN, lost=LEFTS)) is None


def test_data_tell_their_axes_and_units(whole, ring):
    result = panorama(whole)
    assert (result.name, result.title) == ("panorama_0007", "Panorama at stop 1: 60 pictures of the left eye")
    (image,) = fits.HDUList(result.hdus())
    header = image.header
    assert (header["BUNIT"], header["CUNIT1"], header["CUNIT2"]) == ("adu", "deg", "deg")
    assert header["CRVAL1"] + header["CDELT1"] * (1439 - header["CRPIX1"] + 1) == pytest.approx(359.875)
    assert header["CRVAL2"] == pytest.approx(-37.125)
    assert image.data == pytest.approx(ring, abs=0.01)


def test_the_picture_shows_both_halves_with_directions(whole, ring):
    figure = Figure(dpi=50)
    panorama(whole).draw(figure)
    figure.canvas.draw()
    shown = [panel for panel in figure.axes if panel.images]
    assert [panel.get_xlim() for panel in shown] == [(0, 180), (180, 360)]
    assert np.hstack([panel.images[0].get_array().filled(np.nan) for panel in shown]) == pytest.approx(ring)
    words = [text.get_text() for panel in shown for text in panel.texts]
    assert words == ["to the Sun", "from the Sun"]
    assert shown[0].texts[0].xy[0] == pytest.approx(30)
    assert shown[1].texts[0].xy[0] == pytest.approx(210)
