"""Plans of a few lines, read by the dictionary at hand."""

from collections.abc import Callable

import pytest
from yutu2.dictionary.model import load
from yutu2.mission.plan import Plan, PlanError, compile_plan

HASH = load().hash.hex()
DAY_24 = (f"dictionary {HASH}", "lunar-day 24")


@pytest.fixture(scope="session")
def read() -> Callable[..., Plan]:
    """`read(line, ...)`: the plan of these lines, of lunar day 24; `head`: its first lines."""
    return lambda *lines, head=DAY_24: compile_plan("\n".join([*head, *lines]), "day.plan", load())


@pytest.fixture(scope="session")
def wrong(read) -> Callable[..., list[str]]:
    """`wrong(line, ...)`: the lines of the error that a plan of these lines is; theirs count from 3."""

    def wrong(*lines, **options):
        with pytest.raises(PlanError) as error:
            read(*lines, **options)
        return str(error.value).split("\n")

    return wrong


@pytest.fixture
def plan_file(tmp_path) -> Callable[..., str]:
    """`plan_file(line, ...)`: the path of a file with these lines behind two of a head."""

    def write(*lines, head=DAY_24):
        path = tmp_path / "day.plan"
        path.write_text("\n".join([*head, *lines, ""]))
        return str(path)

    return write
