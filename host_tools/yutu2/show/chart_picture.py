"""Draw a chart with Matplotlib: panels over one time axis, in colours for colour-blind readers."""

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from yutu2.show.chart import Chart
from yutu2.show.time_axis import days, draw_time, title
from yutu2.show.time_series import Line, Span

_SIZE = (16, 12)  # inches, at 100 pixels per inch
_PANEL_HEIGHTS = {"sun": 2.4, "power": 2.4, "charge": 1.8, "heat": 4.2, "modes": 0.7, "events": 1.4}  # relative
# Okabe and Ito's palette (2008)
_BLACK, _ORANGE, _SKY, _GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
_BLUE, _VERMILION, _PURPLE = "#0072B2", "#D55E00", "#CC79A7"
_GREY, _SHADE, _HATCH = "#888888", "#E2E4EC", "#C6C8D4"

_MODES = {
    "DORMANT": "#5A5F73",
    "WAKING": "#F0E442",
    "ACTIVE": _GREEN,
    "NAP": _SKY,
    "PARKING": _PURPLE,
    "SAFE": _VERMILION,
}
_NO_MODE = "no telemetry"
_SEVERITIES = {3: ("medium", _ORANGE, "v"), 4: ("high", _VERMILION, "D")}
_MAX_NAMED_EVENTS = 12  # with more events only their symbols are shown
_LETTER_WIDTH = 0.0062  # as a fraction of the axis
# Field of HK_POWER and HK_NIGHT: name, colour, line width
_TEMPERATURES = {
    "ground_temperature": ("ground", _BLACK, 1.8),
    "box_temperature": ("box", _VERMILION, 2.2),
    "wing_temperature": ("wing", _BLUE, 0.9),
    "mast_temperature": ("mast", _PURPLE, 0.9),
}


def draw_chart(chart: Chart, kind: str) -> bytes:
    """Draw the chart and return it as a file. kind: png (1600 x 1200 pixels), pdf or svg."""
    figure = Figure(figsize=_SIZE, dpi=100, layout="constrained")
    panels = figure.subplots(len(_PANEL_HEIGHTS), 1, sharex=True, height_ratios=list(_PANEL_HEIGHTS.values()))
    panel = dict(zip(_PANEL_HEIGHTS, panels, strict=True))
    _draw_sun(panel["sun"], chart)
    _draw_power(panel["power"], chart)
    _draw_charge(panel["charge"], chart)
    _draw_heat(panel["heat"], chart)
    _draw_modes(panel["modes"], chart)
    _draw_events(panel["events"], chart)
    _draw_time(panel["sun"], panel["events"], chart)
    figure.align_ylabels(panels)
    figure.suptitle(title(chart.craft, chart.lunar_days, chart.start, chart.end), fontsize=15, fontweight="bold")
    file = BytesIO()
    figure.savefig(file, format=kind)
    return file.getvalue()


def assign_lanes(stretches: Sequence[tuple[float, float]]) -> list[int]:
    """Return for each stretch (left, right) the lowest lane in which it overlaps no earlier one."""
    occupied: list[list[tuple[float, float]]] = []
    chosen = []
    for left, right in stretches:
        free = (i for i, lane in enumerate(occupied) if all(right <= other[0] or other[1] <= left for other in lane))
        lane = next(free, len(occupied))
        if lane == len(occupied):
            occupied.append([])
        occupied[lane].append((left, right))
        chosen.append(lane)
    return chosen


def _draw_sun(panel: Axes, chart: Chart) -> None:
    panel.axhline(0, color=_BLACK, linewidth=0.7)
    _plot(panel, chart.computed_sun(), "computed", color=_GREY, linewidth=1)
    _plot(panel, chart.sensed_sun(), "sensed", color=_ORANGE, linewidth=2.2)
    _finish(panel, chart, "Sun elevation\n(deg)", _shade_legend(chart))


