"""What telecommands cost on an emulated Pico, in emulated time, and whether a flood on the line makes the rover late.

Takes some minutes of real time. Needs the extra `pico`. The rover lives at real time, over UART at 115200 baud.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from boards import Row, board_with, print_table, progress
from yutu2.dictionary.model import load
from yutu2.pico.emulated import EmulatedPico
from yutu2.uplink.cltu import cltu
from yutu2.uplink.encode import packet, read_request
from yutu2.uplink.frame import bd_frame, with_error_control
from yutu2.uplink.security import FrameProtector

EXPLANATION = """\
acceptance      from the stop bit of the last octet on the line until the acceptance report is made; its frame leaves
                within one second
first           after a while without telecommands, when the code for them is not loaded
late            activities that begin more than 20 ms late beside the wall, as the rover counts them, and the worst
lost            octets for which the board had no room
"""

SPACECRAFT = 24
OCTET_US = 1e7 / 115200
AWAKE = {"start": "2020-11-12T00:00:00Z", "speed": "1", "link": "uart", "baud": "115200"}
FLOOD_S = 10
KEY = bytes(range(32))
LONG = "EVENTS_ENABLE event=" + ",".join(["ROVER_WAKE"] * 255)

# Tells over USB when an acceptance report has been made, and, at the end of the run, how late the rover was
PROGRAM = b"""
import gc
gc.threshold(16384)  # as main.py does while it loads
from rover import boot_pico

class Benched(boot_pico.Rover):
    def run(self):
        send = self.telemetry.send

        def told(apid, service, subservice, size):
            send(apid, service, subservice, size)
            if service == 1 and subservice == 1:
                print("bench accepted")

        self.telemetry.send = told
        print("bench runs")
        super().run()
        uplink = self.commanding.uplink
        print("bench told %d %d %d %d" % (self.pacer.late, self.pacer.worst_ms, uplink.accepted, uplink.rejected))
        print("bench over")

boot_pico.Rover = Benched
boot_pico.main()
"""


class Ground:
    """A board under way, and the telecommands for it. secured: whether it has a key."""

    def __init__(self, folder: Path, days: str, secured: bool) -> None:
        files = {"main.py": PROGRAM}
        if secured:
            files["key.txt"] = KEY.hex().encode()
        self.board: EmulatedPico = board_with(folder, AWAKE | {"days": days}, files)
        protector = FrameProtector(KEY, 0, lambda iv: None)
        self._seal: Callable[[bytes], bytes] = protector.apply_security if secured else lambda frame: frame
        self._count = 0
        self._until(b"bench runs", 60_000)
        self.board.run_ms(1500)

    def telecommand(self, text: str) -> bytes:
        """A transmission of a telecommand."""
        dictionary = load()
        request = read_request(text.split(), dictionary)
        self._count += 1
        frame = bd_frame(SPACECRAFT, packet(request, dictionary.apids["COMPUTER"], self._count))
        return cltu(with_error_control(self._seal(frame)))

    def acceptance_us(self, text: str) -> float:
        """Emulated time from its last octet to its acceptance."""
        octets = self.telecommand(text)
        self.board.usb_received.take()
        over_us = self.board.now_us + len(octets) * OCTET_US
        self.board.send_uart(octets)
        self._until(b"bench accepted", 5000)
        took_us = self.board.now_us - over_us
        self.board.run_ms(500)
        return took_us

    def last_words(self, limit_ms: float) -> dict[str, int]:
        """What it tells at the end of its run."""
        self._until(b"bench over", limit_ms)
        words = self.board.usb_received.take().partition(b"bench told ")[2].split()
        return {name: int(value) for name, value in zip(("late", "worst", "taken", "bad"), words, strict=False)}

    def _until(self, text: bytes, limit_ms: float) -> None:
        if not self.board.run_until(text, limit_ms):
            sys.exit(f"{text.decode()} did not come; last came {self.board.usb_received.take()[-900:]!r}")


def costs(folder: Path, secured: bool) -> list[Row]:
    """Rows of single telecommands."""
    ground = Ground(folder, "0.01", secured)
    name = "secured" if secured else "in clear"
    rows = []
    for what, text in (("a PING, the first", "PING"), ("a PING", "PING"), ("525 octets", LONG)):
        rows.append(Row(f"acceptance of {what}, {name}", f"{ground.acceptance_us(text) / 1000:.1f} ms"))
    ground.board.close()
    return rows


def flood(folder: Path, name: str, octets: Callable[[Ground, int], bytes]) -> Row:
    """A row of a line that is full of something for a while."""
    ground = Ground(folder, f"{(FLOOD_S + 8) / 86400:.4f}", secured=False)
    ground.board.send_uart(octets(ground, int(FLOOD_S * 1e6 / OCTET_US)))
    told = ground.last_words((FLOOD_S + 20) * 1000)
    overruns = ground.board.uart_overruns
    ground.board.close()
    figure = f"{told['late']} late, {told['worst']} ms at most; {told['taken']} frames taken, {told['bad']} bad"
    return Row(f"{FLOOD_S} s of {name}", f"{figure}; {overruns} octets lost")


def noise(ground: Ground, size: int) -> bytes:
    """Octets by chance, with a start sequence now and then."""
    chance = random.Random(7)
    return b"".join(b"\xeb\x90" + chance.randbytes(200) for _ in range(size // 202))


def main() -> None:
    """Measures and prints."""
    description = (__doc__ or "") + "\nThe terms of the table:\n" + EXPLANATION
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yutu2-bench-") as name:
        folder = Path(name)
        rows = []
        for secured in (False, True):
            progress("telecommands, secured" if secured else "telecommands in clear")
            rows += costs(folder, secured)
        for what, octets in (("silence", lambda ground, size: b""), ("noise", noise)):
            progress(f"a line full of {what}")
            rows.append(flood(folder, what, octets))
    print_table(rows)
    print()
    print(EXPLANATION, end="")
    progress("done")


if __name__ == "__main__":
    main()
