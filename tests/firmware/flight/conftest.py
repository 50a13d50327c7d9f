"""What tests of flight software share: sensors that read what the test says, and a list of all that is reported."""

from typing import Any

import pytest
from rover.tables import BATTERY_CHARGE, BOX_A, BOX_B, MEMORY_FREE
from yutu2.dictionary.model import load

NAMES = {event.selector: event for event in load().events}


class Told:
    """Takes the place of the events: keeps what is reported, as (name, raw values)."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def report(self, event: int, *values: int) -> None:
        definition = NAMES[event]
        named = [
            field.labels[value] if field.labels else value
            for field, value in zip(definition.fields, values, strict=False)
        ]
        self.events.append((definition.name, *named))

    def names(self) -> list[str]:
        return [event[0] for event in self.events]

    def since(self) -> list[tuple[Any, ...]]:
        """What was reported since the last call."""
        events, self.events = self.events, []
        return events


class Panel(dict):
    """Sensors that read what is set here: by number, None for a dead one."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(range(12), 0))
        self.update({BATTERY_CHARGE: 900, BOX_A: 200, BOX_B: 200, MEMORY_FREE: 80})

    def read(self, sensor: int) -> int | None:
        return self[sensor]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def panel() -> Panel:
    return Panel()


@pytest.fixture(scope="session")
def make_told() -> type[Told]:
    """For tests that need a new one for each example."""
    return Told


@pytest.fixture(scope="session")
def make_panel() -> type[Panel]:
    return Panel
