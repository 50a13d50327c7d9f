"""Search for sequences of legal telecommands after which a rover can no longer be commanded.

Each sequence is made by chance from the whole command set of the dictionary, limits preferred: event-actions,
schedules, plans, monitors, parameters, times, modes. It is sent to the firmware on the Unix port of MicroPython at
speed max, with about the memory of a Pico. Then the ground sends nothing but a PING each hour. The rover is unreachable
if a lunar day goes by in which no PING is answered, or if the firmware ends with an exception. Exit status 1: a
sequence did that; it is written to a file in the form of an uplink file, which `--uplink FILE` runs again.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

from yutu2.dictionary.commands import CUC, OCTETS, TELECOMMAND, Command, CommandArgument
from yutu2.dictionary.model import load
from yutu2.dictionary.text import CLOCK_END_MS, WrongLine, told_value
from yutu2.firmware import borrow_sun, firmware_dir, to_datetime
from yutu2.line.runtime import find_micropython
from yutu2.mission.uplink_file import compile_uplink
from yutu2.runs.plan_load import pieces
from yutu2.uplink.cltu import cltu
from yutu2.uplink.encode import packet, read_request
from yutu2.uplink.frame import bd_frame, with_error_control

HOUR = 3600
DAY = 24 * HOUR
LUNAR_DAY = 2_551_443  # s, the synodic month
PIECE = 32  # octets of a line of a compiled uplink file
LAST_PHASE = 1.02
MOST_COMMANDS = 24
MOST_STEPS = 60  # of a plan
DEEPEST = 3  # commands in commands
COMMAND_OF_ACTION = 64  # octets
CONTAINED = 128
# Seconds from one command to the next; and to the time at which a scheduled one is due
PAUSES = (0.01, 1, 10, 10, 60, 200, 600, HOUR, 6 * HOUR, DAY, 5 * DAY)
AHEAD = (0.1, 1, 10, 60, 180, 540, 600, HOUR, 12 * HOUR, DAY, 7 * DAY, 14 * DAY, 16 * DAY, 20 * DAY, 29.5 * DAY)
# Commands that belong together, and how often each kind comes
KINDS = {"any": 10, "action": 5, "schedule": 4, "plan": 1, "move": 4, "parameter": 2, "monitor": 2, "loop": 3}

# Prints the mission time of each ALIVE, and "done" at the end
HARNESS = """
import gc, sys
sys.path.insert(0, sys.argv[1])
gc.threshold(16384)  # as main.py does while it loads
from rover.app import Rover
from rover.board.scratch import Scratch
from rover.inputs.settings import Settings

class Board(Scratch):  # a line that takes everything, and a store that keeps it
    def __init__(self):
        super().__init__()
        self.send = lambda frame: None
        self.watch = lambda number, s: None
        self.receive = lambda buffer: 0
        self.dropped = lambda: 0
        self.has_room = lambda: True
        self.show = lambda *light: None
        self.drain = lambda: None

options = dict(word.split("=", 1) for word in sys.argv[2:])
board = Board()
rover = Rover(Settings(options, speed="max"), board, board, board)
gc.threshold(-1)
clock, send = rover.clock, rover.telemetry.send

def note(apid, service, subservice, size):
    if service == 17:
        print(clock.s)
    send(apid, service, subservice, size)

