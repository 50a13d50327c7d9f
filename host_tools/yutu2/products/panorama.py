"""The panorama of a stop: all pictures of the left eye, put together to a ring."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yutu2.products.product import Product
from yutu2.products.result import Result
from yutu2.products.ring import FIELD_DEG, Floats, Picture, centred, covered, described, pictures_of

_STEP = 0.25  # degrees: somewhat finer than a pixel
_SIZE = (16, 9.2)  # inches
_STRIPS = 2
_GAP, _SUN, _INK, _GREY = "#D9E3EE", "#D55E00", "#202020", "#707070"
_WINDS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW", "N")


def panorama(product: Product) -> Result | None:
    """The ring of PCAM_IMAGES; None when no picture of the left eye came."""
    came = pictures_of(product)
    left = [picture for picture in came if picture.eye == 0]
    if not left:
        return None
    azimuths, elevations, ring = stitched(left)
    title = f"Panorama at stop {product.head['stop']}: {len(left)} pictures of the left eye"
    return Result(
        name=f"panorama_{product.number:04d}",
        title=title,
        draw=lambda figure: _draw(
            figure, title, described(product, came), product.head["sun_azimuth"], elevations, ring
        ),
        hdus=lambda: _hdus(azimuths, elevations, ring),
        facts={
            "pictures": len(came),
            "missing_pictures": product.record_count - len(came),
            "panorama_covered_percent": covered(ring),
        },
    )


def stitched(pictures: list[Picture]) -> tuple[Floats, Floats, Floats]:
    """(azimuths, elevations, brightness by elevation and azimuth), in degrees; NaN where there is no picture.

    Azimuths go once around from north. Where pictures overlap one goes over into the other.
    """
    pitches = [picture.pitch for picture in pictures]
    lowest, highest = min(pitches) - FIELD_DEG[1] / 2, max(pitches) + FIELD_DEG[1] / 2
    azimuths = np.arange(0, 360, _STEP) + _STEP / 2
    elevations = np.arange(lowest, highest - _STEP / 2, _STEP) + _STEP / 2
    total, weights = np.zeros((2, len(elevations), len(azimuths)))
    for picture in pictures:
        column, row = picture.place(azimuths[None, :], elevations[:, None])
        column, row = np.broadcast_arrays(column, row)
        seen = picture.sample(column, row)
        weight = np.where(np.isfinite(seen), centred(column, row), 0)
        total += weight * np.nan_to_num(seen)
        weights += weight
    with np.errstate(invalid="ignore"):
        return azimuths, elevations, total / weights


def _draw(figure: Figure, title: str, origin: str, sun: float, elevations: Floats, ring: Floats) -> None:
    figure.set_size_inches(_SIZE)
    figure.set_layout_engine("constrained")
    figure.suptitle(f"Yutu-2 rover emulator: {title}", fontsize=14, fontweight="bold")
    panels = figure.subplots(_STRIPS, 1)
    width = 360 / _STRIPS
    low, high = elevations[0] - _STEP / 2, elevations[-1] + _STEP / 2
    for number, panel in enumerate(panels):
        begin = number * width
        part = ring[:, round(begin / _STEP) : round((begin + width) / _STEP)]
        _draw_holes(panel)
        extent = (begin, begin + width, low, high)
        panel.imshow(part, cmap="gray", vmin=0, vmax=255, origin="lower", extent=extent, interpolation="nearest")
        panel.set(ylabel="elevation (deg)", aspect="equal")
        panel.set_xticks(np.arange(begin, begin + width + 1, 15))
        above = panel.secondary_xaxis("top")
        winds = [place for place in range(0, 361, 45) if begin <= place <= begin + width]
        above.set_xticks(winds, [_WINDS[place // 45] for place in winds], fontweight="bold")
        for place, name in ((sun % 360, "to the Sun"), ((sun + 180) % 360, "from the Sun")):
            if begin <= place < begin + width:
                panel.plot([place], [high - 0.6], "v", color=_SUN, markersize=8, clip_on=False)
                panel.annotate(name, (place, high - 0.6), xytext=(7, -3), textcoords="offset points", color=_SUN)
    panels[0].set_title(origin, fontsize=9, color=_GREY)
    panels[-1].set_xlabel("azimuth (deg from north by east)")


def _draw_holes(panel: Axes) -> None:
    """What shows where no picture covers it."""
    panel.patch.set(facecolor=_GAP, hatch="////", edgecolor="white", linewidth=0)


def _hdus(azimuths: Floats, elevations: Floats, ring: Floats) -> list[Any]:
    from astropy.io import fits

    header = fits.Header(
        [
            ("BUNIT", "adu", "as the detector counts"),
            ("CTYPE1", "AZIMUTH", "from north by east"),
            ("CUNIT1", "deg", ""),
            ("CRPIX1", 1.0, ""),
            ("CRVAL1", float(azimuths[0]), ""),
            ("CDELT1", _STEP, ""),
            ("CTYPE2", "ELEVATION", "over the horizontal"),
            ("CUNIT2", "deg", ""),
            ("CRPIX2", 1.0, ""),
            ("CRVAL2", float(elevations[0]), ""),
            ("CDELT2", _STEP, ""),
        ]
    )
    return [fits.PrimaryHDU(ring.astype(np.float32), header)]
