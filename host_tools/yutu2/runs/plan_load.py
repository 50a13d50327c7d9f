"""Loads a plan into a rover, piece by piece."""

from collections.abc import Callable

from yutu2.mission.plan import Plan
from yutu2.runs.client import Rover

PIECE = 480
"""Octets; the last piece is shorter, by which the rover knows that it has all."""


def pieces(octets: bytes) -> list[tuple[int, bytes]]:
    """(offset, octets) of each piece."""
    return [(at, octets[at : at + PIECE]) for at in range(0, len(octets) + 1, PIECE)]


def load_plan(
    rover: Rover, plan: Plan, told: Callable[[int, int], None] = lambda sent, of: None, timeout_s: float | None = None
) -> None:
    """Loads a plan, which PLAN_START then begins. told: is called with how many octets of how many are there.

    CommandFailed: the rover does not take it; NoAnswer: it does not say that it has.
    """
    octets = plan.compiled().encode()
    for offset, piece in pieces(octets):
        rover.send("PLAN_LOAD", timeout_s=timeout_s, offset=offset, octets=piece.hex())
        told(offset + len(piece), len(octets))