rover.telemetry.send = note
rover.run()
print("done")
"""


@dataclass(frozen=True)
class Sequence:
    """Commands with their times. lines: of an uplink file. options: of the rover, with `start_s` for its start."""

    lines: tuple[str, ...]
    options: tuple[tuple[str, str], ...]

    @property
    def start_s(self) -> int:
        return int(dict(self.options)["start_s"])

    @property
    def text(self) -> str:
        """The uplink file, with the options of the rover in its first line."""
        told = " ".join(f"{name}={value}" for name, value in self.options)
        craft = dict(self.options).get("craft", "rover")
        return "\n".join([f"# {told}", f"craft {craft}", *self.lines]) + "\n"


@dataclass
class Outcome:
    """What came of a sequence. first_s: from its end to the first answered PING; None: there was none.

    gap_s: the longest time without an answer. trouble: why the rover counts as unreachable, "" if it does not.
    """

    first_s: int | None
    gap_s: int
    trouble: str


# --- Sequences ---


class Writer:
    """Writes commands by chance, as one writes them in an uplink file. now_s: mission time of the next one."""

    def __init__(self, chance: random.Random, now_s: float) -> None:
        self.chance = chance
        self.now_s = now_s
        self._dictionary = load()
        self._commands = {command.name: command for command in self._dictionary.commands}
        self._apid_of = {event.name: event.apid for event in self._dictionary.events}
        self._applications = self._dictionary.enums["application"]
        self._parameters = {parameter.name: parameter for parameter in self._dictionary.parameters}

    def commands(self) -> list[str]:
        """One command, or some that belong together."""
        kind = self.chance.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == "any":
            return [self.legal(self.chance.choice(list(self._commands)))]
        return list(getattr(self, f"_{kind}")())

    def legal(self, name: str, depth: int = 0, most: int = 1017) -> str:
        """A command of this name, of that many octets at most; a PING if chance does not find one."""
        for _ in range(8):
            text = self._command(self._commands[name], depth)
            try:
                if len(packet(read_request(text.split(), self._dictionary), 0, 0)) <= most:
                    return text
            except WrongLine:
                pass
        return "PING"

    def _command(self, command: Command, depth: int) -> str:
        rows = self.chance.choice((1, 1, 1, 2, 3)) if command.repeat else 1
        columns: dict[str, list[str]] = {argument.name: [] for argument in command.arguments}
        for row in range(rows):
            values: dict[str, str] = {}
            for argument in command.arguments:
                if row == 0 or not argument.once:
                    values[argument.name] = self._value(argument, values, depth)
            if {"apid", "event"} <= values.keys():
                values["apid"] = self._application(values["event"])
            for name, text in values.items():
                columns[name].append(text)
        return " ".join([command.name, *(f"{name}={','.join(column)}" for name, column in columns.items())])

    def _value(self, argument: CommandArgument, before: dict[str, str], depth: int) -> str:
        chance = self.chance
        if argument.type == OCTETS:
            return chance.randbytes(chance.randint(0, 40)).hex()
        if argument.type == TELECOMMAND:
            return f"({self._contained(depth, argument.most)})"
        if argument.type == CUC:
            return self.time()
        if argument.of is not None:
            parameter = self._parameters[before[argument.of]]
            measured = CommandArgument(
                argument.name,
                parameter.least,
                parameter.most,
                parameter.unit,
                None,
                parameter.scale,
                type=argument.type,
            )
            return told_value(measured, self._number(parameter.least, parameter.most))
        if argument.labels is not None:
            return chance.choice(list(argument.labels.values()))
        if argument.name == "sequence_control":
            return str(0xC000 + chance.randint(0, 60))
        if argument.name == "packet_id":
            return str(0x1800 + self._dictionary.apids["COMPUTER"])
        return told_value(argument, self._number(argument.least, argument.most))

    def _number(self, least: int, most: int) -> int:
        near = self.chance.randint(max(least, -100_000), min(most, 100_000)) if least < 100_000 else least
        return self.chance.choice((least, most, near))

    def _application(self, event: str) -> str:
        return self._applications[self._apid_of[event]]

    def _contained(self, depth: int, most: int) -> str:
        if depth >= DEEPEST or self.chance.random() < 0.5:
            return self.chance.choice(
                (
                    "MOVE event=NIGHTFALL",
                    "MOVE event=EXHAUSTED",
                    "MOVE event=FAULT",
                    "MOVE event=DUSK",
                    "PING",
                    "PLAN_START",
                )
            )
        return self.legal(self.chance.choice(list(self._commands)), depth + 1, most)

    def time(self) -> str:
        """A time that is near, or at an end of the clock."""
        s = self.chance.choice((*(self.now_s + ahead for ahead in AHEAD), 0, (CLOCK_END_MS - 1) / 1000))
        return utc(min(s, (CLOCK_END_MS - 1) / 1000))

    # --- Commands that belong together ---

    def _action(self) -> Iterator[str]:
        event = self.chance.choice(list(self._apid_of))
        yield from self.action(event, self._contained(0, COMMAND_OF_ACTION))

    def action(self, event: str, command: str) -> tuple[str, str]:
        """Gives an event a command, and enables it."""
        of = f"apid={self._application(event)} event={event}"
        return f"EVENT_ACTION_ADD {of} command=({command})", f"EVENT_ACTION_ENABLE {of}"

    def _schedule(self) -> Iterator[str]:
        yield "SCHEDULE_ENABLE"
        for _ in range(self.chance.choice((1, 1, 4))):
            yield f"SCHEDULE_INSERT sub_schedule=0 time={self.time()} command=({self._contained(0, CONTAINED)})"

    def _loop(self) -> Iterator[str]:
        """A command that sends the rover to sleep, again and again: by the schedule, or on what comes after waking."""
        event = self.chance.choice(("NIGHTFALL", "EXHAUSTED"))
        way = self.chance.randrange(3)
        if way == 0:
            often = ("ROVER_WAKE", "LANDER_WAKE", "NIGHT_COLD", "STEP_DONE", "ACTIVE_START", "SAFE_ENTER", "PLAN_BEGIN")
            yield from self.action(self.chance.choice(often), f"MOVE event={event}")
        elif way == 1:
            yield "SCHEDULE_ENABLE"
            count, every_s = self.chance.choice((8, 30)), self.chance.choice((180, 600, 3 * HOUR, 13 * HOUR))
            for number in range(0, count, 10):
                times = [self.now_s + 60 + every_s * (number + k) for k in range(min(10, count - number))]
                columns = ",".join(map(utc, times)), ",".join([f"(MOVE event={event})"] * len(times))
                yield f"SCHEDULE_INSERT sub_schedule=0 time={columns[0]} command={columns[1]}"
        else:
            # Back in time, where a command that an action puts into the schedule is due anew each time
            back, due = utc(self.now_s), utc(self.now_s + 5)
            yield "SCHEDULE_ENABLE"
            yield from self.action(self.chance.choice(list(self._apid_of)), f"TIME_SET time={back}")
            insert = f"SCHEDULE_INSERT sub_schedule=0 time={due} command=(MOVE event={event})"
            yield from self.action(self.chance.choice(list(self._apid_of)), insert)

    def _move(self) -> Iterator[str]:
        yield self.legal("MOVE")

    def _parameter(self) -> Iterator[str]:
        yield self.legal("PARAMETER_SET")

    def _monitor(self) -> Iterator[str]:
        monitors = list(self._dictionary.enums["monitor"].values())[:13]
        some = monitors if self.chance.random() < 0.5 else self.chance.sample(monitors, 3)
        yield f"MONITOR_{self.chance.choice(('ENABLE', 'DISABLE', 'DISABLE'))} monitor={','.join(some)}"

    def _plan(self) -> Iterator[str]:
        """A compiled plan, with numbers that only the firmware checks."""
        chance, kinds = self.chance, len(self._dictionary.enums["plan_activity"])
        steps = chance.choice((1, 3, 3, 10, MOST_STEPS))
        lines = [f"plan 1 {load().hash.hex()} {chance.choice((0, 0, 24, 25))}"]
        for _ in range(steps):
            first = chance.choice((0, 1, 3, 60, 359, 600, 100_000, 0x3FFFFFFF))
            second = chance.choice((0, 50, 5000, 0x3FFFFFFF))
            origin = chance.choice((0, 0, chance.randint(0, 2 * steps)))
            delay_s = chance.choice((0, 60, HOUR, chance.randint(0, 15 * DAY), 0x3FFFFFFF))
            policy = chance.randint(0, 2)
            lines.append(
                f"{chance.randint(1, kinds)} {first} {second} {origin} {delay_s} {chance.choice((0, 999))} {policy}"
            )
        for offset, octets in pieces(("\n".join(lines) + "\n").encode()):
            yield f"PLAN_LOAD offset={offset} octets={octets.hex()}"
        yield "PLAN_START"


def utc(s: float) -> str:
    """A mission time, as in an uplink file."""
    return to_datetime(*divmod(round(s * 1000), 1000)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def make_sequence(chance: random.Random, most: int = MOST_COMMANDS) -> Sequence:
    """A sequence by chance, from any time of a lunar day on."""
    start_s = start_of(chance.choice((24, 24, 30, 41)), chance.uniform(-0.02, LAST_PHASE))
    writer = Writer(chance, start_s + 60)
    lines: list[str] = []
    for _ in range(chance.randint(1, most)):
        for command in writer.commands():
            lines.append(f"{utc(writer.now_s)} {command}")
            writer.now_s += 2
        writer.now_s += chance.choice(PAUSES)
    plan = chance.choice(("own", *["none"] * 9))
    craft = chance.choice(("lander", *["rover"] * 7))
    return sequence(lines, start_s, craft, plan)


def sequence(lines: list[str], start_s: int, craft: str = "rover", plan: str = "none") -> Sequence:
    """A sequence of these lines of an uplink file. plan: `own`, the rover's, or `none`, an empty one."""
    return Sequence(tuple(lines), (("start_s", str(start_s)), ("craft", craft), ("plan", plan)))


