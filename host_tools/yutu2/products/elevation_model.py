"""Digital elevation model (DEM) of the terrain that the rover drives on, by its seed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from yutu2.firmware import borrow_ground

_POINTS = 130_000  # of the grid; they take two seconds


@dataclass(frozen=True)
class ElevationModel:
    """Hold terrain heights on a regular grid.

    heights (array, m): rows from south to north. west, east, south, north (m, from the lander): position of the
    outermost points. step (m): distance between points.
    """

    heights: Any
    west: float
    east: float
    south: float
    north: float
    step: float


def elevation_model(
    seed: int, west: float, east: float, south: float, north: float, on_row: Callable[[float], None]
) -> ElevationModel:
    """Compute the elevation model of a rectangle from the firmware's terrain.

    seed: of the terrain. west, east, south, north (m, from the lander). on_row: called after each row with the fraction
    done, up to 1.
    """
    ground = borrow_ground().Ground(seed)
    step = max(0.05, ((east - west) * (north - south) / _POINTS) ** 0.5)
    xs = [round(1000 * (west + step * column)) for column in range(int((east - west) / step) + 1)]
    ys = [round(1000 * (south + step * row)) for row in range(int((north - south) / step) + 1)]
    rows = []
    for number, y in enumerate(ys, 1):
        rows.append([ground.height(x, y) for x in xs])
        on_row(number / len(ys))
    return ElevationModel(np.array(rows) / 1000, west, xs[-1] / 1000, south, ys[-1] / 1000, step)
