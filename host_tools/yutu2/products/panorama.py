"""Panorama of a stop: a mosaic of all images of the left eye."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yutu2.products.derived_product import DerivedProduct
from yutu2.products.pcam_images import FIELD_DEG, Floats, PcamImage, blend_weights, caption, coverage_percent, images_of
from yutu2.products.product import Product

_STEP_DEG = 0.25  # somewhat finer than a pixel
_SIZE = (16, 9.2)  # inches
_STRIPS = 2
_GAP, _SUN, _INK, _GREY = "#D9E3EE", "#D55E00", "#202020", "#707070"
_DIRECTIONS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW", "N")


def panorama(product: Product) -> DerivedProduct | None:
    """Derive the panorama from PCAM_IMAGES. Return None without an image of the left eye."""
    received = images_of(product)
    left = [picture for picture in received if picture.eye == 0]
    if not left:
        return None
    azimuths, elevations, mosaic = stitch(left)
    title = f"Panorama at stop {product.head['stop']}: {len(left)} pictures of the left eye"
    return DerivedProduct(
        name=f"panorama_{product.number:04d}",
        title=title,
        draw=lambda figure: _draw(
            figure, title, caption(product, received), product.head["sun_azimuth"], elevations, mosaic
        ),
        hdus=lambda: _hdus(azimuths, elevations, mosaic),
        facts={
            "pictures": len(received),
            "missing_pictures": product.record_count - len(received),
            "panorama_covered_percent": coverage_percent(mosaic),
        },
    )


def stitch(pictures: list[PcamImage]) -> tuple[Floats, Floats, Floats]:
    """Blend images into a mosaic.

    Return (azimuths, elevations, brightness by elevation and azimuth), in degrees, azimuths once around from north; NaN
    where there is no image.
    """
    pitches = [picture.pitch for picture in pictures]
    lowest, highest = min(pitches) - FIELD_DEG[1] / 2, max(pitches) + FIELD_DEG[1] / 2
    azimuths = np.arange(0, 360, _STEP_DEG) + _STEP_DEG / 2
    elevations = np.arange(lowest, highest - _STEP_DEG / 2, _STEP_DEG) + _STEP_DEG / 2
    total, weights = np.zeros((2, len(elevations), len(azimuths)))
    for picture in pictures:
        column, row = picture.project(azimuths[None, :], elevations[:, None])
        column, row = np.broadcast_arrays(column, row)
        seen = picture.sample(column, row)
        weight = np.where(np.isfinite(seen), blend_weights(column, row), 0)
        total += weight * np.nan_to_num(seen)
        weights += weight
    with np.errstate(invalid="ignore"):
        return azimuths, elevations, total / weights


def _draw(figure: Figure, title: str, origin: str, sun: float, elevations: Floats, mosaic: Floats) -> None:
    figure.set_size_inches(_SIZE)
    figure.set_layout_engine("constrained")
    figure.suptitle(f"Yutu-2 rover emulator: {title}", fontsize=14, fontweight="bold")
    panels = figure.subplots(_STRIPS, 1)
    width = 360 / _STRIPS
    low, high = elevations[0] - _STEP_DEG / 2, elevations[-1] + _STEP_DEG / 2
    for number, panel in enumerate(panels):
        begin = number * width
        part = mosaic[:, round(begin / _STEP_DEG) : round((begin + width) / _STEP_DEG)]
        _hatch_gaps(panel)
        extent = (begin, begin + width, low, high)
        panel.imshow(part, cmap="gray", vmin=0, vmax=255, origin="lower", extent=extent, interpolation="nearest")
        panel.set(ylabel="elevation (deg)", aspect="equal")
        panel.set_xticks(np.arange(begin, begin + width + 1, 15))
        above = panel.secondary_xaxis("top")
        directions = [place for place in range(0, 361, 45) if begin <= place <= begin + width]
        above.set_xticks(directions, [_DIRECTIONS[place // 45] for place in directions], fontweight="bold")
        for place, name in ((sun % 360, "to the Sun"), ((sun + 180) % 360, "from the Sun")):
            if begin <= place < begin + width:
                panel.plot([place], [high - 0.6], "v", color=_SUN, markersize=8, clip_on=False)
                panel.annotate(name, (place, high - 0.6), xytext=(7, -3), textcoords="offset points", color=_SUN)
    panels[0].set_title(origin, fontsize=9, color=_GREY)
    panels[-1].set_xlabel("azimuth (deg from north by east)")


def _hatch_gaps(panel: Axes) -> None:
    """Set the pattern that shows where no image is."""
    panel.patch.set(facecolor=_GAP, hatch="////", edgecolor="white", linewidth=0)


def _hdus(azimuths: Floats, elevations: Floats, mosaic: Floats) -> list[Any]:
    from astropy.io import fits

    header = fits.Header(
        [
            ("BUNIT", "adu", "as the detector counts"),
            ("CTYPE1", "AZIMUTH", "from north by east"),
            ("CUNIT1", "deg", ""),
            ("CRPIX1", 1.0, ""),
            ("CRVAL1", float(azimuths[0]), ""),
            ("CDELT1", _STEP_DEG, ""),
            ("CTYPE2", "ELEVATION", "over the horizontal"),
            ("CUNIT2", "deg", ""),
            ("CRPIX2", 1.0, ""),
            ("CRVAL2", float(elevations[0]), ""),
            ("CDELT2", _STEP_DEG, ""),
        ]
    )
    return [fits.PrimaryHDU(mosaic.astype(np.float32), header)]
