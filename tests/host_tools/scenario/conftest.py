"""A small dictionary of faults, and scenarios that are read by it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from yutu2.dictionary.behaviour import read_faults
from yutu2.dictionary.model import Dictionary, load
from yutu2.mission.scenario import Scenario, ScenarioError, compile_scenario

ENUMS = {"sensor": {0: "SUN", 3: "BOX_A", 4: "BOX_B"}, "status": {0: "ON", 1: "OFF"}}
FAULTS = {
    "stuck": {"id": 1, "text": "", "group": "reading", "arguments": [{"name": "sensor", "enum": "sensor"}]},
    "dead": {"id": 3, "text": "", "group": "reading", "arguments": [{"name": "sensor", "enum": "sensor"}]},
    "more": {
        "id": 6,
        "text": "",
        "arguments": [{"name": "sensor", "enum": "sensor"}, {"name": "watts", "least": 1, "most": 200, "unit": "W"}],
    },
    "dust": {"id": 7, "text": "", "arguments": [{"name": "share", "least": -90, "most": 90}]},
    "reset": {"id": 11, "text": "", "momentary": True},
    "hang": {"id": 13, "text": ""},
    "watch": {
        "id": 22,
        "text": "",
        "momentary": True,
        "arguments": [{"name": "sensor", "enum": "sensor"}, {"name": "status", "enum": "status"}],
    },
}


@pytest.fixture(scope="session")
def dictionary() -> Dictionary:
    """The dictionary with a few faults of our own, so that no test hangs on which there are."""
    return replace(load(), hash=bytes.fromhex("01ab23cd"), faults=read_faults(FAULTS, ENUMS))


@pytest.fixture(scope="session")
def read(dictionary) -> Callable[..., Scenario]:
    """`read(line, ...)`: the scenario of these lines."""
    return lambda *lines: compile_scenario("\n".join(lines), "day.txt", dictionary)


@pytest.fixture(scope="session")
def wrong(read) -> Callable[..., list[str]]:
    """`wrong(line, ...)`: the lines of the error that a scenario of these lines is."""

    def wrong(*lines):
        with pytest.raises(ScenarioError) as error:
            read(*lines)
        return str(error.value).split("\n")

    return wrong
