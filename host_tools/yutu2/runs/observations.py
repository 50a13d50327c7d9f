"""What the instruments observed and when, out of their housekeeping; and when several did at the same time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from yutu2.decode.fields import Report
from yutu2.decode.records import iso
from yutu2.dictionary.model import Dictionary
from yutu2.firmware import borrow_sun, to_datetime, to_seconds

HEADING = f"  {'UTC':19}  {'for':>8}  {'what':14}  {'records':>7}  {'KiB':>8}  state"
TOGETHER = ("VNIS", "ASAN", "LPR")  # that the notice tells to observe at the same time, near noon

_UNKNOWN = "-"
_ENDED = ("OFF", "STANDBY", "FAULTY")  # states in which an instrument observes no more


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation. activity, step: of the plan, None where its begin was not heard. end: None while it goes on.

    records, octets: as last told. state: OPEN, WHOLE or PARTIAL; reason: why it is partial.
    """

    instrument: str
    activity: str | None
    step: int | None
    begin: datetime
    end: datetime | None = None
    records: int = 0
    octets: int = 0
    state: str = "OPEN"
    reason: str | None = None

    def line(self) -> str:
        """For a table under HEADING."""
        lasted = self.end - self.begin if self.end else None
        state = f"{self.state}, {self.reason}" if self.reason else self.state
        return (
            f"  {self.begin:%Y-%m-%d %H:%M:%S}  {_hours(lasted):>8}  {self.activity or self.instrument:14}  "
            f"{self.records:7,}  {self.octets / 1024:8.1f}  {state}"
        )

    def summary(self) -> dict[str, Any]:
        """For `summary.json`."""
        return {
            "activity": self.activity,
            "step": self.step,
            "begin": iso(self.begin),
            "end": iso(self.end) if self.end else None,
            "records": self.records,
            "octets": self.octets,
            "state": self.state,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Together:
    """A time in which all instruments of TOGETHER observed."""

    begin: datetime
    end: datetime

    @property
    def after_noon(self) -> timedelta:
        """From the noon of its lunar day to its middle; below zero before noon."""
        middle, sun = self.begin + (self.end - self.begin) / 2, borrow_sun()
        day = sun.lunar_day(to_seconds(middle))
        return middle - to_datetime((sun.sunrise(day) + sun.sunset(day)) // 2)

    def line(self) -> str:
        """For a person."""
        days = self.after_noon / timedelta(days=1)
        *others, last = TOGETHER
        return (
            f"{', '.join(others)} and {last} together: {self.begin:%Y-%m-%d %H:%M:%S}, for "
            f"{_hours(self.end - self.begin)}, {abs(days):.1f} Earth days {'before' if days < 0 else 'after'} noon."
        )

    def summary(self) -> dict[str, Any]:
        """For `summary.json`."""
        hours = self.after_noon / timedelta(hours=1)
        return {"begin": iso(self.begin), "end": iso(self.end), "hours_after_noon": round(hours, 1)}


class ObservationMaker:
    """Makes observations out of reports, in the order told. dictionary: that these are decoded with."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._instruments = dictionary.enums["instrument"]
        self._of_activity = {activity.name: activity.instrument for activity in dictionary.activities}
        self._of_product = {product.name: product.instrument for product in dictionary.products}
        self._observations: list[Observation] = []
        self._open: dict[str, int] = {}  # instrument -> its observation, until it is off
        self._begun: dict[str, tuple[str, int]] = {}  # instrument -> activity and step begun last

    def add(self, report: Report) -> None:
        """Takes one report."""
        if report.time is None or report.fields is None:
            return
        fields: dict[str, Any] = report.fields
        instrument = self._instruments.get(report.packet.apid)
        if report.name == "ACTIVITY_START" and (begun := self._of_activity.get(fields["activity"])):
            self._begun[begun] = fields["activity"], fields["step"]
        elif report.name == "PRODUCT_PARTIAL":
            self._tell(self._of_product.get(fields["kind"]), state="PARTIAL", reason=fields["reason"])
        elif report.name == "ACTIVITY_FAILED":
            self._fail(self._of_activity.get(fields["activity"]), fields["step"], fields["reason"])
        elif instrument is not None and report.name == f"HK_{instrument}":
            self._hear(instrument, report.time, fields)

    def observations(self) -> list[Observation]:
        """All, by their begin."""
        return sorted(self._observations, key=lambda observation: observation.begin)

    def together(self) -> list[Together]:
        """When all instruments of TOGETHER observed; of what has an end."""
        times = [[(one.begin, one.end) for one in self._observations if one.instrument == name] for name in TOGETHER]
        both: list[tuple[datetime, datetime | None]] = times[0]
        for others in times[1:]:
            both = [(max(a, c), min(b, d)) for a, b in both for c, d in others if b and d and max(a, c) < min(b, d)]
        return [Together(begin, end) for begin, end in sorted(both, key=lambda one: one[0]) if end]

    def _hear(self, instrument: str, time: datetime, fields: dict[str, Any]) -> None:
        """What an instrument tells of itself: often, and whenever its state changes."""
        state, told = fields["state"], {"records": fields["records"], "octets": fields["octets"]}
        if state == "WARMING":
            # A next one; the end of the last was not heard
            self._open.pop(instrument, None)
        elif state == "OBSERVING" and instrument not in self._open:
            self._open[instrument] = len(self._observations)
            activity, step = self._begun.pop(instrument, (None, None))
            self._observations.append(Observation(instrument, activity, step, time, **told))
        elif state not in _ENDED:
            # Observing; or in a state that the dictionary does not have, which is no end
            self._tell(instrument, **told)
        elif instrument in self._open:
            one = self._observations[self._open[instrument]]
            ended = "PARTIAL" if state == "FAULTY" else "WHOLE" if one.state == "OPEN" else one.state
            self._tell(instrument, end=one.end or time, state=ended, **told)
            if state == "OFF":
                del self._open[instrument]

    def _fail(self, instrument: str | None, step: int, reason: str) -> None:
        """A step has failed: what was observed for it, if it was, is partial."""
        mine = [place for place, one in enumerate(self._observations) if one.instrument == instrument]
        if mine and self._observations[mine[-1]].step == step:
            self._observations[mine[-1]] = replace(self._observations[mine[-1]], state="PARTIAL", reason=reason)

    def _tell(self, instrument: str | None, **what: Any) -> None:
        """More of the observation that an instrument makes."""
        if instrument in self._open:
            place = self._open[instrument]
            self._observations[place] = replace(self._observations[place], **what)


def lines(observations: list[Observation], together: list[Together]) -> list[str]:
    """A table, and when all of TOGETHER observed."""
    if not observations:
        return []
    told = [one.line() for one in together] or [f"{', '.join(TOGETHER)} never observed all at the same time."]
    return [HEADING, *(one.line() for one in observations), "", *told]


def summary(observations: list[Observation], dictionary: Dictionary) -> dict[str, list[dict[str, Any]]]:
    """Return the observations by instrument, for `summary.json`."""
    return {
        name: [one.summary() for one in observations if one.instrument == name]
        for name in dictionary.enums["instrument"].values()
    }


def _hours(lasted: timedelta | None) -> str:
    return _UNKNOWN if lasted is None else str(timedelta(seconds=round(lasted.total_seconds())))
