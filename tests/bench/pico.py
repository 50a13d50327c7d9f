"""What the firmware costs on an emulated Pico, in emulated time: the same figures from run to run, on any machine.

Takes some five minutes of real time. Needs the extra `pico`. The emulator leaves out the waits for flash, so all times
are lower bounds. The light is off: it hangs on the radio of a Pico W, which a Pico has not.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from boards import KIB, Row, board_with, print_table, progress, text_until
from observing import holding, instruments, observe, room
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.mission.plan import compile_plan

EXPLANATION = """\
start-up        from power-on, the grace of 3 s left out; the first frame counts from the end of the grace, at real time
costs           mean of many calls, less that of an empty one; the packet without its share of a frame
output          packets made as fast as they go at max, until 10 frames have left the line; marker, headers and all
processor       time to compute what is sent (measured with a line that takes all at once) / time of the whole
of the line     of the octets that the line takes at most; USB has no such figure
24 h            2020-11-10T12:00Z on, over UART at 921600 baud, from the first activity to the last frame, with a drive
                and no observation; below, where they go by the single costs: the rest is what these do not explain
instruments     a run at real time, waits left out; a load takes the code, and makes up what there is to be seen
products        20 pictures; made: as PCAM keeps them; sent: until the last frame has left, as fast as it goes
late            beside the wall, as the rover counts them; an activity that holds the processor makes the next one late
heap            after a collection, what the bench takes itself given back; a piece: of all that lies in the heap
"""

ACTIVE_DAY = {"start": "2020-11-10T12:00:00Z", "days": "1", "speed": "max", "plan": "plan.txt"}
# The first drive of the rover's own plan; what observing costs is measured by itself
PLAN = f"""
dictionary {load().hash.hex()}
lunar-day each
go: at sunrise + 2.5d  drive bearing=315 distance=5.5
"""
SHORT = {"start": "2020-11-10T12:00:00Z", "days": "0.001", "speed": "max"}
REAL_TIME = {"start": "2020-11-10T12:00:00Z", "days": "1", "speed": "1"}
FRAMES = 10
UNIT = 1119  # octets of a frame with its marker

# Does what rover.boot_pico.main does, with a look at the clock between its steps; then calls the parts one by one
PROGRAM = """
import time
STARTED = time.ticks_us()
import gc
gc.threshold(16384)  # as main.py does while it loads
from rover import boot_pico
from rover.board import startup
IMPORTED = time.ticks_us()
from rover.kernel.scheduler import Task
from rover.link.frame import Downlink, VirtualChannel
from rover.world.sun import sun

FRAMES = %(frames)d
COSTS = %(costs)r
results = []

def told(name, value):
    results.append("bench %%s %%d" %% (name, value))

def since(before):
    return time.ticks_diff(time.ticks_us(), before)

def timed(call, name):
    def wrapper(*arguments):
        before = time.ticks_us()
        result = call(*arguments)
        told(name, since(before))
        return result
    return wrapper

def free():
    gc.collect()
    return gc.mem_free()

def nothing(*arguments):
    pass

