"""Functions of the mission, ST[08] (ECSS-E-ST-70-41C, 6.8): modes, driving, instruments; plans stand in `plans`."""

from micropython import const

from ..kernel import unload
from ..kernel.scheduler import Task
from ..tables import DORMANT, DRIVE, LOAD_PCAM, LOAD_WHEELS, PCAM, PLAN_ACTIVITIES, UPLINK
from ..tables.commands import (
    FUNCTION_DRIVE,
    FUNCTION_MOVE,
    FUNCTION_OBSERVE,
    FUNCTION_PLAN_LOAD,
    FUNCTION_PLAN_REPORT,
    FUNCTION_PLAN_START,
    FUNCTION_PLAN_STOP,
    FUNCTION_STOP,
    FUNCTION_STOP_OBSERVING,
    FUNCTION_TURN,
    PLAN_FAILURE,
    REFUSAL,
    UNKNOWN_ID,
    WRONG_ARGUMENT,
)

_MOST_UNITS = const(11)  # in a row of PLAN_ACTIVITIES


def perform(rover, request):
    """Does what a telecommand of this service asks a rover for: within the millisecond, as an activity of its own.

    From within the up-link a board's stack would end.
    """
    request.buffer = bytes(request.buffer[request.at : request.end])
    request.end -= request.at
    request.at = 0
    request.lasts = True
    rover.scheduler.after(Task(UPLINK, lambda: _obey(rover, request)), 0)


def _obey(rover, request):
    if rover.mode() == DORMANT:
        # It has fallen asleep within the millisecond, and says nothing more
        return
    request.lasts = False
    _act(rover, request)
    if not request.over and not request.lasts:
        request.done()


def _act(rover, request):
    handler = request.handler(HANDLERS)
    if handler is None:
        return
    if rover.sequence is None and request.function != FUNCTION_MOVE:
        # A craft without wheels and plans
        request.fail(UNKNOWN_ID, request.function)
    else:
        handler(rover, request)


def _drive(rover, request):
    bearing, distance = request.values()
    _begin(rover, request, DRIVE, bearing, distance)


def _turn(rover, request):
    _begin(rover, request, DRIVE, request.values()[0], 0)


def _stop_observing(rover, request):
    request.begin()
    rover.sequence.stop(request.values()[0] - PCAM + LOAD_PCAM)


def _plan(rover, request):
    from . import plans

    plans.perform(rover, request)
    unload("services", "plans")


def _move(rover, request):
    mode_manager = rover.mode_manager
    event = request.values()[0]
    where = mode_manager.outcome(event)
    if where < 0:
        request.fail(REFUSAL - 1 - where)
        return
    request.begin()
    if where == DORMANT:
        # Silence follows
        request.done()
    mode_manager.request(event)


def _observe(rover, request):
    activity, units = request.values()
    if units > PLAN_ACTIVITIES[activity - 1][_MOST_UNITS]:
        request.fail(WRONG_ARGUMENT, 2 << 16 | units)
    else:
        _begin(rover, request, activity, units, 0)


def _begin(rover, request, activity, first, second):
    from .command_execution import CommandExecution

    failure, value = rover.sequence.command(activity, first, second, CommandExecution(request))
    if failure:
        request.fail(PLAN_FAILURE + failure, value)
    unload("services", "command_execution")


def _stop(rover, request):
    request.begin()
    rover.sequence.stop(LOAD_WHEELS)
    if rover.driver.moves():
        # To where it sleeps
        rover.driver.stop()
        rover.flight_state.keep()


HANDLERS = (
    (FUNCTION_MOVE, _move),
    (FUNCTION_DRIVE, _drive),
    (FUNCTION_TURN, _turn),
    (FUNCTION_STOP, _stop),
    (FUNCTION_OBSERVE, _observe),
    (FUNCTION_STOP_OBSERVING, _stop_observing),
    (FUNCTION_PLAN_STOP, _plan),
    (FUNCTION_PLAN_START, _plan),
    (FUNCTION_PLAN_REPORT, _plan),
    (FUNCTION_PLAN_LOAD, _plan),
)
