"""The journal: what it holds comes back after a restart, whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.flight.journal import COMMANDED, DONE, NEVER, RUNNING, WAITING, Journal
from rover.store.slots import Slots

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

    def read_slot(self, number):
        return self.slots.get(number)

    def write_slot(self, number, octets):
        if not self.fails:
            self.slots[number] = bytes(octets)
        return not self.fails


def content(journal):
    return [getattr(journal, name) for name in HEAD], list(journal.state), list(journal.due_s), list(journal.due_ms)


@given(st.fixed_dictionaries(HEAD), STEPS)
def test_what_is_kept_comes_back(head, steps):
    store = Store()
    journal = Journal(Slots(store, 2))
    assert not journal.found
    journal.clear(len(steps))
    for name, value in head.items():
        setattr(journal, name, value)
    for step, (state, s, ms) in enumerate(steps):
        journal.state[step], journal.due_s[step], journal.due_ms[step] = state, s, ms
    journal.keep()
    again = Journal(Slots(store, 2))
    assert again.found
    assert content(again) == content(journal)
    # ... and goes on
    again.odometer = 5
    again.keep()
    assert Journal(Slots(store, 2)).odometer == 5


def test_a_new_one_is_empty():
    journal = Journal(Slots(Store(), 2))
    assert (journal.found, journal.odometer, journal.stop, journal.ended) == (False, 0, 0, False)
    journal.clear(2)
    assert list(journal.state) == [WAITING] * 2 + [DONE] * COMMANDED
    assert set(journal.due_s) == {NEVER}


@pytest.mark.parametrize(
    "record", [b"", b"\x01", b"\x01" * 20, b"\x01" * 200], ids=["empty", "cut", "short", "other layout"]
)
def test_what_is_no_journal_is_not_taken_for_one(record):
    store = Store()
    Slots(store, 2).save(record)
    assert not Journal(Slots(store, 2)).found


def test_damage_brings_back_the_one_before():
    store = Store()
    journal = Journal(Slots(store, 2))
    for odometer in (1000, 2000):
        journal.odometer = odometer
        journal.keep()
    newest = max(store.slots, key=lambda number: int.from_bytes(store.slots[number][4:8]))
    store.slots[newest] = store.slots[newest][:12] + b"\xff" + store.slots[newest][13:]
    assert Journal(Slots(store, 2)).odometer == 1000


def test_a_write_that_fails_loses_no_more_than_itself():
    store = Store()
    journal = Journal(Slots(store, 2))
    journal.clear(1)
    journal.odometer = 1000
    journal.keep()
    store.fails = True
    journal.odometer, journal.state[0] = 2000, RUNNING
    journal.keep()
    assert Journal(Slots(store, 2)).odometer == 1000
