"""Control of housekeeping, ST[03] (ECSS-E-ST-70-41C, 6.3): what is reported, how often, and what at once."""

from micropython import const

from ..tables import HK_LPR, HK_PCAM
from ..tables.commands import UNKNOWN_ID

_ENABLE = const(5)
_DISABLE = const(6)
_ONE_SHOT = const(27)
_PERIOD = const(31)


def perform(rover, request):
    """Execute a telecommand of this service."""
    handler = request.handler(HANDLERS)
    if handler is None:
        return
    for index in range(request.count):
        structure = request.values(index)[0]
        if _find(rover, structure) is None:
            request.fail(UNKNOWN_ID, structure)
            return
    request.begin()
    for index in range(request.count):
        values = request.values(index)
        handler(_find(rover, values[0]), values[-1])


def _find(rover, structure):
    """Who reports a structure, or None: no such is reported periodically, or its instrument is off."""
    for housekeeping in rover.reporting.housekeepings:
        if housekeeping.structure == structure:
            return housekeeping
    if rover.payload is not None and HK_PCAM <= structure <= HK_LPR:
        # That of an instrument has the number of its application process
        return rover.payload.housekeeping(structure)
    return None


def _enable(housekeeping, _):
    if not housekeeping.enabled:
        housekeeping.enabled = True
        housekeeping.start()


def _disable(housekeeping, _):
    # What waits finds that it is disabled
    housekeeping.enabled = False


def _report(housekeeping, _):
    housekeeping.report()


def _set_period(housekeeping, period_s):
    housekeeping.period_s = period_s
    housekeeping.wait()


HANDLERS = ((_ENABLE, _enable), (_DISABLE, _disable), (_ONE_SHOT, _report), (_PERIOD, _set_period))
