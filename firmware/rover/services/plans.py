"""Plans by command: loaded in pieces, begun, ended, and told how far they are."""

from struct import pack_into

from micropython import const

from ..kernel import unload
from ..link.packet import TM_HEADER
from ..tables import DRIVING, HK_PLAN, HK_PLAN_FIELDS, HK_PLAN_SIZE
from ..tables.commands import (
    FUNCTION_PLAN_LOAD,
    FUNCTION_PLAN_REPORT,
    FUNCTION_PLAN_START,
    FUNCTION_PLAN_STOP,
    PLAN_REFUSAL,
    WRONG_ARGUMENT,
)

_SERVICE = const(3)
_REPORT = const(25)
_OFFSET_SIZE = const(2)
_PIECE = const(480)

_NEVER = const(0x3FFFFFFF)  # s: when a step is due is not known

# States of a step
_WAITING = const(0)
_RUNNING = const(1)
_DROPPED = const(4)


def perform(rover, request):
    """Execute a telecommand about plans."""
    handler = request.handler(HANDLERS)
    if handler is not None:
        handler(rover, request)
        unload("inputs", "plan_store", "compiled_text")
        unload("store", "paged_upload")


def _stop(rover, request):
    request.begin()
    rover.sequence.stop_plan()


def _start(rover, request):
    plan, reason = rover.plan_store().choose(rover)
    if reason:
        request.fail(PLAN_REFUSAL + reason)
    else:
        request.begin()
        rover.follow(plan)


def _load(rover, request):
    offset = request.values()[0]
    octets = bytes(request.buffer[request.at + _OFFSET_SIZE : request.end])
    if offset % _PIECE:
        request.fail(WRONG_ARGUMENT, 1 << 16 | offset)
    elif len(octets) > _PIECE:
        request.fail(WRONG_ARGUMENT, 2 << 16 | len(octets))
    else:
        reason = rover.plan_store().load(offset // _PIECE, octets)
        if reason:
            request.fail(PLAN_REFUSAL + reason)


def _report(rover, request):
    request.begin()
    flight_state, telemetry = rover.flight_state, rover.telemetry
    counts = [0] * (_DROPPED + 1)
    step = due_s = 0
    for at in range(flight_state.steps):
        state = flight_state.state[at]
        counts[state] += 1
        s = flight_state.due_s[at]
        if state == _WAITING and s < _NEVER and (not step or s < due_s):
            step, due_s = at + 1, s
    pack_into(
        HK_PLAN_FIELDS,
        telemetry.buffer,
        TM_HEADER,
        HK_PLAN,
        flight_state.plan,
        flight_state.day,
        flight_state.ended,
        flight_state.steps,
        *counts,
        step,
        due_s,
        rover.plan_store().size(),
    )
    telemetry.send(DRIVING, _SERVICE, _REPORT, HK_PLAN_SIZE)


HANDLERS = (
    (FUNCTION_PLAN_STOP, _stop),
    (FUNCTION_PLAN_START, _start),
    (FUNCTION_PLAN_REPORT, _report),
    (FUNCTION_PLAN_LOAD, _load),
)
