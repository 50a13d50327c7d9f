"""A bad line and a bad flash between a craft and its board."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.kernel.random_stream import RandomStream
from rover.world.trouble import Trouble

FRAMES = [bytes([number]) * 1119 for number in range(12)]


@pytest.fixture
def trouble(line):
    return Trouble(line, RandomStream(7, 2))


def send(trouble, frames):
    for frame in frames:
        trouble.send(memoryview(bytearray(frame)))


def test_without_trouble_all_goes_through(trouble, line):
    send(trouble, FRAMES)
    assert line.frames == FRAMES
    assert trouble.dropped() == 0
    assert trouble.write_slot(1, b"record")
    assert trouble.read_slot(1) == b"record"


def test_on_a_cut_line_nothing_arrives_and_nobody_is_told(trouble, line):
    trouble.cut = True
    send(trouble, FRAMES[:4])
    trouble.cut = False
    send(trouble, FRAMES[4:])
    assert line.frames == FRAMES[4:]
    assert trouble.dropped() == 0


@given(st.integers(0, 30))
def test_a_stalled_line_holds_eight_frames_and_drops_the_others(make_line, count):
    line = make_line()
    trouble = Trouble(line, RandomStream(7, 2))
    frames = [bytes([number]) for number in range(count)]
    trouble.stall(True)
    send(trouble, frames)
    assert line.frames == []
    trouble.stall(False)
    send(trouble, [b"next"])
    assert line.frames == [*frames[:8], b"next"]
    assert trouble.dropped() == max(0, count - 8)


def test_what_the_board_drops_counts_too(trouble, line):
    line.dropped = lambda: 3
    trouble.stall(True)
    send(trouble, FRAMES)
    assert trouble.dropped() == 3 + len(FRAMES) - 8


@pytest.mark.parametrize("bits", [1, 5, 100])
def test_noise_turns_so_many_bits_in_the_mean_and_none_of_the_rover_s_own(trouble, line, bits):
    trouble.bits = bits
    own = bytearray(1119)
    for _ in range(1000):
        trouble.send(memoryview(own))
    assert not any(own)
    turned = [int.from_bytes(frame).bit_count() for frame in line.frames]
    assert sum(turned) / len(turned) == pytest.approx(bits, rel=0.1)
    assert max(turned) <= 2 * bits


def test_a_failing_flash_keeps_what_it_has(trouble, line):
    trouble.write_slot(0, b"old")
    trouble.failing = True
    assert not trouble.write_slot(0, b"new")
    assert trouble.read_slot(0) == b"old"
    trouble.failing = False
    assert trouble.write_slot(0, b"new")
    assert line.slots[0] == b"new"
