"""FARM-1 against table 6-1 of CCSDS 232.1-B-2, written down here once more, and what the CLCW tells of it."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.link.farm import Farm
from rover.link.frame import Downlink, VirtualChannel
from rover.link.tc_frame import check
from spacepackets.ccsds.tm_frame import TmTransferFrame

OPEN, WAIT, LOCKOUT = STATES = ("S1", "S2", "S3")
PW = NW = 10

# What becomes of a frame; flags and V(R) that are set; the state after it. B counts the FARM-B counter up.
TABLE = {
    # AD frame, N(S) = V(R), a buffer is free. In wait that is not applicable: the release comes first; so no buffer yet
    ("E1", OPEN): ("accept", {"retransmit": 0, "V(R)": "+1"}, OPEN),
    ("E1", WAIT): ("discard", {}, WAIT),
    ("E1", LOCKOUT): ("discard", {}, LOCKOUT),
    # the same, no buffer is free
    ("E2", OPEN): ("discard", {"retransmit": 1, "wait": 1}, WAIT),
    ("E2", WAIT): ("discard", {}, WAIT),
    ("E2", LOCKOUT): ("discard", {}, LOCKOUT),
    # N(S) > V(R), N(S) <= V(R) + PW - 1
    ("E3", OPEN): ("discard", {"retransmit": 1}, OPEN),
    ("E3", WAIT): ("discard", {}, WAIT),
    ("E3", LOCKOUT): ("discard", {}, LOCKOUT),
    # N(S) < V(R), N(S) >= V(R) - NW
    ("E4", OPEN): ("discard", {}, OPEN),
    ("E4", WAIT): ("discard", {}, WAIT),
    ("E4", LOCKOUT): ("discard", {}, LOCKOUT),
    # any other N(S)
    ("E5", OPEN): ("discard", {"lockout": 1}, LOCKOUT),
    ("E5", WAIT): ("discard", {"lockout": 1}, LOCKOUT),
    ("E5", LOCKOUT): ("discard", {}, LOCKOUT),
    # BD frame
    ("E6", OPEN): ("accept", {"B": "+1"}, OPEN),
    ("E6", WAIT): ("accept", {"B": "+1"}, WAIT),
    ("E6", LOCKOUT): ("accept", {"B": "+1"}, LOCKOUT),
    # unlock
    ("E7", OPEN): (None, {"B": "+1", "retransmit": 0}, OPEN),
    ("E7", WAIT): (None, {"B": "+1", "retransmit": 0, "wait": 0}, OPEN),
    ("E7", LOCKOUT): (None, {"B": "+1", "retransmit": 0, "wait": 0, "lockout": 0}, OPEN),
    # set V(R)
    ("E8", OPEN): (None, {"B": "+1", "retransmit": 0, "V(R)": "V*(R)"}, OPEN),
    ("E8", WAIT): (None, {"B": "+1", "retransmit": 0, "wait": 0, "V(R)": "V*(R)"}, OPEN),
    ("E8", LOCKOUT): (None, {"B": "+1"}, LOCKOUT),
    # invalid frame: here a BC frame that holds no command
    ("E9", OPEN): ("discard", {}, OPEN),
    ("E9", WAIT): ("discard", {}, WAIT),
    ("E9", LOCKOUT): ("discard", {}, LOCKOUT),
    # a buffer is released
    ("E10", OPEN): (None, {}, OPEN),
    ("E10", WAIT): (None, {"wait": 0}, OPEN),
    ("E10", LOCKOUT): (None, {"wait": 0}, LOCKOUT),
    # time to report
    ("E11", OPEN): ("report", {}, OPEN),
    ("E11", WAIT): ("report", {}, WAIT),
    ("E11", LOCKOUT): ("report", {}, LOCKOUT),
}
EVENTS = [f"E{number}" for number in range(1, 12)]

# How far N(S) may be ahead of V(R)
AHEAD = {"E1": [0], "E2": [0], "E3": range(1, PW), "E4": range(-NW, 0), "E5": range(PW, 256 - NW)}

NO_COMMANDS = ["01", "80", "0000", "8200", "820100", "820000ff", "000000", "810005", "83000a", "00820005", "82"]
COMMANDS = {
    "E7": lambda drawn: b"\x00",
    "E8": lambda drawn: bytes([0x82, 0, drawn & 0xFF]),
    "E9": lambda drawn: bytes.fromhex(NO_COMMANDS[drawn % len(NO_COMMANDS)]),
}


class Machine:
    """What the table says: state, flags, V(R) and the full FARM-B counter."""

    def __init__(self):
        self.state = OPEN
        self.values = {"lockout": 0, "wait": 0, "retransmit": 0, "B": 0, "V(R)": 0}

    def step(self, event, v_star=0):
        outcome, actions, self.state = TABLE[event, self.state]
        for name, value in actions.items():
            self.values[name] = {"+1": self.values[name] + 1, "V*(R)": v_star}.get(value, value)
        self.values["V(R)"] &= 0xFF
        return outcome == "accept"

    def clcw(self):
        """Field by field (4.2.1): widths and values."""
        values = self.values
        fields = [(1, 0), (2, 0), (3, 0), (2, 1), (6, 0), (2, 0)]  # type, version, status, COP-1, channel, spare
        fields += [(1, 0), (1, 0), (1, values["lockout"]), (1, values["wait"]), (1, values["retransmit"])]
        fields += [(2, values["B"] & 3), (1, 0), (8, values["V(R)"])]
        word = 0
        for width, value in fields:
            word = word << width | value
        return word.to_bytes(4)


class Watched:
    """A FARM and its CLCW."""

    def __init__(self, make_frame, clcw="01000000"):
        self._make_frame = make_frame
        self.clcw = bytearray.fromhex(clcw)
        self.farm = Farm(self.clcw)

    def meet(self, event, drawn=0):
        """Lets the event happen; `drawn` picks one of the frames that are it. Returns whether data were accepted."""
        accepted = False
        if event == "E10":
            self.farm.release()
        elif event != "E11":  # for a report the downlink reads the CLCW
            frame = self._frame(event, drawn)
            assert check(frame, len(frame), 24) == 0
            accepted = self.farm.accepts(frame, event != "E2")
        return accepted

    def _frame(self, event, drawn):
        if event == "E6":
            return self._make_frame(b"data", number=drawn & 0xFF, bypass=1)
        if event in COMMANDS:
            return self._make_frame(COMMANDS[event](drawn), bypass=1, control=1)
        ahead = AHEAD[event][drawn % len(AHEAD[event])]
        return self._make_frame(b"data", number=self.clcw[3] + ahead & 0xFF)


@pytest.fixture
def watched(make_frame):
    return Watched(make_frame)


def test_the_table_is_whole():
    assert set(TABLE) == set(product(EVENTS, STATES))
    assert sorted(ahead & 0xFF for event in ("E1", "E3", "E4", "E5") for ahead in AHEAD[event]) == list(range(256))


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_each_event_in_each_state_does_what_the_table_says(make_frame, state, event):
    waits = {OPEN: [0], WAIT: [1], LOCKOUT: [0, 1]}[state]
    draws = max(len(AHEAD.get(event, [0])), len(NO_COMMANDS))
    for wait, retransmit, count, v_r in product(waits, [0, 1], range(4), [0, 5, 128, 250, 255]):
        machine = Machine()
        values = {"lockout": int(state == LOCKOUT), "wait": wait, "retransmit": retransmit, "B": count, "V(R)": v_r}
        for drawn in range(draws):
            machine.state, machine.values = state, dict(values)
            watched = Watched(make_frame, machine.clcw().hex())
            assert watched.meet(event, drawn) == machine.step(event, drawn), (values, drawn)
            assert watched.clcw == machine.clcw(), (values, drawn)


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 300)), max_size=60))
def test_any_life_from_power_on_is_that_of_the_machine(make_frame, life):
    watched, machine = Watched(make_frame), Machine()
    for event, drawn in life:
        assert watched.meet(event, drawn) == machine.step(event, drawn)
        assert watched.clcw == machine.clcw()


def test_frames_in_sequence_are_accepted_round_and_round(watched):
    for number in range(600):
        assert watched.clcw[3] == number & 0xFF
        assert watched.meet("E1")


def test_the_clcw_goes_down_with_each_frame(make_frame, line):
    downlink = Downlink(24, line.send)
    farm, channel = Farm(downlink.clcw), VirtualChannel(downlink, 0)
    for frame in (
        make_frame(b"data", number=0),
        make_frame(b"data", number=3),
        make_frame(b"data", bypass=1),
        make_frame(b"data", number=100),
    ):
        farm.accepts(frame, True)
        channel.put(bytes(1103), 1103)
    fields = [TmTransferFrame.unpack(octets[4:], 1115, True).op_ctrl_field for octets in line.frames]
    assert [field.hex() for field in fields] == ["01000001", "01000801", "01000a01", "01002a01"]


LOCKED = """
import micropython
from rover.link.farm import Farm
from rover.link.tc_frame import check

