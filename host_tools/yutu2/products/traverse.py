"""The traverse of a rover from its telemetry: stops, true and estimated poses, hazard stops."""

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
    """Describe one stop, from HK_STOP.

    time (UTC). number: of the stop. odometer (m): distance driven since the landing, from wheel odometry. east, north
    (m, from the lander), heading (deg, from north by east): the pose that the rover estimates. true_east, true_north,
    true_heading: the true pose. parks: the rover is driving to the place where it hibernates.
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
    def odometry_error(self) -> float:
        """Return the distance between the estimated and the true position, in metres."""
        return hypot(self.east - self.true_east, self.north - self.true_north)


@dataclass(frozen=True, slots=True)
class Hazard:
    """Describe one stop for a hazard.

    true_east, true_north (m, from the lander): the true position. what: text of the event HAZARD_STOP.
    """

    time: datetime
    true_east: float
    true_north: float
    what: str


@dataclass(frozen=True, slots=True)
class Traverse:
    """Describe the traverse of a rover.

    begin (east m, north m, odometer m): the estimate before the first drive. stops: at least one, in order. hazards: in
    order.
    """

    begin: tuple[float, float, float]
    stops: list[Stop]
    hazards: list[Hazard]

    @property
    def working_stops(self) -> list[Stop]:
        """Return the stops before the drive to the parking place."""
        return [stop for stop in self.stops if not stop.parks]

    @property
    def lunar_days(self) -> tuple[int, int]:
        """Return the lunar days of the first and of the last stop."""
        lunar_day = borrow_sun().lunar_day
        return lunar_day(to_seconds(self.stops[0].time)), lunar_day(to_seconds(self.stops[-1].time))

    @property
    def driven(self) -> float:
        """Return the distance driven in metres, from wheel odometry, parking included."""
        return self.stops[-1].odometer - self.begin[2]

    @property
    def displacement(self) -> tuple[float, float]:
        """Return the displacement before parking, as (metres, degrees from north by east).

        It is measured from the estimated start to the true position of the last working stop.
        """
        last = self.working_stops[-1] if self.working_stops else self.stops[0]
        east, north = last.true_east - self.begin[0], last.true_north - self.begin[1]
        return hypot(east, north), degrees(atan2(east, north)) % 360

    def lines(self) -> list[str]:
        """Return the traverse as text lines: totals, a table of the stops, and the odometry error."""
        away, bearing = self.displacement
        stops = f"{len(self.stops)} stop{'s' if len(self.stops) > 1 else ''}"
        hazards = f", {len(self.hazards)} of them at a hazard" if self.hazards else ""
        last = self.stops[-1]
        share = f", {100 * last.odometry_error / self.driven:.1f} % of the distance" if self.driven else ""
        return [
            f"Driven: {self.driven:.1f} m by the wheels, {stops}{hazards}; {away:.1f} m to the "
            f"{compass_direction(bearing)} ({bearing:.0f} deg) before parking.",
            HEADING,
            *[
                f"  {stop.number:4}  {stop.time:%Y-%m-%d %H:%M:%S}  {stop.true_east:8.2f}  {stop.true_north:8.2f}  "
                f"{stop.true_heading:7.1f}  {stop.odometer - self.begin[2]:8.2f}  {stop.odometry_error:5.2f}"
                f"{'  parking' if stop.parks else ''}"
                for stop in self.stops
            ],
            f"Odometry error at the end: {last.odometry_error:.2f} m{share}.",
        ]

    def summary(self) -> dict[str, Any]:
        """Return the same for `summary.json`."""
        away, bearing = self.displacement
        return {
            "driven_m": round(self.driven, 3),
            "moved_m": round(away, 3),
            "bearing_deg": round(bearing, 1),
            "odometry_off_m": round(self.stops[-1].odometry_error, 3),
            "hazard_stops": len(self.hazards),
            "stops": [asdict(stop) | {"time": iso(stop.time)} for stop in self.stops],
        }


class TraverseBuilder:
    """Collect a traverse from reports, in the order received."""

    def __init__(self) -> None:
        self._begin: tuple[float, float, float] | None = None
        self._stops: list[Stop] = []
        self._hazards: list[tuple[datetime, str]] = []
        self._is_parking = False

    def add(self, report: Report) -> None:
        """Add one report; reports of other kinds are ignored."""
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
                self._stops.append(Stop(report.time, number, odometer, parks=self._is_parking, **pose))
            case "HAZARD_STOP":
                self._hazards.append((report.time, (report.text or "").format(**fields)))
            case "PARKING_START":
                self._is_parking = True
            case "ROVER_WAKE":
                self._is_parking = False
            case _:
                pass

    def build(self) -> Traverse | None:
        """Return the traverse so far; None without a stop."""
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
        return Traverse(begin, self._stops, hazards)


def compass_direction(bearing: float) -> str:
    """Return the name of the nearest of eight directions. bearing: degrees from north by east."""
    return _COMPASS[round(bearing / 45) % 8]
