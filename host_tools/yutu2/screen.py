"""What the commands print for a person: progress while they work, tables when they are done."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from yutu2.calendar import HEADING as CALENDAR_HEADING
from yutu2.calendar import Row, scores
from yutu2.console import OutputEnded, is_unicode, takes_escapes
from yutu2.decode.live import Account
from yutu2.products import listing
from yutu2.run import Outcome
from yutu2.show import observations
from yutu2.show.dormancy import Dormancy, is_dark, minute, next_sunrise, was_awake
from yutu2.show.timeline import HEADING, Entry
from yutu2.span import span_of
from yutu2.uplink import outcomes
from yutu2.uplink.security import KEY_SIZE, RESERVED, SPI

if TYPE_CHECKING:
    from yutu2.hearing import Told
    from yutu2.pico.image import ImageReport


_SHOWN_RUNS = 3


def account_line(account: Account, advice: str | None = None) -> str:
    """The account in one line. advice: of the decoder, on what else than frames of this mission came."""
    frames, packets, octets = account["frames"], account["packets"], account["octets"]
    if not frames["good"]:
        return f"{octets['total']:,} octets: {advice or 'no transfer frame of this mission was found'}"
    lost_frames = sum(channel["lost"] for channel in account["channels"].values())
    lost_packets = sum(apid["lost"] for apid in account["apids"].values())
    lost = f"lost {lost_frames} frames, {lost_packets} packets" if lost_frames or lost_packets else "nothing lost"
    line = (
        f"{packets['good']} packets in {frames['good']} frames; damaged {frames['damaged']} frames, "
        f"{packets['damaged']} packets; {frames['duplicate']} frames twice; {octets['skipped']} octets skipped; {lost}"
    )
    if joined := account.get("skipped_joined", 0):
        line += f"; {joined:,} extents of skipped octets are joined to the last one listed"
    return "; ".join([line, *_restarts(account), *([advice] if advice else [])])


def _restarts(account: Account) -> list[str]:
    """Where the rover began anew, if it did."""
    restarts = account["runs"][1:]
    number = len(restarts) + account.get("runs_unlisted", 0)
    if not number:
        return []
    places = [f"octet {run['offset']:,}" + f", {run['time']}" * bool(run["time"]) for run in restarts[:_SHOWN_RUNS]]
    places += [f"{number - _SHOWN_RUNS:,} more places"] * (number > _SHOWN_RUNS)
    return [f"{number + 1:,} runs: the rover was restarted at {' and at '.join(places)}"]


_STYLES = {"SUNRISE": "yellow", "SUNSET": "yellow", "ROVER_WAKE": "green", "LANDER_WAKE": "green"}


def _console(stderr: bool = False) -> Console:
    """Standard output, or standard error, without colours where the terminal has none."""
    return Console(highlight=False, soft_wrap=True, stderr=stderr, color_system="auto" if takes_escapes() else None)


class _Screen:
    """A progress line while something runs, on the terminal if there is one; `print` goes above it.

    goes_on: what runs is of use without a reader of standard output; else it ends with the reader.
    """

    def __init__(self, goes_on: bool = False) -> None:
        self._goes_on = goes_on
        self._console = _console()
        progress_console = self._console if self._console.is_terminal else _console(stderr=True)
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


class RunScreen(_Screen):
    """A run as it goes: heading, timeline, and a summary at the end. is_kept: in a folder."""

    def __init__(self, url: str, options: dict[str, str], is_kept: bool = False) -> None:
        super().__init__(goes_on=is_kept)
        self._span = span_of(options)
        self._craft = options.get("craft", "rover")
        self._dormancy: Dormancy | None = None
        waiting = "waiting for the rover"
        if self._span and is_dark(self._span[0]):
            waiting += f": it is night, next sunrise {minute(next_sunrise(self._span[0]))}"
        self._task = self._progress.add_task(waiting, total=None)
        told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in options.items())
        self._title = f"Yutu-2 rover emulator: {told}" if told else f"Listening to {url}"

    def begin(self) -> None:
        """Print the heading, once all that was asked for is known to be valid."""
        self.print(self._title, "bold")
        self.print("")
        self.print(HEADING)

    def entry(self, entry: Entry) -> None:
        """One line of the timeline. Files that are ready stand in the table of observations."""
        if entry.name == "PRODUCT_READY":
            return
        for line in entry.lines():
            self.print(line, _STYLES.get(entry.name))
        if entry.dormancy:
            self._dormancy = entry.dormancy
            self._progress.update(self._task, description=str(entry.dormancy))

    def time(self, time: datetime, files: int) -> None:
        """How far the mission is. What comes from before a craft's sleep leaves the word of its dormancy."""
        if self._dormancy and time <= self._dormancy.since:
            return
        products = f", {files} files" if files else ""
        self._progress.update(self._task, description=f"mission time {time:%Y-%m-%d %H:%M} UTC{products}")

    def summary(self, outcome: Outcome, out: Path | None) -> None:
        """What came down, and where it is kept."""
        self.print("")
        if not outcome.octets:
            self.print("Interrupted." if outcome.interrupted else self._why_nothing())
            if self._span and not outcome.interrupted:
                self.print(f"Next sunrise {minute(next_sunrise(self._span[1]))}.")
        if outcome.dormancy:
            self.print(f"The craft is {outcome.dormancy}.")
            self.print("")
        if outcome.way:
            for line in outcome.way.lines():
                self.print(line)
            self.print("")
        for line in observations.lines(outcome.observations, outcome.together):
            self.print(line)
        if outcome.products:
            self.print(listing.sentence(outcome.products))
            self.print("")
        self.print("  packets")
        width = max((len(name) for name in outcome.packets), default=0)
        for name, count in outcome.packets.items():
            self.print(f"  {name:{width}}  {count:7,}")
        self.print("")
        self.print("Interrupted: " * outcome.interrupted + account_line(outcome.account, outcome.advice))
        self.print(f"{outcome.octets:,} octets, sha256 {outcome.sha256}")
        if out is not None:
            if outcome.interrupted and outcome.products:
                self.print(f"Pictures that are missing: yutu2 products {out}")
            products = ", products/" if (out / "products").is_dir() else ""
            self.print(f"Kept in {out}: downlink.tm, packets.jsonl, summary.json{products}")
        if outcome.commands is not None:
            self.print("")
            for line in outcomes.lines(outcome.commands):
                self.print(line)

    def _why_nothing(self) -> str:
        if self._span and was_awake(*self._span, self._craft):
            return "Nothing came down, though the craft was awake: its firmware has not run; see --micropython."
        return "Nothing came down: the craft was asleep all the time."