def run(times):
    accepted = 0
    for _ in range(times):
        for frame in frames:
            if check(frame, len(frame), 24) == 0 and farm.accepts(frame, len(frame) < 20):
                accepted += 1
        farm.release()
    return accepted

accepted = 0
frames = [bytearray(bytes.fromhex(frame)) for frame in %r]
clcw = bytearray(b"\\x01\\x00\\x00\\x00")
farm = Farm(clcw)
micropython.heap_lock()
accepted = run(100)
micropython.heap_unlock()
print(accepted, clcw.hex())
"""


def test_it_does_the_same_on_the_unix_port_and_allocates_nothing(make_frame, on_unix_port):
    frames = [make_frame(b"data", number=0), make_frame(b"data", number=0)]
    frames += [make_frame(b"much more data", number=1), make_frame(b"data", number=200), make_frame(b"data", bypass=1)]
    frames += [make_frame(b"\x00", bypass=1, control=1), make_frame(b"\x82\x00\x00", bypass=1, control=1)]
    watched = Watched(make_frame)
    accepted = 0
    for _ in range(100):
        accepted += sum(watched.farm.accepts(frame, len(frame) < 20) for frame in frames)
        watched.farm.release()
    assert accepted == 200
    told = on_unix_port(LOCKED % ([frame.hex() for frame in frames],)).split()
    assert told == [str(accepted), watched.clcw.hex()]
