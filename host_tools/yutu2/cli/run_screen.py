"""What `yutu2 run` prints: heading, timeline and summary."""

from datetime import datetime
from pathlib import Path

from yutu2.cli.progress import Screen
from yutu2.mission.hibernation import Dormancy, is_dark, minute, next_sunrise, was_awake
from yutu2.mission.run_period import span_of
from yutu2.products import product_table
from yutu2.runs import command_outcomes, observations
from yutu2.runs.run import Outcome
from yutu2.runs.timeline import HEADING, Entry
from yutu2.show.reception_statistics import account_line

_STYLES = {"SUNRISE": "yellow", "SUNSET": "yellow", "ROVER_WAKE": "green", "LANDER_WAKE": "green"}


class RunScreen(Screen):
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
        if outcome.traverse:
            for line in outcome.traverse.lines():
                self.print(line)
            self.print("")
        for line in observations.lines(outcome.observations, outcome.together):
            self.print(line)
        if outcome.products:
            self.print(product_table.summary_line(outcome.products))
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
            self.print(f"Kept in {out}: downlink.tm, dictionary.toml, packets.jsonl, summary.json{products}")
        if outcome.commands is not None:
            self.print("")
            for line in command_outcomes.lines(outcome.commands):
                self.print(line)

    def _why_nothing(self) -> str:
        if self._span and was_awake(*self._span, self._craft):
            return "Nothing came down, though the craft was awake: its firmware has not run; see --micropython."
        return "Nothing came down: the craft was asleep all the time."