class Benched(boot_pico.Rover):
    def run(self):
        told("free_at_start", free())
        self.scheduler.after(Task(0, self.first), 0)
        before = time.ticks_us()
        super().run()
        told("run", since(self.first_at))
        told("start", time.ticks_diff(self.first_at, before))
        told("free_at_end", free())
        told("frames", self.downlink.frames)
        told("packets", self.telemetry.sent)
        self.housekeeping = self.reporting.housekeepings[0].start
        for name, report in (("small", self.housekeeping), ("large", self.large)):
            gc.collect()
            told(name + "_sustained", self.sustained(report))
        if COSTS:
            self.costs()

    def first(self):
        self.first_at = time.ticks_us()

    def large(self):
        # 512 octets with headers and error control
        self.telemetry.send(1, 3, 25, 491)

    def sustained(self, report):
        self.line.drain()
        end = self.downlink.frames + FRAMES
        before = time.ticks_us()
        while self.downlink.frames < end:
            report()
        self.line.drain()
        return since(before)

    def costs(self):
        cost = self.cost
        self.empty = 0
        self.empty = cost(nothing, 200)
        send, self.downlink.send = self.downlink.send, nothing
        for name, report in (("small", self.housekeeping), ("large", self.large)):
            gc.collect()
            told(name + "_computing", self.sustained(report))
        frames = self.downlink.frames
        packets = cost(self.housekeeping, 210)
        channel = VirtualChannel(Downlink(24, nothing), 0)
        frame = cost(channel._release, 40)
        told("frame", frame)
        told("packet", packets - (self.downlink.frames - frames) * frame // 210)
        told("large_packet", cost(self.large, 40) - frame * 512 // 1103)
        self.downlink.send = send
        clock = self.clock
        self.at = clock.s
        told("sun", cost(self.sun, 40))
        # looks do not move the clock: the Sun's grid stays
        told("senses", cost(self.validation.sample, 60))
        told("monitors", cost(self.check_monitors, 60))
        told("look", cost(self.mode_manager._sample, 60))
        told("step", cost(self.moon._step, 24))
        # an activity that only asks to be called again, ahead of the two of the rover that wait
        self.turn_of = Task(0, self.turn)
        self.turns = 0
        self.scheduler.after(self.turn_of, 0, 1)
        before = time.ticks_us()
        self.scheduler.run(clock.s, clock.ms + 200)
        turn = since(before) * 10 // self.turns
        again = cost(self.again, 100)
        told("again", again)
        told("turn", turn - again)
        self.product()

    def product(self):
        # 20 pictures as PCAM keeps them, a few columns at a time
        from rover.instruments.product import Head, Product
        columns, number, delivery = bytearray(192), 9999, self.delivery
        gc.collect()
        before = time.ticks_us()
        product = Product(self.store, Head(1, 1, 0, self.flight_state, (0, 0), (0, 0)), 1, number, 0, 20)
        for _ in range(320):
            product.add(columns)
        product.close(0)
        told("product_made", since(before))
        told("product", product.octets)
        delivery.end()
        delivery._ready = [number]
        self.line.drain()
        before = time.ticks_us()
        while delivery._ready:
            delivery._step()
        self.line.drain()
        told("product_sent", since(before))

    def turn(self):
        self.turns += 1
        self.again()

    def again(self):
        self.scheduler.after(self.turn_of, 0, 1)

    def check_monitors(self):
        self.monitors.check(self.fault_protection._values, self.clock.s)

    def sun(self):
        self.at += 600
        sun(self.at)

    def cost(self, call, times):
        # tenths of a microsecond
        gc.collect()
        before = time.ticks_us()
        for _ in range(times):
            call()
        return since(before) * 10 // times - self.empty

told("boot", STARTED)
told("import", time.ticks_diff(IMPORTED, STARTED))
startup.wants_repl = timed(startup.wants_repl, "grace")
boot_pico.pico.WallClock = timed(boot_pico.pico.WallClock, "clock")
boot_pico.pico.Line = timed(boot_pico.pico.Line, "line")
boot_pico.read_settings = timed(boot_pico.read_settings, "settings")
boot_pico.Rover = timed(Benched, "building")
boot_pico.main()
for result in results:
    print(result)
print("bench over 0")
"""


# Does the same, and takes next to nothing itself
HEAP = b"""
import gc
gc.threshold(16384)  # as main.py does while it loads
from rover import boot_pico

class Benched(boot_pico.Rover):
    def run(self):
        gc.collect()
        print("bench free %d" % gc.mem_free())
        print("bench over 0")

boot_pico.Rover = Benched
boot_pico.main()
"""


def free_at_start(folder: Path) -> int:
    """Octets of heap that are free when a rover begins to live."""
    with board_with(folder, SHORT | {"link": "uart"}, {"main.py": HEAP}) as board:
        return int(text_until(board, b"bench over 0", 20_000).partition(b"bench free ")[2].split()[0])


def figures(folder: Path, settings: dict[str, str], costs: bool) -> dict[str, int]:
    """Runs the program above on a board with these settings; its figures by name."""
    program = PROGRAM % {"frames": FRAMES, "costs": costs}
    plan = compile_plan(PLAN, "plan", load()).compiled()
    with board_with(folder, settings, {"main.py": program.encode(), "plan.txt": plan.encode()}) as board:
        lines = text_until(board, b"bench over 0", 120_000).rpartition(b"\xcf\xfc\x1d")[2].split(b"\n")
    words = [line.split() for line in lines if line.startswith(b"bench ")]
    return {name.decode(): int(value) for _, name, value in words}


def first_frame_us(folder: Path) -> int:
    """Emulated time from the end of the grace to the first good frame, at real time over USB."""
    with board_with(folder, REAL_TIME) as board:
        board.run_until(b"rover: starts in 3 s", 2000)
        board.usb_received.take()
        end_of_grace = board.now_us + 3_000_000
        board.run_ms(6000)
        decoder = TelemetryDecoder(load())
        for piece in board.usb_received.take_chunks():
            decoder.feed_packets(piece.octets)
            if decoder.account()["frames"]["good"]:
                return piece.time_us - end_of_grace
    sys.exit("no good frame came within 3 s of the grace")


def start_up(base: dict[str, int], first_us: int) -> list[Row]:
    """Rows of the start-up, in ms."""
    total = sum(base[name] for name in ("boot", "import", "settings", "clock", "line", "building", "start"))
    return [
        Row("power-on to first activity", f"{total / 1000:.1f} ms"),
        Row("  MicroPython, up to main.py", f"{base['boot'] / 1000:.1f} ms"),
        Row("  imports", f"{base['import'] / 1000:.1f} ms"),
        Row("  settings", f"{base['settings'] / 1000:.1f} ms"),
        Row("  building the board and the rover", f"{(base['clock'] + base['line'] + base['building']) / 1000:.1f} ms"),
        Row("  taking up the mode", f"{base['start'] / 1000:.1f} ms"),
        Row("first good frame after the grace", f"{first_us / 1000:.1f} ms", "<= 1000 ms", first_us <= 1_000_000),
    ]


def costs(base: dict[str, int]) -> list[Row]:
    """Rows of single costs, in us."""

    def row(name: str, key: str, most_us: int | None = None) -> Row:
        us = base[key] / 10
        aim = ("", None) if most_us is None else (f"<= {most_us} us", us <= most_us)
        return Row(name, f"{us:.1f} us", *aim)

    return [
        row("a housekeeping packet, 52 octets", "packet"),
        row("a packet of 512 octets", "large_packet"),
        row("a frame (release with checksum)", "frame", 1500),
        row("where the Sun is", "sun"),
        row("a step of the world, half a Sun in it", "step"),
        row("a look of the day", "look"),
        row("  in it: reading and judging 12 sensors", "senses"),
        row("  in it: checking 13 monitors", "monitors"),
        row("asking the scheduler for another call", "again"),
        row("a turn of the scheduler, without that", "turn"),
    ]


def output(name: str, base: dict[str, int], line: dict[str, int], octets_a_second: float | None) -> list[Row]:
    """Rows of one line's sustained output."""
    rows = []
    for kind, label in (("small", "packets of 52"), ("large", "packets of 512")):
        rate = FRAMES * UNIT * 1e6 / line[f"{kind}_sustained"]
        share = 100 * base[f"{kind}_computing"] / line[f"{kind}_sustained"]
        figure = f"{rate / KIB:.1f} KiB/s, processor {share:.0f} %"
        aim: tuple[str, bool | None] = ("", None)
        if octets_a_second is not None:
            part = 100 * rate / octets_a_second
            figure += f", {part:.1f} % of the line"
            if name == "UART 921600":
                aim = ("> 90 % of the line", part > 90)
        rows.append(Row(f"{name}, {label}", figure, *aim))
    return rows


def products(base: dict[str, int], octets_a_second: float) -> list[Row]:
    """Rows of a file on its way through flash and line."""
    made, sent = (base["product"] * 1e6 / base[f"product_{what}"] for what in ("made", "sent"))
    size = f"{base['product'] / KIB:.0f} KiB"
    return [
        Row(f"a product of {size} into flash, with its hash", f"{made / KIB:.1f} KiB/s"),
        Row(
            "  out of it by CFDP, UART 921600",
            f"{sent / KIB:.1f} KiB/s, {100 * sent / octets_a_second:.0f} % of the line",
        ),
    ]


def day(base: dict[str, int], free: int) -> list[Row]:
    """Rows of the 24 hours, and where their time goes by the single costs; free: octets of heap at the start."""
    looks = 480
    steps = 288
    parts = (
        ("housekeeping packets", base["packets"] * base["packet"]),
        ("looks", looks * base["look"]),
        ("the world, each 300 s", steps * base["step"]),
        ("frames", base["frames"] * base["frame"]),
        ("scheduler", (looks + base["packets"]) * base["turn"]),
    )
    whole = base["run"] * 10
    rest = whole - sum(part for _, part in parts)
    free_after = (free - base["free_at_start"] + base["free_at_end"]) / KIB
    free_before = free / KIB
    return [
        Row("24 h of an active day at max", f"{base['run'] / 1e6:.3f} s", "<= 4 s", base["run"] <= 4_000_000),
        *(
            Row(f"  {name}", f"{part / 1e7:.3f} s, {100 * part / whole:.0f} %")
            for name, part in (*parts, ("the rest: line, collector", rest))
        ),
        Row("heap free after start", f"{free_before:.1f} KiB", ">= 80 KiB", free_before >= 80),
        Row("heap free after the 24 h", f"{free_after:.1f} KiB", ">= 80 KiB", free_after >= 80),
    ]


def main() -> None:
    """Measures and prints."""
    description = (__doc__ or "") + "\nThe terms of the table:\n" + EXPLANATION
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yutu2-bench-") as name:
        folder = Path(name)
        progress("start-up at real time")
        first_us = first_frame_us(folder)
        lines = {}
        for label, link in (("UART 115200", {"link": "uart", "baud": "115200"}), ("USB", {"link": "usb"})):
            progress(f"output over {label}")
            lines[label] = figures(folder, SHORT | link, costs=False)
        progress("24 h over UART 921600, output and single costs; this takes the longest")
        base = figures(folder, ACTIVE_DAY | {"link": "uart", "baud": "921600"}, costs=True)
        progress("instruments, each alone, then three together")
        observed = observe(folder)
        progress("heap after start")
        free = free_at_start(folder)
    rows = start_up(base, first_us) + costs(base)
    # The UART's clock is 48 MHz, divided by 16 and by steps of 1/64
    rows += output("UART 115200", base, lines["UART 115200"], 48e6 / 16 / (1667 / 64) / 10)
    rows += output("UART 921600", base, base, 48e6 / 16 / 3.25 / 10)
    rows += output("USB", base, lines["USB"], None)
    rows += day(base, free)
    print_table(
        [*rows, *instruments(observed), *products(base, 48e6 / 16 / 3.25 / 10), *holding(observed), *room(observed)]
    )
    print()
    print(EXPLANATION, end="")
    progress("done")


if __name__ == "__main__":
    main()