def start_of(lunar_day: int, phase: float) -> int:
    """A time of a lunar day. phase: 0 at sunrise, 1 at sunset."""
    sun = borrow_sun()
    rise, fall = sun.sunrise(lunar_day), sun.sunset(lunar_day)
    return int(rise + phase * (fall - rise)) // 60 * 60


# --- Runs ---


def run(it: Sequence, lunar_days: int) -> Outcome:
    """Runs a rover through the commands of a sequence, and then through so many lunar days of PINGs."""
    micropython = find_micropython()
    if micropython is None:
        sys.exit("needs the Unix port of MicroPython")
    options = dict(it.options)
    compiled, end_s = uplink_of(it, lunar_days)
    with tempfile.TemporaryDirectory(prefix="yutu2-reachable-") as name:
        folder = Path(name)
        (folder / "uplink").write_text(compiled, encoding="ascii")
        words = [f"craft={options['craft']}", f"uplink={folder / 'uplink'}"]
        if options["plan"] == "none" and options["craft"] == "rover":
            (folder / "plan").write_text(f"plan 1 {load().hash.hex()} 0\n", encoding="ascii")
            words.append(f"plan={folder / 'plan'}")
        days = (end_s + lunar_days * LUNAR_DAY - it.start_s) // DAY + 1
        words += [f"start={to_datetime(it.start_s):%Y-%m-%dT%H:%M:%S}", f"days={days}"]
        command = [str(micropython), "-X", "heapsize=400k", "-c", HARNESS, str(firmware_dir()), *words]
        done = subprocess.run(command, capture_output=True, text=True)
    return judge(done, end_s, lunar_days)


