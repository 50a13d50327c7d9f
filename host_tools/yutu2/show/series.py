"""What a chart is made of: values over time, stretches of time, moments.

Times are seconds since 2019-01-01T00:00:00 UTC.
"""

from dataclasses import dataclass, field
from math import nan
from typing import NamedTuple

GAP_S = 1800  # of silence: no line is drawn across


class Line(NamedTuple):
    """A line to draw; a NaN among the values breaks it."""

    times: list[float]
    values: list[float]


@dataclass
class Track:
    """One kind of housekeeping over time, in the order told. columns: engineering values by the field's name."""

    times: list[float] = field(default_factory=list)
    columns: dict[str, list[float]] = field(default_factory=dict)

    def add(self, time: float, values: dict[str, float]) -> None:
        """Adds one report; all have the same fields."""
        self.times.append(time)
        for name, value in values.items():
            self.columns.setdefault(name, []).append(value)

    def breaks(self) -> set[int]:
        """Indexes of the reports that are not joined to the one before: silence lies between, or time went back."""
        return {
            index for index in range(1, len(self.times)) if not 0 <= self.times[index] - self.times[index - 1] <= GAP_S
        }

    def line(self, name: str, breaks: set[int]) -> Line:
        """A column as a line that is broken before the indexes `breaks`."""
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
    """A stretch of time. name: a mode, or None where nothing was told."""

    start: float
    end: float
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """An event. severity: 3 medium, 4 high."""

    time: float
    name: str
    severity: int
