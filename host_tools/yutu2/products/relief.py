"""The ground under a map: heights of the very field that the rover drives on, by its seed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from yutu2.firmware import borrow_ground

_POINTS = 130_000  # in all: two seconds of work


@dataclass(frozen=True)
class Relief:
    """Heights in metres, an array of rows from south to north.

    west, east, south, north: its edges, in metres of the lander. step: metres from point to point.
    """

    heights: Any
    west: float
    east: float
    south: float
    north: float
    step: float


def relief(seed: int, west: float, east: float, south: float, north: float, on_row: Callable[[float], None]) -> Relief:
    """The relief of a rectangle, in metres of the lander. on_row is called with the part that is done, up to 1."""
    ground = borrow_ground().Ground(seed)
    step = max(0.05, ((east - west) * (north - south) / _POINTS) ** 0.5)
    xs = [round(1000 * (west + step * column)) for column in range(int((east - west) / step) + 1)]
    ys = [round(1000 * (south + step * row)) for row in range(int((north - south) / step) + 1)]
    rows = []
    for number, y in enumerate(ys, 1):
        rows.append([ground.height(x, y) for x in xs])
        on_row(number / len(ys))
    return Relief(np.array(rows) / 1000, west, xs[-1] / 1000, south, ys[-1] / 1000, step)
