"""Heights and brightness of the ground around a stop, out of the pictures of both eyes, by plane sweep.

The ground is laid out level, at many heights, and what each eye saw is thrown on each of these levels. Where the ground
is as high as a level, both eyes throw the same on it: there their local correlation is greatest. (Collins, "A
space-sweep approach to true multi-image matching", 1996, doi 10.1109/CVPR.1996.517097.)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from yutu2.products.ring import ASIDE_M, EYE_HEIGHT_M, FIELD_DEG, Floats, Picture, centred

HALF_M = 8.0  # from the mast to the edges of a map
STEP_M = 0.04
_COARSE = 2  # cells of the map that have one height
_CELL_M = _COARSE * STEP_M
_LEVELS_M = np.arange(-1.5, 1.501, 0.05)
_FARTHEST_M = HALF_M * 2**0.5
_WINDOW = 0.045  # half the side of a window of correlation, in parts of its distance
_NOISE = 1.0  # variance of a pixel: what varies by less is no structure
_SURE = 0.5  # correlation from which on a height counts
_SMOOTH_M = 1.1  # side of the window over which heights are smoothed
_OFF_M = 0.25  # heights that stand so far out of their surroundings were matched wrong
_LEEWAY_M = 0.12  # to either side of what the surroundings have, where a second look searches


@dataclass(frozen=True)
class Map:
    """The ground around a stop: arrays by north and east, at `places`, in metres from the mast.

    heights: m over the ground at the mast; NaN where not both eyes saw it. brightness: as the detector counts; NaN
    where the left eye did not see it.
    """

    places: Floats
    heights: Floats
    brightness: Floats


def map_of(pictures: list[Picture]) -> Map:
    """The map of what pictures of one stop show near by."""
    cells = _places(_CELL_M)
    heights, sure = _swept(cells, list(_pairs(pictures)))
    heights, known = _smoothed(heights, sure)
    fine = np.repeat(np.repeat(heights, _COARSE, axis=0), _COARSE, axis=1)
    fine = _box(fine, 1) / _box(np.ones_like(fine), 1)
    known = np.repeat(np.repeat(known, _COARSE, axis=0), _COARSE, axis=1)
    places = _places(STEP_M)
    brightness = _brightness(places, fine, [picture for picture in pictures if picture.eye == 0])
    return Map(places, np.where(known & np.isfinite(brightness), fine, np.nan), brightness)


def _places(step: float) -> Floats:
    return np.arange(-HALF_M, HALF_M - step / 2, step) + step / 2


def _pairs(pictures: list[Picture]) -> Iterator[tuple[Picture, Picture]]:
    right = {(picture.azimuth, picture.pitch): picture for picture in pictures if picture.eye == 1}
    for picture in pictures:
        if picture.eye == 0 and (other := right.get((picture.azimuth, picture.pitch))):
            yield picture, other


def _directions(picture: Picture, east: Floats, north: Floats) -> tuple[Floats, Floats]:
    """(azimuths in degrees, distances in m) of places of the ground from the eye that took a picture."""
    angle = np.radians(picture.azimuth)
    east = east - ASIDE_M[picture.eye] * np.cos(angle)
    north = north + ASIDE_M[picture.eye] * np.sin(angle)
    return np.degrees(np.arctan2(east, north)), np.hypot(east, north)


def _part(picture: Picture, places: Floats) -> tuple[slice, slice]:
    """(rows, columns) of the map that a picture may see of ground no higher or lower than half a metre."""
    low, high = np.radians(picture.pitch - FIELD_DEG[1] / 2), np.radians(picture.pitch + FIELD_DEG[1] / 2)
    if low >= 0:
        return slice(0), slice(0)
    near = (EYE_HEIGHT_M - 0.5) / np.tan(-low)
    far = min(_FARTHEST_M, (EYE_HEIGHT_M + 0.5) / np.tan(-high)) if high < 0 else _FARTHEST_M
    angles = np.radians(picture.azimuth + np.linspace(-0.5, 0.5, 9) * FIELD_DEG[0])
    bounds = []
    for direction in (np.cos(angles), np.sin(angles)):
        ends = np.concatenate((near * direction, far * direction))
        first, last = np.searchsorted(places, (ends.min() - 0.2, ends.max() + 0.2))
        bounds.append(slice(int(first), int(last)))
    return bounds[0], bounds[1]


def _swept(places: Floats, pairs: list[tuple[Picture, Picture]]) -> tuple[Floats, Floats]:
    """(height, correlation there) of each place; NaN where no pair sees it. Pairs count less toward their edges."""
    total, weights = np.zeros((2, len(_LEVELS_M), len(places), len(places)), np.float32)
    for left, right in pairs:
        rows, columns = _part(left, places)
        east, north = np.meshgrid(places[columns], places[rows])
        if not east.size:
            continue
        seen = [(picture, *_directions(picture, east, north)) for picture in (left, right)]
        reach = max(2, round(_WINDOW * float(seen[0][2].mean()) / _CELL_M))
        for number, level in enumerate(_LEVELS_M):
            spots = [
                (picture, *picture.place(azimuths, np.degrees(np.arctan2(level - EYE_HEIGHT_M, distances))))
                for picture, azimuths, distances in seen
            ]
            one, other = (picture.sample(column, row) for picture, column, row in spots)
            score = _correlation(one, other, reach)
            weight = np.where(np.isfinite(score), centred(*spots[0][1:]), 0)
            total[number, rows, columns] += weight * np.nan_to_num(score)
            weights[number, rows, columns] += weight
    scores = np.where(weights > 0, total / np.maximum(weights, 1e-9), -1)
    surroundings, _ = _smoothed(*_top(scores))
    off = np.abs(_LEVELS_M[:, None, None] - surroundings) > _LEEWAY_M
    return _top(np.where(off, -1, scores))


def _top(scores: Floats) -> tuple[Floats, Floats]:
    """(height, score) of the best level of each place, between levels by a parabola; NaN where there is none."""
    top = scores.argmax(axis=0)[None]
    inner = np.clip(top, 1, len(_LEVELS_M) - 2)
    before, at, after = (np.take_along_axis(scores, inner + side, 0)[0] for side in (-1, 0, 1))
    bend = np.minimum(before - 2 * at + after, -1e-6)
    shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    score = np.take_along_axis(scores, top, 0)[0]
    height = _LEVELS_M[inner[0]] + shift * (_LEVELS_M[1] - _LEVELS_M[0])
    return np.where(score > -1, height, np.nan), np.where(score > -1, score, np.nan)


def _correlation(one: Floats, other: Floats, reach: int) -> Floats:
    """Of two parts of a map, in windows of 2 * reach + 1 cells; NaN where a quarter of a window is not seen."""
    seen = np.isfinite(one) & np.isfinite(other)
    one, other = np.where(seen, one, 0), np.where(seen, other, 0)
    sums = _box(np.array([seen, one, other, one * one, other * other, one * other]), reach)
    one, other, ones, others, both = sums[1:] / np.maximum(sums[0], 1)
    spread = np.sqrt(np.maximum(ones - one * one, _NOISE) * np.maximum(others - other * other, _NOISE))
    return np.where(seen & (sums[0] > 0.75 * (2 * reach + 1) ** 2), (both - one * other) / spread, np.nan)


def _box(values: Floats, reach: int) -> Floats:
    """Sums over windows around each cell of the last two axes; beyond the edges lies nothing."""
    for _ in range(2):
        size = values.shape[-1]
        sums = np.zeros((*values.shape[:-1], size + 2 * reach + 1))
        sums[..., reach + 1 : reach + 1 + size] = np.cumsum(values, axis=-1)
        sums[..., reach + 1 + size :] = sums[..., [reach + size]]
        values = (sums[..., 2 * reach + 1 :] - sums[..., :size]).swapaxes(-1, -2)
    return values


def _smoothed(heights: Floats, sure: Floats) -> tuple[Floats, Floats]:
    """(heights smoothed by what is sure around them, whether it is near); drawn on where nothing is sure."""
    weight = np.where(np.isfinite(heights), np.clip(np.nan_to_num(sure) - _SURE, 0, 1), 0) ** 2
    heights = np.nan_to_num(heights)
    reach = round(_SMOOTH_M / _CELL_M / 2)
    surroundings = np.nan_to_num(_mean(heights, weight, 3 * reach))
    weight = weight * np.exp(-(((heights - surroundings) / _OFF_M) ** 2))
    result = _mean(heights, weight, reach)
    known = np.isfinite(result)
    for wider in (2, 4, 8, 16):
        result = np.where(np.isnan(result), _mean(heights, weight, wider * reach), result)
    return np.nan_to_num(result), known


def _mean(values: Floats, weight: Floats, reach: int) -> Floats:
    """Weighted, of windows; NaN where there is hardly any weight."""
    total = _box(weight, reach)
    return np.where(total > 0.05, _box(values * weight, reach) / np.maximum(total, 0.05), np.nan)


def _brightness(places: Floats, heights: Floats, pictures: list[Picture]) -> Floats:
    """What pictures show of ground at these heights; where they overlap, one goes over into the other."""
    total, weights = np.zeros_like(heights), np.zeros_like(heights)
    for picture in pictures:
        part = _part(picture, places)
        east, north = np.meshgrid(places[part[1]], places[part[0]])
        if not east.size:
            continue
        azimuths, distances = _directions(picture, east, north)
        column, row = picture.place(azimuths, np.degrees(np.arctan2(heights[part] - EYE_HEIGHT_M, distances)))
        seen = picture.sample(column, row)
        weight = np.where(np.isfinite(seen), centred(column, row), 0)
        total[part] += weight * np.nan_to_num(seen)
        weights[part] += weight
    with np.errstate(invalid="ignore"):
        return total / weights
