"""What the ground hands over to a rover compiled, by the names of its options: scenario, plan, commands."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol


class HandedOver(Protocol):
    """A checked text."""

    def compiled(self) -> str:
        """The firmware's form, ASCII."""

    def warnings(self, start: datetime, end: datetime) -> list[str]:
        """A line for each thing in it that a run from `start` to `end`, both UTC, sees nothing of."""


# Each grammar is loaded when a file of it is read: most commands that open a line are given none
def _read_scenario(path: str) -> HandedOver:
    from yutu2.mission.scenario import read_scenario

    return read_scenario(path)


def _read_plan(path: str) -> HandedOver:
    from yutu2.mission.plan import read_plan

    return read_plan(path)


def _read_uplink(path: str, key: str | None = None) -> HandedOver:
    from yutu2.mission.uplink_file import read_uplink

    return read_uplink(path, key)


# Each reads a file by its path; WrongUse: it cannot be
READERS: dict[str, Callable[[str], HandedOver]] = {
    "scenario": _read_scenario,
    "plan": _read_plan,
    "uplink": _read_uplink,
}


def read_all(options: Mapping[str, str | None]) -> dict[str, HandedOver]:
    """What the options of a rover name of these, read; commands are sealed with its key. WrongUse: what cannot be."""
    readers = READERS | {"uplink": lambda path: _read_uplink(path, options.get("key"))}
    return {kind: read(path) for kind, read in readers.items() if (path := options.get(kind)) is not None}
