"""Throws random and damaged octets at the up-link of a rover, which must take nothing that was not sent.

1,000,000 inputs to the firmware on the Unix port of MicroPython, half of them in clear, half of them to a rover with a
key. Some are sound, so that one sees that it still listens; of the others each kind is damaged where the checks before
it cannot see it: octets of the line, of a frame, of a packet, of what is sealed. Exit status 1: something was done that
nobody sent, a frame was taken without security, or the heap has grown.
"""

import argparse
import random
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from yutu2.decode.checksum import crc16
from yutu2.dictionary.model import load
from yutu2.firmware import firmware_dir
from yutu2.line.runtime import find_micropython
from yutu2.uplink.cltu import cltu
from yutu2.uplink.encode import packet, read_request
from yutu2.uplink.frame import UNLOCK, ad_frame, bc_frame, bd_frame, set_v_r, with_error_control
from yutu2.uplink.security import FrameProtector, make_key, read_key

SPACECRAFT = 24
SEED = 7
GROWTH = 512  # octets by which the heap may differ between two looks: one report more that waits
SOUND = ("PING", "STOP", "PARAMETER_REPORT parameter=HEATER_ON,HEATER_OFF", "HK_ONE_SHOT structure=HK_COMPUTER")
HEADERS = 11  # of a telecommand packet
ATTACKS = ("clear", "forged", "of another key", "far")  # that FARM-1 lets pass
FAR = 2000  # further than an IV may be ahead

# Reads inputs, each after its length; tells the data of each frame that is taken, each request that is begun, and ten
# times what the heap holds
HARNESS = """
import gc, sys
sys.path.insert(0, sys.argv[1])
gc.threshold(16384)  # as main.py does while it loads
from rover.app import Rover
from rover.board.scratch import Scratch
from rover.inputs.settings import Settings

class Board(Scratch):  # a line that takes everything, and a store that keeps it
    def send(self, frame):
        pass

    def receive(self, buffer):
        return 0

    def dropped(self):
        return 0

    def has_room(self):
        return True

    def watch(self, number, s):
        pass

    def show(self, *light):
        pass

settings = {"start": "2020-11-12", "days": "1"}
if len(sys.argv) > 3:
    settings["key"] = sys.argv[3]
board = Board()
rover = Rover(Settings(settings, speed="max"), board, board, board)
rover.mode_manager.start(None)
commanding, uplink = rover.commanding, rover.commanding.uplink
use, perform = uplink._use, commanding._perform

def note_frame(buffer, start, end):
    print("taken", bytes(buffer[start:end]).hex())
    use(buffer, start, end)

def note_request(request):
    print("begun", request.sequence, request.kind, bytes(request.buffer[request.at:request.end]).hex())
    perform(request)

uplink._use, commanding._perform = note_frame, note_request
inputs = int(sys.argv[2])
bad = refused = 0
heap = 0
octets = memoryview(bytearray(4096))
size = bytearray(2)
for number in range(inputs):
    sys.stdin.buffer.readinto(size)
    length = size[0] << 8 | size[1]
    sys.stdin.buffer.readinto(octets[:length])
    bad_before, refused_before = uplink.rejected, uplink.unauthenticated
    commanding.receive(octets, length)
    bad += uplink.rejected - bad_before & 0xFFFF
    refused += uplink.unauthenticated - refused_before & 0xFFFF
    if number % 500 == 499:
        rover.scheduler.run(rover.clock.s + 1)
    if number % (inputs // 10) == inputs // 10 - 1:
        gc.collect()
        print("heap", gc.mem_alloc())
print("bad", bad)
print("refused", refused)
print("clcw", rover.downlink.clcw.hex())
"""


