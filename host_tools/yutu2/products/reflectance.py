"""Reflectance of the ground by VNIS: scans of the ground divided by scans of the white calibration panel."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yutu2.products.absorption_bands import (
    CONTINUUM_TIES_NM,
    PYROXENE_FIELDS_NM,
    WAVELENGTHS_NM,
    AbsorptionBands,
    Floats,
    find_absorption_bands,
)
from yutu2.products.derived_product import DerivedProduct
from yutu2.products.product import Product

_PANEL_REFLECTANCE = 0.99
# Okabe and Ito's palette (2008)
_INK, _GREY, _BLUE, _SKY, _VERMILION, _GREEN = "#202020", "#808080", "#0072B2", "#56B4E9", "#D55E00", "#009E73"


def reflectance(products: list[Product]) -> DerivedProduct | None:
    """Derive the reflectance of the ground from the first product, and its absorption bands.

    products: the others may have the scans of the panel, of which those nearest in time are used. Without any, the
    counts are shown. Return None if the first has no scan of the ground.
    """
    product = products[0]
    scans = _light(product, "TARGET")
    if scans is None:
        return None
    panel = _nearest_panel(product, products)
    if panel is None:
        return _uncalibrated(product, scans)
    white, panel_name = panel
    spectra = scans / white * _PANEL_REFLECTANCE
    return _calibrated(product, spectra, panel_name)


def _light(product: Product, scan: str) -> Floats | None:
    """Return the counts of all scans of a kind, minus dark, divided by the sine of the Sun's elevation.

    None without scans; NaN where the scan or the dark scans are missing.
    """
    numbers = {label: number for number, label in product.dictionary.enums["scan"].items()}
    wanted, dark = (product.records["scan"] == numbers[label] for label in (scan, "DARK"))
    samples = np.ma.filled(product.samples.astype(np.float64), np.nan)
    light = samples[wanted] - _mean(samples[dark])
    if not np.isfinite(light).any():
        return None
    sines = np.sin(np.radians(product.records["sun_elevation"][wanted]))
    return np.asarray(light / sines[:, np.newaxis])


def _nearest_panel(product: Product, products: list[Product]) -> tuple[Floats, str] | None:
    """Return the mean scan of the panel nearest in time, and the name of its product; None without any."""
    known = [other for other in products if other.head["begun"] is not None]
    for other in sorted(known, key=lambda other: abs(other.head["begun"] - product.head["begun"])):
        light = _light(other, "PANEL")
        if light is not None:
            return _mean(light), other.name
    return None


def _mean(spectra: Floats) -> Floats:
    """Return the mean spectrum, NaN in bands without values."""
    received = np.isfinite(spectra)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(received, spectra, 0).sum(0) / received.sum(0))


def _error(spectra: Floats) -> Floats:
    """Return the standard error of the mean from the scatter of the scans, NaN for fewer than two."""
    received = np.isfinite(spectra)
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = np.where(received, (spectra - _mean(spectra)) ** 2, 0).sum(0)
        return np.asarray(np.sqrt(squares / (received.sum(0) - 1) / received.sum(0)))


def _calibrated(product: Product, spectra: Floats, panel_name: str) -> DerivedProduct:
    mean, error = _mean(spectra), _error(spectra)
    bands = find_absorption_bands(mean)
    facts: dict[str, Any] = {"scans": len(spectra), "panel": panel_name}
    finding = "no bands found"
    if bands is not None:
        for number, band in ((1, bands.first), (2, bands.second)):
            if band is not None:
                facts |= {f"band_{number}_nm": round(band.centre), f"band_{number}_depth": round(band.depth, 3)}
        if bands.mineral is not None:
            facts["mineral"] = bands.mineral
        centres = [f"{band.centre:.0f}" for band in (bands.first, bands.second) if band is not None]
        if centres:
            bands_at = f"band{'s' * (len(centres) > 1)} at {' and '.join(centres)} nm"
            finding = f"{bands.mineral or 'mineral unknown'}, {bands_at}"
    title = f"Reflectance of the ground at stop {product.head['stop']}: {finding}"
    return DerivedProduct(
        name=f"reflectance_{product.number:04d}",
        title=title,
        draw=lambda figure: _draw(figure, title, product, mean, error, bands, facts),
        hdus=lambda: _hdus(mean, error, bands),
        facts=facts,
    )


def _uncalibrated(product: Product, scans: Floats) -> DerivedProduct:
    mean, error = _mean(scans), _error(scans)
    title = f"Spectrum of the ground at stop {product.head['stop']}: counts, not calibrated"

    def draw(figure: Figure) -> None:
        figure.set_size_inches(10, 6)
        figure.set_layout_engine("constrained")
        figure.suptitle(title, fontsize=13, fontweight="bold")
        panel = figure.subplots()
        _draw_mean(panel, mean, error, len(scans))
        panel.set_title(
            "no scan of the calibration panel received: counts include illumination and detector response",
            fontsize=9,
            color=_GREY,
        )
        panel.set(xlabel="wavelength (nm)", ylabel="counts minus dark, scaled to the Sun in the zenith")
        panel.legend(frameon=False, fontsize=9)

    def hdus() -> list[Any]:
        return [_hdu(mean, "COUNTS", "count", primary=True), _hdu(error, "ERROR", "count")]

    return DerivedProduct(f"reflectance_{product.number:04d}", title, draw, hdus, {"scans": len(scans)})


def _hdus(mean: Floats, error: Floats, bands: AbsorptionBands | None) -> list[Any]:
    units = [_hdu(mean, "REFLECTANCE", "", primary=True), _hdu(error, "ERROR", "")]
    return units if bands is None else [*units, _hdu(bands.continuum, "CONTINUUM", "")]


def _hdu(values: Floats, name: str, unit: str, primary: bool = False) -> Any:
    """Return a spectrum with its wavelength axis (FITS standard 4.0, 8.4)."""
    from astropy.io import fits

    unit_of_data = (fits.PrimaryHDU if primary else fits.ImageHDU)(values.astype(np.float32))
    unit_of_data.header.update(
        {
            "EXTNAME": name,
            "BUNIT": (unit, "" if unit else "none: a part of the light"),
            "CTYPE1": ("WAVE", "in vacuum"),
            "CUNIT1": "nm",
            "CRPIX1": 1.0,
            "CRVAL1": WAVELENGTHS_NM[0],
            "CDELT1": WAVELENGTHS_NM[1] - WAVELENGTHS_NM[0],
        }
    )
    return unit_of_data


def _draw(
    figure: Figure,
    title: str,
    product: Product,
    mean: Floats,
    error: Floats,
    bands: AbsorptionBands | None,
    facts: dict[str, Any],
) -> None:
    figure.set_size_inches(12, 8)
    figure.set_layout_engine("constrained")
    figure.suptitle(title, fontsize=13, fontweight="bold")
    grid = figure.add_gridspec(2, 2, width_ratios=[2.3, 1])
    top, bottom = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0])
    _draw_mean(top, mean, error, facts["scans"])
    if bands is not None:
        top.plot(WAVELENGTHS_NM, bands.continuum, color=_GREY, linestyle="--", linewidth=1.2, label="continuum")
        ties = [(low + high) / 2 for low, high in CONTINUUM_TIES_NM]
        top.plot(
            ties, np.interp(ties, WAVELENGTHS_NM, bands.continuum), "o", color=_GREY, markersize=5, label="tie points"
        )
        _draw_removed(bottom, bands)
        _draw_plane(figure.add_subplot(grid[1, 1]), bands)
    top.set(ylabel="reflectance", xlim=(WAVELENGTHS_NM[0], WAVELENGTHS_NM[-1]))
    top.set_ylim(bottom=0)
    top.legend(frameon=False, fontsize=9, loc="upper left")
    bottom.set(xlabel="wavelength (nm)", ylabel="reflectance / continuum", xlim=(WAVELENGTHS_NM[0], WAVELENGTHS_NM[-1]))
    _write_about(figure.add_subplot(grid[0, 1]), product, bands, facts)


def _draw_mean(panel: Axes, mean: Floats, error: Floats, scans: int) -> None:
    panel.plot(WAVELENGTHS_NM, mean, color=_BLUE, linewidth=0.9, label=f"mean of {scans} scans")
    panel.fill_between(
        WAVELENGTHS_NM, mean - error, mean + error, color=_SKY, alpha=0.6, linewidth=0, label="standard error"
    )
    panel.grid(True, linewidth=0.4, alpha=0.6)


def _draw_removed(panel: Axes, bands: AbsorptionBands) -> None:
    panel.axhline(1, color=_GREY, linestyle="--", linewidth=1)
    panel.plot(WAVELENGTHS_NM, bands.continuum_removed, color=_BLUE, linewidth=0.9)
    for band in (bands.first, bands.second):
        if band is None:
            continue
        places = np.linspace(band.curve.domain[0], band.curve.domain[1], 200)
        panel.plot(places, band.curve(places), color=_VERMILION, linewidth=1.8)
        panel.plot([band.centre], [1 - band.depth], "o", color=_VERMILION, markersize=6)
        text = f"{band.centre:.0f} nm\n{100 * band.depth:.1f} % deep"
        panel.annotate(
            text,
            (band.centre, 1 - band.depth),
            textcoords="offset points",
            xytext=(0, -9),
            ha="center",
            va="top",
            fontsize=9,
        )
    panel.margins(y=0.28)
    panel.grid(True, linewidth=0.4, alpha=0.6)


def _draw_plane(panel: Axes, bands: AbsorptionBands) -> None:
    """Plot the band centres near 1 and 2 um against each other, with the fields of pyroxenes."""
    for (name, (first, second)), colour in zip(PYROXENE_FIELDS_NM.items(), (_GREEN, _VERMILION), strict=True):
        xs, ys = [*first, *first[::-1], first[0]], [second[0], second[0], second[1], second[1], second[0]]
        panel.fill(xs, ys, facecolor=colour, alpha=0.15)
        panel.plot(xs, ys, color=colour, linewidth=1, label=name)
    if bands.first is not None and bands.second is not None:
        panel.plot([bands.first.centre], [bands.second.centre], "D", color=_INK, markersize=7, label="here")
    panel.set(xlabel="centre near 1 um (nm)", ylabel="centre near 2 um (nm)", xlim=(880, 1080), ylim=(1750, 2400))
    panel.set_title("pyroxenes after Adams (1974),\nCloutis and Gaffey (1991)", fontsize=9, color=_GREY)
    panel.legend(frameon=False, fontsize=9, loc="lower right")
    panel.grid(True, linewidth=0.4, alpha=0.6)


def _write_about(panel: Axes, product: Product, bands: AbsorptionBands | None, facts: dict[str, Any]) -> None:
    head = product.head
    lines = [
        f"{product.name}, {product.state.lower()}",
        f"begun {head['begun']:%Y-%m-%d %H:%M} UTC on board",
        f"stop {head['stop']}: {head['east']:.1f} m east, {head['north']:.1f} m north",
        f"Sun {np.nanmean(product.records['sun_elevation']):.1f} deg high",
        f"panel: {facts['panel']}",
        "",
        f"mafic minerals: {facts.get('mineral', 'unknown')}",
    ]
    panel.axis("off")
    panel.text(0, 1, "\n".join(lines), va="top", fontsize=9, color=_INK, linespacing=1.5, wrap=True)
