"""What the cameras see: the same on every machine, and a picture of that very ground under that very Sun."""

from math import atan2, cos, degrees, radians, sin, tan

import numpy as np
import pytest
from rover.world.ground import Ground, rocks
from rover.world.scene import COLUMNS, ROWS, Scene

STOP = (-403_000, 403_000)  # mm: where lunar day 24 begins
FIELD, HEIGHT = 19.7, 14.5
EYE = 1700
GAIN = 700
LEFT, RIGHT = -135, 135

ON_UNIX = """
from rover.world.ground import Ground
from rover.world.scene import ROWS, Scene
for seed, x, y, azimuth, elevation in %r:
    scene = Scene(Ground(seed), x, y, azimuth, elevation)
    while scene.survey():
        pass
    pixels = bytearray(ROWS)
    for pitch in (-11651, -49516, -87381):
        scene.face(x & 0xFFFFF, pitch, 57380, 42234)
        for column in range(0, 64, 9):
            angle = (x & 0xFFFFF) + column * 897 - 28690
            scene.column(pixels, 0, angle, 135 - column * 4, 900, column * pitch & 0x3FFF)
            print(bytes(pixels).hex())
"""
SCENES = [
    (7, -403000, 403000, 87381, 116508),
    (2**30 - 1, 599999, -599999, 700000, 30000),
    (99, 0, -1, 524288, 4000),
]


def binary(angle):
    return int(angle * 2**20 / 360)


def scene_at(place, azimuth, elevation, seed=7):
    """A surveyed scene; angles in degrees."""
    scene = Scene(Ground(seed), *place, binary(azimuth), binary(elevation))
    while scene.survey():
        pass
    return scene


@pytest.fixture(scope="module")
def afternoon():
    """The stop with the Sun in the north-west, 20 degrees high."""
    return scene_at(STOP, -45, 20)


def picture(scene, azimuth, pitch, aside=LEFT, gain=GAIN, salt=1, columns=COLUMNS):
    """Pixels by row from below and by column; `columns` of the middle."""
    scene.face(binary(azimuth), binary(pitch), binary(FIELD), binary(HEIGHT))
    taken = bytearray(ROWS * columns)
    for column in range(columns):
        angle = azimuth + (column + 0.5 - columns / 2) * FIELD / COLUMNS
        scene.column(taken, column * ROWS, binary(angle), aside, gain, salt)
    return np.frombuffer(taken, np.uint8).reshape(columns, ROWS).T.astype(int)


def elevations(pitch):
    """Of the rows, in degrees."""
    return pitch + (np.arange(ROWS) + 0.5 - ROWS / 2) * HEIGHT / ROWS


def test_viper_draws_what_plain_python_draws(on_unix_port):
    lines = iter(on_unix_port(ON_UNIX % SCENES).splitlines())
    for seed, x, y, azimuth, elevation in SCENES:
        scene = Scene(Ground(seed), x, y, azimuth, elevation)
        while scene.survey():
            pass
        pixels = bytearray(ROWS)
        for pitch in (-11651, -49516, -87381):
            scene.face(x & 0xFFFFF, pitch, 57380, 42234)
            for column in range(0, 64, 9):
                angle = (x & 0xFFFFF) + column * 897 - 28690
                scene.column(pixels, 0, angle, 135 - column * 4, 900, column * pitch & 0x3FFF)
                assert next(lines) == pixels.hex()
    assert next(lines, None) is None


@pytest.mark.sampled(1)
@pytest.mark.parametrize("seed, x, y, azimuth, elevation", [*SCENES, (5, -600000, 600000, 262144, 262143)])
def test_no_step_reaches_2_to_the_30(pico_int, seed, x, y, azimuth, elevation):
    plain = Scene(Ground(seed), x, y, azimuth, elevation)
    while plain.survey():
        pass
    scene = Scene(Ground(pico_int(seed)), *map(pico_int, (x, y, azimuth, elevation)))
    scene.survey()
    for name in ("_heights", "_shades", "_soils"):
        getattr(scene, name)[:] = getattr(plain, name)
    scene._surveyed = pico_int(190)
    assert scene.survey()
    assert not scene.survey()
    pixels = bytearray(ROWS)
    for pitch in (-11651, -87381):
        scene.face(pico_int(azimuth), pico_int(pitch), pico_int(57380), pico_int(42234))
        # An array would give plain integers
        maps, tables, *numbers = scene._drawn
        lists = [[[pico_int(value) for value in values] for values in part] for part in (maps, tables)]
        scene._drawn = (*lists, *numbers)
        for column in (0, 31, 63):
            scene.column(pixels, 0, pico_int(azimuth + column * 897 - 28690), pico_int(LEFT), pico_int(65535), 2**15)
        assert any(pixels)


def test_a_survey_takes_a_row_a_call():
    scene = Scene(Ground(7), *STOP, binary(30), binary(40))
    assert [scene.survey() for _ in range(192)] == [True] * 191 + [False]


