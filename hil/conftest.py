"""The target under test, in the state that a test asks for; what a target cannot show is skipped with the reason."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from .downlink import Downlink
from .kinds import Board, make_target
from .target import State, Target

# An hour after the wake-up of lunar day 24, and a second a minute
MID_DAY = {"start": "2020-11-09T04:30:00Z", "days": "10", "speed": "60"}
# From shortly before that wake-up until the rover is ready for work
WAKE_UP = {"start": "2020-11-09T03:10:00Z", "days": "0.06", "speed": "max"}

JOURNAL = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--target",
        default="unix",
        help="unix (default), pico-emulated, a serial device with a board (/dev/ttyACM0), or a URL (socket://host:port)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(ability, ...): what the target must be able to, see Target.cannot")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if journal := config.stash.get(JOURNAL, []):
        terminalreporter.section("resets of the target")
        for line in journal:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def session_target(request: pytest.FixtureRequest) -> Iterator[Target]:
    target = make_target(request.config.getoption("--target"))
    request.config.stash[JOURNAL] = target.journal
    yield target
    if isinstance(target, Board):
        target.put_back()
    target.stop()


@pytest.fixture
def target(session_target: Target, request: pytest.FixtureRequest) -> Target:
    """The target in whatever state it is."""
    for mark in request.node.iter_markers("needs"):
        for ability in mark.args:
            if ability in session_target.cannot:
                pytest.skip(f"{session_target.name}: {session_target.cannot[ability]}")
    return session_target


@pytest.fixture
def rover(target: Target) -> Target:
    """The target with a rover that speaks, in mid-day at speed 60 where that is ours to say."""
    settings = None if "settings" in target.cannot else MID_DAY
    if target.settings != settings:
        target.start(MID_DAY)
    elif target.state is not State.SPEAKING and settings:
        target.recover()
    target.first_words()
    return target


@pytest.fixture
def console(target: Target, request: pytest.FixtureRequest) -> Target:
    """The target at the prompt that the rover has left."""
    if target.state is not State.CONSOLE:
        request.getfixturevalue("rover").leave_for_console()
    return target


Live = Callable[[Mapping[str, str]], Downlink]


@pytest.fixture(scope="session")
def live(session_target: Target) -> Live:
    """`live(settings)`: all that comes from the start to the end of a run."""
    if "settings" in session_target.cannot:
        pytest.skip(f"{session_target.name}: {session_target.cannot['settings']}")

    def live(settings: Mapping[str, str]) -> Downlink:
        session_target.start(settings)
        return session_target.live_to_the_end(within_s=30)

    return live


@pytest.fixture(scope="session")
def wake_up(live: Live) -> Downlink:
    """All that comes from shortly before the wake-up to the end of the run, at speed max."""
    return live(WAKE_UP)


@pytest.fixture(scope="session")
def wake_up_again(live: Live) -> Downlink:
    """The same, a second time."""
    return live(WAKE_UP)


@pytest.fixture(scope="session")
def wake_up_on_a_desktop() -> Downlink:
    """The same, on this machine."""
    desktop = make_target("unix")
    desktop.start(WAKE_UP)
    try:
        return desktop.live_to_the_end(within_s=30)
    finally:
        desktop.stop()
