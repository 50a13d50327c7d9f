"""What pictures over time have in common: Matplotlib's axis of UTC, and the title."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

from yutu2.firmware import EPOCH, to_datetime

_DAY_S = 86400
_EPOCH_D = float(date2num(EPOCH))
# For years, months, days, hours, minutes, seconds: at each tick, at the first of a greater unit, at the end of the axis
_DATES: dict[str, Any] = {
    "formats": ["%Y", "%b", "%d %b", "%H:%M", "%H:%M", "%H:%M:%S"],
    "zero_formats": ["", "%b %Y", "%d %b", "%d %b", "%H:%M", "%H:%M"],
    "offset_formats": ["", "", "%Y", "%d %b %Y", "%d %b %Y", "%d %b %Y"],
}


def days(time: float) -> float:
    """Return a time, in seconds since 2019-01-01T00:00:00 UTC, in Matplotlib's days."""
    return _EPOCH_D + time / _DAY_S


def draw_time(panel: Axes, start: float, end: float) -> None:
    """Draw the axis of time below a panel."""
    panel.set_xlim(days(start), days(end))
    locator = AutoDateLocator(minticks=6, maxticks=16, interval_multiples=False)
    panel.xaxis.set_major_locator(locator)
    panel.xaxis.set_major_formatter(ConciseDateFormatter(locator, **_DATES))
    panel.set_xlabel("UTC, by on-board time")


def title(craft: str, lunar_days: tuple[int, int], start: float, end: float) -> str:
    """Return the title of a picture of a craft from `start` to `end`."""
    first, last = lunar_days
    told = f"lunar day {first}" if first == last else f"lunar days {first} to {last}"
    dates = [f"{to_datetime(int(time)):%Y-%m-%d}" for time in (start, end)]
    return f"Yutu-2 rover emulator: {craft}, {told}, {' to '.join(dict.fromkeys(dates))}"