def uplink_of(it: Sequence, lunar_days: int) -> tuple[str, int]:
    """The compiled uplink file of a sequence and its PINGs, and when the last command of the sequence is sent."""
    file = compile_uplink(it.text, "sequence", load())
    counts = accumulate((command.request.packets for command in file.commands), initial=0)
    lines = [f"uplink 1 {file.hash.hex()}"]
    for command, count in zip(file.commands, counts, strict=False):
        lines += frame_lines(command.time_ms, file.spacecraft, packet(command.request, file.apid, count))
    end_s = file.commands[-1].time_ms // 1000 + 1
    ping = packet(read_request(["PING"], load()), file.apid, 0)
    for s in range(end_s + HOUR, end_s + lunar_days * LUNAR_DAY, HOUR):
        lines += frame_lines(s * 1000, file.spacecraft, ping)
    return "\n".join(lines) + "\n", end_s


def frame_lines(time_ms: int, spacecraft: int, octets: bytes) -> list[str]:
    """The lines of a compiled uplink file that send a packet as a BD frame."""
    s, ms = divmod(time_ms, 1000)
    sent = whole(spacecraft, octets)
    return [f"{s} {ms} {sent[at : at + PIECE].hex()}" for at in range(0, len(sent), PIECE)]


@cache
def whole(spacecraft: int, octets: bytes) -> bytes:
    """A packet on the line."""
    return cltu(with_error_control(bd_frame(spacecraft, octets)))


