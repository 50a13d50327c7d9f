"""Radargram of a product of the penetrating radar LPR: echoes over distance and depth, with the layers found."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yutu2.products.derived_product import DerivedProduct
from yutu2.products.product import Product
from yutu2.products.radar_section import RadarSection, depth_of, make_section, time_of

_SIZE = (13, 8)  # inches
_PICK, _INK, _GREY, _GAP = "#D55E00", "#202020", "#707070", "#D9E3EE"
_DISPLAY_LIMIT = 7  # times the usual loudness, for black and white


def radargram(product: Product) -> DerivedProduct | None:
    """Derive the radargram from an LPR_60 or LPR_500: one trace if the rover stood. Return None without a trace."""
    section = make_section(product)
    if section is None:
        return None
    permittivity = product.dictionary.permittivity
    times = section.layer_times
    layers = [round(float(depth), 1) for depth in depth_of(times, times, permittivity)]
    facts = {
        "traces": section.traces,
        "missing_traces": product.record_count - section.traces,
        "places": len(section.places),
        "from_m": float(section.places[0]),
        "to_m": float(section.places[-1]),
        "layers_ns": [round(time, 1) for time in times],
        "layers_m": layers,
    }
    title = f"LPR at {section.channel.mhz} MHz, {_extent(section)}: {_found(layers)}"
    return DerivedProduct(
        name=f"radargram_{Path(product.name).stem}",
        title=title,
        draw=lambda figure: _draw(figure, section, permittivity, title, _origin(product, facts)),
        hdus=lambda: _hdus(section, permittivity),
        facts=facts,
    )


def _extent(section: RadarSection) -> str:
    first, last = section.places[0], section.places[-1]
    return f"{last - first:.1f} m of traverse" if last > first else f"stationary at {first:.1f} m"


def _found(layers: list[float]) -> str:
    if not layers:
        return "no layers found"
    return "layers at " + ", ".join(f"{depth:.1f}" for depth in layers) + " m"


def _origin(product: Product, facts: dict[str, Any]) -> str:
    """Return the line about the traces above the picture."""
    traces, places = facts["traces"], facts["places"]
    parts = [product.name, f"{traces} traces" + (f" at {places} places" if places > 1 else "")]
    if traces > places:
        parts.append(f"{traces - places} repeats of a place averaged")
    if facts["missing_traces"]:
        parts.append(f"{facts['missing_traces']} traces missing")
    if product.head["begun"]:
        parts.insert(1, f"begun {product.head['begun']:%Y-%m-%d %H:%M} UTC")
    return "; ".join(parts)


def _draw(figure: Figure, section: RadarSection, permittivity: tuple[float, ...], title: str, origin: str) -> None:
    figure.set_size_inches(_SIZE)
    figure.set_layout_engine("constrained")
    panel, beside = figure.subplots(1, 2, sharey=True, width_ratios=[5, 1])
    depths = depth_of(section.times, section.layer_times, permittivity)
    if len(section.distances) > 1:
        _draw_section(panel, section, depths, permittivity)
    else:
        _draw_trace(panel, section, depths)
    panel.set(ylim=(depths[-1], 0), ylabel="depth (m)")
    _draw_times(panel, section, permittivity)
    _draw_envelope(beside, section, depths, permittivity)
    figure.suptitle(f"Yutu-2 rover emulator: {title}", fontsize=14, fontweight="bold")
    panel.set_title(origin, fontsize=9, color=_GREY)


def _draw_section(panel: Axes, section: RadarSection, depths: Any, permittivity: tuple[float, ...]) -> None:
    half = (section.distances[1] - section.distances[0]) / 2
    across = np.append(section.distances - half, section.distances[-1] + half)
    down = np.concatenate(([depths[0]], (depths[1:] + depths[:-1]) / 2, [depths[-1]]))
    greys = colormaps["gray"].with_extremes(bad=_GAP)
    panel.set_facecolor(_GAP)
    panel.pcolormesh(
        across, down, section.equalized.T, cmap=greys, vmin=-_DISPLAY_LIMIT, vmax=_DISPLAY_LIMIT, rasterized=True
    )
    for layer in section.layers:
        depths_of_layer = depth_of(layer, section.layer_times, permittivity)
        panel.plot(section.distances, depths_of_layer, color=_PICK, linewidth=1.2, dashes=(2, 12))
    panel.set_xlabel("driven since the landing, by the wheels (m)")


def _draw_trace(panel: Axes, section: RadarSection, depths: Any) -> None:
    echo = np.nan_to_num(section.equalized[0])
    panel.plot(echo, depths, color=_INK, linewidth=0.7)
    panel.fill_betweenx(depths, 0, echo, where=echo > 0, color=_INK)
    panel.grid(True, axis="y", linewidth=0.4, alpha=0.6)
    limit = 1.1 * np.abs(echo).max() or 1
    panel.set(xlim=(-limit, limit), xlabel="echo (relative to the usual amplitude)")


def _draw_times(panel: Axes, section: RadarSection, permittivity: tuple[float, ...]) -> None:
    """Add an axis of two-way time, whose scale changes where the permittivity does."""

    def to_time(depth: Any) -> Any:
        return time_of(depth, section.layer_times, permittivity)

    def to_depth(time: Any) -> Any:
        return depth_of(time, section.layer_times, permittivity)

    panel.secondary_yaxis("right", functions=(to_time, to_depth)).set_ylabel("two-way time (ns)")
    muted = to_depth(section.channel.direct_ns)
    style: dict[str, Any] = {"transform": panel.get_yaxis_transform(), "va": "center", "fontsize": 7}
    panel.text(0.01, muted / 2, "direct wave muted", **style)


def _draw_envelope(panel: Axes, section: RadarSection, depths: Any, permittivity: tuple[float, ...]) -> None:
    panel.plot(section.envelope[section.has_trace].mean(axis=0), depths, color=_INK, linewidth=0.9)
    for time in section.layer_times:
        depth = float(depth_of(time, section.layer_times, permittivity))
        panel.axhline(depth, color=_PICK, linewidth=1, dashes=(3, 4))
        style: dict[str, Any] = {"color": _PICK, "ha": "right", "va": "bottom", "fontsize": 10}
        panel.text(0.97, depth, f"{depth:.1f} m", transform=panel.get_yaxis_transform(), **style)
    panel.set_xlim(left=0)
    panel.set_xlabel("mean envelope\n(counts)")
    panel.tick_params(labelleft=False)
    panel.grid(True, linewidth=0.4, alpha=0.6)


def _hdus(section: RadarSection, permittivity: tuple[float, ...]) -> list[Any]:
    """Return the echoes, the equalized echoes, the depth of each row, and the depth of each layer in each column."""
    from astropy.io import fits

    step = section.distances[1] - section.distances[0] if len(section.distances) > 1 else 1.0
    axes = [
        ("CTYPE1", "DISTANCE", "driven since the landing, by the wheels"),
        ("CUNIT1", "m", ""),
        ("CRPIX1", 1.0, ""),
        ("CRVAL1", float(section.distances[0]), ""),
        ("CDELT1", float(step), ""),
        ("CTYPE2", "TWT", "two-way time; its depths in HDU DEPTHS"),
        ("CUNIT2", "ns", ""),
        ("CRPIX2", 1.0, ""),
        ("CRVAL2", 0.0, ""),
        ("CDELT2", section.channel.sample_ns, ""),
    ]
    echoes = fits.PrimaryHDU(section.echoes.T.astype(np.float32), fits.Header([*axes, ("BUNIT", "count", "")]))
    echoes.header["FREQ"] = (section.channel.mhz, "[MHz] middle of the band")
    equalized = fits.ImageHDU(
        section.equalized.T.astype(np.float32),
        fits.Header([*axes, ("BUNIT", "", "times the usual loudness")]),
        "EVENED",
    )
    depths = depth_of(section.times, section.layer_times, permittivity)
    rows = fits.BinTableHDU.from_columns(
        [fits.Column("TIME", "D", "ns", array=section.times), fits.Column("DEPTH", "D", "m", array=depths)],
        name="DEPTHS",
    )
    columns = [fits.Column("DISTANCE", "D", "m", array=section.distances)]
    for number, layer in enumerate(section.layers, 1):
        depths_of_layer = depth_of(layer, section.layer_times, permittivity)
        columns.append(fits.Column(f"LAYER_{number}", "D", "m", array=depths_of_layer))
    return [echoes, equalized, rows, fits.BinTableHDU.from_columns(columns, name="LAYERS")]
