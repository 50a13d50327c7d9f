"""Draws a chart with Matplotlib: panels over one axis of time, in colours that the colour-blind tell apart."""

from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from yutu2.show.chart import Chart
from yutu2.show.series import Line, Span
from yutu2.show.time_axis import days, draw_time, title

_SIZE = (16, 12)  # inches of 100 dots
_PANELS = {"sun": 2.4, "power": 2.4, "charge": 1.8, "heat": 4.2, "modes": 0.7, "events": 1.4}  # and their heights
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
_NOTHING_TOLD = "nothing told"
_SEVERITIES = {3: ("medium", _ORANGE, "v"), 4: ("high", _VERMILION, "D")}
_NAMED_EVENTS = 12  # with more of them their signs alone are shown
_LETTER = 0.0062  # width of a letter as a part of the axis
# Field of HK_POWER and HK_NIGHT: name, colour, width of the line
_TEMPERATURES = {
    "ground_temperature": ("ground", _BLACK, 1.8),
    "box_temperature": ("box", _VERMILION, 2.2),
    "wing_temperature": ("wing", _BLUE, 0.9),
    "mast_temperature": ("mast", _PURPLE, 0.9),
}


def picture(chart: Chart, kind: str) -> bytes:
    """The chart as a file of `kind`: png (1600 x 1200 dots), pdf or svg."""
    figure = Figure(figsize=_SIZE, dpi=100, layout="constrained")
    panels = figure.subplots(len(_PANELS), 1, sharex=True, height_ratios=list(_PANELS.values()))
    panel = dict(zip(_PANELS, panels, strict=True))
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


def lanes(stretches: Sequence[tuple[float, float]]) -> list[int]:
    """For each stretch (left, right) the lowest lane in which it overlaps none before it."""
    taken: list[list[tuple[float, float]]] = []
    chosen = []
    for left, right in stretches:
        free = (i for i, lane in enumerate(taken) if all(right <= other[0] or other[1] <= left for other in lane))
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((left, right))
        chosen.append(lane)
    return chosen


def _draw_sun(panel: Axes, chart: Chart) -> None:
    panel.axhline(0, color=_BLACK, linewidth=0.7)
    _plot(panel, chart.true_sun(), "computed", color=_GREY, linewidth=1)
    _plot(panel, chart.sensed_sun(), "sensed", color=_ORANGE, linewidth=2.2)
    _finish(panel, chart, "Sun elevation\n(deg)", _shades(chart))


def _draw_power(panel: Axes, chart: Chart) -> None:
    _plot(panel, chart.told_by_day("array_power"), "array could give", color=_ORANGE, linewidth=1.6)
    _plot(panel, chart.told_by_day("load_power"), "loads draw", color=_BLUE, linewidth=1.4)
    panel.set_ylim(bottom=0)
    for span in chart.silent:
        if _fits("dormant, silent", span, chart):
            panel.text(_middle(span), panel.get_ylim()[1] / 2, "dormant, silent", ha="center", va="center")
    _finish(panel, chart, "power\n(W)")


def _draw_charge(panel: Axes, chart: Chart) -> None:
    _plot(panel, chart.told_by_day("battery_charge"), "battery", color=_GREEN, linewidth=1.8)
    _plot_night(panel, chart.told_of_night("battery_charge"), _GREEN, "battery")
    panel.set_ylim(0, 105)
    _draw_limits(panel, chart.limits("P_CHARGE"), _GREEN, "battery")
    _finish(panel, chart, "charge\n(%)")


def _draw_heat(panel: Axes, chart: Chart) -> None:
    for field, (name, colour, width) in _TEMPERATURES.items():
        _plot(panel, chart.told_by_day(field), name, color=colour, linewidth=width)
    for field, (name, colour, _) in _TEMPERATURES.items():
        _plot_night(panel, chart.told_of_night(field), colour, name)
    _draw_limits(panel, chart.limits("P_BOX"), _TEMPERATURES["box_temperature"][1], "box")
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
    _legend(panel, [Patch(**_mode_style(name), label=name or _NOTHING_TOLD) for name in names], columns=2)


