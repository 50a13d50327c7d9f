"""The fault catalogue: what each fault of a scenario does to a rover, from runs of the real firmware.

`python tests/faults/catalogue.py` lives them all on the Unix port, and writes the table of README.md beside it.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from yutu2.decode.fields import Report
from yutu2.decode.telemetry import Account, TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.line.runtime import find_micropython, firmware_command
from yutu2.mission.scenario import compile_scenario

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- catalogue -->", "<!-- end of catalogue -->"

# From before the wake-up of lunar day 24 into the morning of lunar day 25
SPAN = {"start": "2020-11-08T06:00:00Z", "days": "34"}
# What may be the first sign of a fault, besides an event of low severity or worse
SIGNS = {"SENSOR_LOST", "CRASH_REPORT", "SAFE_ENTER"}
# What a rover does about one
RESPONSES = {"RESPONSE", "CRASH_REPORT", "SAFE_ENTER"}


@dataclass(frozen=True)
class Case:
    """One fault of the catalogue: its line of a scenario. by_ground: no one but the ground can see it."""

    line: str
    by_ground: bool = False

    @property
    def name(self) -> str:
        """The fault with its arguments."""
        return " ".join(self.line.split()[1:])

    @property
    def time(self) -> datetime:
        """When it begins, by the on-board time that it leaves behind."""
        jump = int(self.line.partition("seconds=")[2]) if "clock_jump" in self.line else 0
        return datetime.fromisoformat(self.line.split()[0]) + timedelta(seconds=jump)


# At 19:15 on 10 November the rover takes a spectrum and listens to atoms; from 11:04 on the 11th it drives
CASES = (
    Case("2020-11-10T19:15:00Z sensor_dead sensor=BOX_A for 6h"),
    Case("2020-11-10T19:15:00Z sensor_stuck sensor=BOX_A for 6h"),
    Case("2020-11-10T19:15:00Z sensor_jumps sensor=BOX_A by=400 for 6h"),
    Case("2020-11-10T19:15:00Z sensor_dead sensor=SUN_ELEVATION for 1d"),
    Case("2020-11-10T19:15:00Z sensor_stuck sensor=SUN_ELEVATION for 1d"),
    Case("2020-11-10T19:15:00Z sensor_dead sensor=SUN_ELEVATION"),
    Case("2020-11-10T19:15:00Z sensor_dead sensor=ARRAY_POWER"),
    Case("2020-11-10T19:15:00Z sensor_dead sensor=BATTERY_CHARGE for 6h"),
    Case("2020-11-10T19:15:00Z sensor_dead sensor=LOAD_POWER for 6h"),
    Case("2020-11-10T19:15:00Z load_stuck_on load=LOAD_HEATER"),
    Case("2020-12-08T12:00:00Z load_dead load=LOAD_HEATER"),
    Case("2020-11-10T19:15:00Z load_dead load=LOAD_PAYLOAD for 1d"),
    Case("2020-11-10T19:15:00Z load_draws_more load=LOAD_PAYLOAD watts=80 for 1d"),
    Case("2020-11-10T19:15:00Z load_draws_more load=LOAD_RADIO watts=200"),
    Case("2020-11-10T19:15:00Z load_dead load=LOAD_ASAN for 2h"),
    Case("2020-11-10T19:15:00Z instrument_fails instrument=VNIS for 2h"),
    Case("2020-11-11T11:00:00Z load_dead load=LOAD_WHEELS for 1h"),
    Case("2020-11-11T11:05:00Z obstacle centimetres=60 for 1h"),
    Case("2020-11-10T19:15:00Z dust percent=40"),
    Case("2020-11-10T19:15:00Z dust percent=80 for 4d"),
    Case("2020-11-10T19:15:00Z strings_lost count=2"),
    Case("2020-11-21T12:00:00Z battery_aged percent=15"),
    Case("2020-11-10T19:15:00Z clock_jump seconds=3600"),
    Case("2020-11-10T19:15:00Z clock_jump seconds=-3600"),
    Case("2020-11-10T19:15:00Z reset"),
    Case("2020-11-28T12:00:00Z reset"),
    Case("2020-11-10T19:15:00Z brown_out"),
    Case("2020-11-10T19:15:00Z hang for 1s"),
    Case("2020-11-10T19:15:00Z hang for 2h"),
    Case("2020-11-10T19:15:00Z link_cut for 2h", by_ground=True),
    Case("2020-11-10T19:15:00Z link_noisy bits=3 for 6h", by_ground=True),
    Case("2020-11-10T19:15:00Z link_stalled for 6h"),
    Case("2020-11-10T19:15:00Z flash_error for 6h"),
    Case("2020-11-14T00:00:00Z flash_error for 1d"),
    Case("2020-11-10T19:15:00Z memory_squeeze kib=24 for 1d"),
    Case("2020-11-10T19:15:00Z request event=FAULT"),
    Case("2020-11-10T19:15:00Z monitor monitor=MON_COMMANDS status=ENABLED"),
    Case("2020-11-10T19:15:00Z park_tilt centidegrees=-100"),
)


@dataclass
class Outcome:
    """What a run came to. steps: of the plan that the ground has heard to be done."""

    reports: list[Report]
    account: Account
    steps: int = field(init=False)

    def __post_init__(self) -> None:
        self.steps = sum(report.name == "ACTIVITY_DONE" for report in self.reports)

    def events(self) -> list[Report]:
        """All events, in the order in which they came."""
        return [report for report in self.reports if report.service == 5]

    def housekeeping(self) -> list[Report]:
        """The reports of the computer."""
        return [report for report in self.reports if report.name == "HK_COMPUTER"]


def live(lines: str) -> Outcome:
    """Lives SPAN with the lines of a scenario."""
    with tempfile.TemporaryDirectory(prefix="yutu2-faults-") as folder:
        options = dict(SPAN)
        if lines:
            compiled = Path(folder) / "scenario.txt"
            compiled.write_text(compile_scenario(lines, "catalogue", load()).compiled(), encoding="ascii")
            options["scenario"] = str(compiled)
        done = subprocess.run(firmware_command(find_micropython(), options), capture_output=True)
    if done.returncode:
        sys.exit(f"{lines}: the rover ended with status {done.returncode}: {done.stderr.decode()}")
    reception = TelemetryDecoder(load())
    reports = reception.feed(done.stdout)
    reception.finish()
    return Outcome(reports, reception.account())


@dataclass(frozen=True)
class Entry:
    """A line of the table."""

    fault: str
    detection: str
    response: str
    after: str
    final_mode: str
    steps_lost: int

    def row(self) -> str:
        """As Markdown."""
        words = (f"`{self.fault}`", self.detection, self.response, self.after, self.final_mode, str(self.steps_lost))
        return f"| {' | '.join(words)} |"


def told(event: Report) -> str:
    """An event in few words."""
    fields = event.fields or {}
    names = ("sensor", "instrument", "fault", "load", "activity", "action", "reason")
    words = [str(fields[name]) for name in names if name in fields]
    return " ".join([event.name or "?", *words])


def entry_of(case: Case, outcome: Outcome, steps: int) -> Entry:
    """What the catalogue tells of a fault. steps: that a rover without one does."""
    after = [event for event in outcome.events() if event.time is not None and event.time >= case.time]
    signs = [event for event in after if (event.subservice or 0) > 1]
    responses = [event for event in signs if event.name in RESPONSES and told(event) != "RESPONSE NOTHING"]
    delay = responses[0].time - case.time if responses and responses[0].time else None
    if case.by_ground:
        frames, channel = outcome.account["frames"], outcome.account["channels"]["0"]
        detection = f"the ground: {channel['lost']} frames missing, {frames['damaged']} damaged"
    else:
        detection = told(signs[0]) if signs else "nothing to see"
    return Entry(
        fault=case.name,
        detection=detection,
        response=told(responses[0]) if responses else "none needed",
        after=short(delay) if delay is not None else "",
        final_mode=str((outcome.housekeeping()[-1].fields or {})["mode"]),
        steps_lost=steps - outcome.steps,
    )


def short(delay: timedelta) -> str:
    """A time in words."""
    minutes = delay.total_seconds() / 60
    if minutes < 1:
        return f"{delay.total_seconds():.0f} s"
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 2880 else f"{minutes / 1440:.1f} d"


def table(entries: list[Entry]) -> Iterator[str]:
    """The table as Markdown."""
    yield "| fault | detected by | response | after | mode at the end | steps lost |"
    yield "|---|---|---|---|---|---|"
    yield from (entry.row() for entry in entries)


def with_table(text: str, entries: list[Entry]) -> str:
    """The text of README.md with a new table."""
    head, _, rest = text.partition(BEGIN)
    return head + "\n".join([BEGIN, *table(entries), END]) + rest.partition(END)[2]


def main() -> None:
    """Lives all faults, and writes the table."""
    steps = live("").steps
    entries = []
    for number, case in enumerate(CASES, 1):
        entries.append(entry_of(case, live(case.line), steps))
        print(f"{number}/{len(CASES)} {entries[-1].row()}", file=sys.stderr)
    README.write_text(with_table(README.read_text(encoding="utf-8"), entries), encoding="utf-8")


if __name__ == "__main__":
    main()