class SendScreen(_Screen):
    """A command on its way: a line for each stage."""

    def __init__(self) -> None:
        super().__init__()
        self._progress.add_task("waiting for the rover", total=None)

    def loaded(self, sent: int, of: int) -> None:
        """So many octets of a file have been taken."""
        self.step(f"{sent:,} of {of:,} octets", sent / of)
        if sent == of:
            self.print(f"  loaded: {of:,} octets")


class ScheduleScreen(_Screen):
    """How many commands are in the rover's schedule, of all that are to come in."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count
        self._progress.add_task("waiting for the rover", total=None)

    def loaded(self, done: int) -> None:
        """So many are in."""
        self.step("loading", done / self._count)
        self.print(f"  {done} of {self._count} commands in the schedule")


class PictureScreen(_Screen):
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

    def summary(self, told: "Told", out: Path, lines: Sequence[str] = ()) -> None:
        """What was read, what there is to say of it, and where the picture is."""
        for line in (account_line(told.account, told.advice), *lines, str(out)):
            self.print(line)


class PlanScreen(_Screen):
    """How far a plan has been rehearsed."""

    def __init__(self) -> None:
        super().__init__()
        self._task = self._progress.add_task("rehearsing", total=None)

    def time(self, time: datetime) -> None:
        """How far the mission is."""
        self._progress.update(self._task, description=f"rehearsing, {minute(time)}")


def print_image(report: "ImageReport") -> None:
    """What an image holds, and what to do with it."""
    console = _console()
    kind = "files alone" if report.fs_only else "MicroPython and files"
    console.print(f"{report.path}: {kind} for {report.board}, {report.uf2_size:,} octets", markup=False)
    console.print(f"  {report.files} files of {report.firmware_size:,} octets in all", markup=False)
    console.print(
        f"  file system: {report.filesystem_used:,} octets used, {report.filesystem_free:,} free", markup=False
    )
    console.print(report.next_step[0].upper() + report.next_step[1:], markup=False)


def key_export_lines(key: Path, out: Path, first: int) -> list[str]:
    """Return what to configure in Yamcs, and what an exported key means for yutu2.

    first: the first number of Yamcs's frames.
    """
    return [
        f"{out}: the key of {key} as {KEY_SIZE} octets; in Yamcs's security association:",
        f"  spi: {SPI}",
        f"  keyFile: {out}",
        f'  initialSeqNum: "{first:024x}"',
        f"Yamcs has the numbers {first:,} to {first + RESERVED - 1:,}; yutu2 goes on at {first + RESERVED:,}, which a "
        "rover that has taken a frame of either refuses: to command it with yutu2 again, load a new key.",
    ]


class CalendarScreen(_Screen):
    """The years of both craft, and the table at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: dict[str, Any] = {}

    def time(self, craft: str, time: datetime) -> None:
        """How far a craft is."""
        if craft not in self._tasks:
            self._tasks[craft] = self._progress.add_task(craft, total=None)
        self._progress.update(self._tasks[craft], description=f"{craft:6} {time:%Y-%m-%d}")

    def table(self, rows: list[Row]) -> None:
        """Published and emulated times, and how well the rules do."""
        self.print(CALENDAR_HEADING)
        for row in rows:
            self.print(row.line())
        self.print("")
        for score in scores(rows):
            self.print(
                f"  {score.craft:6} {score.event:5}  {score.rows:2} judged: mean error {score.mean_error_h:.2f} h, "
                f"largest {score.largest_error_h:.2f} h"
            )
