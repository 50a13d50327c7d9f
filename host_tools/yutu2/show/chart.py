"""Data of the overview chart of a run, collected from reports."""

from bisect import bisect
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import ceil

from yutu2.decode.fields import Report
from yutu2.dictionary.behaviour import Monitor
from yutu2.dictionary.model import SEVERITIES, Dictionary
from yutu2.firmware import EPOCH, borrow_sun
from yutu2.mission.hibernation import is_sleep, is_waking
from yutu2.show.time_series import GAP_S, EventMark, HousekeepingSeries, Line, Span

MARGIN_S = 3600  # before sunrise and after sunset, if the chart starts or ends in hibernation
NEEDS: dict[str, Collection[str]] = {
    "HK_COMPUTER": ("mode", "sun_elevation"),
    "HK_POWER": (
        *("array_power", "load_power", "battery_charge"),
        *("ground_temperature", "box_temperature", "wing_temperature", "mast_temperature"),
    ),
    "HK_NIGHT": ("measured_at", "battery_charge"),
}
"""Fields that the overview is made of, by packet."""
_MARKED = (SEVERITIES["medium"], SEVERITIES["high"])
_MIN_SPAN_S = 60  # smallest time span of a chart
_SUN_POINTS = 600
_HOUR_S = 3600
_DEGREE = 360 / 2**20  # per unit of the binary angles of the Sun


@dataclass(frozen=True)
class Chart:
    """Describe one craft over time.

    computer, power, night: fields of HK_COMPUTER, HK_POWER and HK_NIGHT, the last by time of measurement. modes: from
    start to end, without a name where there is no telemetry. marks: events of medium and high severity. lunar_days: the
    first and the last with a report by day. monitors: of the dictionary.
    """

    craft: str
    start: float
    end: float
    lunar_days: tuple[int, int]
    computer: HousekeepingSeries
    power: HousekeepingSeries
    night: HousekeepingSeries
    modes: list[Span]
    marks: list[EventMark]
    monitors: tuple[Monitor, ...]

    @property
    def hibernation(self) -> list[Span]:
        """Return the spans of hibernation, from the event of sleep to the first telemetry after it."""
        return [span for span in self.modes if span.name == "DORMANT"]

    @property
    def nights(self) -> list[Span]:
        """Return the spans with the Sun below the level horizon, cut at the ends of the chart."""
        return nights_between(self.start, self.end)

    @property
    def first_sunrise(self) -> int:
        """Return the sunrise of the first lunar day with a report."""
        return int(borrow_sun().sunrise(self.lunar_days[0]))

    def computed_sun(self) -> Line:
        """Return the computed elevation of the Sun in degrees, from end to end, at least hourly."""
        sun = borrow_sun()
        points = max(_SUN_POINTS, ceil((self.end - self.start) / _HOUR_S))
        times = [self.start + (self.end - self.start) * point / points for point in range(points + 1)]
        return Line(times, [sun.sun(int(time))[0] * _DEGREE for time in times])

    def sensed_sun(self) -> Line:
        """Return the sensed elevation of the Sun in degrees."""
        return self.computer.line("sun_elevation", self.computer.breaks())

    def housekeeping_line(self, name: str) -> Line:
        """Return a field of HK_POWER."""
        return self.power.line(name, self.power.breaks())

    def night_line(self, name: str) -> Line:
        """Return a field of HK_NIGHT; each night is a line of its own, however far apart its points are."""
        by_day = sorted(self.power.times)
        nights = [bisect(by_day, time) for time in self.night.times]
        return self.night.line(name, {index for index in range(1, len(nights)) if nights[index] != nights[index - 1]})

    def monitor_limits(self, parameter: str) -> list[float]:
        """Return the limits of the craft's monitors for a parameter in tenths, in whole units."""
        monitors = [monitor for monitor in self.monitors if monitor.parameter == parameter]
        return [limit / 10 for monitor in monitors for limit in (monitor.low, monitor.high) if limit is not None]


