"""What became of the commands of an uplink file in a run, by the rover's reports on them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from yutu2.decode.fields import Report
from yutu2.decode.records import iso
from yutu2.dictionary.model import Dictionary
from yutu2.dictionary.text import MS, utc
from yutu2.firmware import EPOCH
from yutu2.mission.hibernation import before_waking, falling_asleep
from yutu2.mission.uplink_file import TimedCommand, UplinkFile
from yutu2.uplink.encode import packet, requests_in
from yutu2.uplink.verification import Sent, Verification, why

_HEADING = f"  {'UTC':23}  {'outcome':9}  command"
_SILENCE = timedelta(minutes=5)  # awake, a craft sends HK_COMPUTER each minute
_COMPLETION = 8


class State(StrEnum):
    """What became of a command."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_OVER = "not over"
    NO_REPORT = "no report"


@dataclass(frozen=True, slots=True)
class CommandOutcome:
    """What became of a command.

    time_ms: when it was sent, since 2019-01-01T00:00:00 UTC. is_contained: it went in another one, to wait on board.
    code: of `tc_failure`, of one that was refused or failed. reason: why it was not done; "" of one that was done.
    """

    time_ms: int
    command: str
    is_contained: bool
    state: State
    code: int | None = None
    reason: str = ""

    def line(self) -> str:
        """Return it as a line."""
        code = f" (failure {self.code})" if self.code is not None else ""
        reason = f": {self.reason}{code}" if self.reason else ""
        time = "on board" if self.is_contained else utc(self.time_ms)
        return f"  {time:>23}  {self.state:9}  {self.command}{reason}"

    def summary(self) -> dict[str, Any]:
        """Return it for `summary.json`."""
        return {
            "time": iso(EPOCH + self.time_ms * MS),
            "command": self.command,
            "contained": self.is_contained,
            "outcome": str(self.state),
            "code": self.code,
            "reason": self.reason or None,
        }


@dataclass(eq=False)
class _Silences:
    """Spans of time in which nothing was received. fallen: the last report but one was a craft's sleep event."""

    dictionary: Dictionary
    spans: list[tuple[datetime | None, datetime, bool]] = field(default_factory=list)
    last: datetime | None = None
    has_slept: bool = False

    def take(self, report: Report) -> None:
        if report.time is None or (self.last is not None and report.time < self.last):
            return
        if self.last is None or report.time - self.last > _SILENCE:
            self.spans.append((self.last, report.time, self.has_slept))
            self.has_slept = False
        self.last = report.time
        if report.name is not None and falling_asleep(report.name, report.time, self.dictionary) is not None:
            self.has_slept = True

    def reason(self, time: datetime, craft: str) -> str | None:
        """Return why a command of that time was not received; None if the rover was heard then."""
        for start, end, has_slept in self.spans:
            if (start is None or time >= start) and time < end:
                return _reason(has_slept, time, craft)
        if self.last is None or time >= self.last:
            return _reason(self.has_slept, time, craft)
        return None


def _reason(has_slept: bool, time: datetime, craft: str) -> str:
    if has_slept or before_waking(time, craft) is not None:
        return "the rover was dormant, receiver off"
    return "nothing was received from the rover at that time"


class UplinkOutcomes:
    """Follows the commands of an uplink file through the reports of a run. dictionary: that these are decoded with."""

    def __init__(self, uplink: UplinkFile, dictionary: Dictionary) -> None:
        self._uplink = uplink
        self._sent: list[tuple[TimedCommand, list[Sent]]] = []
        count = 0
        for command in uplink.commands:
            requests = list(enumerate(requests_in(command.request), count))
            sent = [Sent(request, packet(request, uplink.apid, number), None) for number, request in requests]
            self._sent.append((command, sent))
            count += command.request.packets
        every = [one for _, sent in self._sent for one in sent]
        self._verification = Verification(len(every))
        for one in every:
            self._verification.follow(one)
        self._silences = _Silences(dictionary)

    def take(self, report: Report) -> None:
        """Take the next report of the run."""
        self._verification.take(report)
        self._silences.take(report)

    def outcomes(self, span: tuple[datetime, datetime] | None) -> list[CommandOutcome]:
        """Return what became of each command, by time. span: of the run, in UTC; None if it is unknown.

        A command that another one contains follows it, if the rover reported on it.
        """
        found: list[CommandOutcome] = []
        for command, (own, *contained) in self._sent:
            if own.reports:
                found.append(self._reported(command, own))
            else:
                reason = self._why(command, span)
                found.append(CommandOutcome(*_place(command, own), State.NO_REPORT, None, reason))
            found += [self._reported(command, one, is_contained=True) for one in contained if one.reports]
        return found

    def _reported(self, command: TimedCommand, sent: Sent, is_contained: bool = False) -> CommandOutcome:
        place = _place(command, sent, is_contained)
        if (failure := sent.failure) is not None:
            state = State.FAILED if failure.subservice == _COMPLETION else State.REFUSED
            code = int(str((failure.raw or {}).get("code")))
            return CommandOutcome(*place, state, code, why(failure, sent.request))
        if sent.is_done:
            return CommandOutcome(*place, State.DONE)
        return CommandOutcome(*place, State.NOT_OVER, None, f"{sent.reports[-1].name} was the last report on it")

    def _why(self, command: TimedCommand, span: tuple[datetime, datetime] | None) -> str:
        """Return why there is no report on a command."""
        if span is not None and not span[0] <= _time(command) <= span[1]:
            return "its time lies outside the run"
        reason = self._silences.reason(_time(command), self._uplink.craft or "rover")
        return reason or "the rover was receiving, and did not report on it"


def _time(command: TimedCommand) -> datetime:
    return EPOCH + command.time_ms * MS


def _place(command: TimedCommand, sent: Sent, is_contained: bool = False) -> tuple[int, str, bool]:
    return command.time_ms, sent.request.what, is_contained


def lines(outcomes: Sequence[CommandOutcome]) -> list[str]:
    """Return a line for each command under a heading, and a last one with their number."""
    own = [one for one in outcomes if not one.is_contained]
    total = f"{len(own)} command{'s' * (len(own) != 1)}{_counts(own)}"
    if contained := [one for one in outcomes if one.is_contained]:
        total += f"; of those that waited on board{_counts(contained)}"
    return [_HEADING, *(one.line() for one in outcomes), total]


def _counts(outcomes: Sequence[CommandOutcome]) -> str:
    counts = Counter(one.state for one in outcomes)
    told = ", ".join(f"{counts[state]} {state}" for state in State if counts[state])
    return f": {told}" if told else ""
