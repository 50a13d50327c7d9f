"""Draws fields of the dictionary over time with Matplotlib: a panel for each unit, enumeration, and all flags."""

from io import BytesIO
from itertools import cycle
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from yutu2.dictionary.details import digits
from yutu2.show.chart import nights_between
from yutu2.show.fields import FieldChart, Kind, Panel, Series
from yutu2.show.time_axis import days, draw_time, title
from yutu2.show.time_series import Line

_WIDTH = 12  # inches of 100 dots
_MARGINS = 1.6  # inches above and below the panels
# Okabe and Ito's palette (2008), the yellow left out: it is too faint on white
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLES = ("-", "--", ":")  # of lines, when all colours are in use
_SHADE, _HATCH = "#E2E4EC", "#A9ACBD"
_UNITS = {"degC": "°C"}
_LETTERS = 130  # of a legend, side by side
_FEW = 60  # values of which each has a dot
_ROW = 0.8  # height of a flag's row, of which the rest parts it from the next


def draw_field_chart(chart: FieldChart, kind: str) -> bytes:
    """Return the chart as a file of `kind`: png (1200 dots wide), pdf or svg."""
    heights = [_height(panel) for panel in chart.panels]
    figure = Figure(figsize=(_WIDTH, sum(heights) + _MARGINS), dpi=100)
    figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.08)
    grid = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights, squeeze=False)
    axes = [row[0] for row in grid]
    draw = {Kind.NUMBERS: _draw_numbers, Kind.LABELS: _draw_labels, Kind.FLAGS: _draw_flags}
    for panel, place in zip(chart.panels, axes, strict=True):
        draw[panel.kind](place, panel)
        _draw_background(place, chart)
    margin = (chart.end - chart.start) / 100
    draw_time(axes[-1], chart.start - margin, chart.end + margin)
    figure.align_ylabels(axes)
    figure.suptitle(_title(chart), fontsize=13)
    if shades := _shades(chart):
        figure.legend(
            handles=shades, loc="outside lower right", ncols=len(shades), frameon=False, fontsize=9, handleheight=1.2
        )
    file = BytesIO()
    figure.savefig(file, format=kind)
    return file.getvalue()


def _height(panel: Panel) -> float:
    """Return the inches that a panel takes."""
    if panel.kind is Kind.NUMBERS:
        return 3.0
    return 0.8 + 0.3 * (len(panel.series) if panel.kind is Kind.FLAGS else len(_labels(panel.series[0])))


