"""What the ground hands over to a rover compiled, by the names of its options: scenario, plan, commands."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from yutu2.mission.plan import read_plan
from yutu2.mission.scenario import read_scenario
from yutu2.mission.uplink_file import read_uplink


class HandedOver(Protocol):
    """A checked text."""

    def compiled(self) -> str:
        """The firmware's form, ASCII."""

    def warnings(self, start: datetime, end: datetime) -> list[str]:
        """A line for each thing in it that a run from `start` to `end`, both UTC, sees nothing of."""


# Each reads a file by its path; WrongUse: it cannot be
READERS: dict[str, Callable[[str], HandedOver]] = {
    "scenario": read_scenario,
    "plan": read_plan,
    "uplink": read_uplink,
}


def read_all(options: Mapping[str, str | None]) -> dict[str, HandedOver]:
    """What the options of a rover name of these, read; commands are sealed with its key. WrongUse: what cannot be."""
    readers = READERS | {"uplink": lambda path: read_uplink(path, options.get("key"))}
    return {kind: read(path) for kind, read in readers.items() if (path := options.get(kind)) is not None}
