"""Why a rover did not do a step of its plan, in words with the numbers that it met."""

from datetime import datetime, timedelta

from yutu2.dictionary.model import Dictionary
from yutu2.mission.plan_line import Step

_TOO = {"WAKING": "too early: ", "PARKING": "too late: ", "DORMANT": "too late: "}


def why(step: Step, failure: str, value: int, time: datetime, steps: tuple[Step, ...], dictionary: Dictionary) -> str:
    """What an event ACTIVITY_FAILED means.

    failure: of the enum `plan_failure`, value: what was met, in its raw unit. time: UTC. steps: the whole plan.
    """
    activity = step.activity
    name, watts = activity.name.lower(), dictionary.loads[activity.load]["rover"] / 1000
    other = steps[value - 1].name if 0 < value <= len(steps) else "another drive"
    match failure:
        case "NOT_IN_MODE":
            mode = str(dictionary.enums["mode"].get(value, value))
            modes = " and ".join(activity.modes)
            return f"{_TOO.get(mode, '')}the rover's mode is {mode}, and {name} works in {modes} alone"
        case "MISSED":
            return f"too early: it was due at {time - timedelta(seconds=value):%Y-%m-%d %H:%M:%S}, and the rover slept"
        case "SUN_TOO_LOW" | "SUN_TOO_HIGH":
            least, most = (limit / 1000 for limit in activity.sun)
            return f"the Sun stands at {value / 1000:.2f} deg, and {name} needs it between {least:g} and {most:g}"
        case "BOX_TOO_COLD" | "BOX_TOO_HOT":
            least, most = (limit / 10 for limit in activity.box)
            return f"the box has {value / 10:.1f} degC, and {name} needs it between {least:g} and {most:g}"
        case "NO_POWER":
            needed, available = (part / 10 for part in divmod(value, 1 << 16))
            return f"{name} draws {watts:.1f} W, {needed - available:.1f} W more than the array has to spare"
        case "NO_ROOM":
            most_kib = dictionary.craft["rover"]["data_kib"]
            return f"with its data there are {value} KiB more than a lunar day may bring, {most_kib} KiB"
        case "IS_MOVING":
            return f"{name} needs the rover to stand, and {other} is under way"
        case "NOT_MOVING":
            return f"{name} works while the rover drives, and it stands"
        case "IN_USE":
            both = [resource for resource in activity.uses if resource in steps[value - 1].activity.uses]
            use = f"has {' and '.join(both)} until it ends" if both else "needs the rover to stand until it ends"
            return f"{other} {use}"
        case "TOO_FAR":
            return f"around obstacles it has gone three times the distance, and {value / 1000:.1f} m are still to go"
        case "DEAD_LOAD":
            return f"{dictionary.enums['load'].get(value, value)} draws nothing"
        case "STOPPED":
            return f"{other} has ended the plan"
        case _:
            # What no plan brings about by itself: SHED_LOAD, RESTARTED
            return f"the rover tells {failure}"