def _draw_numbers(place: Axes, panel: Panel) -> None:
    styles = cycle([(colour, style) for style in _STYLES for colour in _COLOURS])
    for series, (colour, style) in zip(panel.series, styles, strict=False):
        _plot(place, series, lambda value: value, color=colour, linestyle=style, label=_legend_of(series))
    place.set_ylabel(_axis(panel))
    place.ticklabel_format(axis="y", style="plain", useOffset=False)
    if all(series.chosen.field.scale is None for series in panel.series):
        place.yaxis.set_major_locator(MaxNLocator(integer=True))
    longest = max(len(_legend_of(series)) for series in panel.series)
    _draw_legend(place, max(1, _LETTERS // (longest + 5)))


def _draw_labels(place: Axes, panel: Panel) -> None:
    (series,) = panel.series
    labels = _labels(series)
    rows = {value: row for row, value in enumerate(labels)}
    name = series.chosen.name
    _plot(place, series, lambda value: rows.get(value, value), color=_COLOURS[0], drawstyle="steps-post", label=name)
    place.set(ylim=(-0.6, len(labels) - 0.4), yticks=range(len(labels)), yticklabels=list(labels.values()))
    _draw_legend(place, 1)


def _draw_flags(place: Axes, panel: Panel) -> None:
    """Each flag has a row: filled while it is true, a line on its floor while it is false."""
    for row, (series, colour) in enumerate(zip(reversed(panel.series), cycle(_COLOURS), strict=False)):
        line = series.line()
        if series.is_joined:
            tops = [row + _ROW * value for value in line.values]
            times = [days(time) for time in line.times]
            place.fill_between(times, row, tops, step="post", color=colour, alpha=0.35, linewidth=0)
        _plot(place, series, lambda value, row=row: row + _ROW * value, color=colour, drawstyle="steps-post")
    names = [series.chosen.name for series in reversed(panel.series)]
    ticks = [row + _ROW / 2 for row in range(len(names))]
    place.set(ylim=(-0.2, len(names)), yticks=ticks, yticklabels=names)
    place.set_title("upper line: true; lower line: false", loc="left", fontsize=9)


def _plot(place: Axes, series: Series, height: Any, **style: Any) -> None:
    """Draw values at the heights that `height` gives them: lines between gaps, and dots where no line shows them."""
    line, alone = series.line(), series.alone()
    label = style.pop("label", None)
    if series.is_joined:
        marker = "o" if len(series.times) <= _FEW else ""
        place.plot(*_points(line, height), linewidth=1.6, marker=marker, markersize=4, label=label, **style)
        label = None
    if alone.times:
        place.plot(*_points(alone, height), "o", color=style["color"], markersize=4, label=label)


def _points(line: Line, height: Any) -> tuple[list[float], list[float]]:
    return [days(time) for time in line.times], [height(value) for value in line.values]


def _draw_background(place: Axes, chart: FieldChart) -> None:
    for span in nights_between(chart.start, chart.end):
        place.axvspan(days(span.start), days(span.end), facecolor=_SHADE, zorder=0)
    for span in chart.silences:
        place.axvspan(days(span.start), days(span.end), **_hatched(), zorder=0)
    place.grid(True, linewidth=0.4, alpha=0.6)


def _shades(chart: FieldChart) -> list[Patch]:
    """Return the legend of the background."""
    dark = [Patch(facecolor=_SHADE, label="Sun below the horizon")] * bool(nights_between(chart.start, chart.end))
    return dark + [Patch(**_hatched(), label="nothing received")] * bool(chart.silences)


def _hatched() -> dict[str, Any]:
    return {"facecolor": "none", "edgecolor": _HATCH, "linewidth": 0, "hatch": "//"}


def _draw_legend(place: Axes, columns: int) -> None:
    """Draw the legend above the panel, where it covers no value."""
    at: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "borderaxespad": 0.1}
    place.legend(ncols=columns, frameon=False, fontsize=10, columnspacing=1.5, handlelength=1.6, **at)


def _legend_of(series: Series) -> str:
    """Return a field's name and the range of its values, with the digits that its scale has."""
    scale = series.chosen.field.scale
    places = 0 if scale is None else min(digits(scale), 3)
    least, most = (f"{limit:,.{places}f}" for limit in (min(series.values), max(series.values)))
    return f"{series.chosen.name}: {least}" + f" to {most}" * (most != least)


def _labels(series: Series) -> dict[float, str]:
    """Return the labels of the values that came, by value; an unknown value is its own label."""
    labels = series.chosen.field.labels or {}
    return {value: labels.get(int(value), f"{value:g}") for value in sorted(set(series.values))}


def _axis(panel: Panel) -> str:
    """Return the label of an axis: what the fields have in common, if anything, and the unit."""
    last_words = {series.chosen.field.name.rpartition("_")[2] for series in panel.series}
    names = {series.chosen.field.name.replace("_", " ") for series in panel.series}
    what = names.pop() if len(names) == 1 else last_words.pop() if len(last_words) == 1 else ""
    if panel.unit is None:
        return what or "number"
    unit = _UNITS.get(panel.unit, panel.unit)
    return f"{what} ({unit})" if what else unit


def _title(chart: FieldChart) -> str:
    above = title(chart.craft, chart.lunar_days, chart.start, chart.end)
    chosen = [series.chosen for panel in chart.panels for series in panel.series]
    if len(chosen) > 1:
        return above
    text = chosen[0].field.text or chosen[0].packet.text
    return f"{above}\n{chosen[0].name}: {text}"
