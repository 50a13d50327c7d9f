"""The radargram of a product of the penetrating radar: over distance and depth, with the layers that it shows."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yutu2.products.product import Product
from yutu2.products.result import Result
from yutu2.products.soundings import Section, depth_of, section, time_of

_SIZE = (13, 8)  # inches
_PICK, _INK, _GREY, _GAP = "#D55E00", "#202020", "#707070", "#D9E3EE"
_MOST = 7  # times the usual loudness: black and white


def radargram(product: Product) -> Result | None:
    """The radargram of an LPR_60 or LPR_500; of a stand its one trace. None when no trace came."""
    heard = section(product)
    if heard is None:
        return None
    permittivity = product.dictionary.permittivity
    times = heard.layer_times
    layers = [round(float(depth), 1) for depth in depth_of(times, times, permittivity)]
    facts = {
        "traces": heard.traces,
        "missing_traces": product.record_count - heard.traces,
        "places": len(heard.places),
        "from_m": float(heard.places[0]),
        "to_m": float(heard.places[-1]),
        "layers_ns": [round(time, 1) for time in times],
        "layers_m": layers,
    }
    title = f"LPR at {heard.channel.mhz} MHz, {_way(heard)}: {_found(layers)}"
    return Result(
        name=f"radargram_{Path(product.name).stem}",
        title=title,
        draw=lambda figure: _draw(figure, heard, permittivity, title, _origin(product, facts)),
        hdus=lambda: _hdus(heard, permittivity),
        facts=facts,
    )


def _way(heard: Section) -> str:
    first, last = heard.places[0], heard.places[-1]
    return f"{last - first:.1f} m of way" if last > first else f"a stand at {first:.1f} m"


def _found(layers: list[float]) -> str:
    if not layers:
        return "no layer stands out"
    return "layers at " + ", ".join(f"{depth:.1f}" for depth in layers) + " m"


def _origin(product: Product, facts: dict[str, Any]) -> str:
    """What went into the picture, for the line above it."""
    traces, places = facts["traces"], facts["places"]
    parts = [product.name, f"{traces} traces" + (f" at {places} places" if places > 1 else "")]
    if traces > places:
        parts.append(f"{traces - places} repeats of a place averaged")
    if facts["missing_traces"]:
        parts.append(f"{facts['missing_traces']} traces missing")
    if product.head["begun"]:
        parts.insert(1, f"begun {product.head['begun']:%Y-%m-%d %H:%M} UTC")
    return "; ".join(parts)


def _draw(figure: Figure, heard: Section, permittivity: tuple[float, ...], title: str, origin: str) -> None:
    figure.set_size_inches(_SIZE)
    figure.set_layout_engine("constrained")
    panel, beside = figure.subplots(1, 2, sharey=True, width_ratios=[5, 1])
    depths = depth_of(heard.times, heard.layer_times, permittivity)
    if len(heard.distances) > 1:
        _draw_section(panel, heard, depths, permittivity)
    else:
        _draw_trace(panel, heard, depths)
    panel.set(ylim=(depths[-1], 0), ylabel="depth (m)")
    _draw_times(panel, heard, permittivity)
    _draw_envelope(beside, heard, depths, permittivity)
    figure.suptitle(f"Yutu-2 rover emulator: {title}", fontsize=14, fontweight="bold")
    panel.set_title(origin, fontsize=9, color=_GREY)


def _draw_section(panel: Axes, heard: Section, depths: Any, permittivity: tuple[float, ...]) -> None:
    half = (heard.distances[1] - heard.distances[0]) / 2
    across = np.append(heard.distances - half, heard.distances[-1] + half)
    down = np.concatenate(([depths[0]], (depths[1:] + depths[:-1]) / 2, [depths[-1]]))
    greys = colormaps["gray"].with_extremes(bad=_GAP)
    panel.set_facecolor(_GAP)
    panel.pcolormesh(across, down, heard.evened.T, cmap=greys, vmin=-_MOST, vmax=_MOST, rasterized=True)
    for layer in heard.layers:
        ways = depth_of(layer, heard.layer_times, permittivity)
        panel.plot(heard.distances, ways, color=_PICK, linewidth=1.2, dashes=(2, 12))
    panel.set_xlabel("driven since the landing, by the wheels (m)")


def _draw_trace(panel: Axes, heard: Section, depths: Any) -> None:
    echo = np.nan_to_num(heard.evened[0])
    panel.plot(echo, depths, color=_INK, linewidth=0.7)
    panel.fill_betweenx(depths, 0, echo, where=echo > 0, color=_INK)
    panel.grid(True, axis="y", linewidth=0.4, alpha=0.6)
    most = 1.1 * np.abs(echo).max() or 1
    panel.set(xlim=(-most, most), xlabel="echo (times the usual loudness)")


def _draw_times(panel: Axes, heard: Section, permittivity: tuple[float, ...]) -> None:
    """The axis of two-way time; it bends where layers of another permittivity begin."""

    def to_time(depth: Any) -> Any:
        return time_of(depth, heard.layer_times, permittivity)

    def to_depth(time: Any) -> Any:
        return depth_of(time, heard.layer_times, permittivity)

    panel.secondary_yaxis("right", functions=(to_time, to_depth)).set_ylabel("two-way time (ns)")
    muted = to_depth(heard.channel.direct_ns)
    style: dict[str, Any] = {"transform": panel.get_yaxis_transform(), "va": "center", "fontsize": 7}
    panel.text(0.01, muted / 2, "direct wave muted", **style)


def _draw_envelope(panel: Axes, heard: Section, depths: Any, permittivity: tuple[float, ...]) -> None:
    panel.plot(heard.envelope[heard.came].mean(axis=0), depths, color=_INK, linewidth=0.9)
    for time in heard.layer_times:
        depth = float(depth_of(time, heard.layer_times, permittivity))
        panel.axhline(depth, color=_PICK, linewidth=1, dashes=(3, 4))
        style: dict[str, Any] = {"color": _PICK, "ha": "right", "va": "bottom", "fontsize": 10}
        panel.text(0.97, depth, f"{depth:.1f} m", transform=panel.get_yaxis_transform(), **style)
    panel.set_xlim(left=0)
    panel.set_xlabel("mean envelope\n(counts)")
    panel.tick_params(labelleft=False)
    panel.grid(True, linewidth=0.4, alpha=0.6)


def _hdus(heard: Section, permittivity: tuple[float, ...]) -> list[Any]:
    """The echoes; the same as drawn; depth of each row; depth of each layer in each column."""
    from astropy.io import fits

    step = heard.distances[1] - heard.distances[0] if len(heard.distances) > 1 else 1.0
    axes = [
        ("CTYPE1", "DISTANCE", "driven since the landing, by the wheels"),
        ("CUNIT1", "m", ""),
        ("CRPIX1", 1.0, ""),
        ("CRVAL1", float(heard.distances[0]), ""),
        ("CDELT1", float(step), ""),
        ("CTYPE2", "TWT", "two-way time; its depths in HDU DEPTHS"),
        ("CUNIT2", "ns", ""),
        ("CRPIX2", 1.0, ""),
        ("CRVAL2", 0.0, ""),
        ("CDELT2", heard.channel.sample_ns, ""),
    ]
    echoes = fits.PrimaryHDU(heard.echoes.T.astype(np.float32), fits.Header([*axes, ("BUNIT", "count", "")]))
    echoes.header["FREQ"] = (heard.channel.mhz, "[MHz] middle of the band")
    evened = fits.ImageHDU(
        heard.evened.T.astype(np.float32), fits.Header([*axes, ("BUNIT", "", "times the usual loudness")]), "EVENED"
    )
    depths = depth_of(heard.times, heard.layer_times, permittivity)
    rows = fits.BinTableHDU.from_columns(
        [fits.Column("TIME", "D", "ns", array=heard.times), fits.Column("DEPTH", "D", "m", array=depths)], name="DEPTHS"
    )
    columns = [fits.Column("DISTANCE", "D", "m", array=heard.distances)]
    for number, layer in enumerate(heard.layers, 1):
        ways = depth_of(layer, heard.layer_times, permittivity)
        columns.append(fits.Column(f"LAYER_{number}", "D", "m", array=ways))
    return [echoes, evened, rows, fits.BinTableHDU.from_columns(columns, name="LAYERS")]
