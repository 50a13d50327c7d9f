"""Options and outputs that several commands share."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated

import typer

from yutu2.errors import CommandFailed, NoAnswer
from yutu2.system.streams import report

PICTURE_SOURCE = "A folder that yutu2 run --out has made, or a source as of decode."
DEFAULT_SEED = 7

MicroPython = Annotated[
    str | None, typer.Option(metavar="PATH", help="The Unix port of MicroPython to use, not the one installed.")
]
ScenarioFile = Annotated[str | None, typer.Option(metavar="FILE", help="What befalls the rover, a text file.")]
PlanFile = Annotated[str | None, typer.Option(metavar="FILE", help="What the rover does, a text file; else its own.")]
Timeout = Annotated[
    float | None,
    typer.Option(metavar="S", min=0, help="Wait so many seconds for each command. [default: 60; emulated Pico: 300]"),
]
UplinkFile = Annotated[str | None, typer.Option(metavar="FILE", help="Commands at mission times, a text file.")]
RoverKey = Annotated[str | None, typer.Option(metavar="FILE", help="The rover's key: it takes secured commands alone.")]
SenderKey = Annotated[
    str | None, typer.Option(metavar="FILE", help="Secure commands with this key; by default as the URL says.")
]
DictionaryFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Decode with this dictionary.toml; by default with the one that the recording was made with, from its "
        "folder or the user's cache.",
    ),
]
PlanDictionary = Annotated[
    Path | None,
    typer.Option(
        "--dictionary",
        metavar="FILE",
        help="The dictionary.toml that the plan was written for; by default as the user's cache has it.",
    ),
]
SendTo = "The rover's line: a serial device or a URL, as emulator://unix?speed=60."
SendCraft = Annotated[str | None, typer.Option(help="rover or lander; by default as the URL says, else rover.")]


@dataclass
class Outcome:
    """The exit status of what was asked of a rover."""

    status: int = 0


@contextmanager
def reported_failures() -> Iterator[Outcome]:
    """Tells in one line what a rover refuses, or does not answer, and notes it in the exit status."""
    outcome = Outcome()
    try:
        yield outcome
    except (CommandFailed, NoAnswer) as failure:
        report(str(failure))
        outcome.status = failure.status


@contextmanager
def open_output(path: Path | None, grows: bool = False) -> Iterator[IO[bytes]]:
    """A file to write, or standard output. grows: it is read while it is written; else it is whole or not there."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    from yutu2.system.files import GrowingFile, written

    with GrowingFile(path) if grows else written(path) as file:
        yield file
