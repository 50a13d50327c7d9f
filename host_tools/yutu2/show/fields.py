"""Any fields of the dictionary over time, out of reports: which can be drawn, their values, and which share a panel.

Times are on-board times in seconds since 2019-01-01T00:00:00 UTC. `field_picture.py` draws them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from math import nan
from statistics import median
from typing import Any, NamedTuple

from yutu2.decode.fields import Report
from yutu2.dictionary.model import BOOL, NUMBERS, Dictionary, Field, Packet
from yutu2.dictionary.text import suggest
from yutu2.errors import WrongUse
from yutu2.firmware import EPOCH, borrow_sun
from yutu2.show.chart import craft_name
from yutu2.show.time_series import GAP_S, Line, Span

MAX_PANELS = 6
EXAMPLE = "HK_POWER.box_temperature"
_MEASURED_AT = "measured_at"  # field of a packet that comes long after what it reports
_LATE = 2.5  # times the usual interval: a report is missing
_LEAST_S = 60  # that a chart spans


class Kind(Enum):
    """How values are drawn: as numbers on an axis, as steps between labels, as true or false."""

    NUMBERS = 1
    LABELS = 2
    FLAGS = 3


class ChosenField(NamedTuple):
    """A field to draw, of a kind of packet."""

    packet: Packet
    field: Field

    @property
    def name(self) -> str:
        """Its name, as HK_POWER.box_temperature."""
        return f"{self.packet.name}.{self.field.name}"

    @property
    def kind(self) -> Kind:
        """How it is drawn."""
        if self.field.type == BOOL:
            return Kind.FLAGS
        return Kind.NUMBERS if self.field.labels is None else Kind.LABELS


@dataclass
class Series:
    """The values of a field, in the order received: numbers, raw ones of labels, 1 for true. runs: of the craft."""

    chosen: ChosenField
    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)

    @property
    def is_joined(self) -> bool:
        """Whether the values are joined by a line: those of a report that comes periodically."""
        return self.chosen.packet.period_s is not None

    def line(self) -> Line:
        """Return the values with a NaN after each that the next one does not follow as it should: after a gap in
        reception, or of another run.
        """
        limit = self._longest_interval()
        line = Line([], [])
        for place, (time, value) in enumerate(zip(self.times, self.values, strict=True)):
            if place and (self.runs[place] != self.runs[place - 1] or not 0 <= time - self.times[place - 1] <= limit):
                line.times.append(self.times[place - 1])
                line.values.append(nan)
            line.times.append(time)
            line.values.append(value)
        return line

    def alone(self) -> Line:
        """Return the values between two gaps, which a line would not show; all, where they are not joined."""
        if not self.is_joined:
            return Line(self.times, self.values)
        line = self.line()
        known = [False, *(value == value for value in line.values), False]  # NaN equals nothing
        alone = [place for place in range(len(line.times)) if known[place : place + 3] == [False, True, False]]
        return Line([line.times[place] for place in alone], [line.values[place] for place in alone])

    def _longest_interval(self) -> float:
        """Return the seconds between two reports of which none is missing. A command may change the period."""
        intervals = [after - before for before, after in pairwise(self.times) if after > before]
        usual = median(intervals) if intervals else 0
        return _LATE * max(usual, self.chosen.packet.period_s or 0)


@dataclass(frozen=True)
class Panel:
    """Fields that share an axis: all of a unit, all flags, or the one of an enumeration."""

    kind: Kind
    unit: str | None
    series: list[Series]


@dataclass(frozen=True)
class FieldChart:
    """Fields of one craft over time. silences: in which nothing at all was received from it for half an hour."""

    craft: str
    start: float
    end: float
    lunar_days: tuple[int, int]
    panels: list[Panel]
    silences: list[Span]


def drawable(dictionary: Dictionary) -> dict[str, ChosenField]:
    """Return all fields that can be drawn, by their names as HK_POWER.box_temperature.

    These are numbers, enumerations and flags of packets with a time; not lists, texts, times and identifiers.
    """
    fields = [
        ChosenField(packet, one)
        for packet in dictionary.packets + dictionary.events
        if packet.pdu is None and not packet.repeat
        for one in packet.fields
        if one.type in (*NUMBERS, BOOL) and one.count is None and one.bits is None and one.of is None
    ]
    return {chosen.name: chosen for chosen in fields}


def choose(names: Sequence[str], dictionary: Dictionary) -> list[ChosenField]:
    """Return the fields with these names, each once. Raises WrongUse for one that cannot be drawn."""
    known = drawable(dictionary)
    for name in names:
        if name not in known:
            raise WrongUse(f"{name}: {_why_not(name, dictionary, list(known))}")
    chosen = [known[name] for name in dict.fromkeys(names)]
    if (count := len(_groups(chosen))) > MAX_PANELS:
        raise WrongUse(
            f"these fields need {count} panels, one for each unit and each enumeration; give fields for at most "
            f"{MAX_PANELS}, and draw the others by themselves"
        )
    return chosen


def picture_name(names: Sequence[str]) -> str | None:
    """Return how the file of a picture of these fields is called by default; None: nobody would guess it."""
    if not names:
        return "chart.png"
    return f"{names[0]}.png" if len(names) == 1 else None


class FieldChartBuilder:
    """Collect the data of a chart of fields from reports.

    If a downlink has several craft, the first that sends these fields is shown. other_reports: number of reports with
    these fields of the others.
    """

    def __init__(self, names: Sequence[str], dictionary: Dictionary) -> None:
        """Choose the fields with these names. Raises WrongUse for one that cannot be drawn."""
        self.other_reports = 0
        self._dictionary = dictionary
        self._series = [Series(one) for one in choose(names, dictionary)]
        self._by_packet: dict[str | None, list[Series]] = {}
        for series in self._series:
            self._by_packet.setdefault(series.chosen.packet.name, []).append(series)
        self._spacecraft_id: int | None = None
        self._heard: dict[int, _Heard] = {}

    @property
    def lacking(self) -> str | None:
        """What is missing for a chart; None: nothing."""
        if any(series.times for series in self._series):
            return None
        return f"has no {' and no '.join(map(str, self._by_packet))}; yutu2 decode shows what came"

    @property
    def notes(self) -> list[str]:
        """What the reader of the picture should know."""
        missing = [f"{series.chosen.name}: nothing was received" for series in self._series if not series.times]
        return missing + [f"{self.other_reports:,} reports of another craft are not shown"] * bool(self.other_reports)

    def add(self, report: Report) -> None:
        """Take the next report."""
        if report.time is None or report.fields is None:
            return
        craft, time = report.packet.spacecraft_id, (report.time - EPOCH).total_seconds()
        if craft in self._heard:
            self._heard[craft].take(time)
        else:
            self._heard[craft] = _Heard(time, time)
        mine = self._by_packet.get(report.name)
        if mine is None:
            return
        if self._spacecraft_id is None:
            self._spacecraft_id = craft
        if craft != self._spacecraft_id:
            self.other_reports += 1
            return
        measured_at: Any = report.fields.get(_MEASURED_AT)
        if measured_at is not None:
            time = (measured_at - EPOCH).total_seconds()
            self._heard[craft].start = min(self._heard[craft].start, time)
        for series in mine:
            values: Any = report.raw if series.chosen.kind is Kind.LABELS else report.fields
            value = values[series.chosen.field.name]
            if value is not None:
                series.times.append(time)
                series.values.append(float(value))
                series.runs.append(report.run)

    def picture(self, kind: str) -> bytes:
        """Return the chart as a file of `kind`: png, pdf or svg."""
        from yutu2.show.field_picture import draw_field_chart  # imported late, because Matplotlib loads slowly

        return draw_field_chart(self.build(), kind)

    def build(self) -> FieldChart:
        """Return the chart of all reports so far; `lacking` must be None."""
        assert self._spacecraft_id is not None
        heard = self._heard[self._spacecraft_id]
        lunar_day = borrow_sun().lunar_day
        groups = _groups([series.chosen for series in self._series if series.times])
        series_of = {series.chosen.name: series for series in self._series}
        return FieldChart(
            craft=craft_name(self._dictionary, self._spacecraft_id),
            start=heard.start,
            end=max(heard.end, heard.start + _LEAST_S),
            lunar_days=(lunar_day(int(heard.start)), lunar_day(int(heard.end))),
            panels=[Panel(one[0].kind, one[0].field.unit, [series_of[each.name] for each in one]) for one in groups],
            silences=heard.silences,
        )


@dataclass
class _Heard:
    """When a craft was received."""

    start: float
    end: float
    silences: list[Span] = field(default_factory=list)

    def take(self, time: float) -> None:
        if time - self.end > GAP_S:
            self.silences.append(Span(self.end, time))
        self.start, self.end = min(self.start, time), max(self.end, time)


def _groups(chosen: Sequence[ChosenField]) -> list[list[ChosenField]]:
    """Return the fields by panel, in the order given."""
    groups: dict[object, list[ChosenField]] = {}
    for one in chosen:
        axis: dict[Kind, object] = {Kind.NUMBERS: one.field.unit, Kind.LABELS: one.name, Kind.FLAGS: None}
        groups.setdefault((one.kind, axis[one.kind]), []).append(one)
    return list(groups.values())


def _why_not(name: str, dictionary: Dictionary, known: list[str]) -> str:
    """Return why a name is none of `known`, and what to write."""
    packets = {packet.name: packet for packet in dictionary.packets + dictionary.events}
    packet, _, field_name = name.partition(".")
    if packet not in packets:
        same = [one for one in known if one.partition(".")[2] == name]
        near = suggest(name, known)
        if same:
            return f"a field is given with its packet; did you mean {' or '.join(same[:3])}?"
        if near.startswith("did"):
            return f"unknown field; {near}"
        near = suggest(packet, list(packets))
        advice = near if near.startswith("did") else "yutu2 dictionary list packets shows them"
        return f"unknown packet '{packet}'; {advice}; write PACKET.FIELD, as {EXAMPLE}"
    own = [one.partition(".")[2] for one in known if one.startswith(f"{packet}.")]
    if not own:
        return f"{packet} has no field that can be drawn; yutu2 dictionary list packets shows others"
    if not field_name:
        return f"a packet has several fields; choose from {', '.join(f'{packet}.{one}' for one in own)}"
    if field_name in [one.name for one in packets[packet].fields]:
        return f"is no number, enumeration or flag; choose from {', '.join(own)}"
    return f"unknown field '{field_name}' of {packet}; {suggest(field_name, own)}"