def judge(done: "subprocess.CompletedProcess[str]", end_s: int, lunar_days: int) -> Outcome:
    """What a run of HARNESS shows."""
    words = done.stdout.split()
    answered = [s for s in map(int, words[:-1] if words[-1:] == ["done"] else words) if s > end_s]
    ends = [end_s, *answered, end_s + lunar_days * LUNAR_DAY]
    gap_s = max(later - earlier for earlier, later in pairwise(ends))
    first_s = answered[0] - end_s if answered else None
    trouble = ""
    if done.returncode or words[-1:] != ["done"]:
        trouble = f"the firmware ended with status {done.returncode}: {done.stderr[-2000:]}"
    elif gap_s >= LUNAR_DAY:
        trouble = f"no PING answered in {gap_s / DAY:.1f} Earth days"
    return Outcome(first_s, gap_s, trouble)


@dataclass
class Campaign:
    """What came of many sequences."""

    lunar_days: int
    folder: Path
    tried: int = 0
    commands: int = 0
    simulated_s: float = 0
    first_s: int = 0
    gap_s: int = 0
    unreachable: list[str] = field(default_factory=list)

    def add(self, it: Sequence, outcome: Outcome, number: int) -> None:
        """Counts a sequence, and keeps it if the rover was unreachable."""
        self.tried += 1
        self.commands += len(it.lines)
        _, end_s = uplink_of(it, 0)
        self.simulated_s += end_s - it.start_s + self.lunar_days * LUNAR_DAY
        self.first_s = max(self.first_s, outcome.first_s or 0)
        self.gap_s = max(self.gap_s, outcome.gap_s)
        if outcome.trouble:
            path = self.folder / f"unreachable-{number}.uplink"
            path.write_text(it.text, encoding="utf-8")
            self.unreachable.append(f"{path}: {outcome.trouble}")


def main() -> None:
    """Runs the campaign, and prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=200, help="command sequences to try (default 200)")
    parser.add_argument("--seed", type=int, default=7, help="of chance (default 7)")
    parser.add_argument("--lunar-days", type=int, default=2, help="of PINGs after each sequence (default 2)")
    parser.add_argument("--minutes", type=float, help="stop after so many minutes")
    parser.add_argument("--uplink", type=Path, help="run this sequence again, a file that the campaign has written")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for sequences that fail (default: this one)")
    options = parser.parse_args()
    campaign = Campaign(options.lunar_days, options.out)
    began = time.monotonic()
    if options.uplink is not None:
        text = options.uplink.read_text(encoding="utf-8").splitlines()
        read = tuple(tuple(word.split("=", 1)) for word in text[0].removeprefix("# ").split())
        outcome = run(Sequence(tuple(text[2:]), read), options.lunar_days)  # type: ignore[arg-type]
        sys.exit(print(outcome) or bool(outcome.trouble))
    for number in range(options.sequences):
        if options.minutes and time.monotonic() - began > 60 * options.minutes:
            break
        it = make_sequence(random.Random(options.seed << 20 | number))
        campaign.add(it, run(it, options.lunar_days), number)
        if campaign.tried % 20 == 0:
            taken = time.monotonic() - began
            print(f"[{taken:4.0f} s] {campaign.tried}, {len(campaign.unreachable)} unreachable", file=sys.stderr)
    print(f"command sequences tried     {campaign.tried:,}, with {campaign.commands:,} commands, seed {options.seed}")
    print(f"lunar days simulated        {campaign.simulated_s / LUNAR_DAY:,.0f}")
    print(f"longest to a first answer   {campaign.first_s / DAY:.2f} Earth days after the last command")
    print(f"longest without an answer   {campaign.gap_s / DAY:.2f} Earth days, the night included")
    print(f"unreachable                 {len(campaign.unreachable)}")
    for line in campaign.unreachable:
        print(line)
    sys.exit(bool(campaign.unreachable))


if __name__ == "__main__":
    main()
