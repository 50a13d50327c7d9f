"""Heights and orthophoto of the terrain around a stop, from the images of both eyes by plane sweep.

The images of each eye are projected onto level planes at many heights. On the plane at the height of the ground, both
eyes project the same brightness: there the local correlation has its maximum. (Collins, "A space-sweep approach to true
multi-image matching", 1996, doi 10.1109/CVPR.1996.517097.)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from yutu2.products.pcam_images import EYE_HEIGHT_M, EYE_OFFSETS_M, FIELD_DEG, Floats, PcamImage, blend_weights

HALF_WIDTH_M = 8.0  # half the width of a map
STEP_M = 0.04
_COARSE = 2  # cells of the map per height
_CELL_M = _COARSE * STEP_M
_LEVELS_M = np.arange(-1.5, 1.501, 0.05)
_FARTHEST_M = HALF_WIDTH_M * 2**0.5
_WINDOW = 0.045  # half the width of a correlation window, as a fraction of its distance
_NOISE = 1.0  # variance of a pixel; less variance is no structure
_MIN_CORRELATION = 0.5  # below it a height has no weight
_SMOOTHING_M = 1.1  # width of the smoothing window
_OUTLIER_M = 0.25  # scale of the weight that suppresses heights far from their surroundings
_SEARCH_M = 0.12  # range around the surroundings in which the second pass searches


@dataclass(frozen=True)
class StereoMap:
    """Map the terrain around a stop, by north and east at `places` (m, from the mast).

    heights (m, above the ground at the mast): NaN where not both eyes saw it. brightness (counts of the detector): NaN
    where the left eye did not see it.
    """

    places: Floats
    heights: Floats
    brightness: Floats


def stereo_map(pictures: list[PcamImage]) -> StereoMap:
    """Reconstruct the terrain from the images of one stop."""
    cells = _cell_centres(_CELL_M)
    heights, correlation = _sweep(cells, list(_pairs(pictures)))
    heights, known = _smooth(heights, correlation)
    fine = np.repeat(np.repeat(heights, _COARSE, axis=0), _COARSE, axis=1)
    fine = _window_sums(fine, 1) / _window_sums(np.ones_like(fine), 1)
    known = np.repeat(np.repeat(known, _COARSE, axis=0), _COARSE, axis=1)
    places = _cell_centres(STEP_M)
    brightness = _orthophoto(places, fine, [picture for picture in pictures if picture.eye == 0])
    return StereoMap(places, np.where(known & np.isfinite(brightness), fine, np.nan), brightness)


def _cell_centres(step: float) -> Floats:
    return np.arange(-HALF_WIDTH_M, HALF_WIDTH_M - step / 2, step) + step / 2


def _pairs(pictures: list[PcamImage]) -> Iterator[tuple[PcamImage, PcamImage]]:
    right = {(picture.azimuth, picture.pitch): picture for picture in pictures if picture.eye == 1}
    for picture in pictures:
        if picture.eye == 0 and (other := right.get((picture.azimuth, picture.pitch))):
            yield picture, other


def _directions(picture: PcamImage, east: Floats, north: Floats) -> tuple[Floats, Floats]:
    """Return (azimuths in degrees, distances in m) of places on the ground from the eye of an image."""
    angle = np.radians(picture.azimuth)
    east = east - EYE_OFFSETS_M[picture.eye] * np.cos(angle)
    north = north + EYE_OFFSETS_M[picture.eye] * np.sin(angle)
    return np.degrees(np.arctan2(east, north)), np.hypot(east, north)


def _visible_part(picture: PcamImage, places: Floats) -> tuple[slice, slice]:
    """Return (rows, columns) of the map that an image may show, for ground within half a metre of level."""
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


def _sweep(places: Floats, pairs: list[tuple[PcamImage, PcamImage]]) -> tuple[Floats, Floats]:
    """Return (height, correlation) of each place; NaN where no pair sees it. Pairs weigh less toward their edges."""
    total, weights = np.zeros((2, len(_LEVELS_M), len(places), len(places)), np.float32)
    for left, right in pairs:
        rows, columns = _visible_part(left, places)
        east, north = np.meshgrid(places[columns], places[rows])
        if not east.size:
            continue
        seen = [(picture, *_directions(picture, east, north)) for picture in (left, right)]
        reach = max(2, round(_WINDOW * float(seen[0][2].mean()) / _CELL_M))
        for number, level in enumerate(_LEVELS_M):
            spots = [
                (picture, *picture.project(azimuths, np.degrees(np.arctan2(level - EYE_HEIGHT_M, distances))))
                for picture, azimuths, distances in seen
            ]
            one, other = (picture.sample(column, row) for picture, column, row in spots)
            score = _correlation(one, other, reach)
            weight = np.where(np.isfinite(score), blend_weights(*spots[0][1:]), 0)
            total[number, rows, columns] += weight * np.nan_to_num(score)
            weights[number, rows, columns] += weight
    scores = np.where(weights > 0, total / np.maximum(weights, 1e-9), -1)
    surroundings, _ = _smooth(*_best_level(scores))
    off = np.abs(_LEVELS_M[:, None, None] - surroundings) > _SEARCH_M
    return _best_level(np.where(off, -1, scores))


def _best_level(scores: Floats) -> tuple[Floats, Floats]:
    """Return (height, score) of the best level of each place, interpolated by a parabola; NaN without a score."""
    top = scores.argmax(axis=0)[None]
    inner = np.clip(top, 1, len(_LEVELS_M) - 2)
    before, at, after = (np.take_along_axis(scores, inner + side, 0)[0] for side in (-1, 0, 1))
    bend = np.minimum(before - 2 * at + after, -1e-6)
    shift = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    score = np.take_along_axis(scores, top, 0)[0]
    height = _LEVELS_M[inner[0]] + shift * (_LEVELS_M[1] - _LEVELS_M[0])
    return np.where(score > -1, height, np.nan), np.where(score > -1, score, np.nan)


def _correlation(one: Floats, other: Floats, reach: int) -> Floats:
    """Return the local correlation in windows of 2 * reach + 1 cells; NaN where a quarter of a window is unseen."""
    seen = np.isfinite(one) & np.isfinite(other)
    one, other = np.where(seen, one, 0), np.where(seen, other, 0)
    sums = _window_sums(np.array([seen, one, other, one * one, other * other, one * other]), reach)
    one, other, ones, others, both = sums[1:] / np.maximum(sums[0], 1)
    spread = np.sqrt(np.maximum(ones - one * one, _NOISE) * np.maximum(others - other * other, _NOISE))
    return np.where(seen & (sums[0] > 0.75 * (2 * reach + 1) ** 2), (both - one * other) / spread, np.nan)


def _window_sums(values: Floats, reach: int) -> Floats:
    """Return the sums over windows around each cell of the last two axes, with zeros beyond the edges."""
    for _ in range(2):
        size = values.shape[-1]
        sums = np.zeros((*values.shape[:-1], size + 2 * reach + 1))
        sums[..., reach + 1 : reach + 1 + size] = np.cumsum(values, axis=-1)
        sums[..., reach + 1 + size :] = sums[..., [reach + size]]
        values = (sums[..., 2 * reach + 1 :] - sums[..., :size]).swapaxes(-1, -2)
    return values


def _smooth(heights: Floats, correlation: Floats) -> tuple[Floats, Floats]:
    """Return (smoothed heights, whether a reliable one is near); gaps are filled from wider windows."""
    weight = np.where(np.isfinite(heights), np.clip(np.nan_to_num(correlation) - _MIN_CORRELATION, 0, 1), 0) ** 2
    heights = np.nan_to_num(heights)
    reach = round(_SMOOTHING_M / _CELL_M / 2)
    surroundings = np.nan_to_num(_mean(heights, weight, 3 * reach))
    weight = weight * np.exp(-(((heights - surroundings) / _OUTLIER_M) ** 2))
    result = _mean(heights, weight, reach)
    known = np.isfinite(result)
    for wider in (2, 4, 8, 16):
        result = np.where(np.isnan(result), _mean(heights, weight, wider * reach), result)
    return np.nan_to_num(result), known


def _mean(values: Floats, weight: Floats, reach: int) -> Floats:
    """Return the weighted mean over windows; NaN where there is hardly any weight."""
    total = _window_sums(weight, reach)
    return np.where(total > 0.05, _window_sums(values * weight, reach) / np.maximum(total, 0.05), np.nan)


def _orthophoto(places: Floats, heights: Floats, pictures: list[PcamImage]) -> Floats:
    """Return the brightness of ground at these heights, overlaps blended."""
    total, weights = np.zeros_like(heights), np.zeros_like(heights)
    for picture in pictures:
        part = _visible_part(picture, places)
        east, north = np.meshgrid(places[part[1]], places[part[0]])
        if not east.size:
            continue
        azimuths, distances = _directions(picture, east, north)
        column, row = picture.project(azimuths, np.degrees(np.arctan2(heights[part] - EYE_HEIGHT_M, distances)))
        seen = picture.sample(column, row)
        weight = np.where(np.isfinite(seen), blend_weights(column, row), 0)
        total[part] += weight * np.nan_to_num(seen)
        weights[part] += weight
    with np.errstate(invalid="ignore"):
        return total / weights