def _draw_power(panel: Axes, chart: Chart) -> None:
    _plot(panel, chart.housekeeping_line("array_power"), "array available", color=_ORANGE, linewidth=1.6)
    _plot(panel, chart.housekeeping_line("load_power"), "loads", color=_BLUE, linewidth=1.4)
    panel.set_ylim(bottom=0)
    for span in chart.hibernation:
        if _fits("hibernation", span, chart):
            panel.text(_middle(span), panel.get_ylim()[1] / 2, "hibernation", ha="center", va="center")
    _finish(panel, chart, "power\n(W)")


def _draw_charge(panel: Axes, chart: Chart) -> None:
    _plot(panel, chart.housekeeping_line("battery_charge"), "battery", color=_GREEN, linewidth=1.8)
    _plot_night(panel, chart.night_line("battery_charge"), _GREEN, "battery")
    panel.set_ylim(0, 105)
    _draw_limits(panel, chart.monitor_limits("P_CHARGE"), _GREEN, "battery")
    _finish(panel, chart, "charge\n(%)")


def _draw_heat(panel: Axes, chart: Chart) -> None:
    for field, (name, colour, width) in _TEMPERATURES.items():
        _plot(panel, chart.housekeeping_line(field), name, color=colour, linewidth=width)
    for field, (name, colour, _) in _TEMPERATURES.items():
        _plot_night(panel, chart.night_line(field), colour, name)
    _draw_limits(panel, chart.monitor_limits("P_BOX"), _TEMPERATURES["box_temperature"][1], "box")
    _finish(panel, chart, "temperature\n(°C)")


def _draw_modes(panel: Axes, chart: Chart) -> None:
    for span in chart.modes:
        panel.axvspan(days(span.start), days(span.end), **_mode_style(span.name))
        if span.name and _fits(span.name, span, chart):
            colour = "white" if span.name == "DORMANT" else "black"
            panel.text(_middle(span), 0.5, span.name, ha="center", va="center", color=colour, fontsize=9)
    shown = {span.name for span in chart.modes}
    order = [*(name for name in _MODES if name in shown), *sorted({name for name in shown if name} - set(_MODES))]
    names = order + [None] * (None in shown)
    panel.set(ylim=(0, 1), yticks=[])
    panel.set_ylabel("mode")
    _legend(panel, [Patch(**_mode_style(name), label=name or _NO_MODE) for name in names], columns=2)


def _draw_events(panel: Axes, chart: Chart) -> None:
    marks = chart.marks
    named = len(marks) <= _MAX_NAMED_EVENTS
    labels = [mark.name for mark in marks] if named else [""] * len(marks)
    # The name is on the right of the symbol, or on the left near the end of the axis
    places = [_axis_position(mark.time, chart) for mark in marks]
    widths = [_LETTER_WIDTH * (len(label) + 3) for label in labels]
    is_left = [place + width > 1 for place, width in zip(places, widths, strict=True)]
    stretches = [
        (place - width, place + 0.005) if left else (place - 0.005, place + width)
        for place, width, left in zip(places, widths, is_left, strict=True)
    ]
    rows = assign_lanes(stretches) if named else [mark.severity - min(_SEVERITIES) for mark in marks]
    for mark, label, left, row in zip(marks, labels, is_left, rows, strict=True):
        _, colour, sign = _SEVERITIES[mark.severity]
        panel.axvline(days(mark.time), color=colour, linewidth=0.6, alpha=0.6)
        panel.plot([days(mark.time)], [row], sign, color=colour, markersize=6)
        side: dict[str, Any] = {"xytext": (-7 if left else 7, 0), "ha": "right" if left else "left"}
        panel.annotate(label, (days(mark.time), row), textcoords="offset points", va="center", fontsize=9, **side)
    counts = Counter(mark.severity for mark in marks)
    signs = [
        panel.plot([], [], sign, color=colour, label=f"{name}: {counts[severity]}")[0]
        for severity, (name, colour, sign) in _SEVERITIES.items()
    ]
    if not marks:
        panel.text(0.5, 0.5, "none", transform=panel.transAxes, ha="center", va="center", fontsize=9)
    panel.set(ylim=(max(rows, default=0) + 0.7, -0.7), yticks=[])
    panel.set_ylabel("events of\nseverity")
    _legend(panel, signs)


