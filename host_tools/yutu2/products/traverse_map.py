"""Draw a traverse with Matplotlib: over shaded terrain, with a table of its stops and the route since the landing."""

from io import BytesIO
from math import cos, radians, sin
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LightSource
from matplotlib.figure import Figure

from yutu2.dictionary.model import load
from yutu2.products.elevation_model import ElevationModel
from yutu2.products.traverse import Traverse, compass_direction

_SIZE = (13, 9.5)  # inches, at 100 pixels per inch
_MARGIN_M = 4.0
_MIN_SPAN_M = 16.0  # smallest width and height of a map
_SUN_AZIMUTH, _SUN_ELEVATION = 70, 25  # of the light on the terrain: a morning
_ODOMETRY, _TRUTH, _HAZARD, _SLEEP = "#56B4E9", "#F0E442", "#D55E00", "#CC79A7"
_MAX_LINES = 20  # of the table
_INK, _GREY = "#202020", "#707070"


def map_bounds(traverse: Traverse) -> tuple[float, float, float, float]:
    """Return the bounds of a map of the traverse, (west, east, south, north) in metres from the lander."""
    easts = [traverse.begin[0], *(east for stop in traverse.stops for east in (stop.east, stop.true_east))]
    norths = [traverse.begin[1], *(north for stop in traverse.stops for north in (stop.north, stop.true_north))]
    wide = max(max(easts) - min(easts) + 2 * _MARGIN_M, _MIN_SPAN_M) / 2
    high = max(max(norths) - min(norths) + 2 * _MARGIN_M, _MIN_SPAN_M) / 2
    east, north = (max(easts) + min(easts)) / 2, (max(norths) + min(norths)) / 2
    # Keep the aspect ratio near 1
    wide, high = max(wide, 0.8 * high), max(high, 0.8 * wide)
    return east - wide, east + wide, north - high, north + high


def draw_traverse_map(traverse: Traverse, terrain: ElevationModel, seed: int, kind: str) -> bytes:
    """Draw the map and return it as a file.

    terrain: heights within the bounds of `map_bounds`. seed: of the terrain, for the subtitle. kind: png (1300 x 950
    pixels), pdf or svg.
    """
    figure = Figure(figsize=_SIZE, dpi=100, layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=[3.1, 1.4], height_ratios=[3, 1.1])
    panel = figure.add_subplot(grid[:, 0])
    _draw_terrain(panel, terrain)
    _draw_traverse(panel, traverse)
    _draw_scale(panel, terrain)
    _draw_table(figure.add_subplot(grid[0, 1]), panel, traverse)
    _draw_route(figure.add_subplot(grid[1, 1]), traverse)
    first, last = traverse.lunar_days
    days = f"lunar day {first}" if first == last else f"lunar days {first} to {last}"
    away, bearing = traverse.displacement
    figure.suptitle(
        f"Yutu-2 rover emulator: {days}, {traverse.driven:.1f} m by the wheels, {away:.1f} m to the "
        f"{compass_direction(bearing)}",
        fontsize=14,
        fontweight="bold",
    )
    light = f"light from {_SUN_AZIMUTH} deg, {_SUN_ELEVATION} deg high"
    panel.set_title(f"ground of seed {seed}; {light}; heights from {_height_range(terrain)}", fontsize=9, color=_GREY)
    file = BytesIO()
    figure.savefig(file, format=kind)
    return file.getvalue()


def _height_range(terrain: ElevationModel) -> str:
    return f"{terrain.heights.min():.1f} to {terrain.heights.max():.1f} m"


def _draw_terrain(panel: Axes, terrain: ElevationModel) -> None:
    light = LightSource(azdeg=_SUN_AZIMUTH, altdeg=_SUN_ELEVATION)
    # The light source expects rows from north to south
    shade = light.hillshade(terrain.heights[::-1], dx=terrain.step, dy=terrain.step, vert_exag=1)[::-1]
    extent = (terrain.west, terrain.east, terrain.south, terrain.north)
    panel.imshow(shade, cmap="gray", vmin=-0.1, vmax=1.05, origin="lower", extent=extent, interpolation="bilinear")
    panel.set(xlabel="east of the lander (m)", ylabel="north of the lander (m)", aspect="equal")
    panel.ticklabel_format(useOffset=False)


