"""DOM of a stop: the orthophoto of the terrain around it, with its heights, from stereo pairs."""

from math import cos, radians, sin
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yutu2.products.derived_product import DerivedProduct
from yutu2.products.pcam_images import caption, coverage_percent, images_of
from yutu2.products.product import Product
from yutu2.products.stereo import HALF_WIDTH_M, STEP_M, StereoMap, stereo_map

_SIZE = (16, 8.2)  # inches
_GAP, _SUN, _INK, _GREY = "#D9E3EE", "#D55E00", "#202020", "#707070"
_BAR_M = 2
_CONTOUR_M = 0.1
_BOX: dict[str, Any] = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}


def dom(product: Product) -> DerivedProduct | None:
    """Derive the DOM from PCAM_IMAGES. Return None if the left eye saw none of the terrain."""
    pictures = images_of(product)
    terrain = stereo_map(pictures)
    if not np.isfinite(terrain.brightness).any():
        return None
    title = f"DOM of stop {product.head['stop']}: brightness and heights from stereo"
    known = terrain.heights[np.isfinite(terrain.heights)]
    lowest, highest = (known.min(), known.max()) if known.size else (np.nan, np.nan)
    return DerivedProduct(
        name=f"dom_{product.number:04d}",
        title=title,
        draw=lambda figure: _draw(figure, title, product, caption(product, pictures), terrain),
        hdus=lambda: _hdus(product, terrain),
        facts={
            "dom_covered_percent": coverage_percent(terrain.brightness),
            "heights_covered_percent": coverage_percent(terrain.heights),
        }
        | ({"lowest_m": round(float(lowest), 2), "highest_m": round(float(highest), 2)} if known.size else {}),
    )


def _draw(figure: Figure, title: str, product: Product, origin: str, terrain: StereoMap) -> None:
    figure.set_size_inches(_SIZE)
    figure.set_layout_engine("constrained")
    figure.suptitle(f"Yutu-2 rover emulator: {title}", fontsize=14, fontweight="bold")
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    east, north = product.head["east"], product.head["north"]
    extent = (east - HALF_WIDTH_M, east + HALF_WIDTH_M, north - HALF_WIDTH_M, north + HALF_WIDTH_M)
    image: dict[str, Any] = {"origin": "lower", "extent": extent, "interpolation": "nearest"}
    left.imshow(terrain.brightness, cmap="gray", vmin=0, vmax=255, **image)
    heights = right.imshow(terrain.heights, cmap="viridis", **image)
    figure.colorbar(heights, ax=right, label="height over the ground at the rover (m)", shrink=0.85)
    _draw_contours(right, terrain, east, north)
    for panel in (left, right):
        panel.patch.set(facecolor=_GAP, hatch="////", edgecolor="white", linewidth=0)
        panel.plot([east], [north], "s", color=_INK, markerfacecolor="white", markersize=8)
        panel.annotate("rover", (east, north), xytext=(0, -17), textcoords="offset points", ha="center", bbox=_BOX)
        panel.set(xlabel="east of the lander (m)", aspect="equal", xlim=extent[:2], ylim=extent[2:])
        panel.ticklabel_format(useOffset=False)
    left.set_ylabel("north of the lander (m)")
    left.set_title(origin, fontsize=9, color=_GREY)
    right.set_title(f"contours each {_CONTOUR_M * 100:.0f} cm; hatched: not seen", fontsize=9, color=_GREY)
    _draw_scale(left, east, north, product.head["sun_azimuth"])


def _draw_contours(panel: Axes, terrain: StereoMap, east: float, north: float) -> None:
    known = terrain.heights[np.isfinite(terrain.heights)]
    if known.size:
        levels = np.arange(np.floor(known.min() / _CONTOUR_M), np.ceil(known.max() / _CONTOUR_M) + 1) * _CONTOUR_M
        places = terrain.places
        style: dict[str, Any] = {"colors": "white", "linewidths": 0.6, "alpha": 0.7}
        panel.contour(east + places, north + places, terrain.heights, levels=levels, **style)


def _draw_scale(panel: Axes, east: float, north: float, sun: float) -> None:
    """Draw a scale bar in the corner, a north arrow, and the direction of sunlight."""
    left, bottom = east - 0.94 * HALF_WIDTH_M, north - 0.94 * HALF_WIDTH_M
    for colour, width in (("white", 5), (_INK, 2.5)):
        panel.plot([left, left + _BAR_M], [bottom, bottom], "-", color=colour, linewidth=width, solid_capstyle="butt")
    place = (left + _BAR_M / 2, bottom)
    panel.annotate(f"{_BAR_M} m", place, xytext=(0, 9), textcoords="offset points", ha="center", bbox=_BOX)
    arrow: dict[str, Any] = {"arrowstyle": "-|>", "color": "white", "linewidth": 2.5}
    panel.annotate("", (0.95, 0.97), (0.95, 0.88), xycoords="axes fraction", arrowprops=arrow)
    panel.annotate("N", (0.95, 0.845), xycoords="axes fraction", ha="center", bbox=_BOX, fontweight="bold")
    east_part, north_part = 0.05 * sin(radians(sun)), 0.05 * cos(radians(sun))
    begin, end = ((0.09 + side * east_part, 0.9 + side * north_part) for side in (1, -1))
    panel.annotate("", end, begin, xycoords="axes fraction", arrowprops=arrow | {"color": _SUN})
    panel.annotate("sunlight", (0.09, 0.815), xycoords="axes fraction", ha="center", bbox=_BOX, color=_SUN)


def _hdus(product: Product, terrain: StereoMap) -> list[Any]:
    """Return brightness and heights; the axes are metres east and north of the lander."""
    from astropy.io import fits

    axes = []
    for axis, name in ((1, "east"), (2, "north")):
        axes += [
            (f"CTYPE{axis}", name.upper(), "of the lander, as the rover believed"),
            (f"CUNIT{axis}", "m", ""),
            (f"CRPIX{axis}", 1.0, ""),
            (f"CRVAL{axis}", round(product.head[name] + float(terrain.places[0]), 4), ""),
            (f"CDELT{axis}", STEP_M, ""),
        ]
    brightness = fits.Header([*axes, ("BUNIT", "adu", "as the detector counts")])
    heights = fits.Header([*axes, ("BUNIT", "m", "over the ground at the rover")])
    return [
        fits.PrimaryHDU(terrain.brightness.astype(np.float32), brightness),
        fits.ImageHDU(terrain.heights.astype(np.float32), heights, "HEIGHT"),
    ]
