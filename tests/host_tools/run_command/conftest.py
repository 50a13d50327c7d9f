"""A run of `yutu2 run`, and what it keeps."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Kept:
    """The files of a run."""

    folder: Path

    @property
    def downlink(self) -> bytes:
        """downlink.tm."""
        return (self.folder / "downlink.tm").read_bytes()

    @property
    def packets(self) -> list[dict[str, Any]]:
        """packets.jsonl; it ends with a whole line."""
        text = (self.folder / "packets.jsonl").read_text()
        assert text == "" or text.endswith("\n")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def summary(self) -> dict[str, Any]:
        """summary.json."""
        return json.loads((self.folder / "summary.json").read_text())

    @property
    def names(self) -> list[str]:
        """The timeline's events in order."""
        return [entry["name"] for entry in self.summary["timeline"]]


@pytest.fixture(scope="session")
def kept() -> type[Kept]:
    """`kept(folder)`: what a run has left in it."""
    return Kept


@pytest.fixture(scope="session")
def live(yutu2, tmp_path_factory) -> Callable[..., tuple[Any, Kept]]:
    """`live(*options)`: a run with --out, finished, and what it has kept."""

    def live(*options):
        folder = tmp_path_factory.mktemp("run") / "deep" / "down"
        return yutu2("run", "--out", folder, *options), Kept(folder)

    return live


@pytest.fixture(scope="session")
def default_run(day24_run, finished):
    """Lunar day 24, as by default."""
    done, folder = day24_run
    return finished(done.returncode, done.stdout, done.stderr.decode()), Kept(folder)
