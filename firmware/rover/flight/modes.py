"""The mode table of the dictionary, and the one function that decides."""

from micropython import const

from ..tables.generated import MODE_EVENTS, MOVES

_REFUSED = const(128)


def outcome(mode, event):
    """Where `event` leads from `mode`; or -1 - reason, by the dictionary's enum `refusal`, when it is refused."""
    cell = MOVES[mode * MODE_EVENTS + event]
    return cell if cell < _REFUSED else _REFUSED - 1 - cell


def decide(mode, asked):
    """The event that counts, or -1 if none is legal.

    asked: the events that ask for a move, bit 0 for the dictionary's first. The first legal one counts.
    """
    for event in range(MODE_EVENTS):
        if asked & 1 << event and MOVES[mode * MODE_EVENTS + event] < _REFUSED:
            return event
    return -1
