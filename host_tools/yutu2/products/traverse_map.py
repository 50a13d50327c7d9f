"""Draws a way with Matplotlib: over the relief of the ground, with the stops, and the whole route so far beside it."""

from io import BytesIO
from math import cos, radians, sin
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LightSource
from matplotlib.figure import Figure

from yutu2.dictionary.model import load
from yutu2.products.relief import Relief
from yutu2.products.traverse import Way, compass

_SIZE = (13, 9.5)  # inches of 100 dots
_MARGIN_M = 4.0
_LEAST_M = 16.0  # that a map spans
_SUN_AZIMUTH, _SUN_ELEVATION = 70, 25  # of the light on the relief: a morning
_WHEELS, _TRUTH, _HAZARD, _SLEEP = "#56B4E9", "#F0E442", "#D55E00", "#CC79A7"
_MOST_LINES = 20  # of the table
_INK, _GREY = "#202020", "#707070"


def frame(way: Way) -> tuple[float, float, float, float]:
    """(west, east, south, north) of a map of the way, in metres of the lander."""
    easts = [way.begin[0], *(east for stop in way.stops for east in (stop.east, stop.true_east))]
    norths = [way.begin[1], *(north for stop in way.stops for north in (stop.north, stop.true_north))]
    wide = max(max(easts) - min(easts) + 2 * _MARGIN_M, _LEAST_M) / 2
    high = max(max(norths) - min(norths) + 2 * _MARGIN_M, _LEAST_M) / 2
    east, north = (max(easts) + min(easts)) / 2, (max(norths) + min(norths)) / 2
    # No narrow strips
    wide, high = max(wide, 0.8 * high), max(high, 0.8 * wide)
    return east - wide, east + wide, north - high, north + high


def route_map(way: Way, relief: Relief, seed: int, kind: str) -> bytes:
    """The map as a file of `kind`: png (1300 x 950 dots), pdf or svg."""
    figure = Figure(figsize=_SIZE, dpi=100, layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=[3.1, 1.4], height_ratios=[3, 1.1])
    panel = figure.add_subplot(grid[:, 0])
    _draw_relief(panel, relief)
    _draw_way(panel, way)
    _draw_scale(panel, relief)
    _draw_table(figure.add_subplot(grid[0, 1]), panel, way)
    _draw_route(figure.add_subplot(grid[1, 1]), way)
    first, last = way.lunar_days
    days = f"lunar day {first}" if first == last else f"lunar days {first} to {last}"
    away, bearing = way.moved
    figure.suptitle(
        f"Yutu-2 rover emulator: {days}, {way.driven:.1f} m by the wheels, {away:.1f} m to the {compass(bearing)}",
        fontsize=14,
        fontweight="bold",
    )
    light = f"light from {_SUN_AZIMUTH} deg, {_SUN_ELEVATION} deg high"
    panel.set_title(f"ground of seed {seed}; {light}; heights from {_span(relief)}", fontsize=9, color=_GREY)
    file = BytesIO()
    figure.savefig(file, format=kind)
    return file.getvalue()


def _span(relief: Relief) -> str:
    return f"{relief.heights.min():.1f} to {relief.heights.max():.1f} m"


def _draw_relief(panel: Axes, relief: Relief) -> None:
    light = LightSource(azdeg=_SUN_AZIMUTH, altdeg=_SUN_ELEVATION)
    # Rows go from south to north, and the light source counts them from north to south
    shade = light.hillshade(relief.heights[::-1], dx=relief.step, dy=relief.step, vert_exag=1)[::-1]
    extent = (relief.west, relief.east, relief.south, relief.north)
    panel.imshow(shade, cmap="gray", vmin=-0.1, vmax=1.05, origin="lower", extent=extent, interpolation="bilinear")
    panel.set(xlabel="east of the lander (m)", ylabel="north of the lander (m)", aspect="equal")
    panel.ticklabel_format(useOffset=False)


