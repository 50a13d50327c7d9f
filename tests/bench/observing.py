"""What the instruments cost on an emulated Pico: each alone, then three together, in one run at real time."""

import re
from pathlib import Path
from typing import NamedTuple

from boards import KIB, Row, at_most, board_with, text_until
from yutu2.dictionary.model import load
from yutu2.mission.plan import compile_plan
from yutu2.pico.image import compile_module

SETTINGS = {"start": "2020-11-11T02:59:50Z", "days": "0.0103", "speed": "1", "link": "uart", "baud": "921600"}
PLAN = """
lunar-day 24
ring:     at 2020-11-11T03:00:00Z  pcam_ring pitches=1
radar:    after ring + 5s          lpr_stand minutes=1
atoms:    after radar + 5s         asan_observe minutes=1
scans:    after atoms + 5s         vnis_calibrate
together: after scans + 60s        vnis_calibrate
radar2:   with together + 130s     lpr_stand minutes=1
atoms2:   with together + 131s     asan_observe minutes=1
"""
INSTRUMENTS = ("pcam", "lpr", "asan", "vnis")
PHASES = (*INSTRUMENTS, "together")

MAIN = b"""
import gc
gc.threshold(16384)  # as main.py does
from rover import boot_pico
gc.collect()
before = gc.mem_free()
import observing
gc.collect()
observing.run(before - gc.mem_free())
"""

# Waits of the wall in which nothing happens are left out: they would take the emulator minutes. So would whole
# observations: PCAM is muted after a pair of pictures, VNIS after one scan of the panel, and at last after one more
PROGRAM = """
import gc
import time
import micropython
from rover import app, boot_pico
from rover.world.hardware import Hardware
from rover.instruments.payload import Payload
from rover.kernel.scheduler import RealTimePacer

NAMES = ("pcam", "vnis", "asan", "lpr")
figures = {name: [0, 0, 0] for name in %(names)r}

def since(before):
    return time.ticks_diff(time.ticks_us(), before)

def told(name, us):
    figure = figures[name]
    figure[0] += 1
    figure[1] += us
    figure[2] = max(figure[2], us)

def timed(call, name):
    def wrapper(*arguments):
        before = time.ticks_us()
        result = call(*arguments)
        told(name, since(before))
        return result
    return wrapper

class Hasty(RealTimePacer):
    def wait(self, mission_ms):
        line = self._line
        self._ahead_ms += mission_ms - self._elapsed_ms()
        line.idle(0)
        while self._ahead_ms > 0 and not line.has_room():
            line.idle(self._ahead_ms)
            self._ahead_ms -= self._elapsed_ms()
        self._ahead_ms = min(0, self._ahead_ms)
        return -1

class Observed(Hardware):
    def power_up(self, number):
        before = time.ticks_us()
        super().power_up(number)
        told("world_" + NAMES[number - 16], since(before))

    def survey(self):
        before = time.ticks_us()
        more = super().survey()
        told("survey", since(before))
        return more

    def face(self, turned, pitch):
        before = time.ticks_us()
        super().face(turned, pitch)
        self.picture = since(before)
        self.columns = 0

    def expose(self, eye, first, count, gain, pixels):
        before = time.ticks_us()
        super().expose(eye, first, count, gain, pixels)
        us = since(before)
        told("slice", us)
        self.picture += us
        self.columns += count
        if self.columns == 64:
            told("picture", self.picture)
            self._mute[0] = figures["picture"][0] == 2

    def scan(self, kind, detector, octets, at):
        before = time.ticks_us()
        super().scan(kind, detector, octets, at)
        told("scan", since(before))
        self._mute[1] = figures["scan"][0] in (3, 5)

    def count(self, octets, at):
        before = time.ticks_us()
        super().count(octets, at)
        told("spectrum", since(before))

    def trace(self, channel, ahead, octets, at):
        before = time.ticks_us()
        super().trace(channel, ahead, octets, at)
        told("trace_60" if channel == 0 else "trace_500", since(before))

class Watched(Payload):
    def begin(self, step, activity, number, units, seconds):
        rover, name = Benched.one, NAMES[number - 16]
        phase = "together" if step > 4 else name
        if step <= 5:
            self.sample("before_" + phase)
        rover.phase = phase
        if step == 5:
            rover.mute[1] = 0
        before = time.ticks_us()
        super().begin(step, activity, number, units, seconds)
        if step <= 4:
            told("load_" + name, since(before))
        instrument = self._at_work[number - 16]._next
        instrument.call = timed(instrument.call, "holds_" + phase)

    def end(self, number, reason):
        rover = Benched.one
        if rover.phase != "together" or all(self._at_work[1:]):
            self.sample("during_" + rover.phase)
        before = time.ticks_us()
        octets = super().end(number, reason)
        told("drop", since(before))
        if not any(self._at_work):
            self.sample("after_" + rover.phase)
        return octets

    # Measuring takes no time of the wall
    def sample(self, when):
        before = time.ticks_ms()
        gc.collect()
        print("heap", when, gc.mem_free())
        micropython.mem_info()
        board = Benched.one.wall_clock
        board._ticks = time.ticks_add(board._ticks, time.ticks_diff(time.ticks_ms(), before))

class Benched(boot_pico.Rover):
    phase = "start"

    def run(self):
        Benched.one = self
        super().run()

    def _before(self, activity, s):
        if self.pacer.is_late():
            told("late_" + self.phase, -self.pacer._ahead_ms * 1000)
        super()._before(activity, s)

def run(own):
    board = boot_pico.FlashStore
    for name in ("append", "keep_file"):
        setattr(board, name, timed(getattr(board, name), name))
    app.RealTimePacer = Hasty
    app.Hardware = Observed
    app.Payload = Watched
    boot_pico.Rover = Benched
    boot_pico.main()
    for name in figures:
        print("bench", name, *figures[name])
    print("bench own", own, 0, 0)
    print("bench over")
"""