@dataclass
class Attack:
    """Inputs, and what was sent by them. sent: data of frames; asked: (sequence, kind, arguments) of packets.

    chances: damaged units on which a checksum of 16 bits has to find it, by unit; passed: those on which it did not.
    """

    chance: random.Random
    key: bytes | None
    sent: Counter[str] = field(default_factory=Counter)
    asked: set[tuple[int, int, str]] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    chances: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        dictionary = load()
        self._requests = [read_request(text.split(), dictionary) for text in SOUND]
        self._apid = dictionary.apids["COMPUTER"]
        self._count = 0
        self._iv = 0
        self._old: list[bytes] = []
        self._way = [self._sound, self._noise, self._line, self._line, self._frame, self._frame, self._packet]
        self._way += [self._sequence]
        if self.key is not None:
            self._way += [self._clear, self._forged, self._replayed, self._of_another_key, self._far]

    def next(self) -> bytes:
        """The next input."""
        way = self.chance.choice(self._way)
        self.kinds[way.__name__.strip("_").replace("_", " ")] += 1
        return way()

    # --- Ways ---

    def _sound(self) -> bytes:
        return self._send(bd_frame(SPACECRAFT, self._telecommand()))

    def _noise(self) -> bytes:
        octets = self.chance.randbytes(self.chance.randint(1, 200))
        return b"\xeb\x90" * self.chance.randint(0, 1) + octets

    def _line(self) -> bytes:
        """Octets of a sound transmission turned, lost, doubled, or cut off."""
        octets = bytearray(self._send(bd_frame(SPACECRAFT, self._telecommand())))
        for _ in range(self.chance.randint(1, 8)):
            at = self.chance.randrange(len(octets))
            way = self.chance.randrange(4)
            if way == 0:
                octets[at] ^= 1 << self.chance.randrange(8)
            elif way == 1:
                del octets[at]
            elif way == 2:
                octets[at:at] = octets[at : at + self.chance.randint(1, 9)]
            else:
                del octets[at:]
            if not octets:
                break
        return bytes(octets)

    def _frame(self) -> bytes:
        """A damaged frame in sound codeblocks."""
        plain = bd_frame(SPACECRAFT, self._telecommand())
        # One that lacks octets at its end which are as the fill that takes their place is the whole one
        self.sent[plain[5:].hex()] += 1
        frame = bytearray(self._whole(plain))
        before = bytes(frame)
        self._damage(frame)
        if bytes(frame) != before:
            self.chances["frame"] += 1
            length = ((frame[2] & 3) << 8 | frame[3]) + 1 if len(frame) > 4 else 0
            self.passed["frame"] += 8 <= length <= len(frame) and crc16(bytes(frame[:length])) == 0
        return cltu(bytes(frame))

    def _packet(self) -> bytes:
        """A damaged packet in a sound frame."""
        octets = bytearray(self._telecommand())
        before = bytes(octets)
        self._damage(octets)
        if bytes(octets) != before:
            self.chances["packet"] += 1
            length = (octets[4] << 8 | octets[5]) + 7 if len(octets) > 6 else 0
            self.passed["packet"] += 13 <= length <= len(octets) and crc16(bytes(octets[:length])) == 0
        return self._send(bd_frame(SPACECRAFT, bytes(octets)))

    def _sequence(self) -> bytes:
        """Frames in sequence: begun by a command or anywhere, with gaps, and commands that are none."""
        number = self.chance.randrange(256)
        octets = b""
        if self.chance.random() < 0.7:
            octets += self._bc(UNLOCK) + self._bc(set_v_r(number))
        if self.chance.random() < 0.2:
            octets += self._bc(self.chance.randbytes(self.chance.randint(1, 4)))
        for _ in range(self.chance.randint(1, 4)):
            octets += self._send(ad_frame(SPACECRAFT, number, self._telecommand()))
            number += self.chance.choice((1, 1, 1, 0, 2, 200))
        return octets

    # --- Ways against a key ---

    def _clear(self) -> bytes:
        return cltu(with_error_control(bd_frame(SPACECRAFT, self._telecommand(forged=True))))

    def _forged(self) -> bytes:
        """Something of what is sealed turned, lost, or cut off, with a checksum to it."""
        sealed = bytearray(self._sealed(bd_frame(SPACECRAFT, self._telecommand(forged=True))))
        if self.chance.random() < 0.3:
            del sealed[self.chance.randint(6, len(sealed) - 1) :]
        else:
            at = self.chance.randrange(5, len(sealed))
            sealed[at] ^= 1 << self.chance.randrange(8)
        length = len(sealed) + 1
        sealed[2:4] = (sealed[2] & 0xFC | length >> 8, length & 0xFF)
        return cltu(with_error_control(bytes(sealed)))

    def _replayed(self) -> bytes:
        return self.chance.choice(self._old) if self._old else self._noise()

    def _of_another_key(self) -> bytes:
        frame = bd_frame(SPACECRAFT, self._telecommand(forged=True))
        return cltu(with_error_control(FrameProtector(bytes(32), self._iv, lambda iv: None).apply_security(frame)))

    def _far(self) -> bytes:
        assert self.key is not None
        frame = bd_frame(SPACECRAFT, self._telecommand(forged=True))
        return cltu(with_error_control(FrameProtector(self.key, self._iv + FAR, lambda iv: None).apply_security(frame)))

    # --- Parts ---

    def _telecommand(self, forged: bool = False) -> bytes:
        request = self.chance.choice(self._requests)
        self._count += 1
        octets = packet(request, self._apid, self._count)
        # The sequence count begins anew after 16384 packets: the source tells them apart, so that a replay shows
        octets = octets[: HEADERS - 2] + struct.pack(">H", self._count >> 14) + octets[HEADERS:-2]
        octets += struct.pack(">H", crc16(octets))
        if not forged:
            place = HEADERS + 2 * (request.command.function is not None) + request.command.repeat
            kind = request.command.service << 8 | request.command.subservice
            self.asked.add((0xC000 | self._count & 0x3FFF, kind, octets[place:-2].hex()))
        return octets

    def _send(self, frame: bytes) -> bytes:
        """Sends a frame, in the way that the rover takes."""
        self.sent[frame[5:].hex()] += 1
        octets = cltu(self._whole(frame))
        if self.key is not None:
            self._old.append(octets)
            if len(self._old) > 50:
                self._old.pop(0)
        return octets

    def _whole(self, frame: bytes) -> bytes:
        return with_error_control(self._sealed(frame) if self.key is not None else frame)

    def _sealed(self, frame: bytes) -> bytes:
        assert self.key is not None
        self._iv += 1
        return FrameProtector(self.key, self._iv - 1, lambda iv: None).apply_security(frame)

    def _bc(self, command: bytes) -> bytes:
        return cltu(with_error_control(bc_frame(SPACECRAFT, command)))

    def _damage(self, octets: bytearray) -> None:
        way = self.chance.randrange(4)
        if way == 0:
            for _ in range(self.chance.randint(1, 12)):
                octets[self.chance.randrange(len(octets))] ^= 1 << self.chance.randrange(8)
        elif way == 1:
            at = self.chance.randrange(len(octets))
            octets[at:] = self.chance.randbytes(len(octets) - at)
        elif way == 2:
            del octets[self.chance.randrange(1, len(octets)) :]
        else:
            octets[: self.chance.randint(1, len(octets))] = self.chance.randbytes(self.chance.randint(1, 30))


