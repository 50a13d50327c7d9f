"""The flight_state: what it holds comes back after a restart, whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.flight.flight_state import COMMANDED, DONE, NEVER, RUNNING, WAITING, FlightState
from rover.store.redundant_record import RedundantRecord

U16 = st.integers(0, 0xFFFF)
MM = st.integers(-(2**30) + 1, 2**30 - 1)
STEPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, NEVER), st.integers(0, 999)), max_size=60)
HEAD = {
    "odometer": st.integers(0, 2**30 - 1),
    "east": MM,
    "north": MM,
    "heading": st.integers(0, 359_999),
    "stop": U16,
    "plan": st.integers(0, 2**30 - 1),
    "day": st.integers(0, 420),
    "data": st.integers(0, 2**30 - 1),
    "done": st.integers(0, 60),
    "failed": st.integers(0, 60),
    "ended": st.booleans(),
    "files": U16,
}


class Store:
    def __init__(self):
        self.slots = {}
        self.fails = False

    def read(self, name, number):
        return self.slots.get(number)

    def write(self, name, number, octets):
        if not self.fails:
            self.slots[number] = bytes(octets)
        return not self.fails


def content(flight_state):
    return (
        [getattr(flight_state, name) for name in HEAD],
        list(flight_state.state),
        list(flight_state.due_s),
        list(flight_state.due_ms),
    )


@given(st.fixed_dictionaries(HEAD), STEPS)
def test_what_is_kept_comes_back(head, steps):
    store = Store()
    flight_state = FlightState(RedundantRecord(store, "drive"))
    assert not flight_state.found
    flight_state.clear(len(steps))
    for name, value in head.items():
        setattr(flight_state, name, value)
    for step, (state, s, ms) in enumerate(steps):
        flight_state.state[step], flight_state.due_s[step], flight_state.due_ms[step] = state, s, ms
    flight_state.keep()
    again = FlightState(RedundantRecord(store, "drive"))
    assert again.found
    assert content(again) == content(flight_state)
    # ... and goes on
    again.odometer = 5
    again.keep()
    assert FlightState(RedundantRecord(store, "drive")).odometer == 5


def test_a_new_one_is_empty():
    flight_state = FlightState(RedundantRecord(Store(), "drive"))
    assert (flight_state.found, flight_state.odometer, flight_state.stop, flight_state.ended) == (False, 0, 0, False)
    flight_state.clear(2)
    assert list(flight_state.state) == [WAITING] * 2 + [DONE] * COMMANDED
    assert set(flight_state.due_s) == {NEVER}


@pytest.mark.parametrize(
    "record", [b"", b"\x01", b"\x01" * 20, b"\x01" * 200], ids=["empty", "cut", "short", "other layout"]
)
def test_what_is_no_flight_state_is_not_taken_for_one(record):
    store = Store()
    RedundantRecord(store, "drive").save(record)
    assert not FlightState(RedundantRecord(store, "drive")).found


def test_damage_brings_back_the_one_before():
    store = Store()
    flight_state = FlightState(RedundantRecord(store, "drive"))
    for odometer in (1000, 2000):
        flight_state.odometer = odometer
        flight_state.keep()
    newest = max(store.slots, key=lambda number: int.from_bytes(store.slots[number][4:8]))
    store.slots[newest] = store.slots[newest][:12] + b"\xff" + store.slots[newest][13:]
    assert FlightState(RedundantRecord(store, "drive")).odometer == 1000


def test_a_write_that_fails_loses_no_more_than_itself():
    store = Store()
    flight_state = FlightState(RedundantRecord(store, "drive"))
    flight_state.clear(1)
    flight_state.odometer = 1000
    flight_state.keep()
    store.fails = True
    flight_state.odometer, flight_state.state[0] = 2000, RUNNING
    flight_state.keep()
    assert FlightState(RedundantRecord(store, "drive")).odometer == 1000
