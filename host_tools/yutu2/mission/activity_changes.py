"""What of an activity has changed from one dictionary to another, for a plan that was written by the earlier one."""

from yutu2.dictionary.behaviour import Argument, PlanActivity
from yutu2.dictionary.model import Dictionary
from yutu2.dictionary.text import told_value

_CRAFT = "rover"
_NOTHING = "none"


def changes(activity: PlanActivity, before: Dictionary, now: Dictionary) -> list[str]:
    """Return what a plan's author should look at again, as `modes: ACTIVE, before ACTIVE and NAP`.

    activity: of the dictionary `now`. Empty: it is what it was. Texts, and the numbers that stand for names on the
    line, do not count: a plan has neither.
    """
    old = next((one for one in before.activities if one.name == activity.name), None)
    if old is None:
        return ["it is new"]
    was, is_now = _properties(old, before), _properties(activity, now)
    return [
        f"{key}: {is_now.get(key, _NOTHING)}, before {was.get(key, _NOTHING)}"
        for key in is_now | was
        if is_now.get(key) != was.get(key)
    ]


def _properties(activity: PlanActivity, dictionary: Dictionary) -> dict[str, str]:
    """Return what an activity is to its user, in words."""
    per_unit = f" for each of {activity.arguments[0].name}" if activity.arguments else ""
    least_box, most_box = (limit / 10 for limit in activity.box)
    lowest_sun, highest_sun = (limit / 1000 for limit in activity.sun)
    return {
        "load": f"{activity.load}, {dictionary.loads[activity.load].get(_CRAFT, 0) / 1000:g} W",
        "instrument": activity.instrument or _NOTHING,
        "resources": _listed(activity.uses),
        "modes": _listed(activity.modes),
        "elevation of the Sun": f"{lowest_sun:g} to {highest_sun:g} deg",
        "temperature of the box": f"{least_box:g} to {most_box:g} degC",
        "motion": activity.motion,
        "time": "as long as it takes" if activity.unit_s is None else f"{activity.unit_s} s{per_unit}",
        "data": f"{activity.unit_kib} KiB{per_unit}",
        "arguments": _listed([argument.name for argument in activity.arguments]),
    } | {argument.name: _range(argument) for argument in activity.arguments}


def _range(argument: Argument) -> str:
    if argument.labels is not None:
        return _listed(sorted(argument.labels.values()))
    unit = f" {argument.unit}" if argument.unit else ""
    steps = f" in steps of {argument.scale:g}" if argument.scale is not None else ""
    return f"{told_value(argument, argument.least)} to {told_value(argument, argument.most)}{unit}{steps}"


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return " and ".join(names) or _NOTHING
