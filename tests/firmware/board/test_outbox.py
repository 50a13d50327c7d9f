"""The bounded queue of frames, on a line that takes what it likes."""

from hypothesis import example, given
from hypothesis import strategies as st
from rover.board.outbox import Outbox

FRAME = 1119
SLOTS = 8
# How many octets the line takes when it is asked, most of a frame or none
TAKES = st.one_of(st.just(0), st.integers(0, 300), st.just(FRAME))


def frame_of(number):
    return bytes([number & 0xFF]) * FRAME


class MoodyLine:
    """Takes as many octets as `takes` says, one after the other; when they are used up, all."""

    def __init__(self, takes=()):
        self.received = bytearray()
        self.takes = list(takes)

    def take(self, frame, gone):
        most = self.takes.pop(0) if self.takes else FRAME
        piece = frame[gone : gone + most]
        self.received += piece
        return len(piece)


@given(
    moves=st.lists(st.one_of(st.just("put"), st.integers(1, 5)), max_size=80),
    takes=st.lists(TAKES, max_size=200),
)
@example(["put"] * 20, [])
@example(["put"] * 9 + [1, 1, 1, 1, 1] + ["put"], [300] * 40)
def test_frames_go_whole_and_in_order_or_not_at_all_and_are_counted(moves, takes):
    """moves: put the next frame, or step so many times."""
    line = MoodyLine(takes)
    outbox = Outbox(line.take)
    put, kept = 0, []
    for move in moves:
        if move == "put":
            dropped = outbox.dropped
            buffer = bytearray(frame_of(put))
            outbox.put(memoryview(buffer))
            buffer[:] = bytes(FRAME)  # the frame is made anew for the next one
            if outbox.dropped == dropped:
                kept.append(put)
            put += 1
        else:
            for _ in range(move):
                before = len(line.received)
                assert outbox.step() == (len(line.received) > before)
        assert outbox.dropped == put - len(kept)
        whole = b"".join(frame_of(number) for number in kept)
        assert whole.startswith(line.received)
        # nothing is dropped while there is room, and never is more kept back than fits
        assert len(whole) - len(line.received) <= SLOTS * FRAME
        assert outbox.empty() == (len(whole) == len(line.received))
        assert outbox.is_between() == (len(line.received) % FRAME == 0)
    line.takes.clear()
    while outbox.step():
        pass
    assert outbox.empty()
    assert line.received == b"".join(frame_of(number) for number in kept)


@given(st.integers(1, 30))
def test_only_what_finds_the_queue_full_is_dropped(frames):
    outbox = Outbox(MoodyLine().take)
    for number in range(frames):
        outbox.put(memoryview(frame_of(number)))
    assert outbox.dropped == max(0, frames - SLOTS)


def test_it_recovers_once_the_line_takes_again():
    line = MoodyLine()
    outbox = Outbox(line.take)
    for number in range(12):
        outbox.put(memoryview(frame_of(number)))
    while outbox.step():
        pass
    outbox.put(memoryview(frame_of(12)))
    while outbox.step():
        pass
    assert outbox.dropped == 4
    assert line.received == b"".join(frame_of(number) for number in [*range(SLOTS), 12])


def test_an_empty_queue_asks_nothing_of_the_line():
    line = MoodyLine([FRAME])
    assert not Outbox(line.take).step()
    assert line.takes == [FRAME]
