"""Six hours round a wake-up at max: the octets of the Unix port, at the same microseconds, in little memory."""

from typing import NamedTuple

import pytest

SLICE = {"start": "2020-11-09T01:00:00Z", "days": "0.25"}
KIB = 1024
# rover.boot_pico.main, with the heap measured before and after the run; then what a while longer takes of it
MEASURED = b"""
import gc
gc.threshold(16384)  # as main.py does
from rover import boot_pico

PACKETS = 100
MINUTES = 30

def largest():
    low, high = 0, gc.mem_free() // 1024 + 1
    while high - low > 1:
        middle = (low + high) // 2
        try:
            bytearray(middle * 1024)
            low = middle
        except MemoryError:
            high = middle
    return low * 1024

def heap(when):
    gc.collect()
    print(when, gc.mem_free(), largest())
    gc.collect()

def taken(call, times):
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(times):
        call()
    used = gc.mem_alloc() - before
    gc.enable()
    return used

class Measured(boot_pico.Rover):
    def run(self):
        heap("start")
        super().run()
        print("ran")
        heap("end")
        housekeeping = self.reporting.housekeepings[0]
        frames = self.downlink.frames
        print("packets", taken(housekeeping.start, PACKETS), self.downlink.frames - frames)
        from rover.world.sun import sun
        print("suns", taken(lambda: sun(self.clock.s), 10))
        clock = self.clock
        print("minutes", taken(lambda: self.scheduler.run(clock.s + 60), MINUTES))

boot_pico.Rover = Measured
boot_pico.main()
"""


class Run(NamedTuple):
    """pieces: what came on the UART up to the run's end, octets with their emulated microseconds; figures: by name."""

    pieces: list
    figures: dict[str, list[int]]


@pytest.fixture(scope="module")
def unix_stream(unix_port, run_rover):
    done = run_rover(unix_port, *(f"--{name}={value}" for name, value in SLICE.items()))
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) >= 10 * 1119
    return done.stdout


@pytest.fixture(scope="module")
def runs(make_rover):
    """The slice twice, over UART; the second time without what is measured after it."""
    settings = SLICE | {"speed": "max", "link": "uart", "baud": "921600"}
    runs = []
    for last_words in (b"run is over", b"ran\r\n"):
        board = make_rover(settings, {"main.py": MEASURED})
        assert board.run_until(b"ran\r\n", 10_000), board.usb_received.take()
        pieces = board.uart_received.take_chunks()
        assert board.run_until(last_words, 5000), board.usb_received.take()
        lines = [line.split() for line in board.usb_received.take().decode().splitlines()]
        runs.append(Run(pieces, {line[0]: [int(n) for n in line[1:]] for line in lines if line[-1].isdigit()}))
        assert board.resets == []
        board.close()
    return runs


def test_over_uart_the_board_sends_the_octets_of_the_unix_port(runs, unix_stream):
    assert b"".join(piece.octets for piece in runs[0].pieces) == unix_stream


def test_two_runs_send_the_same_octets_at_the_same_microseconds(runs):
    assert runs[0].pieces == runs[1].pieces


def test_over_usb_the_board_sends_the_same_octets_and_then_gives_the_repl(make_rover, unix_stream):
    board = make_rover(SLICE | {"speed": "max"})
    assert board.run_until(b">>> ", 10_000)
    text_before, marker, rest = board.usb_received.take().partition(unix_stream[:4])
    assert text_before.startswith(b"rover: starts in 3 s")
    sent = marker + rest
    assert sent[: len(unix_stream)] == unix_stream
    assert sent[len(unix_stream) :].startswith(b"rover: the run is over; Ctrl-D starts it again\r\n")
    board.run_ms(20_000)
    assert board.resets == []


@pytest.mark.parametrize("when", ["start", "end"])
def test_the_heap_has_room_left(runs, when):
    free, largest = runs[0].figures[when]
    assert free >= 80 * KIB
    assert largest >= 32 * KIB


def test_a_packet_and_its_frame_take_nothing_of_the_heap(runs):
    """A hundred housekeeping packets with the garbage collector off."""
    taken, frames = runs[0].figures["packets"]
    assert frames >= 4
    assert taken == 0


def test_looks_and_the_world_take_little_heap(runs):
    """Half an hour: ten looks, six steps of the world, and the points of the Sun's grid for both."""
    (ten_suns,) = runs[0].figures["suns"]
    (half_an_hour,) = runs[0].figures["minutes"]
    assert half_an_hour <= 2 * ten_suns
