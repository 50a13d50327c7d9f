"""Energy spectrum of the energetic neutral atoms that ASAN counted during an observation."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yutu2.products.derived_product import DerivedProduct
from yutu2.products.product import Product

SPECTRUM_S = 3.0
EDGES_EV = np.geomspace(10, 10_000, 25)
"""Edges of the 24 energy bins."""

_UPPER_LIMIT = 1.84  # counts, for an empty bin, one sigma (Gehrels 1986, doi 10.1086/164079)
_INK, _GREY, _BLUE, _VERMILION = "#202020", "#808080", "#0072B2", "#D55E00"


def atom_spectrum(product: Product) -> DerivedProduct | None:
    """Sum all spectra, as rates by energy. Return None without a spectrum."""
    received = ~np.ma.getmaskarray(product.samples)
    counts = np.ma.filled(product.samples.astype(np.int64), 0).sum(0)
    seconds = SPECTRUM_S * received.sum(0)
    if not seconds.all():
        return None
    total = int(counts.sum())
    title = f"Neutral atoms at stop {product.head['stop']}: {total} counts in {received.any(1).sum()} spectra"
    return DerivedProduct(
        name=f"atoms_{product.number:04d}",
        title=title,
        draw=lambda figure: _draw(figure, title, product, counts, seconds),
        hdus=lambda: _hdus(counts, seconds),
        facts={
            "counts": total,
            "seconds": float(seconds.max()),
            "counts_per_s": round(float(total / seconds.max()), 2),
        },
    )


def _draw(figure: Figure, title: str, product: Product, counts: Any, seconds: Any) -> None:
    figure.set_size_inches(9, 9)
    figure.set_layout_engine("constrained")
    figure.suptitle(title, fontsize=13, fontweight="bold")
    upper, lower = figure.subplots(2, 1, sharex=True)
    _draw_rate(upper, counts, 1 / seconds)
    _draw_rate(lower, counts, 1 / seconds / _widths_kev())
    begun, suns = product.head["begun"], product.records["sun_elevation"]
    upper.set_title(
        f"{product.name}, {product.state.lower()}; begun {begun:%Y-%m-%d %H:%M} UTC on board; {seconds.max():.0f} s of "
        f"counting; Sun {np.nanmin(suns):.1f} to {np.nanmax(suns):.1f} deg high",
        fontsize=9,
        color=_GREY,
    )
    upper.set_ylabel("counts / s, in each bin")
    lower.set(xlabel="energy (eV)", ylabel="counts / s / keV")
    upper.legend(frameon=False, fontsize=9, loc="lower left")


def _draw_rate(panel: Axes, counts: Any, factor: Any) -> None:
    """Plot counts times a factor with error bars; upper limits where there are no counts."""
    middles = np.sqrt(EDGES_EV[:-1] * EDGES_EV[1:])
    some = counts > 0
    rates, errors = counts * factor, np.sqrt(counts) * factor
    limits = _UPPER_LIMIT * factor
    style: dict[str, Any] = {"fmt": "o", "color": _BLUE, "markersize": 4, "linewidth": 1}
    # The error of one count reaches 0, which a logarithmic axis cannot show
    bars = [np.minimum(errors, 0.999 * rates)[some], errors[some]]
    bins = [(middles - EDGES_EV[:-1])[some], (EDGES_EV[1:] - middles)[some]]
    panel.errorbar(middles[some], rates[some], bars, bins, label="counts, with Poisson errors", **style)
    if not some.all():
        label = "no counts: upper limit, one sigma"
        panel.plot(middles[~some], limits[~some], "v", color=_GREY, markersize=6, label=label)
    lowest = np.where(some, rates, limits).min()
    panel.set(xscale="log", yscale="log", xlim=(EDGES_EV[0], EDGES_EV[-1]), ylim=(lowest / 4, None))
    panel.grid(True, which="both", linewidth=0.3, alpha=0.6)


def _widths_kev() -> Any:
    return np.diff(EDGES_EV) / 1000


def _hdus(counts: Any, seconds: Any) -> list[Any]:
    """Return counts over the logarithm of energy (FITS standard 4.0, 8.4: ENER-LOG), and a table of all values."""
    from astropy.io import fits

    middle, ratio = np.sqrt(EDGES_EV[0] * EDGES_EV[1]), EDGES_EV[1] / EDGES_EV[0]
    primary = fits.PrimaryHDU(counts.astype(np.int32))
    primary.header.update(
        {
            "EXTNAME": "COUNTS",
            "BUNIT": "count",
            "CTYPE1": "ENER-LOG",
            "CUNIT1": "eV",
            "CRPIX1": 1.0,
            "CRVAL1": middle,
            "CDELT1": middle * np.log(ratio),
            "EXPOSURE": (float(seconds.max()), "[s] of counting, in the bin that has most"),
        }
    )
    per_kev = 1 / seconds / _widths_kev()
    columns = [
        fits.Column("E_MIN", "D", "eV", array=EDGES_EV[:-1]),
        fits.Column("E_MAX", "D", "eV", array=EDGES_EV[1:]),
        fits.Column("TIME", "D", "s", array=seconds),
        fits.Column("COUNTS", "J", "count", array=counts),
        fits.Column("RATE", "D", "count s-1", array=counts / seconds),
        fits.Column("SPECTRUM", "D", "count s-1 keV-1", array=counts * per_kev),
        fits.Column("ERROR", "D", "count s-1 keV-1", array=np.sqrt(counts) * per_kev),
    ]
    return [primary, fits.BinTableHDU.from_columns(columns, name="SPECTRUM")]
