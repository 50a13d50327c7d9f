"""The table of modes and moves."""

import pytest
from rover.flight.modes import due_move, mode_for, moves_of
from rover.generated import ACTIVE, CRAFTS, DORMANT, NAP, PARKING, WAKING

NOON = 46_100  # millidegrees: as high as the Sun comes there


def describe(craft):
    return [(move.mode, move.rising, move.elevation, move.target) for move in moves_of(CRAFTS[craft])]


def test_the_rover_wakes_naps_parks_and_sleeps():
    assert describe("rover") == [
        (DORMANT, True, 7500, WAKING),
        (ACTIVE, True, 42500, NAP),
        (NAP, False, 30000, ACTIVE),
        (ACTIVE, False, 11000, PARKING),
        (PARKING, False, 9200, DORMANT),
    ]


def test_the_lander_wakes_and_sleeps():
    assert describe("lander") == [(DORMANT, True, 13400, WAKING), (ACTIVE, False, 6000, DORMANT)]


@pytest.mark.parametrize("craft", ["rover", "lander"])
def test_each_move_is_due_from_its_elevation_on_and_on_its_side_alone(craft):
    moves = moves_of(CRAFTS[craft])
    for move in moves:
        past, short = (1, -1) if move.rising else (-1, 1)
        assert due_move(moves, move.mode, move.rising, move.elevation) is move
        assert due_move(moves, move.mode, move.rising, move.elevation + past) is move
        assert due_move(moves, move.mode, move.rising, move.elevation + short) is None
        assert due_move(moves, move.mode, not move.rising, move.elevation) is not move


@pytest.mark.parametrize("craft", ["rover", "lander"])
def test_starting_anywhere_gives_the_mode_that_living_through_the_day_would_have(craft):
    moves = moves_of(CRAFTS[craft])
    mode = DORMANT
    day = [(True, elevation) for elevation in range(NOON)]
    day += [(False, elevation) for elevation in range(NOON, -1, -1)]
    for rising, elevation in day:
        move = due_move(moves, mode, rising, elevation)
        if move is not None:
            mode = ACTIVE if move.target == WAKING else move.target
        assert mode_for(moves, rising, elevation) == mode
    assert mode == DORMANT
