"""When the real craft woke and slept, as published (`published.csv` has the sources)."""

import csv
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

# Events of ours that have a published counterpart
_EVENTS = {
    "ROVER_WAKE": ("rover", "wake"),
    "ROVER_SLEEP": ("rover", "sleep"),
    "LANDER_WAKE": ("lander", "wake"),
    "LANDER_SLEEP": ("lander", "sleep"),
    "NAP_END": ("rover", "noon_nap_end"),
}


@dataclass(frozen=True, slots=True)
class Published:
    """One published event. time: UTC, to the minute or the hour. trusted: fit to judge by, not doubtful."""

    lunar_day: int
    craft: str
    event: str
    time: datetime
    trusted: bool
    note: str


@cache
def published_events() -> tuple[Published, ...]:
    """All published events whose time is known to the hour at least."""
    text = files(__package__).joinpath("published.csv").read_text(encoding="utf-8")
    return tuple(
        Published(
            lunar_day=int(row["lunar_day"]),
            craft=row["craft"],
            event=row["event"],
            time=datetime.fromisoformat(row["time_utc"]),
            trusted=row["use_for_fit"] == "1",
            note=row["note"],
        )
        for row in csv.DictReader(text.splitlines())
        if row["time_utc"]
    )


def published_time(lunar_day: int, event_name: str) -> datetime | None:
    """UTC at which the event of our dictionary really happened on that lunar day, where a trusted source tells it."""
    kind = _EVENTS.get(event_name)
    for event in published_events():
        if event.lunar_day == lunar_day and (event.craft, event.event) == kind and event.trusted:
            return event.time
    return None
