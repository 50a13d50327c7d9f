"""Images of the panoramic camera PCAM, and the projection of directions into them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yutu2.products.product import Product

Floats = npt.NDArray[np.float64]

FIELD_DEG = (19.7, 14.5)  # as published
EYE_HEIGHT_M = 1.7
_MAX_PITCH_DEG = 90  # above or below the horizon
EYE_OFFSETS_M = (-0.135, 0.135)  # from the mast, to the right
COLUMNS, ROWS = 64, 48


@dataclass(frozen=True)
class PcamImage:
    """Represent one image: columns by azimuth, rows by elevation, from the lowest.

    azimuth (deg, from north by east), pitch (deg): of its centre. eye: 0 left, 1 right. pixels: by row and column,
    missing ones masked; kept as integers, because there may be many.
    """

    azimuth: float
    pitch: float
    eye: int
    pixels: np.ma.MaskedArray[Any, Any]

    def project(self, azimuths: Floats, elevations: Floats) -> tuple[Floats, Floats]:
        """Return (column, row) of directions in degrees: -0.5 at one edge, 63.5 or 47.5 at the other."""
        aside = (azimuths - self.azimuth + 180) % 360 - 180
        column = (aside / FIELD_DEG[0] + 0.5) * COLUMNS - 0.5
        return column, ((elevations - self.pitch) / FIELD_DEG[1] + 0.5) * ROWS - 0.5

    def sample(self, column: Floats, row: Floats) -> Floats:
        """Return the brightness there, bilinear; NaN outside the image, and beside missing pixels."""
        inside = (np.abs(column - (COLUMNS - 1) / 2) <= COLUMNS / 2) & (np.abs(row - (ROWS - 1) / 2) <= ROWS / 2)
        column, row = np.clip(column, 0, COLUMNS - 1.001), np.clip(row, 0, ROWS - 1.001)
        left, low = column.astype(np.intp), row.astype(np.intp)
        across, up = column - left, row - low
        at = low * COLUMNS + left
        pixels = np.ma.filled(self.pixels.astype(float).ravel(), np.nan)
        below = pixels[at] + (pixels[at + 1] - pixels[at]) * across
        above = pixels[at + COLUMNS] + (pixels[at + COLUMNS + 1] - pixels[at + COLUMNS]) * across
        return np.where(inside, below + (above - below) * up, np.nan)


def images_of(product: Product) -> list[PcamImage]:
    """Return the images with at least one pixel and a pitch that the mast can reach.

    An image at any other pitch would leave the mosaic without bounds.
    """
    records = product.records
    return [
        PcamImage(float(azimuth), float(pitch), int(eye), pixels.reshape(COLUMNS, ROWS).T)
        for azimuth, pitch, eye, pixels in zip(
            records["azimuth"], records["pitch"], records["eye"], product.samples, strict=True
        )
        if not np.ma.getmaskarray(pixels).all() and abs(pitch) <= _MAX_PITCH_DEG
    ]


def blend_weights(column: Floats, row: Floats) -> Floats:
    """Return the weight of a place in an image for blending overlaps: 1, falling to nearly 0 at the edges."""
    across = np.minimum(column + 0.5, COLUMNS - 0.5 - column) / (COLUMNS * 0.043)
    up = np.minimum(row + 0.5, ROWS - 0.5 - row) / (ROWS * 0.052)
    return np.clip(across, 0.01, 1) * np.clip(up, 0.01, 1)


def caption(product: Product, pictures: list[PcamImage]) -> str:
    """Return a line about the images in a derived product."""
    head, count = product.head, product.record_count
    parts = [product.name, f"begun {head['begun']:%Y-%m-%d %H:%M} UTC"]
    parts.append(f"Sun {head['sun_elevation']:.1f} deg high in {head['sun_azimuth']:.0f} deg")
    if missing := count - len(pictures):
        parts.append(f"{missing} of {count} pictures missing")
    return "; ".join(parts)


def coverage_percent(values: Any) -> float:
    """Return the percentage of finite values."""
    return round(100 * float(np.isfinite(values).mean()), 1)
