"""Control of housekeeping, ST[03] (ECSS-E-ST-70-41C, 6.3): what is reported, how often, and what at once."""

from micropython import const

from ..tables import HK_LPR, HK_PCAM
from ..tables.commands import UNKNOWN_ID

_ENABLE = const(5)
_DISABLE = const(6)
_ONE_SHOT = const(27)


def perform(rover, request):
    """Does what a telecommand of this service asks a rover for."""
    for index in range(request.count):
        structure = request.values(index)[0]
        if _find(rover, structure) is None:
            request.fail(UNKNOWN_ID, structure)
            return
    request.begin()
    for index in range(request.count):
        values = request.values(index)
        _control(_find(rover, values[0]), request.kind & 0xFF, values[-1])


def _find(rover, structure):
    """Who reports a structure, or None: no such is reported periodically, or its instrument is off."""
    for housekeeping in rover.reporting.housekeepings:
        if housekeeping.structure == structure:
            return housekeeping
    if rover.payload is not None and HK_PCAM <= structure <= HK_LPR:
        # That of an instrument has the number of its application process
        return rover.payload.housekeeping(structure)
    return None


def _control(housekeeping, subservice, period_s):
    if subservice == _ENABLE:
        if not housekeeping.enabled:
            housekeeping.enabled = True
            housekeeping.start()
    elif subservice == _DISABLE:
        # What waits finds that it is disabled
        housekeeping.enabled = False
    elif subservice == _ONE_SHOT:
        housekeeping.report()
    else:
        housekeeping.period_s = period_s
        housekeeping.wait()
