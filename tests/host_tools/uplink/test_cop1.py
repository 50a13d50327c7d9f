"""The sending side of COP-1: all data arrive, once, in order, whatever the line does; and what it does at each CLCW."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yutu2.uplink.cop1 import WINDOW, Fop1, State
from yutu2.uplink.frame import UNLOCK, ad_frame, bc_frame, bd_frame, set_v_r

LOCKOUT, WAIT, RETRANSMIT = 0x2000, 0x1000, 0x0800
TIMER_S = 4.0


class Bench:
    """A sender with a clock that stands still until it is asked to go on."""

    def __init__(self, limit=3):
        self.now = 0.0
        self.frames = []
        self.fop = Fop1(24, self.frames.append, lambda: self.now, TIMER_S, limit)

    def sent(self):
        """What was transmitted since the last call: a number for each frame in sequence, else the frame."""
        frames, self.frames[:] = list(self.frames), []
        return [frame[4] if frame == ad_frame(24, frame[4], frame[5:]) else frame for frame in frames]

    def wait(self, s=TIMER_S):
        self.now += s
        self.fop.tick()
        return self.sent()

    def send(self, count):
        transfers = [self.fop.send(bytes([number])) for number in range(count)]
        return transfers, self.sent()

    def take(self, clcw):
        self.fop.take(clcw)
        return self.sent()


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def active():
    """A sender that begins at number 250, of which the rover has told nothing yet."""
    bench = Bench()
    bench.send(1)
    bench.take(249)
    bench.take(250)
    assert bench.fop.state is State.ACTIVE
    return bench


def test_it_unlocks_and_begins_with_the_number_that_the_rover_tells(bench):
    (transfer,), sent = bench.send(1)
    assert sent == [bc_frame(24, UNLOCK)]
    assert bench.take(LOCKOUT | 7) == []
    assert bench.take(7) == [7]
    assert not transfer.acknowledged
    assert bench.take(8) == []
    assert transfer.acknowledged
    assert bench.fop.state is State.ACTIVE


def test_without_an_answer_it_unlocks_again_and_gives_up_at_the_limit(bench):
    (transfer,), _ = bench.send(1)
    unlock = bc_frame(24, UNLOCK)
    assert bench.wait(TIMER_S - 0.1) == []
    assert [bench.wait(0.1), bench.wait(), bench.wait()] == [[unlock], [unlock], []]
    assert (transfer.acknowledged, transfer.lost) == (False, "the rover does not answer")
    assert bench.fop.state is State.INITIAL
    _, sent = bench.send(1)
    assert sent == [unlock]


def test_it_begins_with_a_number_that_it_is_given_once_the_rover_awaits_it(active):
    transfers, _ = active.send(1)
    active.fop.begin(100)
    assert active.sent() == [bc_frame(24, set_v_r(100))]
    assert transfers[0].lost == "a new sequence was started"
    (transfer,), sent = active.send(1)
    assert sent == []
    assert [active.take(250), active.take(LOCKOUT | 100)] == [[], []]
    assert active.wait() == [bc_frame(24, set_v_r(100))]
    assert active.take(100) == [100]
    assert transfer.number == 100


def test_it_unlocks_when_it_is_asked_to(active):
    active.fop.begin()
    assert active.sent() == [bc_frame(24, UNLOCK)]


def test_no_more_than_the_window_is_under_way(active):
    _, sent = active.send(WINDOW + 3)
    numbers = [number % 256 for number in range(250, 250 + WINDOW + 3)]
    assert sent == numbers[:WINDOW]
    assert active.take(252) == numbers[WINDOW : WINDOW + 2]
    assert active.take((250 + WINDOW) % 256) == numbers[WINDOW + 2 :]


def test_what_is_not_acknowledged_goes_again_after_the_timer(active):
    transfers, _ = active.send(3)
    active.take(251)
    assert [transfer.acknowledged for transfer in transfers] == [True, False, False]
    assert active.wait(TIMER_S - 0.1) == []
    assert [active.wait(0.1), active.wait(), active.wait()] == [[251, 252], [251, 252], []]
    assert [transfer.lost is None for transfer in transfers] == [True, False, False]


def test_the_timer_rests_when_nothing_is_under_way(active):
    active.send(1)
    active.take(251)
    assert [active.wait() for _ in range(5)] == [[]] * 5
    assert active.fop.state is State.ACTIVE


def test_progress_gives_new_patience(active):
    active.send(3)
    active.wait()
    active.wait()
    active.take(251)
    assert active.wait() == [251, 252]


def test_asked_to_it_sends_again_at_once_and_not_twice(active):
    active.send(3)
    assert active.take(RETRANSMIT | 250) == [250, 251, 252]
    assert active.fop.state is State.RETRANSMITTING
    assert active.take(RETRANSMIT | 250) == []
    # The rover has got on and misses the next one
    assert active.take(RETRANSMIT | 251) == [251, 252]
    assert active.take(253) == []
    assert active.fop.state is State.ACTIVE


def test_asked_to_at_the_limit_it_waits_for_the_timer_to_give_up(active):
    (transfer,), _ = active.send(1)
    active.wait()
    active.wait()
    assert active.take(RETRANSMIT | 250) == []
    assert transfer.lost is None
    active.wait()
    assert transfer.lost == "the rover does not answer"


def test_while_the_rover_has_no_room_nothing_is_sent(active):
    active.send(3)
    assert active.take(RETRANSMIT | WAIT | 251) == []
    assert active.fop.state is State.WAITING
    assert active.fop.send(b"more").number is None
    assert active.wait() == []
    assert active.take(RETRANSMIT | 251) == [251, 252, 253]


def test_a_rover_that_never_has_room_is_given_up(active):
    (transfer,), _ = active.send(1)
    active.take(RETRANSMIT | WAIT | 250)
    assert [active.wait(), active.wait(0), active.wait()] == [[], [], []]
    assert transfer.lost is None
    active.wait()
    assert transfer.lost == "the rover does not answer"


@pytest.mark.parametrize(
    ("clcw", "told"),
    [
        (253, "the rover counts from 0 again, as after a restart"),
        (249, "the rover counts from 0 again, as after a restart"),
        (RETRANSMIT | 252, "the rover expects again what it has acknowledged"),
        (WAIT | 252, "the rover expects again what it has acknowledged"),
        (WAIT | 251, "the rover has no free buffer and requests no retransmission"),
    ],
    ids=["ahead", "behind", "retransmit", "wait", "wait alone"],
)
def test_what_cannot_be_ends_it_and_the_next_data_begin_anew(active, clcw, told):
    transfers, _ = active.send(2)
    assert active.take(clcw) == []
    assert {transfer.lost for transfer in transfers if not transfer.acknowledged} <= {told}
    assert active.fop.state is State.INITIAL
    assert active.take(7) == []
    assert active.wait() == []
    _, sent = active.send(1)
    assert sent == [bc_frame(24, UNLOCK)]
    assert active.take(7) == [7]


@pytest.mark.parametrize("clcw", [LOCKOUT | 0, RETRANSMIT | 0], ids=["lockout", "retransmit"])
def test_a_restarted_rover_that_refuses_a_number_gets_it_all_in_a_new_sequence(active, clcw):
    transfers, _ = active.send(2)
    assert active.take(clcw) == [bc_frame(24, UNLOCK)]
    assert active.take(0) == [0, 1]
    assert active.take(2) == []
    assert all(transfer.acknowledged for transfer in transfers)


def test_in_lockout_what_the_rover_has_is_not_sent_again(active):
    transfers, _ = active.send(3)
    assert active.take(LOCKOUT | 251) == [bc_frame(24, UNLOCK)]
    assert [transfer.acknowledged for transfer in transfers] == [True, False, False]
    assert active.take(251) == [251, 252]


def test_what_may_have_been_done_before_a_restart_is_given_up(active):
    (transfer,), _ = active.send(1)
    assert active.wait() == [250]
    assert active.take(RETRANSMIT | 0) == []
    assert transfer.lost == "the rover counts from 0 again, as after a restart"
    assert active.fop.state is State.INITIAL


def test_a_new_sequence_is_begun_once_for_the_same_data(active):
    (transfer,), _ = active.send(1)
    active.take(LOCKOUT | 0)
    assert active.take(5) == [5]
    assert active.take(LOCKOUT | 100) == []
    assert transfer.lost == "the rover was sent a number far from the one that it expected"


def test_what_still_waits_is_given_up_too(active):
    transfers, _ = active.send(WINDOW + 1)
    active.fop.give_up("enough")
    assert {transfer.lost for transfer in transfers} == {"enough"}
    assert active.wait() == []


def test_past_the_sequence_it_needs_no_beginning(bench):
    bench.fop.bypass(b"now")
    assert bench.sent() == [bd_frame(24, b"now")]
    assert bench.fop.state is State.INITIAL


MISHAPS = st.fixed_dictionaries(
    {
        "copies": st.sampled_from([1, 1, 1, 0, 2, 3]),
        "delay": st.sampled_from([0, 0, 0]) | st.integers(0, 9),
        "damage": st.none() | st.none() | st.lists(st.integers(0, 10_000), min_size=1, max_size=2),
        "silent": st.booleans(),
    }
)
NO_MISHAP = {"copies": 1, "delay": 0, "damage": None, "silent": False}


class Line:
    """A line up, which a list of mishaps makes bad, one for each frame; after them it is good. CLCWs keep their order.

    A frame is overtaken by no more than nine others.
    """

    def __init__(self, receiver, on_the_line, mishaps):
        self._receiver = receiver
        self._on_the_line = on_the_line
        self._mishaps = mishaps
        self._count = 0
        self._under_way = []  # (place in the order of arrival, count, octets)
        self.silent = False  # the next CLCW is lost

    def transmit(self, frame):
        mishap = self._mishaps.pop() if self._mishaps else NO_MISHAP
        octets = bytearray(self._on_the_line(frame))
        for bit in set(mishap["damage"] or ()):
            octets[bit // 8 % len(octets)] ^= 1 << bit % 8
        for _ in range(mishap["copies"]):
            self._under_way.append((self._count + mishap["delay"], self._count, bytes(octets)))
            self._count += 1
        self.silent = mishap["silent"]

    def deliver(self):
        for item in sorted(self._under_way):
            if item[0] < self._count:
                self._under_way.remove(item)
                self._receiver.feed(item[2])


@given(
    start=st.integers(0, 255),
    mishaps=st.lists(MISHAPS, max_size=150),
    bursts=st.lists(st.integers(1, 15), min_size=1, max_size=8),
    steps=st.lists(st.sampled_from([0.0, 0.0, 1.0, TIMER_S]), max_size=60),
    no_room=st.sets(st.integers(0, 60)),
)
def test_all_data_arrive_once_in_order(make_receiver, on_the_line, start, mishaps, bursts, steps, no_room):
    receiver = make_receiver()
    receiver.feed(on_the_line(bc_frame(24, set_v_r(start))))
    line = Line(receiver, on_the_line, mishaps)
    now = 0.0
    fop = Fop1(24, line.transmit, lambda: now, TIMER_S, limit=400)
    transfers, data = [], []
    for turn in range(2000):
        if bursts:
            for _ in range(bursts.pop()):
                data.append(len(data).to_bytes(2))
                transfers.append(fop.send(data[-1]))
        receiver.room = turn not in no_room
        if receiver.room:
            receiver.farm.release()
        line.deliver()
        if not line.silent:
            fop.take(receiver.clcw)
        line.silent = False
        now += steps.pop() if steps else TIMER_S
        fop.tick()
        if not bursts and all(transfer.acknowledged for transfer in transfers):
            break
    assert receiver.data == data
    assert [transfer.lost for transfer in transfers] == [None] * len(transfers)
    assert all(transfer.acknowledged for transfer in transfers)