@dataclass
class Outcome:
    """What the rover told: see HARNESS."""

    lines: list[list[str]]
    status: int

    def numbers(self, name: str) -> list[int]:
        """Of the lines of that name."""
        return [int(words[1]) for words in self.lines if words[0] == name]


def attack(inputs: int, key_file: Path | None, micropython: Path, tell: bool) -> bool:
    """Throws so many inputs at a rover; whether it held."""
    made = Attack(random.Random(SEED), read_key(key_file) if key_file else None)
    command = [str(micropython), "-X", "heapsize=400k", "-c", HARNESS, str(firmware_dir()), str(inputs)]
    command += [str(key_file)] if key_file else []
    rover = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False)
    assert rover.stdin is not None and rover.stdout is not None
    lines: list[list[str]] = []
    told = rover.stdout
    listener = Thread(target=lambda: lines.extend(line.decode().split() for line in told))
    listener.start()
    try:
        for number in range(inputs):
            octets = made.next()
            rover.stdin.write(struct.pack(">H", len(octets)) + octets)
            if tell and number % 1000 == 0:
                print(f"\r{number:>9,} of {inputs:,}", end="", file=sys.stderr, flush=True)
        rover.stdin.close()
    except BrokenPipeError:
        pass
    listener.join()
    if tell:
        print("\r" + " " * 30 + "\r", end="", file=sys.stderr)
    return judge(made, Outcome(lines, rover.wait()), inputs)


def judge(made: Attack, outcome: Outcome, inputs: int) -> bool:
    """Prints what happened; whether it is as it should be."""
    taken = [words[1] for words in outcome.lines if words[0] == "taken"]
    begun = [(int(words[1]), int(words[2]), [*words, ""][3]) for words in outcome.lines if words[0] == "begun"]
    not_sent = sum(data not in made.sent for data in taken)
    again = (Counter(taken) - made.sent).total() - not_sent
    not_asked = sum(request not in made.asked for request in begun)
    heap = outcome.numbers("heap")
    growth = heap[-1] - heap[1] if len(heap) == 10 else None
    print(f"{inputs:,} inputs: " + ", ".join(f"{count:,} {kind}" for kind, count in sorted(made.kinds.items())))
    bad, refused = sum(outcome.numbers("bad")), sum(outcome.numbers("refused"))
    print(f"  frames taken {len(taken):,}, bad {bad:,}, refused by security {refused:,}")
    print(f"  telecommands begun {len(begun):,}")
    for unit, count in sorted(made.chances.items()):
        print(f"  damaged {unit}s whose checksum held by chance {made.passed[unit]}; expected {count / 65536:.1f}")
    # Damage on the line is seen by the same checksum; damage of few bits, even in number, gets past twice as often
    chance = 0 if made.key is not None else bad / 65536
    print(f"  frames taken that nobody sent {not_sent}, expected {chance:.1f}; or once more than sent {again}")
    print(f"  telecommands begun that nobody sent {not_asked}")
    print(f"  heap {heap[1] if heap else '-'} .. {heap[-1] if heap else '-'} octets; exit status {outcome.status}")
    attacks = sum(made.kinds[kind] for kind in ATTACKS)
    if made.key is not None:
        print(f"  {attacks:,} of them clear, forged, of another key or too far ahead: each was to be refused")
    held = outcome.status == 0 and growth is not None and abs(growth) <= GROWTH and len(begun) > inputs // 20
    held = held and again == 0 and refused >= attacks
    return held and not_sent <= 3 * chance and not_asked <= made.passed["packet"] + not_sent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--inputs", type=int, default=1_000_000, help="in all; half of them against a key")
    inputs = parser.parse_args().inputs // 2
    micropython = find_micropython()
    if micropython is None:
        parser.error("needs the Unix port of MicroPython")
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key"
        make_key(key)
        held = [attack(inputs, key_file, micropython, sys.stderr.isatty()) for key_file in (None, key)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
