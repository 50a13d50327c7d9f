"""The way of a rover, out of its reports: where it stopped, in truth and as it believed, and what came of it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from math import atan2, degrees, hypot
from typing import Any

from yutu2.decode.fields import Report
from yutu2.decode.records import iso
from yutu2.firmware import borrow_sun, to_seconds

HEADING = f"  {'stop':>4}  {'UTC':19}  {'east m':>8}  {'north m':>8}  {'heading':>7}  {'driven m':>8}  {'off m':>5}"

NEEDS: dict[str, Collection[str]] = {
    "HK_DRIVE": ("east", "north", "odometer"),
    "HK_STOP": ("stop", "odometer", "east", "north", "heading", "true_east", "true_north", "true_heading"),
}
"""Fields that a traverse is made of, by their packet."""

_COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop, as HK_STOP tells it. Places in metres of the lander, headings in degrees from north by east.

    odometer: metres since the landing, by the wheels. parks: on the way to the place where it sleeps.
    """

    time: datetime
    number: int
    odometer: float
    east: float
    north: float
    heading: float
    true_east: float
    true_north: float
    true_heading: float
    parks: bool

    @property
    def off(self) -> float:
        """How far the rover is from where it believes to be, in metres."""
        return hypot(self.east - self.true_east, self.north - self.true_north)


@dataclass(frozen=True, slots=True)
class Hazard:
    """A stop before a hazard, in truth. what: the event's text."""

    time: datetime
    true_east: float
    true_north: float
    what: str


@dataclass(frozen=True, slots=True)
class Way:
    """A way of a rover. begin: east, north, odometer, as it believed before its first drive. stops: one at least."""

    begin: tuple[float, float, float]
    stops: list[Stop]
    hazards: list[Hazard]

    @property
    def work(self) -> list[Stop]:
        """The stops until it parks."""
        return [stop for stop in self.stops if not stop.parks]

    @property
    def lunar_days(self) -> tuple[int, int]:
        """Of the first stop and of the last."""
        lunar_day = borrow_sun().lunar_day
        return lunar_day(to_seconds(self.stops[0].time)), lunar_day(to_seconds(self.stops[-1].time))

    @property
    def driven(self) -> float:
        """Metres by the wheels, parking and all."""
        return self.stops[-1].odometer - self.begin[2]

    @property
    def moved(self) -> tuple[float, float]:
        """(metres, degrees from north by east) from its begin straight to its last stop at work, in truth."""
        last = self.work[-1] if self.work else self.stops[0]
        east, north = last.true_east - self.begin[0], last.true_north - self.begin[1]
        return hypot(east, north), degrees(atan2(east, north)) % 360

    def lines(self) -> list[str]:
        """What a reader should know: the sums, a line a stop under a heading, and how good the odometry was."""
        away, bearing = self.moved
        stops = f"{len(self.stops)} stop{'s' if len(self.stops) > 1 else ''}"
        hazards = f", {len(self.hazards)} of them before a hazard" if self.hazards else ""
        last = self.stops[-1]
        share = f", {100 * last.off / self.driven:.1f} % of the way" if self.driven else ""
        return [
            f"Driven: {self.driven:.1f} m by the wheels, {stops}{hazards}; at work {away:.1f} m to the "
            f"{compass(bearing)} ({bearing:.0f} deg), in truth.",
            HEADING,
            *[
                f"  {stop.number:4}  {stop.time:%Y-%m-%d %H:%M:%S}  {stop.true_east:8.2f}  {stop.true_north:8.2f}  "
                f"{stop.true_heading:7.1f}  {stop.odometer - self.begin[2]:8.2f}  {stop.off:5.2f}"
                f"{'  parking' if stop.parks else ''}"
                for stop in self.stops
            ],
            f"Odometry: {last.off:.2f} m off the truth at the end{share}.",
        ]

    def summary(self) -> dict[str, Any]:
        """The same for `summary.json`."""
        away, bearing = self.moved
        return {
            "driven_m": round(self.driven, 3),
            "moved_m": round(away, 3),
            "bearing_deg": round(bearing, 1),
            "odometry_off_m": round(self.stops[-1].off, 3),
            "hazard_stops": len(self.hazards),
            "stops": [asdict(stop) | {"time": iso(stop.time)} for stop in self.stops],
        }


class WayMaker:
    """Makes the way out of reports, in the order told."""

    def __init__(self) -> None:
        self._begin: tuple[float, float, float] | None = None
        self._stops: list[Stop] = []
        self._hazards: list[tuple[datetime, str]] = []
        self._parks = False

    def add(self, report: Report) -> None:
        """Takes one report."""
        if report.time is None or report.fields is None:
            return
        fields: dict[str, Any] = report.fields
        match report.name:
            case "HK_DRIVE" if self._begin is None:
                self._begin = fields["east"], fields["north"], fields["odometer"]
            case "HK_STOP":
                poses = ("east", "north", "heading", "true_east", "true_north", "true_heading")
                pose = {name: fields[name] for name in poses}
                number, odometer = fields["stop"], fields["odometer"]
                self._stops.append(Stop(report.time, number, odometer, parks=self._parks, **pose))
            case "HAZARD_STOP":
                self._hazards.append((report.time, (report.text or "").format(**fields)))
            case "PARKING_START":
                self._parks = True
            case "ROVER_WAKE":
                self._parks = False
            case _:
                pass

    def way(self) -> Way | None:
        """None: no stop was told."""
        if not self._stops:
            return None
        first = self._stops[0]
        begin = self._begin or (first.true_east, first.true_north, first.odometer)
        places = {stop.time: stop for stop in self._stops}
        hazards = [
            Hazard(time, places[time].true_east, places[time].true_north, what)
            for time, what in self._hazards
            if time in places
        ]
        return Way(begin, self._stops, hazards)


def compass(bearing: float) -> str:
    """The nearest of eight directions, in words; bearing: in degrees from north by east."""
    return _COMPASS[round(bearing / 45) % 8]
