"""The calendar: when our craft wake and sleep, beside when the real ones did."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from statistics import fmean

from yutu2.decode.fields import pus_type
from yutu2.decode.records import iso
from yutu2.decode.telemetry import TelemetryDecoder, read_telemetry
from yutu2.dictionary.model import load
from yutu2.firmware import borrow_sun, to_seconds
from yutu2.line.source import Port, open_port, read_port
from yutu2.mission.published import Published, published_events
from yutu2.runs.run import run_url
from yutu2.runs.timeline import BEIJING

CRAFT = ("rover", "lander")
_START = datetime(2019, 1, 4, tzinfo=UTC)  # lunar day 1 begins awake; its first event is the nap
# Before lunar day 19 the lander was put to sleep by another rule, together with the rover
_LANDER_RULE_FROM = 19


@dataclass(frozen=True, slots=True)
class Row:
    """A published event and ours of the same lunar day."""

    real: Published
    ours: datetime

    @property
    def error_h(self) -> float:
        """Hours by which ours comes later."""
        return (self.ours - self.real.time).total_seconds() / 3600

    @property
    def judged(self) -> bool:
        """Whether the rule is judged by it."""
        by_rule = (self.real.craft, self.real.event) != ("lander", "sleep") or self.real.lunar_day >= _LANDER_RULE_FROM
        return self.real.trusted and by_rule

    def line(self) -> str:
        """One line of the table: lunar day, craft, event, both times in Beijing time, hours between, remark."""
        real = self.real.time.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
        ours = self.ours.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
        remark = (
            "" if self.judged else "  not judged: " + (self.real.note or "asleep by another rule before lunar day 19")
        )
        return (
            f"  {self.real.lunar_day:3}  {self.real.craft:6}  {self.real.event:5}  {real}  {ours}  "
            f"{self.error_h:+6.2f}{remark}"
        )


@dataclass(frozen=True, slots=True)
class Score:
    """How well a rule does over its judged rows: hours."""

    craft: str
    event: str
    rows: int
    mean_error_h: float
    largest_error_h: float


HEADING = f"  {'day':>3}  {'craft':6}  {'event':5}  {'real (Beijing)':16}  {'ours (Beijing)':16}  {'ours-real/h':>6}"


def calendar(seed: int, on_time: Callable[[str, datetime], None] = lambda craft, time: None) -> list[Row]:
    """Lets both craft live from the landing past the last published event; one row for each published wake and sleep.

    on_time is called with a craft and how far its mission is.
    """
    last = max(event.time for event in published_events())
    days = (last - _START).days + 15
    with ExitStack() as stack:
        ports = {}
        for craft in CRAFT:
            options = {"craft": craft, "start": iso(_START)[:19], "days": str(days), "seed": str(seed)}
            ports[craft] = open_port(run_url("unix", options)[0])
            stack.callback(ports[craft].close)
        # Both live at once; while one is heard, the other's line makes it wait
        ours = {craft: _wakes_and_sleeps(port, partial(on_time, craft)) for craft, port in ports.items()}
    rows = []
    for real in published_events():
        time = ours[real.craft].get((real.lunar_day, f"{real.craft}_{real.event}".upper()))
        if time is not None:
            rows.append(Row(real, time))
    return rows


def _wakes_and_sleeps(port: Port, on_time: Callable[[datetime], None]) -> dict[tuple[int, str], datetime]:
    """The time of each event that a rover tells, by lunar day and name."""
    sun = borrow_sun()
    decoder = TelemetryDecoder(load(), is_wanted=lambda packet: pus_type(packet) != (3, 25))
    events = {}
    for reports in read_telemetry(read_port(port), decoder):
        for report in reports:
            if report.time:
                on_time(report.time)
            if report.service == 5 and report.name and report.time:
                events[sun.lunar_day(to_seconds(report.time)), report.name] = report.time
    return events


def scores(rows: list[Row]) -> list[Score]:
    """The mean and largest absolute error of each craft's wakes and sleeps, over the judged rows."""
    result = []
    for event in ("wake", "sleep"):
        for craft in CRAFT:
            errors = [
                abs(row.error_h) for row in rows if (row.real.craft, row.real.event) == (craft, event) and row.judged
            ]
            if errors:
                result.append(Score(craft, event, len(errors), fmean(errors), max(errors)))
    return result
