"""Lives for years with trouble: random parking tilts, a random fault a week, and checks that hold on every day of them.

400 lunar days, 32 years. The rover is the firmware, folded as a board gets it, on the Unix port of MicroPython at max,
with its own plan and a heap of 400 KB: on 64 bits what a Pico holds in 200 takes twice the room. `--drives` lives them
in 200 KB, by a plan that drives and does not observe.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median_low

from yutu2.decode.fields import Report, pus_type
from yutu2.decode.packets import Packet
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.behaviour import Fault
from yutu2.dictionary.model import load
from yutu2.firmware import borrow_sun, firmware_dir, to_datetime
from yutu2.line.runtime import find_micropython
from yutu2.mission.plan import compile_plan
from yutu2.mission.scenario import compile_scenario
from yutu2.pico.constant_folding import fold_constants
from yutu2.pico.shortened_names import shorten_parameters

START = datetime(2019, 1, 4, tzinfo=UTC)
DRIVES = f"""
dictionary {load().hash.hex()}
lunar-day each
morning:   at sunrise + 3d  drive bearing=315 distance=12
afternoon: at sunset - 3d   drive bearing=315 distance=12
"""
WEEK = timedelta(days=7)
LONGEST_FAULT_H = 72
# Loads that draw what they should not are cut off for good: a craft to which that happens each month has none left soon
FOR_GOOD = ("load_stuck_on", "load_draws_more")
LAST_YEARS = timedelta(days=1000)
LONGEST_JUMP_S = 3000
NEAR = timedelta(hours=2)
PERIOD_S = 60
# In two Earth days: three, one into safe mode, and three more by its rule of recovery. More is a loop.
MOST_RESTARTS = 7
AGAIN = timedelta(days=2)

# Tells on standard error what is free after a collection, each so many activities; all else is as always
DRIVER = """
import gc, sys
sys.path.insert(0, sys.argv[1])
gc.threshold(16384)  # as main.py does while it loads
from rover import boot_desktop
turns = 0

class Measured(boot_desktop.Rover):
    def _before(self, activity, s):
        global turns
        turns += 1
        if turns % 20000 == 0:
            gc.collect()
            print("free", s, gc.mem_free(), file=sys.stderr)
        super()._before(activity, s)