class Figure(NamedTuple):
    """Of all calls of one kind: how many, and their times in us."""

    calls: int
    total: int
    longest: int


class Heap(NamedTuple):
    """Octets after a collection: free, in the largest piece that is taken, in the largest that is free."""

    free: int
    piece: int
    room: int


class Observed(NamedTuple):
    """What one run has told. figures: by name; heap: by when and phase."""

    figures: dict[str, Figure]
    heap: dict[str, Heap]


def observe(folder: Path) -> Observed:
    """Lets an emulated board follow the plan."""
    dictionary = load()
    plan = f"dictionary {dictionary.hash.hex()}\n{PLAN}"
    measured = [
        "survey",
        "slice",
        "picture",
        "scan",
        "spectrum",
        "trace_60",
        "trace_500",
        "append",
        "keep_file",
        "drop",
    ]
    measured += [f"{what}_{name}" for what in ("load", "world") for name in INSTRUMENTS]
    measured += [f"{what}_{phase}" for what in ("holds", "late") for phase in PHASES] + ["late_start"]
    program = PROGRAM % {"names": tuple(measured)}
    files = {
        "main.py": MAIN,
        "observing.mpy": compile_module(program, "observing.py", Path("observing.py")),
        "plan.txt": compile_plan(plan, "plan", dictionary).compiled().encode(),
    }
    with board_with(folder, SETTINGS | {"plan": "plan.txt"}, files) as board:
        text = text_until(board, b"bench over", 300_000).decode()
        assert not board.resets, text
    figures = {
        name: Figure(*(int(number) for number in numbers.split()))
        for name, numbers in re.findall(r"bench (\w+) (\d+ \d+ \d+)", text)
    }
    own = figures["own"].calls
    looks = re.findall(r"heap (\w+) (\d+).*?max blk sz: (\d+), max free sz: (\d+)", text, re.DOTALL)
    heap = {when: Heap(int(free) + own, int(piece) * 16, int(room) * 16) for when, free, piece, room in looks}
    return Observed(figures, heap)


def instruments(observed: Observed) -> list[Row]:
    """Rows of what each instrument computes."""
    figures = observed.figures
    both = figures["trace_60"].longest + figures["trace_500"].longest

    def loading(name: str) -> list[Row]:
        return [
            at_most(f"{name.upper()} loaded, with what it looks at", figures[f"load_{name}"].longest),
            at_most("  in it: what it looks at", figures[f"world_{name}"].longest),
        ]

    minute = figures["holds_lpr"].total
    return [
        *loading("pcam"),
        at_most("  survey of the scene, 192 rows", figures["survey"].total),
        at_most("  a row of it, at most", figures["survey"].longest, 20),
        at_most("  a picture of 64 columns, at most", figures["picture"].longest, 150),
        at_most("  what is read out of it at once, at most", figures["slice"].longest),
        *loading("vnis"),
        at_most("  a scan, at most", figures["scan"].longest, 60),
        *loading("asan"),
        at_most("  a spectrum, at most", figures["spectrum"].longest, 5),
        *loading("lpr"),
        at_most("  a trace of both channels, at most", both, 40),
        Row("  a minute of both channels, kept", f"{minute / 1e6:.2f} s, processor {minute / 6e5:.1f} %"),
        at_most("the end of an observation: file closed, code dropped, at most", figures["drop"].longest),
    ]


def holding(observed: Observed) -> list[Row]:
    """Rows of how long others wait."""
    figures = observed.figures
    names = {name: name.upper() for name in INSTRUMENTS} | {"together": "VNIS, ASAN and LPR together"}
    rows = [at_most("octets into flash, at most", figures["append"].longest)]
    for phase, name in names.items():
        late = figures[f"late_{phase}"]
        rows.append(at_most(f"{name}: longest activity", figures[f"holds_{phase}"].longest))
        rows.append(Row("  activities that start > 20 ms late", f"{late.calls}, at most {late.longest // 1000} ms"))
    return rows


def room(observed: Observed) -> list[Row]:
    """Rows of the heap."""
    heap = observed.heap
    least = min(heap[f"before_{phase}"].free for phase in PHASES) / KIB
    rows = [Row("heap free before an observation, at least", f"{least:.1f} KiB", ">= 80 KiB", least >= 80)]
    for phase in PHASES:
        now = heap[f"during_{phase}"]
        name = "VNIS, ASAN and LPR" if phase == "together" else phase.upper()
        figure = f"{now.free / KIB:.1f} KiB, largest piece taken {now.piece / KIB:.1f} KiB"
        rows.append(Row(f"  free while {name} observe", figure, "no piece > 32 KiB", now.piece <= 32 * KIB))
    after = heap["after_together"]
    rows.append(
        Row("  free after all were dropped", f"{after.free / KIB:.1f} KiB, {after.room / KIB:.1f} in one piece")
    )
    return rows