def _draw_events(panel: Axes, chart: Chart) -> None:
    marks = chart.marks
    named = len(marks) <= _NAMED_EVENTS
    labels = [mark.name for mark in marks] if named else [""] * len(marks)
    # Beside its sign, to the right, or to the left where the axis ends
    places = [_part(mark.time, chart) for mark in marks]
    widths = [_LETTER * (len(label) + 3) for label in labels]
    turned = [place + width > 1 for place, width in zip(places, widths, strict=True)]
    stretches = [
        (place - width, place + 0.005) if left else (place - 0.005, place + width)
        for place, width, left in zip(places, widths, turned, strict=True)
    ]
    rows = lanes(stretches) if named else [mark.severity - min(_SEVERITIES) for mark in marks]
    for mark, label, left, row in zip(marks, labels, turned, rows, strict=True):
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
    """What panels of curves have in common: shades behind, a grid, the label with its unit, a legend beside it."""
    for span in chart.dark:
        panel.axvspan(days(span.start), days(span.end), facecolor=_SHADE, zorder=0)
    for span in chart.silent:
        panel.axvspan(days(span.start), days(span.end), **_silent_style(), zorder=0)
    panel.grid(True, linewidth=0.4, alpha=0.6)
    panel.set_ylabel(label)
    _legend(panel, [*panel.get_legend_handles_labels()[0], *shades])


def _shades(chart: Chart) -> list[Patch]:
    """The legend of the shades that there are."""
    dark = [Patch(facecolor=_SHADE, label="Sun below the horizon")] * bool(chart.dark)
    return dark + [Patch(**_silent_style(), label="dormant, silent")] * bool(chart.silent)


def _silent_style() -> dict[str, Any]:
    return {"facecolor": "none", "edgecolor": _HATCH, "linewidth": 0, "hatch": "//"}


def _mode_style(name: str | None) -> dict[str, Any]:
    if name is None:
        return {"facecolor": "white", "edgecolor": _GREY, "linewidth": 0, "hatch": "..."}
    return {"facecolor": _MODES.get(name, _GREY), "linewidth": 0}


def _legend(panel: Axes, handles: Sequence[Artist], columns: int = 1) -> None:
    """Beside the panel, where it hides nothing."""
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.003, 1.0), "borderaxespad": 0}
    panel.legend(handles=handles, ncols=columns, frameon=False, fontsize=9, columnspacing=1, **place)


def _draw_limits(panel: Axes, limits: list[float], colour: str, name: str) -> None:
    """The limits that the craft's monitors hold, where it may be out of them for no longer than some minutes."""
    for limit in limits:
        label = f"{name}, monitored: {' and '.join(f'{limit:.0f}' for limit in limits)}" if limit == limits[0] else None
        panel.axhline(limit, color=colour, linewidth=0.9, linestyle=":", label=label)


def _plot(panel: Axes, line: Line, name: str, **style: Any) -> None:
    """Draws a line, and tells its least and greatest value in the legend."""
    values = [value for value in line.values if value == value]  # NaN equals nothing
    label = f"{name}: {round(min(values))} to {round(max(values))}" if values else name
    panel.plot([days(time) for time in line.times], line.values, label=label, **style)


def _plot_night(panel: Axes, line: Line, colour: str, name: str) -> None:
    """What was measured while silent: dashed, for it was told later."""
    if line.times:
        style: dict[str, Any] = {"color": colour, "linewidth": 0.9, "marker": "o", "markersize": 3.5}
        _plot(panel, line, f"{name}, told after the night", linestyle="--", markerfacecolor="white", **style)


def _middle(span: Span) -> float:
    return days((span.start + span.end) / 2)


def _part(time: float, chart: Chart) -> float:
    """Where a time stands on the axis, 0 to 1."""
    return (time - chart.start) / (chart.end - chart.start)


def _fits(text: str, span: Span, chart: Chart) -> bool:
    return _part(span.end, chart) - _part(span.start, chart) > _LETTER * (len(text) + 2)