def _draw_time(top: Axes, bottom: Axes, chart: Chart) -> None:
    draw_time(bottom, chart.start, chart.end)
    sunrise = days(chart.first_sunrise)

    def since(time: Any) -> Any:
        return time - sunrise

    def back(time: Any) -> Any:
        return time + sunrise

    above = top.secondary_xaxis("top", functions=(since, back))
    above.set_xlabel(f"Earth days since sunrise of lunar day {chart.lunar_days[0]}", fontsize=9)


def _finish(panel: Axes, chart: Chart, label: str, shades: Sequence[Patch] = ()) -> None:
    """Add what all panels with curves share: shaded nights, grid, label with unit, legend."""
    for span in chart.nights:
        panel.axvspan(days(span.start), days(span.end), facecolor=_SHADE, zorder=0)
    for span in chart.hibernation:
        panel.axvspan(days(span.start), days(span.end), **_hibernation_style(), zorder=0)
    panel.grid(True, linewidth=0.4, alpha=0.6)
    panel.set_ylabel(label)
    _legend(panel, [*panel.get_legend_handles_labels()[0], *shades])


def _shade_legend(chart: Chart) -> list[Patch]:
    """Return the legend entries of the shadings in use."""
    nights = [Patch(facecolor=_SHADE, label="Sun below the horizon")] * bool(chart.nights)
    return nights + [Patch(**_hibernation_style(), label="hibernation")] * bool(chart.hibernation)


def _hibernation_style() -> dict[str, Any]:
    return {"facecolor": "none", "edgecolor": _HATCH, "linewidth": 0, "hatch": "//"}


def _mode_style(name: str | None) -> dict[str, Any]:
    if name is None:
        return {"facecolor": "white", "edgecolor": _GREY, "linewidth": 0, "hatch": "..."}
    return {"facecolor": _MODES.get(name, _GREY), "linewidth": 0}


def _legend(panel: Axes, handles: Sequence[Artist], columns: int = 1) -> None:
    """Place the legend beside the panel, where it covers nothing."""
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.003, 1.0), "borderaxespad": 0}
    panel.legend(handles=handles, ncols=columns, frameon=False, fontsize=9, columnspacing=1, **place)


def _draw_limits(panel: Axes, limits: list[float], colour: str, name: str) -> None:
    """Draw the limits that the monitors of the craft enforce."""
    for limit in limits:
        label = f"{name}, monitored: {' and '.join(f'{limit:.0f}' for limit in limits)}" if limit == limits[0] else None
        panel.axhline(limit, color=colour, linewidth=0.9, linestyle=":", label=label)


def _plot(panel: Axes, line: Line, name: str, **style: Any) -> None:
    """Draw a line, with its minimum and maximum in the legend."""
    values = [value for value in line.values if value == value]  # without NaN
    label = f"{name}: {round(min(values))} to {round(max(values))}" if values else name
    panel.plot([days(time) for time in line.times], line.values, label=label, **style)


def _plot_night(panel: Axes, line: Line, colour: str, name: str) -> None:
    """Draw dashed what was recorded during hibernation and reported after it."""
    if line.times:
        style: dict[str, Any] = {"color": colour, "linewidth": 0.9, "marker": "o", "markersize": 3.5}
        _plot(panel, line, f"{name}, recorded at night", linestyle="--", markerfacecolor="white", **style)


def _middle(span: Span) -> float:
    return days((span.start + span.end) / 2)


def _axis_position(time: float, chart: Chart) -> float:
    """Return the position of a time on the axis, 0 to 1."""
    return (time - chart.start) / (chart.end - chart.start)


def _fits(text: str, span: Span, chart: Chart) -> bool:
    return _axis_position(span.end, chart) - _axis_position(span.start, chart) > _LETTER_WIDTH * (len(text) + 2)
