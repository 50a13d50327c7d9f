"""A schedule of 100 commands over a restart on an emulated Pico at real time: how late each is beside the wall.

Takes some minutes of real time. Needs the extra `pico`. The emulator leaves out the waits for flash, so all times are
lower bounds: a commit of a page takes 0.4 ms more, one in 16 an erase of 45 ms too.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from boards import KIB, Row, board_with, print_table, progress, text_until
from yutu2.dictionary.model import load
from yutu2.mission.scenario import compile_scenario
from yutu2.mission.uplink_file import compile_uplink
from yutu2.runs.schedule_load import insertions
from yutu2.uplink.encode import read_request

EXPLANATION = """\
late            beside the wall, at the millisecond for which a command is due; what is due while the computer is off,
                as it is up
answered        ... and when its report is made
inserted        from acceptance of a packet with so many commands until the report that they are in
loaded          what the schedule in the store takes after the restart
heap            free after a collection: with nothing in the schedule, with all in it
"""

START = datetime(2020, 11, 11, 6, tzinfo=UTC)
EPOCH = datetime(2019, 1, 1, tzinfo=UTC)
COUNT = 100
CAUGHT = slice(40, 62)  # of them: due from 50 s, when it restarts, to 72 s, when it has caught up
SETTINGS = {"start": "2020-11-11T06:00:00Z", "days": "0.0015", "speed": "1", "link": "uart", "baud": "115200"}
SETTINGS |= {"scenario": "scenario", "uplink": "uplink"}

PROGRAM = """
import gc
import time
gc.threshold(16384)  # as main.py does while it loads
from rover import boot_pico
SCHEDULE = NUMBER

results = []

def since(before):
    return time.ticks_diff(time.ticks_us(), before)

class Benched(boot_pico.Rover):
    def _before(self, activity, s):
        if activity == SCHEDULE:
            results.append(("late", self._behind_ms() * 1000))
        super()._before(activity, s)

    def _behind_ms(self):
        pace = self.pacer
        pace._ahead_ms -= self.wall_clock.elapsed_ms()
        return -pace._ahead_ms

    def _make_schedule_table(self):
        before = time.ticks_us()
        timetable = super()._make_schedule_table()
        if timetable.count:
            results.append(("loaded", since(before)))
        return timetable

    def run(self):
        send = self.telemetry.send
        begun = time.ticks_us()

        def told(apid, service, subservice, size):
            nonlocal begun
            send(apid, service, subservice, size)
            if service == 17:
                results.append(("answered", self._behind_ms() * 1000))
            elif service == 1 and subservice == 1:
                begun = time.ticks_us()
            elif service == 1 and subservice == 7 and self.schedule._schedule_table is not None:
                count = self.schedule._schedule_table.count
                if count > 40 and self.clock.s % 60 < 8:
                    results.append(("inserted", since(begun)))
                    gc.collect()
                    results.append(("full", gc.mem_free()))
            elif service == 1 and subservice == 7 and not len(results):
                gc.collect()
                results.append(("empty", gc.mem_free()))

        self.telemetry.send = told
        super().run()
        for name, value in results:
            print("bench %s %d" % (name, value))
        print("bench late_activities %d" % self.pacer.late)
        print("bench over")

boot_pico.Rover = Benched
boot_pico.main()
"""


def uplink() -> str:
    """100 commands, one each 1003 ms from 10 s on, in two packets."""
    entries = [
        ((START - EPOCH) // timedelta(milliseconds=1) + 10_000 + 1003 * number, read_request(["PING"], load()))
        for number in range(COUNT)
    ]
    lines = ["2020-11-11T06:00:01Z SCHEDULE_ENABLE"]
    lines += [f"2020-11-11T06:00:0{2 + 2 * at}Z {one.what}" for at, (one, _) in enumerate(insertions(entries, 1017))]
    return compile_uplink("\n".join(lines), "bench", load()).compiled()


def main() -> None:
    """Measures, and prints the table."""
    argparse.ArgumentParser(description=__doc__, epilog=EXPLANATION).parse_args()
    scenario = compile_scenario("2020-11-11T06:00:50Z reset", "bench", load()).compiled()
    number = next(number for number, name in load().enums["activity"].items() if name == "SCHEDULE")
    program = PROGRAM.replace("NUMBER", str(number)).encode()
    files = {"main.py": program, "uplink": uplink().encode(), "scenario": scenario.encode()}
    with tempfile.TemporaryDirectory() as folder:
        progress("a board at real time")
        board = board_with(Path(folder), SETTINGS, files)
        lines = [line.split() for line in text_until(board, b"bench over", 200_000).splitlines()]
    figures: dict[str, list[int]] = {}
    for words in lines:
        if words[:1] == [b"bench"] and len(words) == 3:
            figures.setdefault(words[1].decode(), []).append(int(words[2]))
    if len(figures.get("answered", [])) != COUNT:
        sys.exit(f"{len(figures.get('answered', []))} of {COUNT} commands were executed")
    rows = [
        Row("executed", f"{COUNT} of {COUNT}"),
        *(Row(f"{name}, median and worst", _ms(_others(figures[name]))) for name in ("late", "answered")),
        *(
            Row(f"{name}, due in the restart and just after", _ms(figures[name][CAUGHT]))
            for name in ("late", "answered")
        ),
        Row("inserted, median and worst", _ms(figures["inserted"])),
        Row("loaded", _ms(figures["loaded"])),
        Row("heap", ", ".join(f"{figures[name][-1] / KIB:.1f} KiB" for name in ("empty", "full") if name in figures)),
    ]
    print_table(rows)
    print()
    print(EXPLANATION)


def _others(figures: list[int]) -> list[int]:
    return figures[: CAUGHT.start] + figures[CAUGHT.stop :]


def _ms(us: list[int]) -> str:
    ordered = sorted(us)
    return f"{ordered[len(ordered) // 2] / 1000:.0f} ms, {ordered[-1] / 1000:.0f} ms"


if __name__ == "__main__":
    main()
