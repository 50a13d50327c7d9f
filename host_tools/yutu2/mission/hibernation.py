"""Dormancy: a craft sleeps, silent and deaf, until it sees the Sun again; when that is due, and how long it lasted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from statistics import fmean

from yutu2.dictionary.model import Dictionary
from yutu2.firmware import borrow_sun, to_datetime, to_seconds
from yutu2.mission.published import published_events

_DAY_S = 86400


@dataclass(frozen=True, slots=True)
class Dormancy:
    """The sleep of a craft. since: UTC.

    sunrise: UTC of the next one; None where the Sun stays up, so that the craft may wake before.
    wake_h: hours from sunrise to waking, as a rule.
    """

    since: datetime
    sunrise: datetime | None
    wake_h: float

    @property
    def due(self) -> str:
        """What ends it."""
        if self.sunrise is None:
            return "the Sun is up, so it wakes when the battery has charge"
        return f"next sunrise {minute(self.sunrise)}"

    @property
    def outlook(self) -> str:
        """What ends it, and when the craft should be heard again."""
        return self.due if self.sunrise is None else f"{self.due}, awake some {self.wake_h:.0f} h later"

    def __str__(self) -> str:
        return f"dormant since {minute(self.since)}; {self.due}"


def falling_asleep(event_name: str, time: datetime, dictionary: Dictionary) -> Dormancy | None:
    """The dormancy that an event begins at `time`; None when it is no craft's sleep event."""
    for craft, conduct in dictionary.craft.items():
        if conduct["sleep_event"] == event_name:
            sunrise = None if _sun_stays_up(time, conduct["sleep_elevation"]) else next_sunrise(time)
            return Dormancy(time, sunrise, _hours_to_wake(craft))
    return None


def before_waking(time: datetime, craft: str) -> str | None:
    """What there is to say of a craft that is silent at `time`, when it is night or a morning before it wakes; or None.

    For one that was not heard to go to sleep.
    """
    sun = borrow_sun()
    day = sun.lunar_day(to_seconds(time))
    wake_h = _hours_to_wake(craft)
    if to_seconds(time) >= sun.sunset(day):
        day += 1
    elif to_seconds(time) >= sun.sunrise(day) + wake_h * 3600:
        return None
    sunrise = to_datetime(sun.sunrise(day))
    return f"it is {minute(time)} there; sunrise {minute(sunrise)}, awake some {wake_h:.0f} h later"


def was_awake(start: datetime, end: datetime, craft: str) -> bool:
    """Return whether a craft was surely awake between two times: half an Earth day after it wakes as a rule."""
    hours = range(-12, (end - start) // timedelta(hours=1) - 11)
    return any(before_waking(start + timedelta(hours=hour), craft) is None for hour in hours)


def is_sleep(event_name: str, dictionary: Dictionary) -> bool:
    """Whether an event is the begin of a craft's dormancy."""
    return any(conduct["sleep_event"] == event_name for conduct in dictionary.craft.values())


def is_waking(event_name: str, dictionary: Dictionary) -> bool:
    """Whether an event is the end of a craft's dormancy."""
    return any(conduct["wake_event"] == event_name for conduct in dictionary.craft.values())


def next_sunrise(time: datetime) -> datetime:
    """UTC of the next sunrise over the level horizon."""
    sun = borrow_sun()
    return to_datetime(sun.sunrise(sun.lunar_day(to_seconds(time)) + 1))


def is_dark(time: datetime) -> bool:
    """Whether the Sun is below the level horizon."""
    return bool(borrow_sun().sun(to_seconds(time))[0] < 0)


def minute(time: datetime) -> str:
    """A time to the minute, as 2020-12-08 00:59 UTC."""
    return f"{time:%Y-%m-%d %H:%M} UTC"


def duration(time: timedelta) -> str:
    """As 17 d 7 h; below a day as 7 h 05 min."""
    hours, minutes = divmod(round(time.total_seconds() / 60), 60)
    return f"{hours // 24} d {hours % 24} h" if hours >= 24 else f"{hours} h {minutes:02} min"


def _sun_stays_up(time: datetime, sleep_elevation: int) -> bool:
    """Whether an Earth day later the Sun is above the elevation (millidegrees) of going to sleep in the evening."""
    sun = borrow_sun()
    return bool(sun.millidegrees(sun.sun(to_seconds(time) + _DAY_S)[0]) > sleep_elevation)


@cache
def _hours_to_wake(craft: str) -> float:
    """Mean of the published lunar days."""
    sun = borrow_sun()
    wakes = [event for event in published_events() if (event.craft, event.event) == (craft, "wake") and event.trusted]
    return fmean((wake.time - to_datetime(sun.sunrise(wake.lunar_day))) / timedelta(hours=1) for wake in wakes)
