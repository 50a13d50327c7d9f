"""The table of modes, beside one written down here, and the function that decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover import tables
from rover.flight.mode_manager import decide, outcome
from yutu2.dictionary.model import load

MODES = list(load().enums["mode"].values())
EVENTS = list(load().enums["mode_event"].values())
REFUSALS = load().enums["refusal"]

# Where each event leads from each mode: in capitals the mode, else why it is refused
EXPECTED = """
event      DORMANT  WAKING        ACTIVE       NAP          PARKING      SAFE
FAULT      asleep   SAFE          SAFE         SAFE         SAFE         is_safe
EXHAUSTED  asleep   DORMANT       DORMANT      DORMANT      DORMANT      DORMANT
NIGHTFALL  asleep   DORMANT       DORMANT      DORMANT      DORMANT      DORMANT
DAWN       WAKING   awake         awake        awake        awake        awake
EQUIPPED   asleep   ACTIVE        is_equipped  is_equipped  is_equipped  is_safe
HEAT       asleep   not_equipped  NAP          is_napping   is_parking   is_safe
COOL       asleep   not_napping   not_napping  ACTIVE       not_napping  is_safe
DUSK       asleep   not_equipped  PARKING      PARKING      is_parking   is_safe
RECOVERED  asleep   not_safe      not_safe     not_safe     not_safe     WAKING
"""
HEAD, *ROWS = [line.split() for line in EXPECTED.strip().splitlines()]
TABLE = {(mode, row[0]): cell for row in ROWS for mode, cell in zip(HEAD[1:], row[1:], strict=True)}

ASKED = st.integers(0, (1 << len(EVENTS)) - 1)
MODE_NUMBERS = st.integers(0, len(MODES) - 1)


def is_legal(mode, event):
    return TABLE[MODES[mode], EVENTS[event]].isupper()


def test_no_pair_of_mode_and_event_is_missing():
    assert sorted(TABLE) == sorted((mode, event) for mode in MODES for event in EVENTS)
    assert len(tables.MOVES) == len(MODES) * tables.MODE_EVENTS == len(TABLE)


@pytest.mark.parametrize(("mode", "event"), TABLE)
def test_an_event_leads_where_it_should_or_is_refused_with_its_reason(mode, event):
    found = outcome(getattr(tables, mode), getattr(tables, event))
    told = MODES[found] if found >= 0 else REFUSALS[-1 - found].lower()
    assert told == TABLE[mode, event]


@given(MODE_NUMBERS, ASKED)
def test_of_several_events_the_first_legal_one_counts_and_an_illegal_one_never(mode, asked):
    legal = [event for event in range(len(EVENTS)) if asked >> event & 1 and is_legal(mode, event)]
    assert decide(mode, asked) == (legal[0] if legal else -1)


def test_a_fault_comes_before_sleep_and_sleep_before_all_else():
    assert EVENTS[:4] == ["FAULT", "EXHAUSTED", "NIGHTFALL", "DAWN"]


def test_safe_mode_is_left_by_these_three_alone():
    out = [event for mode, event in TABLE if mode == "SAFE" and outcome(tables.SAFE, EVENTS.index(event)) >= 0]
    assert out == ["EXHAUSTED", "NIGHTFALL", "RECOVERED"]


def test_the_night_is_left_by_dawn_alone():
    assert [event for event in range(len(EVENTS)) if outcome(tables.DORMANT, event) >= 0] == [tables.DAWN]


def test_each_mode_can_be_reached_and_left():
    led_to = {cell for cell in TABLE.values() if cell.isupper()}
    assert led_to == set(MODES)
    assert all(any(TABLE[mode, event].isupper() for event in EVENTS) for mode in MODES)