def _draw_traverse(panel: Axes, traverse: Traverse) -> None:
    east, north, _ = traverse.begin
    truth = [(east, north), *((stop.true_east, stop.true_north) for stop in traverse.stops)]
    belief = [(east, north), *((stop.east, stop.north) for stop in traverse.stops)]
    panel.plot(*zip(*truth, strict=True), "-", color=_TRUTH, linewidth=2.4, label="true")
    panel.plot(*zip(*belief, strict=True), "--", color=_ODOMETRY, linewidth=1.4, label="estimated by odometry")
    panel.plot([east], [north], "s", color=_INK, markerfacecolor="white", markersize=8, label="start")
    for stop in traverse.stops:
        if stop.parks:
            continue
        angle = radians(stop.true_heading)
        tip = (stop.true_east + 1.1 * sin(angle), stop.true_north + 1.1 * cos(angle))
        arrow: dict[str, Any] = {"arrowstyle": "-|>", "color": _TRUTH, "linewidth": 1.4}
        panel.annotate("", tip, (stop.true_east, stop.true_north), arrowprops=arrow)
        panel.plot([stop.true_east], [stop.true_north], "o", color=_INK, markerfacecolor=_TRUTH, markersize=7)
        # On the right of the driving direction
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
    if traverse.hazards:
        places = [(hazard.true_east, hazard.true_north) for hazard in traverse.hazards]
        style: dict[str, Any] = {"color": _HAZARD, "markersize": 11, "markeredgewidth": 2.6}
        panel.plot(*zip(*places, strict=True), "x", label="hazard stop", **style)
    if (last := traverse.stops[-1]).parks:
        style = {"color": _INK, "markerfacecolor": _SLEEP, "markersize": 15}
        panel.plot([last.true_east], [last.true_north], "*", label="hibernates", **style)


def _draw_scale(panel: Axes, terrain: ElevationModel) -> None:
    """Draw a scale bar of 5 m in the corner, and a north arrow."""
    left, bottom = (
        terrain.west + 0.04 * (terrain.east - terrain.west),
        terrain.south + 0.04 * (terrain.north - terrain.south),
    )
    panel.plot([left, left + 5], [bottom, bottom], "-", color="white", linewidth=5, solid_capstyle="butt")
    panel.plot([left, left + 5], [bottom, bottom], "-", color=_INK, linewidth=2.5, solid_capstyle="butt")
    box: dict[str, Any] = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    panel.annotate("5 m", (left + 2.5, bottom), xytext=(0, 9), textcoords="offset points", ha="center", bbox=box)
    arrow: dict[str, Any] = {"arrowstyle": "-|>", "color": "white", "linewidth": 2.5}
    panel.annotate("", (0.95, 0.97), (0.95, 0.88), xycoords="axes fraction", arrowprops=arrow)
    panel.annotate("N", (0.95, 0.845), xycoords="axes fraction", ha="center", bbox=box, fontweight="bold")


def _draw_table(panel: Axes, chart: Axes, traverse: Traverse) -> None:
    """Draw the legend, and a table with one line per stop."""
    panel.axis("off")
    handles, labels = chart.get_legend_handles_labels()
    panel.legend(handles, labels, loc="upper left", frameon=False, fontsize=9, bbox_to_anchor=(-0.02, 1.02))
    lines = [
        f"{stop.number:4}  {stop.time:%d %b %H:%M}  {stop.odometer - traverse.begin[2]:7.1f}  "
        f"{stop.odometry_error:5.2f}{'  parks' if stop.parks else ''}"
        for stop in traverse.stops
    ]
    if len(lines) > _MAX_LINES:
        left_out = len(lines) - _MAX_LINES + 1
        lines = [f"{'1 to':>4}  {left_out} are not listed", *lines[left_out:]]
    last = traverse.stops[-1]
    share = f", {100 * last.odometry_error / traverse.driven:.1f} % of the distance" if traverse.driven else ""
    head = f"{'stop':4}  {'UTC':12}  {'driven':>7}  {'off':>5}  m"
    text = "\n".join([head, *lines, "", f"odometry error {last.odometry_error:.2f} m{share}"])
    panel.text(0, 0.74, text, va="top", family="monospace", fontsize=8.5, transform=panel.transAxes)


def _draw_route(panel: Axes, traverse: Traverse) -> None:
    """Draw the published odometer since the landing, with this traverse in it."""
    days, tenths = zip(*load().route, strict=True)
    panel.plot(days, [tenth / 10 for tenth in tenths], ".-", color=_GREY, linewidth=1, markersize=4, label="published")
    odometers = [traverse.begin[2], traverse.stops[-1].odometer]
    panel.plot(traverse.lunar_days, odometers, "o-", color=_HAZARD, markersize=5, label="this traverse")
    panel.set(xlabel="lunar day", ylabel="driven since\nthe landing (m)")
    panel.grid(True, linewidth=0.4, alpha=0.6)
    panel.legend(frameon=False, fontsize=8, loc="upper left")
