"""Faults that a scenario lets befall the line and the store of a board."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.board.fault_injection import FaultyLine, FaultyStore
from rover.kernel.random_stream import RandomStream

FRAMES = [bytes([number]) * 1119 for number in range(12)]


@pytest.fixture
def faulty(line):
    return FaultyLine(line, RandomStream(7, 2))


def send(line, frames):
    for frame in frames:
        line.send(memoryview(bytearray(frame)))


def test_without_a_fault_all_goes_through(faulty, line):
    send(line, FRAMES)
    assert line.frames == FRAMES
    assert line.dropped() == 0
    assert line.has_room()


def test_on_a_cut_line_nothing_arrives_and_nobody_is_told(faulty, line):
    faulty.cut = True
    send(line, FRAMES[:4])
    faulty.cut = False
    send(line, FRAMES[4:])
    assert line.frames == FRAMES[4:]
    assert line.dropped() == 0


@given(st.integers(0, 30))
def test_a_stalled_line_holds_eight_frames_and_drops_the_others(make_line, count):
    line = make_line()
    faulty = FaultyLine(line, RandomStream(7, 2))
    frames = [bytes([number]) for number in range(count)]
    faulty.stall(True)
    send(line, frames)
    assert line.frames == []
    faulty.stall(False)
    send(line, [b"next"])
    assert line.frames == [*frames[:8], b"next"]
    assert line.dropped() == max(0, count - 8)


def test_what_the_board_drops_counts_too(line):
    line.dropped = lambda: 3
    faulty = FaultyLine(line, RandomStream(7, 2))
    faulty.stall(True)
    send(line, FRAMES)
    assert line.dropped() == 3 + len(FRAMES) - 8


@pytest.mark.parametrize("bits", [1, 5, 100])
def test_noise_turns_so_many_bits_in_the_mean_and_none_of_the_rover_s_own(faulty, line, bits):
    faulty.bits = bits
    own = bytearray(1119)
    for _ in range(1000):
        line.send(memoryview(own))
    assert not any(own)
    turned = [int.from_bytes(frame).bit_count() for frame in line.frames]
    assert sum(turned) / len(turned) == pytest.approx(bits, rel=0.1)
    assert max(turned) <= 2 * bits


def test_a_failing_store_keeps_what_it_has(line):
    faulty = FaultyStore(line)
    assert line.write("mode", 0, b"old")
    assert line.write_entry(3, b"old")
    file = line.create_file(7)
    faulty.failing = True
    assert not line.write("mode", 0, b"new")
    assert not line.write_entry(3, b"new")
    assert not line.erase_entry(3)
    assert not line.append(file, b"new")
    assert (line.read("mode", 0), line.read_entry(3)) == (b"old", b"old")
    faulty.failing = False
    assert line.write("mode", 0, b"new")
    assert line.append(file, b"new")
    assert (line.records["mode", 0], line.erase_entry(3), line.entries()) == (b"new", True, [])
