"""A rehearsal: a rover lives a lunar day by a plan, on its real scheduler, until all is done or something cannot be."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from yutu2.decode.fields import Report
from yutu2.decode.telemetry import TelemetryDecoder, read_telemetry
from yutu2.dictionary.model import load
from yutu2.dictionary.text import MS, utc
from yutu2.errors import WrongUse
from yutu2.firmware import EPOCH
from yutu2.line.source import open_port, read_port
from yutu2.mission.plan import Plan, light_of, with_dictionary
from yutu2.mission.plan_line import Step
from yutu2.mission.refusal import why
from yutu2.runs.run import run_url
from yutu2.system.interrupts import Interrupt

_CRAFT = "rover"


class PlanRefused(WrongUse):
    """A step that cannot be done, as `FILE:LINE: NAME ... at TIME: why; what is needed`."""


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was done. begin, end: UTC. data_kib: that it has brought."""

    step: Step
    begin: datetime
    end: datetime
    data_kib: int


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A plan that a rover has followed to its end. done: in the order in which the steps began. driven_m: by all."""

    lunar_day: int
    seed: int
    done: list[Done]
    driven_m: float

    def lines(self) -> list[str]:
        """A line a step under a heading: UTC of begin and end, name, W, KiB, activity; then the sums."""
        dictionary = load()
        width = max(len("step"), *(len(done.step.name) for done in self.done))
        lines = [f"  {'begins (UTC)':23}  {'ends':23}  {'step':{width}}  {'W':>5}  {'KiB':>6}  what"]
        for done in self.done:
            watts = dictionary.loads[done.step.activity.load][_CRAFT] / 1000
            lines.append(
                f"  {_utc(done.begin)}  {_utc(done.end)}  {done.step.name:{width}}  {watts:5.1f}  {done.data_kib:6}  "
                f"{done.step.what}"
            )
        kib = sum(done.data_kib for done in self.done)
        steps = f"{len(self.done)} step{'s' if len(self.done) > 1 else ''}"
        return [
            *lines,
            "",
            f"Lunar day {self.lunar_day}, seed {self.seed}: {steps}, {self.driven_m:.1f} m driven, "
            f"{kib:,} of {dictionary.craft[_CRAFT]['data_kib']:,} KiB of data.",
        ]


def rehearse(plan: Plan, lunar_day: int, seed: int, on_time: Callable[[datetime], None]) -> Rehearsed:
    """Let a rover follow a plan. Raises PlanRefused, which tells the first thing that cannot be.

    on_time is called with the time of reports as they come.
    """
    follower = _Follower(plan, lunar_day)
    decoder = TelemetryDecoder(load())
    with ExitStack() as stack:
        # The rover's own copy: the file may be a pipe, or written for another dictionary with the same activities
        file = Path(stack.enter_context(TemporaryDirectory(prefix="yutu2-")), "plan.txt")
        file.write_text(with_dictionary(plan.text, load()), encoding="utf-8")
        options = {"craft": _CRAFT, "lunar_day": str(lunar_day), "seed": str(seed), "plan": str(file)}
        # One that comes while the rover is being started must not leave it behind
        interrupt = stack.enter_context(Interrupt())
        # Ends the rover, too, when nothing more is to be learnt from it
        port = open_port(run_url("unix", options)[0])
        stack.callback(port.close)
        for reports in read_telemetry(read_port(port), decoder):
            if interrupt.asked:
                interrupt.give_up()
            for report in reports:
                follower.hear(report)
                if follower.is_over:
                    return Rehearsed(lunar_day, seed, follower.done, follower.driven_m)
            if reports and reports[-1].time:
                on_time(reports[-1].time)
    raise WrongUse(f"{plan.name}: the rover did not follow it: it never woke on lunar day {lunar_day}")


class _Follower:
    """Hears a rover that follows a plan. PlanRefused by `hear`: it does not.

    done: steps in the order of their begins. driven_m: since it woke. is_over: the whole plan is done.
    """

    def __init__(self, plan: Plan, lunar_day: int) -> None:
        self.is_over = False
        self._plan = plan
        self._lunar_day = lunar_day
        self._begun: dict[int, datetime] = {}  # by number of the step
        self._ended: dict[int, tuple[datetime, int]] = {}
        self._odometers: list[float] = []
        self._hazard = ""

    @property
    def done(self) -> list[Done]:
        steps = self._plan.steps
        return [Done(steps[number - 1], begin, *self._ended[number]) for number, begin in self._begun.items()]

    @property
    def driven_m(self) -> float:
        return self._odometers[-1] - self._odometers[0]

    def hear(self, report: Report) -> None:
        """Takes one report of the rover."""
        if report.time is None or report.fields is None:
            return
        fields: dict[str, Any] = report.fields
        match report.name:
            case "HK_DRIVE" | "HK_STOP":
                self._odometers.append(fields["odometer"])
            case "PLAN_BEGIN":
                self._check_begin(report.time, fields["steps"])
            case "ACTIVITY_START":
                self._begun[fields["step"]] = report.time
            case "ACTIVITY_DONE":
                self._ended[fields["step"]] = report.time, fields["data"]
            case "HAZARD_STOP":
                self._hazard = (report.text or "").format(**fields)
            case "ACTIVITY_FAILED":
                raw: dict[str, Any] = report.raw or {}
                self._failed(fields["step"], fields["reason"], raw["value"], report.time)
            case "PLAN_END":
                self._check_end(report.time)

    def _check_begin(self, time: datetime, steps: int) -> None:
        """A rover that begins in mid-day, as on lunar day 1, leaves out what was due before."""
        if steps == len(self._plan.steps):
            return
        sunrise_ms = light_of(self._lunar_day).sunrise_ms
        light = light_of(self._plan.lunar_day)
        for step in self._plan.steps:
            due = EPOCH + (sunrise_ms + light.time_ms(step)) * MS
            if step.kind == "at" and due < time:
                raise self._refused(step, f"is too early: due at {_utc(due)}, and the rover begins at {_utc(time)}")

    def _check_end(self, time: datetime) -> None:
        """What was still to come never will."""
        for number, step in enumerate(self._plan.steps, 1):
            if number not in self._ended:
                raise self._refused(step, f"never begins: too late: the rover parks at {_utc(time)}")
        self.is_over = True

    def _failed(self, number: int, failure: str, value: int, time: datetime) -> None:
        step = self._plan.steps[number - 1]
        reason = why(step, failure, value, time, self._plan.steps, load())
        if failure == "HAZARD_AHEAD":
            reason = f"{self._hazard}; so is the ground here, let it drive another way"
        raise self._refused(
            step, f"{'breaks off' if number in self._begun else 'cannot begin'} at {_utc(time)}: {reason}"
        )

    def _refused(self, step: Step, told: str) -> PlanRefused:
        return PlanRefused(f"{self._plan.name}:{step.line}: {step.name} {told}")


def _utc(time: datetime) -> str:
    return utc((time - EPOCH) // MS)
