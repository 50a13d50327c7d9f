"""The modes of a craft, and what the Sun makes of them: one table for a lunar day."""

from ..generated import ACTIVE, DORMANT, NAP, PARKING, WAKING


class Move:
    """From `mode` to `target` once the Sun, rising or not, has passed `elevation` (millidegrees)."""

    def __init__(self, mode, rising, elevation, target):
        self.mode = mode
        self.rising = rising
        self.elevation = elevation
        self.target = target

    def is_due(self, mode, rising, elevation):
        """Whether the Sun at `elevation` asks a craft in `mode` for this move."""
        if mode != self.mode or rising != self.rising:
            return False
        return elevation >= self.elevation if rising else elevation <= self.elevation


def moves_of(craft):
    """The moves of a lunar day in their order; `craft` holds the constants of the dictionary."""
    moves = [Move(DORMANT, True, craft.wake_elevation, WAKING)]
    if craft.nap_start_elevation is not None:
        moves.append(Move(ACTIVE, True, craft.nap_start_elevation, NAP))
        moves.append(Move(NAP, False, craft.nap_end_elevation, ACTIVE))
    last = ACTIVE
    if craft.park_elevation is not None:
        moves.append(Move(ACTIVE, False, craft.park_elevation, PARKING))
        last = PARKING
    moves.append(Move(last, False, craft.sleep_elevation, DORMANT))
    return moves


def due_move(moves, mode, rising, elevation):
    """The move that the Sun asks for, or None."""
    for move in moves:
        if move.is_due(mode, rising, elevation):
            return move
    return None


def mode_for(moves, rising, elevation):
    """The mode that the Sun calls for on a craft that starts in mid-day: where the day's moves would have led it."""
    mode = DORMANT
    if not rising:
        mode = NAP if any(move.mode == NAP for move in moves) else ACTIVE
    move = due_move(moves, mode, rising, elevation)
    while move is not None:
        mode = ACTIVE if move.target == WAKING else move.target
        move = due_move(moves, mode, rising, elevation)
    return mode
