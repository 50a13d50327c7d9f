"""Pictures of PCAM, and where in them a direction is seen."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yutu2.products.product import Product

Floats = npt.NDArray[np.float64]

FIELD_DEG = (19.7, 14.5)  # as published
EYE_HEIGHT_M = 1.7
_HIGHEST_DEG = 90  # to either side of the horizon
ASIDE_M = (-0.135, 0.135)  # of the mast, to the right
COLUMNS, ROWS = 64, 48


@dataclass(frozen=True)
class Picture:
    """A picture: a column a direction of azimuth, a row, counted from the lowest, an elevation.

    azimuth, pitch: of its middle, in degrees, azimuth from north by east. eye: 0 left, 1 right. pixels: by row and
    column, masked where they did not come; made into real numbers only when they are looked at, for there may be many.
    """

    azimuth: float
    pitch: float
    eye: int
    pixels: np.ma.MaskedArray[Any, Any]

    def place(self, azimuths: Floats, elevations: Floats) -> tuple[Floats, Floats]:
        """(column, row) of directions in degrees, from -0.5 at one edge to 63.5 or 47.5 at the other; or outside."""
        aside = (azimuths - self.azimuth + 180) % 360 - 180
        column = (aside / FIELD_DEG[0] + 0.5) * COLUMNS - 0.5
        return column, ((elevations - self.pitch) / FIELD_DEG[1] + 0.5) * ROWS - 0.5

    def sample(self, column: Floats, row: Floats) -> Floats:
        """What is seen there, between four pixels; NaN outside, and where one of them did not come."""
        inside = (np.abs(column - (COLUMNS - 1) / 2) <= COLUMNS / 2) & (np.abs(row - (ROWS - 1) / 2) <= ROWS / 2)
        column, row = np.clip(column, 0, COLUMNS - 1.001), np.clip(row, 0, ROWS - 1.001)
        left, low = column.astype(np.intp), row.astype(np.intp)
        across, up = column - left, row - low
        at = low * COLUMNS + left
        pixels = np.ma.filled(self.pixels.astype(float).ravel(), np.nan)
        below = pixels[at] + (pixels[at + 1] - pixels[at]) * across
        above = pixels[at + COLUMNS] + (pixels[at + COLUMNS + 1] - pixels[at + COLUMNS]) * across
        return np.where(inside, below + (above - below) * up, np.nan)


def pictures_of(product: Product) -> list[Picture]:
    """All of which a pixel came, and that look where a mast can: else the picture of them all has no bounds."""
    records = product.records
    return [
        Picture(float(azimuth), float(pitch), int(eye), pixels.reshape(COLUMNS, ROWS).T)
        for azimuth, pitch, eye, pixels in zip(
            records["azimuth"], records["pitch"], records["eye"], product.samples, strict=True
        )
        if not np.ma.getmaskarray(pixels).all() and abs(pitch) <= _HIGHEST_DEG
    ]


def centred(column: Floats, row: Floats) -> Floats:
    """How much a place in a picture counts where pictures overlap: 1, but toward the edges down to nearly 0."""
    across = np.minimum(column + 0.5, COLUMNS - 0.5 - column) / (COLUMNS * 0.043)
    up = np.minimum(row + 0.5, ROWS - 0.5 - row) / (ROWS * 0.052)
    return np.clip(across, 0.01, 1) * np.clip(up, 0.01, 1)


def described(product: Product, pictures: list[Picture]) -> str:
    """What went into a picture made of pictures, for the line above it."""
    head, count = product.head, product.record_count
    parts = [product.name, f"begun {head['begun']:%Y-%m-%d %H:%M} UTC"]
    parts.append(f"Sun {head['sun_elevation']:.1f} deg high in {head['sun_azimuth']:.0f} deg")
    if missing := count - len(pictures):
        parts.append(f"{missing} of {count} pictures missing")
    return "; ".join(parts)


def covered(values: Any) -> float:
    """Percent of an array that are no holes."""
    return round(100 * float(np.isfinite(values).mean()), 1)