def test_the_sky_is_black_and_the_ground_is_lit(afternoon):
    for azimuth in range(0, 360, 90):
        taken = picture(afternoon, azimuth, -4)
        up = elevations(-4)
        assert taken[up > 2].max() <= 3
        assert taken[up < -1].mean() > 40
        # Nothing but ground below
        assert picture(afternoon, azimuth, -30).mean() > 40


def test_nothing_is_seen_in_the_night():
    scene = scene_at(STOP, 30, -2)
    assert picture(scene, 30, -17, gain=65535).max() <= 3


def test_noise_is_slight_and_of_its_picture(afternoon):
    first, again, other = (picture(afternoon, 90, -17, salt=salt) for salt in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).mean() > 0.5
    assert np.abs(first - other).max() <= 2


def test_light_grows_with_gain(afternoon):
    once, twice = (picture(afternoon, 90, -30, gain=gain).mean() for gain in (400, 800))
    assert twice / once == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("azimuth", range(0, 360, 60))
def test_pictures_of_different_pitch_meet(afternoon, azimuth):
    """Rows 0 to 4 of the upper see what rows 43 to 47 of the lower see: 13 degrees are 43.03 rows."""
    upper, lower = picture(afternoon, azimuth, -4)[:5], picture(afternoon, azimuth, -17)[43:]
    assert np.mean(np.abs(upper - lower) > 12) < 0.04


def met(ground, azimuth, pitch, columns, farthest):
    """(column, row, x, y) of the places that pixels around a picture's middle see, by small steps over the heights."""
    eye = ground.height(*STOP) + EYE
    rows = [tan(radians(angle)) for angle in elevations(pitch)]
    for column in range(columns):
        angle = radians(azimuth + (column + 0.5 - columns / 2) * FIELD / COLUMNS)
        distance, row = 1300.0, 0
        while row < ROWS and distance < farthest:
            x, y = round(STOP[0] + distance * sin(angle)), round(STOP[1] + distance * cos(angle))
            height = ground.height(x, y) - eye
            while row < ROWS and rows[row] * distance <= height:
                yield column, row, x, y
                row += 1
            distance *= 1.004


@pytest.mark.slow
def test_it_is_a_picture_of_that_ground():
    """Each pixel against albedo and slope of the place that its ray meets, near by and out to 22 m."""
    ground = Ground(7)
    scene = scene_at(STOP, 30, 40)
    east, north = round(50 * sin(radians(30))), round(50 * cos(radians(30)))
    seen, expected = [], []
    for azimuth, pitch in [(0, -30), (72, -17), (216, -17), (0, -17), (72, -4), (0, -4), (150, -4)]:
        taken = picture(scene, azimuth, pitch, aside=0, gain=350, columns=16)
        for column, row, x, y in met(ground, azimuth, pitch, 16, 22_000):
            rise = ground.height(x + east, y + north) - ground.height(x - east, y - north)
            seen.append(taken[row, column])
            expected.append(ground.albedo(x, y) * max(0.0, tan(radians(40)) - rise / 100))
    assert len(seen) > 4000
    assert np.corrcoef(seen, expected)[0, 1] > 0.75


def biggest_rock(ground, side=40_000, step=100):
    """(height, x, y) of the highest rock around the stop."""
    places = [(STOP[0] + east, STOP[1] + north) for east in range(0, side, step) for north in range(0, side, step)]
    return max((rocks(x, y, ground.salt) >> 2, x, y) for x, y in places)


@pytest.mark.parametrize("sun, dark", [(90, "left"), (270, "right")])
def test_a_rock_s_shadow_lies_away_from_the_sun(sun, dark):
    """Seen from 4 m south of it, the Sun 15 degrees high in the east or in the west."""
    ground = Ground(7)
    height, x, y = biggest_rock(ground)
    assert height > 150
    scene = scene_at((x, y - 4000), sun, 15)
    down = ground.height(x, y) - height - ground.height(x, y - 4000) - EYE
    taken = picture(scene, 0, degrees(atan2(down, 4000)), aside=0, gain=1500)
    # Beside the rock, which is some 34 columns wide, where it stands on the ground
    left, right = (taken[15:30, :13] < 25).sum(), (taken[15:30, -13:] < 25).sum()
    assert (left > 20 > 3 * right) if dark == "left" else (right > 20 > 3 * left)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("azimuth, pitch", [(20, -30), (110, -17), (200, -30), (290, -30), (40, -4), (100, -4)])
def test_an_eye_stands_beside_the_mast(azimuth, pitch):
    """What the right eye sees is what a mast would see that stands there, and not what the left eye sees."""
    aside = round(RIGHT * cos(radians(azimuth))), -round(RIGHT * sin(radians(azimuth)))
    beside = scene_at((STOP[0] + aside[0], STOP[1] + aside[1]), -45, 20)
    there = picture(beside, azimuth, pitch, aside=0)
    scene = scene_at(STOP, -45, 20)
    right, left = (np.abs(picture(scene, azimuth, pitch, eye) - there) for eye in (RIGHT, LEFT))
    if pitch == -4:
        # What lies beyond the survey, and moves by more than a pixel
        right, left = right[10:24], left[10:24]
    assert right.mean() < 0.6 * left.mean()
