"""What can be said of a plan without a rover: when its steps are due, where the Sun stands then, what they share."""

from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from yutu2.dictionary.model import Dictionary
from yutu2.dictionary.text import MS, utc
from yutu2.firmware import EPOCH, borrow_sun
from yutu2.mission.plan import Plan, PlanError, light_of
from yutu2.mission.plan_line import Step
from yutu2.mission.refusal import why

_MOVING = "MOVING"  # motion of an activity that ends with a drive
_MARGIN = 500  # millidegrees by which the Sun may stand elsewhere on the rover's way


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step with the times that are known before it is done. begin, end: in ms since 2019-01-01T00:00:00 UTC.

    None: it depends on how long a drive takes.
    """

    step: Step
    begin: int | None
    end: int | None


def check_constraints(plan: Plan, lunar_day: int, dictionary: Dictionary) -> list[DueStep]:
    """Return when the steps of a plan are due on a lunar day, in the order of the file.

    Raises PlanError, a line for each step that begins under a Sun too low or too high for it, or while another step
    has what it needs. What a rover alone can say, as power, heat and obstacles, is left to a dry run.
    """
    due = _due(plan, lunar_day)
    wrong = [*_under_the_sun(due, plan, dictionary), *_shared(due, plan, dictionary)]
    if wrong:
        raise PlanError("\n".join(f"{plan.name}:{line}: {text}" for line, text in sorted(wrong)))
    return due


def lines(due: list[DueStep], lunar_day: int) -> list[str]:
    """Return a line a step under a heading, by time as far as it is known; then what was not checked."""
    width = max(len("step"), *(len(one.step.name) for one in due))
    ordered = sorted(due, key=lambda one: (one.begin is None, one.begin))
    steps = f"{len(due)} step{'s' if len(due) > 1 else ''}"
    return [
        f"  {'due (UTC)':23}  {'ends':23}  {'step':{width}}  what",
        *(f"  {_told(one.begin)}  {_told(one.end)}  {one.step.name:{width}}  {one.step.what}" for one in ordered),
        "",
        f"Lunar day {lunar_day}: {steps}; without a dry run power, heat, data and driving are not checked.",
    ]


def _due(plan: Plan, lunar_day: int) -> list[DueStep]:
    light, sunrise_ms = light_of(plan.lunar_day), light_of(lunar_day).sunrise_ms
    steps = {step.name: step for step in plan.steps}
    found: dict[str | int, DueStep] = {}
    waiting = list(plan.steps)
    # What counts from another step comes after it; a plan has no cycles
    while waiting:
        step = waiting.pop(0)
        if step.kind == "at":
            begin: int | None = sunrise_ms + light.time_ms(step)
        elif step.origin in found:
            origin = found[step.origin]
            moment = origin.begin if step.kind == "with" else origin.end
            begin = None if moment is None else moment + step.delay_ms
        else:
            waiting.append(step)
            continue
        length_ms = _length_ms(step)
        found[step.name] = DueStep(step, begin, None if begin is None or length_ms is None else begin + length_ms)
    return [found[name] for name in steps]


def _length_ms(step: Step) -> int | None:
    """Return how long a step takes; None: as long as it takes, or until a drive ends."""
    if step.activity.unit_s is None or step.activity.motion == _MOVING:
        return None
    return 1000 * step.activity.unit_s * (step.values[0] if step.values else 1)


def _under_the_sun(due: list[DueStep], plan: Plan, dictionary: Dictionary) -> list[tuple[int, str]]:
    sun = borrow_sun()
    wrong = []
    for one in due:
        if one.begin is None:
            continue
        elevation = sun.millidegrees(sun.sun(one.begin // 1000)[0])
        least, most = one.step.activity.sun
        if not least - _MARGIN <= elevation <= most + _MARGIN:
            reason = "SUN_TOO_LOW" if elevation < least else "SUN_TOO_HIGH"
            wrong.append(_refused(one, one.begin, reason, elevation, plan, dictionary))
    return wrong


def _shared(due: list[DueStep], plan: Plan, dictionary: Dictionary) -> list[tuple[int, str]]:
    known = [(number, one, one.begin, one.end) for number, one in enumerate(due, 1) if one.begin is not None]
    wrong = []
    for earlier, later in combinations(sorted(known, key=lambda entry: (entry[2], entry[0])), 2):
        number, other, _, end = earlier
        _, one, begin, _ = later
        shares = set(one.step.activity.uses) & set(other.step.activity.uses)
        if shares and end is not None and begin < end:
            wrong.append(_refused(one, begin, "IN_USE", number, plan, dictionary))
    return wrong


def _refused(one: DueStep, begin: int, reason: str, value: int, plan: Plan, dictionary: Dictionary) -> tuple[int, str]:
    """Return the line of a step, and why it cannot begin."""
    time: datetime = EPOCH + begin * MS
    told = why(one.step, reason, value, time, plan.steps, dictionary)
    return one.step.line, f"{one.step.name} cannot begin at {utc(begin)}: {told}"


def _told(time_ms: int | None) -> str:
    return f"{'-' if time_ms is None else utc(time_ms):23}"