boot_desktop.Rover = Measured
sys.exit(boot_desktop.main(sys.argv[2:]))
"""


def scenario(lunar_days: int, chance: random.Random) -> tuple[str, list[tuple[datetime, datetime, str]]]:
    """Lines of a scenario, and (begin, end, fault) of each fault in it."""
    faults = [fault for fault in load().faults if fault.name not in ("park_tilt", "random_tilt", "monitor")]
    milder = [fault for fault in faults if fault.name not in FOR_GOOD]
    lines, told = [f"{START:%Y-%m-%dT%H:%M:%S}Z random_tilt"], []
    end = to_datetime(borrow_sun().sunset(lunar_days))
    week = START
    while week + WEEK < end:
        begin = week + timedelta(minutes=chance.randrange(3 * 24 * 60))
        fault = chance.choice(faults if week > end - LAST_YEARS else milder)
        words = [f"{begin:%Y-%m-%dT%H:%M:%S}Z", fault.name, *arguments(fault, chance)]
        minutes = 0 if fault.momentary else chance.randint(1, LONGEST_FAULT_H * 60)
        if minutes:
            words.append(f"for {minutes}min")
        lines.append(" ".join(words))
        told.append((begin, begin + timedelta(minutes=minutes), fault.name))
        week += WEEK
    return "\n".join(lines), told


def arguments(fault: Fault, chance: random.Random) -> Iterator[str]:
    """Random arguments."""
    for argument in fault.arguments:
        labels = list((argument.labels or {}).values())
        # A clock that is off by weeks would hide here when things happened
        number = chance.randint(max(argument.least, -LONGEST_JUMP_S), min(argument.most, LONGEST_JUMP_S))
        yield f"{argument.name}={chance.choice(labels) if labels else number}"


@dataclass
class Campaign:
    """What came of the years. troubles: what should not have been."""

    faults: list[tuple[datetime, datetime, str]]
    events: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    free: list[int] = field(default_factory=list)
    octets: int = 0
    _explained: set[str] = field(default_factory=set)
    _restarts: list[datetime] = field(default_factory=list)
    _last: datetime | None = None
    _awake: bool = True
    _gap: str | None = None  # a trouble, unless a restart is told next

    def housekeeping(self, time_: datetime) -> None:
        """A report of the computer: the one before it came a minute ago, but for restarts and a line that failed."""
        self._settle_gap()
        if self._last is not None and self._awake:
            gap_s = (time_ - self._last).total_seconds()
            if gap_s != PERIOD_S and not self._near(self._last, time_, ("link_", "clock_jump")):
                self._gap = f"{time_}: housekeeping after {gap_s} s"
        self._last, self._awake = time_, True

    def event(self, report: Report) -> None:
        """An event."""
        fields, time_ = report.fields or {}, report.time
        assert report.name is not None and time_ is not None
        self.events[report.name] += 1
        if report.name == "CRASH_REPORT":
            self._gap = None
            self._explained.add("RESETS")
            self._restarts = [*(time for time in self._restarts if time > time_ - AGAIN), time_]
            if len(self._restarts) > MOST_RESTARTS:
                self.troubles.append(f"{time_}: {len(self._restarts)} restarts in {AGAIN.days} days")
        self._settle_gap()
        if report.name.endswith(("_SLEEP", "_WAKE", "CLOCK_JUMPED")):
            # Silence follows, or came before if the line has lost the other one; or the clock is set right
            self._awake = False
        elif report.name == "RESPONSE" and fields["action"] == "GO_SAFE":
            self._explained |= {str(fields["monitor"]), "RESETS"}
        elif report.name == "SAFE_ENTER" and fields["reason"] not in self._explained:
            by_ground = fields["reason"] == "BY_COMMAND" and self._near(START, time_, ("request",))
            if not by_ground and not self._near(time_ - timedelta(days=30), time_, ("link_",)):
                self.troubles.append(f"{time_}: safe mode for {fields['reason']}, which nothing explains")

    def _settle_gap(self) -> None:
        if self._gap is not None:
            self.troubles.append(self._gap)
            self._gap = None

    def _near(self, since: datetime, until: datetime, names: tuple[str, ...]) -> bool:
        """Whether there was a fault of these names between two times, or near them: the clock may be off."""
        return any(
            begin - NEAR <= until and since <= end + NEAR for begin, end, name in self.faults if name.startswith(names)
        )


def live(lunar_days: int, seed: int, drives: bool) -> Campaign:
    """Lives so many lunar days. drives: by the plan that does not observe."""
    lines, faults = scenario(lunar_days, random.Random(seed))
    campaign = Campaign(faults)
    micropython = find_micropython()
    if micropython is None:
        sys.exit("needs the Unix port of MicroPython")
    with tempfile.TemporaryDirectory(prefix="yutu2-years-") as name:
        folder = Path(name)
        (folder / "scenario.txt").write_text(compile_scenario(lines, "years", load()).compiled(), encoding="ascii")
        (folder / "driver.py").write_text(DRIVER, encoding="utf-8")
        fold_firmware(folder)
        days = (to_datetime(borrow_sun().sunset(lunar_days)) - START).days
        heap = "200k" if drives else "400k"
        command = [micropython, "-X", f"heapsize={heap}", folder / "driver.py", folder]
        if drives:
            (folder / "plan.txt").write_text(compile_plan(DRIVES, "drives", load()).compiled(), encoding="ascii")
            command.append(f"--plan={folder / 'plan.txt'}")
        command += [
            f"--start={START:%Y-%m-%d}",
            f"--days={days}",
            f"--scenario={folder / 'scenario.txt'}",
            f"--seed={seed}",
        ]
        with (
            (folder / "err").open("w+b") as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as rover,
        ):
            receive(rover, campaign)
            errors.seek(0)
            told = errors.read().decode().splitlines()
    campaign.free = [int(line.split()[2]) for line in told if line.startswith("free ")]
    other = [line for line in told if not line.startswith("free ") and "series is past its fit" not in line]
    if rover.returncode or other:
        campaign.troubles.append(f"the rover ended with status {rover.returncode}: {other}")
    return campaign


def fold_firmware(folder: Path) -> None:
    """Puts the firmware there as a board gets it, but as source."""
    paths = sorted((firmware_dir() / "rover").rglob("*.py"))
    sources = {path.relative_to(firmware_dir()).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    for name, source in shorten_parameters(fold_constants(sources)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source, encoding="utf-8")


def _is_event_or_computer(packet: Packet) -> bool:
    """Whether a packet has a PUS header, and is no housekeeping of another process than the computer."""
    kind = pus_type(packet)
    return kind is not None and (kind != (3, 25) or packet.apid == 1)


def receive(rover: "subprocess.Popen[bytes]", campaign: Campaign) -> None:
    """Hears all that the rover says, with progress."""
    decoder = TelemetryDecoder(load(), _is_event_or_computer)
    assert rover.stdout is not None
    told = time.monotonic()
    while chunk := rover.stdout.read(1 << 18):
        campaign.octets += len(chunk)
        for report in decoder.feed(chunk):
            if report.service == 5:
                campaign.event(report)
            elif report.time is not None:
                campaign.housekeeping(report.time)
        if campaign._last is not None and time.monotonic() - told > 10:
            told = time.monotonic()
            print(f"[{time.monotonic() - BEGAN:4.0f} s] {campaign._last:%Y-%m-%d}", file=sys.stderr)


def thirds(numbers: list[int]) -> list[list[int]]:
    """A list in three parts; empty ones left out."""
    size = len(numbers) // 3 + 1
    return [part for part in (numbers[:size], numbers[size : 2 * size], numbers[2 * size :]) if part]


BEGAN = time.monotonic()


def main() -> None:
    """Lives, and tells what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lunar-days", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--drives", action="store_true", help="drive and do not observe, in 200 KB")
    options = parser.parse_args()
    campaign = live(options.lunar_days, options.seed, options.drives)
    for name, count in sorted(campaign.events.items()):
        print(f"{name:18} {count:7,}")
    free = [median_low(part) for part in thirds(campaign.free)]
    print(f"{options.lunar_days} lunar days, {len(campaign.faults)} faults, {campaign.octets:,} octets")
    least = min(campaign.free, default=0)
    print(f"heap free after a collection, median of each third of the time: {free}; least: {least}")
    print(f"took {time.monotonic() - BEGAN:.0f} s")
    for trouble in campaign.troubles:
        print("TROUBLE", trouble)
    sys.exit(1 if campaign.troubles else 0)


if __name__ == "__main__":
    main()
