"""Data of a chart: values over time, spans of time, events. Times are seconds since 2019-01-01T00:00:00 UTC."""

from dataclasses import dataclass, field
from math import nan
from typing import NamedTuple

GAP_S = 1800  # without telemetry; no line is drawn across a longer gap


class Line(NamedTuple):
    """Represent a line to draw; a NaN among its values breaks it."""

    times: list[float]
    values: list[float]


@dataclass
class HousekeepingSeries:
    """Hold the reports of one housekeeping packet, in the order received.

    times: of the reports. columns: engineering values by field name.
    """

    times: list[float] = field(default_factory=list)
    columns: dict[str, list[float]] = field(default_factory=dict)

    def add(self, time: float, values: dict[str, float]) -> None:
        """Add one report; all have the same fields."""
        self.times.append(time)
        for name, value in values.items():
            self.columns.setdefault(name, []).append(value)

    def breaks(self) -> set[int]:
        """Return the indexes of reports after a gap, or after a step back in time: no line leads to them."""
        return {
            index for index in range(1, len(self.times)) if not 0 <= self.times[index] - self.times[index - 1] <= GAP_S
        }

    def line(self, name: str, breaks: set[int]) -> Line:
        """Return a column as a line that is broken before the indexes `breaks`."""
        line = Line([], [])
        for index, (time, value) in enumerate(zip(self.times, self.columns.get(name, []), strict=False)):
            if index in breaks:
                line.times.append(time)
                line.values.append(nan)
            line.times.append(time)
            line.values.append(value)
        return line


@dataclass(frozen=True, slots=True)
class Span:
    """Represent a span of time. name: of a mode; None without telemetry."""

    start: float
    end: float
    name: str | None = None


@dataclass(frozen=True, slots=True)
class EventMark:
    """Represent an event. severity: 3 medium, 4 high."""

    time: float
    name: str
    severity: int