class ChartBuilder:
    """Collect the data of a chart from reports. dictionary: that decodes them.

    If a downlink has several craft, the first one is shown. other_reports: number of reports of the others.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.other_reports = 0
        self._dictionary = dictionary
        self._spacecraft_id: int | None = None
        self._computer, self._power, self._night = HousekeepingSeries(), HousekeepingSeries(), HousekeepingSeries()
        self._modes: list[tuple[float, str]] = []  # (start, mode) as reported
        self._marks: list[EventMark] = []
        self._starts_dormant = False

    @property
    def lacking(self) -> str | None:
        """Return what is missing for a chart; None if nothing is."""
        if self._power.times:
            return None
        return (
            "has no HK_POWER, the report of power and heat that a chart is made of; an awake craft sends it every 5 "
            "minutes: receive it for longer"
        )

    @property
    def notes(self) -> list[str]:
        """Return what the reader of the picture should know."""
        return [f"{self.other_reports:,} reports of another craft are not shown"] * bool(self.other_reports)

    def picture(self, kind: str) -> bytes:
        """Return the chart as a file of `kind`: png, pdf or svg."""
        from yutu2.show.chart_picture import draw_chart  # imported late, because Matplotlib loads slowly

        return draw_chart(self.build(), kind)

    def add(self, report: Report) -> None:
        """Add the next report."""
        if report.time is None or report.fields is None or report.service is None:
            return
        if self._spacecraft_id is None:
            self._spacecraft_id = report.packet.spacecraft_id
        if report.packet.spacecraft_id != self._spacecraft_id:
            self.other_reports += 1
            return
        time = (report.time - EPOCH).total_seconds()
        values = {name: value for name, value in report.fields.items() if isinstance(value, (int, float))}
        if report.service == 5:
            self._add_event(time, report)
        elif report.name == "HK_NIGHT":
            measured_at = report.fields["measured_at"]
            assert isinstance(measured_at, datetime)
            self._night.add((measured_at - EPOCH).total_seconds(), values)
        elif report.name == "HK_POWER":
            self._power.add(time, values)
        elif report.name == "HK_COMPUTER":
            self._computer.add(time, values)
            if self._modes[-1:] != [(time, "DORMANT")]:  # otherwise the report is from just before the sleep
                self._modes.append((time, str(report.fields["mode"])))

    def build(self) -> Chart:
        """Return the chart of all reports so far, which must include an HK_POWER."""
        sun = borrow_sun()
        reported = [*self._computer.times, *self._power.times, *(mark.time for mark in self._marks)]
        reported += [time for time, _ in self._modes]
        start, end = min(reported + self._night.times), max(reported)
        end = max(end, start + _MIN_SPAN_S)
        lunar_days = sun.lunar_day(int(min(reported))), sun.lunar_day(int(end))
        if self._starts_dormant:
            start = min(start, sun.sunrise(lunar_days[0]) - MARGIN_S)
        if self._modes and self._modes[-1][1] == "DORMANT":
            end = max(end, sun.sunset(lunar_days[1]) + MARGIN_S)
        begin = [(start, "DORMANT" if self._starts_dormant else None)]
        return Chart(
            craft=craft_name(self._dictionary, self._spacecraft_id),
            start=start,
            end=end,
            lunar_days=lunar_days,
            computer=self._computer,
            power=self._power,
            night=self._night,
            modes=_spans([*begin, *self._modes, (end, None)]),
            marks=self._marks,
            monitors=self._dictionary.monitors,
        )

    def _add_event(self, time: float, report: Report) -> None:
        name = report.name or ""
        if report.subservice in _MARKED:
            self._marks.append(EventMark(time, name, report.subservice))
        if is_sleep(name, self._dictionary):
            self._modes.append((time, "DORMANT"))
        elif is_waking(name, self._dictionary):
            # The first housekeeping may be sent a little before the event
            self._starts_dormant |= all(time - reported <= GAP_S for reported, _ in self._modes[:1])
            self._modes.append((time, "WAKING"))


def nights_between(start: float, end: float) -> list[Span]:
    """Return the spans with the Sun below the level horizon from `start` to `end`."""
    sun = borrow_sun()
    days = range(sun.lunar_day(int(start)), sun.lunar_day(int(end)) + 1)
    nights = (Span(max(start, sun.sunset(day)), min(end, sun.sunrise(day + 1))) for day in days)
    return [night for night in nights if night.start < night.end]


def craft_name(dictionary: Dictionary, spacecraft_id: int | None) -> str:
    """Return the name of a craft in a dictionary; without one, its identifier."""
    names = [name for name, definition in dictionary.craft.items() if definition["spacecraft"] == spacecraft_id]
    return names[0] if names else f"spacecraft {spacecraft_id}"


def _spans(reported: Sequence[tuple[float, str | None]]) -> list[Span]:
    """Return the span of each mode until the next report; a gap ends any but DORMANT. Equal neighbours are joined."""
    spans: list[Span] = []
    for (time, mode), (until, _) in pairwise(reported):
        name = mode if until - time <= GAP_S or mode == "DORMANT" else None
        if spans and (spans[-1].name, spans[-1].end) == (name, time):
            spans[-1] = Span(spans[-1].start, until, name)
        elif until > time:
            spans.append(Span(time, until, name))
    return spans
