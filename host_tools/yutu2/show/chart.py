"""What a chart of a run shows: series, modes, silence and events, out of telemetry alone. `picture.py` draws it.

Times are on-board times in seconds since 2019-01-01T00:00:00 UTC.
"""

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
from yutu2.show.series import GAP_S, Line, Mark, Span, Track

MARGIN_S = 3600  # shown before sunrise and after sunset, where the chart begins or ends with a sleeping craft
NEEDS: dict[str, Collection[str]] = {
    "HK_COMPUTER": ("mode", "sun_elevation"),
    "HK_POWER": (
        *("array_power", "load_power", "battery_charge"),
        *("ground_temperature", "box_temperature", "wing_temperature", "mast_temperature"),
    ),
    "HK_NIGHT": ("measured_at", "battery_charge"),
}
"""Fields that the overview is made of, by their packet."""
_MARKED = (SEVERITIES["medium"], SEVERITIES["high"])
_LEAST_S = 60  # that a chart spans
_SUN_POINTS = 600
_HOUR_S = 3600
_DEGREE = 360 / 2**20  # of the Sun's binary angles


@dataclass(frozen=True)
class Chart:
    """One craft over time.

    computer, power, night: fields of HK_COMPUTER, HK_POWER and HK_NIGHT, the last by the time of measurement.
    modes: from start to end, without a name where none was told. marks: events of medium and high severity.
    lunar_days: the first and the last with a report by day. monitors: of the dictionary.
    """

    craft: str
    start: float
    end: float
    lunar_days: tuple[int, int]
    computer: Track
    power: Track
    night: Track
    modes: list[Span]
    marks: list[Mark]
    monitors: tuple[Monitor, ...]

    @property
    def silent(self) -> list[Span]:
        """Dormancy, from the event of sleep to the first word after it."""
        return [span for span in self.modes if span.name == "DORMANT"]

    @property
    def dark(self) -> list[Span]:
        """The Sun is below the level horizon; cut at the chart's ends."""
        return dark_between(self.start, self.end)

    @property
    def first_sunrise(self) -> int:
        """Of the first lunar day with a report."""
        return int(borrow_sun().sunrise(self.lunar_days[0]))

    def true_sun(self) -> Line:
        """The computed elevation of the Sun in degrees, from end to end, at least hourly."""
        sun = borrow_sun()
        points = max(_SUN_POINTS, ceil((self.end - self.start) / _HOUR_S))
        times = [self.start + (self.end - self.start) * point / points for point in range(points + 1)]
        return Line(times, [sun.sun(int(time))[0] * _DEGREE for time in times])

    def sensed_sun(self) -> Line:
        """The sensed elevation of the Sun in degrees."""
        return self.computer.line("sun_elevation", self.computer.breaks())

    def told_by_day(self, name: str) -> Line:
        """A field of HK_POWER."""
        return self.power.line(name, self.power.breaks())

    def told_of_night(self, name: str) -> Line:
        """A field of HK_NIGHT; each night is a line of its own, however far apart its points are."""
        by_day = sorted(self.power.times)
        nights = [bisect(by_day, time) for time in self.night.times]
        return self.night.line(name, {index for index in range(1, len(nights)) if nights[index] != nights[index - 1]})

    def limits(self, parameter: str) -> list[float]:
        """Return what the craft's monitors hold a parameter of tenths to, in whole units."""
        monitors = [monitor for monitor in self.monitors if monitor.parameter == parameter]
        return [limit / 10 for monitor in monitors for limit in (monitor.low, monitor.high) if limit is not None]


class ChartMaker:
    """Makes a chart of reports as they come. dictionary: that these are decoded with.

    Of several craft in one downlink the first that tells of itself is shown; others: how many reports the rest sent.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.others = 0
        self._dictionary = dictionary
        self._spacecraft_id: int | None = None
        self._computer, self._power, self._night = Track(), Track(), Track()
        self._modes: list[tuple[float, str]] = []  # since when, as told
        self._marks: list[Mark] = []
        self._begins_dormant = False

    @property
    def lacking(self) -> str | None:
        """What is missing for a chart; None: nothing."""
        if self._power.times:
            return None
        return (
            "has no HK_POWER, the report of power and heat that a chart is made of; an awake craft sends it every 5 "
            "minutes: receive it for longer"
        )

    @property
    def notes(self) -> list[str]:
        """What the reader of the picture should know."""
        return [f"{self.others:,} reports of another craft are not shown"] * bool(self.others)

    def picture(self, kind: str) -> bytes:
        """Return the chart as a file of `kind`: png, pdf or svg."""
        from yutu2.show.picture import picture  # with Matplotlib, which takes its time

        return picture(self.chart(), kind)

    def add(self, report: Report) -> None:
        """Takes the next report."""
        if report.time is None or report.fields is None or report.service is None:
            return
        if self._spacecraft_id is None:
            self._spacecraft_id = report.packet.spacecraft_id
        if report.packet.spacecraft_id != self._spacecraft_id:
            self.others += 1
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
            if self._modes[-1:] != [(time, "DORMANT")]:  # else it is of just before the sleep
                self._modes.append((time, str(report.fields["mode"])))

    def chart(self) -> Chart:
        """The chart of all reports so far; there must be one of HK_POWER."""
        sun = borrow_sun()
        told = [*self._computer.times, *self._power.times, *(mark.time for mark in self._marks)]
        told += [time for time, _ in self._modes]
        start, end = min(told + self._night.times), max(told)
        end = max(end, start + _LEAST_S)
        lunar_days = sun.lunar_day(int(min(told))), sun.lunar_day(int(end))
        if self._begins_dormant:
            start = min(start, sun.sunrise(lunar_days[0]) - MARGIN_S)
        if self._modes and self._modes[-1][1] == "DORMANT":
            end = max(end, sun.sunset(lunar_days[1]) + MARGIN_S)
        begin = [(start, "DORMANT" if self._begins_dormant else None)]
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
            self._marks.append(Mark(time, name, report.subservice))
        if is_sleep(name, self._dictionary):
            self._modes.append((time, "DORMANT"))
        elif is_waking(name, self._dictionary):
            # Housekeeping may come a little before the event
            self._begins_dormant |= all(time - told <= GAP_S for told, _ in self._modes[:1])
            self._modes.append((time, "WAKING"))


def dark_between(start: float, end: float) -> list[Span]:
    """Return when the Sun is below the level horizon from `start` to `end`."""
    sun = borrow_sun()
    days = range(sun.lunar_day(int(start)), sun.lunar_day(int(end)) + 1)
    nights = (Span(max(start, sun.sunset(day)), min(end, sun.sunrise(day + 1))) for day in days)
    return [night for night in nights if night.start < night.end]


def craft_name(dictionary: Dictionary, spacecraft_id: int | None) -> str:
    """Return the name that a dictionary has for a craft; else its identifier."""
    names = [name for name, conduct in dictionary.craft.items() if conduct["spacecraft"] == spacecraft_id]
    return names[0] if names else f"spacecraft {spacecraft_id}"


def _spans(told: Sequence[tuple[float, str | None]]) -> list[Span]:
    """Each mode until the next word; dormancy alone outlasts a gap. Neighbours of one name are one span."""
    spans: list[Span] = []
    for (time, mode), (until, _) in pairwise(told):
        name = mode if until - time <= GAP_S or mode == "DORMANT" else None
        if spans and (spans[-1].name, spans[-1].end) == (name, time):
            spans[-1] = Span(spans[-1].start, until, name)
        elif until > time:
            spans.append(Span(time, until, name))
    return spans