def _draw_way(panel: Axes, way: Way) -> None:
    east, north, _ = way.begin
    truth = [(east, north), *((stop.true_east, stop.true_north) for stop in way.stops)]
    belief = [(east, north), *((stop.east, stop.north) for stop in way.stops)]
    panel.plot(*zip(*truth, strict=True), "-", color=_TRUTH, linewidth=2.4, label="driven, in truth")
    panel.plot(*zip(*belief, strict=True), "--", color=_WHEELS, linewidth=1.4, label="as the rover believes")
    panel.plot([east], [north], "s", color=_INK, markerfacecolor="white", markersize=8, label="begin")
    for stop in way.stops:
        if stop.parks:
            continue
        angle = radians(stop.true_heading)
        tip = (stop.true_east + 1.1 * sin(angle), stop.true_north + 1.1 * cos(angle))
        arrow: dict[str, Any] = {"arrowstyle": "-|>", "color": _TRUTH, "linewidth": 1.4}
        panel.annotate("", tip, (stop.true_east, stop.true_north), arrowprops=arrow)
        panel.plot([stop.true_east], [stop.true_north], "o", color=_INK, markerfacecolor=_TRUTH, markersize=7)
        # To the right of the way
        side = (12 * cos(angle), -12 * sin(angle))
        box: dict[str, Any] = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
        panel.annotate(
            str(stop.number),
            (stop.true_east, stop.true_north),
            xytext=side,
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=9,
            bbox=box,
        )
    if way.hazards:
        places = [(hazard.true_east, hazard.true_north) for hazard in way.hazards]
        style: dict[str, Any] = {"color": _HAZARD, "markersize": 11, "markeredgewidth": 2.6}
        panel.plot(*zip(*places, strict=True), "x", label="stopped before a hazard", **style)
    if (last := way.stops[-1]).parks:
        style = {"color": _INK, "markerfacecolor": _SLEEP, "markersize": 15}
        panel.plot([last.true_east], [last.true_north], "*", label="sleeps", **style)


def _draw_scale(panel: Axes, relief: Relief) -> None:
    """A bar of 5 m in the corner, and where north is."""
    left, bottom = relief.west + 0.04 * (relief.east - relief.west), relief.south + 0.04 * (relief.north - relief.south)
    panel.plot([left, left + 5], [bottom, bottom], "-", color="white", linewidth=5, solid_capstyle="butt")
    panel.plot([left, left + 5], [bottom, bottom], "-", color=_INK, linewidth=2.5, solid_capstyle="butt")
    box: dict[str, Any] = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    panel.annotate("5 m", (left + 2.5, bottom), xytext=(0, 9), textcoords="offset points", ha="center", bbox=box)
    arrow: dict[str, Any] = {"arrowstyle": "-|>", "color": "white", "linewidth": 2.5}
    panel.annotate("", (0.95, 0.97), (0.95, 0.88), xycoords="axes fraction", arrowprops=arrow)
    panel.annotate("N", (0.95, 0.845), xycoords="axes fraction", ha="center", bbox=box, fontweight="bold")


def _draw_table(panel: Axes, chart: Axes, way: Way) -> None:
    """What the signs mean, and a line a stop."""
    panel.axis("off")
    handles, labels = chart.get_legend_handles_labels()
    panel.legend(handles, labels, loc="upper left", frameon=False, fontsize=9, bbox_to_anchor=(-0.02, 1.02))
    lines = [
        f"{stop.number:4}  {stop.time:%d %b %H:%M}  {stop.odometer - way.begin[2]:7.1f}  {stop.off:5.2f}"
        f"{'  parks' if stop.parks else ''}"
        for stop in way.stops
    ]
    if len(lines) > _MOST_LINES:
        left_out = len(lines) - _MOST_LINES + 1
        lines = [f"{'1 to':>4}  {left_out} are not listed", *lines[left_out:]]
    last = way.stops[-1]
    share = f", {100 * last.off / way.driven:.1f} % of the way" if way.driven else ""
    head = f"{'stop':4}  {'UTC':12}  {'driven':>7}  {'off':>5}  m"
    text = "\n".join([head, *lines, "", f"odometry off by {last.off:.2f} m{share}"])
    panel.text(0, 0.74, text, va="top", family="monospace", fontsize=8.5, transform=panel.transAxes)


def _draw_route(panel: Axes, way: Way) -> None:
    """The route since the landing, as published, and this way in it."""
    days, tenths = zip(*load().route, strict=True)
    panel.plot(days, [tenth / 10 for tenth in tenths], ".-", color=_GREY, linewidth=1, markersize=4, label="published")
    odometers = [way.begin[2], way.stops[-1].odometer]
    panel.plot(way.lunar_days, odometers, "o-", color=_HAZARD, markersize=5, label="this way")
    panel.set(xlabel="lunar day", ylabel="driven since\nthe landing (m)")
    panel.grid(True, linewidth=0.4, alpha=0.6)
    panel.legend(frameon=False, fontsize=8, loc="upper left")
