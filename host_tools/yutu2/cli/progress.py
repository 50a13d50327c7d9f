"""Progress while a command works, on the terminal if there is one; what it prints goes above it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.mission.hibernation import minute
from yutu2.show.reception_statistics import account_line
from yutu2.system.streams import OutputEnded, is_unicode, takes_escapes


def make_console(stderr: bool = False) -> Console:
    """Standard output, or standard error, without colours where the terminal has none."""
    return Console(highlight=False, soft_wrap=True, stderr=stderr, color_system="auto" if takes_escapes() else None)


class Screen:
    """A progress line while something runs, on the terminal if there is one; `print` goes above it.

    goes_on: what runs is of use without a reader of standard output; else it ends with the reader.
    """

    def __init__(self, goes_on: bool = False) -> None:
        self._goes_on = goes_on
        self._console = make_console()
        progress_console = self._console if self._console.is_terminal else make_console(stderr=True)
        self._progress = Progress(
            SpinnerColumn("dots" if is_unicode(progress_console.file) else "line"),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=progress_console,
            transient=True,
            disable=not (progress_console.is_terminal and takes_escapes()),
        )

    def step(self, name: str, done: float) -> None:
        """What is made at the end, and how much of all is done, up to 1."""
        for task in self._progress.task_ids:
            self._progress.update(task, description=name, total=1, completed=done)

    def __enter__(self) -> Any:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def print(self, text: str, style: str | None = None) -> None:
        """Prints one line as it is."""
        try:
            self._console.print(text, style=style, markup=False)
        except OutputEnded:
            if not self._goes_on:
                raise


class SendScreen(Screen):
    """A command on its way: a line for each stage."""

    def __init__(self) -> None:
        super().__init__()
        self._progress.add_task("waiting for the rover", total=None)

    def loaded(self, sent: int, of: int) -> None:
        """So many octets of a file have been taken."""
        self.step(f"{sent:,} of {of:,} octets", sent / of)
        if sent == of:
            self.print(f"  loaded: {of:,} octets")


class ScheduleScreen(Screen):
    """How many commands are in the rover's schedule, of all that are to come in."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self._progress.add_task("waiting for the rover", total=None)

    def loaded(self, done: int) -> None:
        """So many are in."""
        self.step("loading", done / self._count)
        self.print(f"  {done} of {self._count} commands in the schedule")


class PictureScreen(Screen):
    """How far a source has been read for its picture."""

    def __init__(self) -> None:
        super().__init__()
        self._task = self._progress.add_task("reading", total=None)

    def time(self, time: datetime) -> None:
        """How far the source is read."""
        self._progress.update(self._task, description=f"reading, {minute(time)}")

    def drawing(self) -> None:
        """All is read."""
        self._progress.update(self._task, description="drawing")

    def computing(self, part: float) -> None:
        """How far the ground under a map is computed, up to 1."""
        self._progress.update(self._task, description="ground", total=1, completed=part)

    def summary(self, decoder: TelemetryDecoder, out: Path, lines: Sequence[str] = ()) -> None:
        """What was read, what there is to say of it, and where the picture is."""
        for line in (account_line(decoder.account(), decoder.advice()), *lines, str(out)):
            self.print(line)


class PlanScreen(Screen):
    """How far a plan has been rehearsed."""

    def __init__(self) -> None:
        super().__init__()
        self._task = self._progress.add_task("rehearsing", total=None)

    def time(self, time: datetime) -> None:
        """How far the mission is."""
        self._progress.update(self._task, description=f"rehearsing, {minute(time)}")
