"""Whether what the store has kept of a craft can be used: loaded on use, and dropped when a craft is made."""

from struct import calcsize, unpack, unpack_from

from micropython import const

from ..tables import BY_PLAN, SAFE
from .flight_state import DROPPED, NEVER

# As `safe` and `journal` have them, which do not keep their names on a board
_RECORD = const(">BBBBHIBBBHI")
_RECORD_LAYOUT = const(1)
_HEAD = const(">BIiiIHIHIBBBH")
_LAYOUT = const(2)
_STEP = const(">BIH")

_CLOCK_END = const(0x40000000)
_MOST_STEPS = const(60)
_TURN = const(360000)  # millidegrees
_MS = const(1000)


def is_record(octets):
    """Whether these octets are safe mode's record, each value of it in its range."""
    if octets is None or len(octets) != calcsize(_RECORD) or octets[0] != _RECORD_LAYOUT:
        return False
    _, mode, _, reason, _, entered_s, _, _, _, _, slept_s = unpack(_RECORD, octets)
    return mode <= SAFE and reason <= BY_PLAN and max(entered_s, slept_s) <= _CLOCK_END


def follow(flight_state, plan):
    """Lets the flight state of another plan, or one with other steps than this plan has, begin anew."""
    if flight_state.plan != plan.identity or flight_state.steps != plan.steps:
        flight_state.clear(plan.steps)
        flight_state.day = 0


def is_journal(octets):
    """Whether these octets are a flight state, each value of it in its range."""
    size = calcsize(_HEAD)
    if octets is None or len(octets) < size or octets[0] != _LAYOUT:
        return False
    steps, rest = divmod(len(octets) - size, calcsize(_STEP))
    _, odometer, east, north, heading, _, plan, _, data, done, failed, _, _ = unpack_from(_HEAD, octets, 0)
    if steps > _MOST_STEPS or rest or heading >= _TURN or max(done, failed) > _MOST_STEPS:
        return False
    if max(odometer, abs(east), abs(north), plan, data) > NEVER:
        return False
    for step in range(steps):
        state, s, ms = unpack_from(_STEP, octets, size + step * calcsize(_STEP))
        if state > DROPPED or s > NEVER or ms >= _MS:
            return False
    return True
