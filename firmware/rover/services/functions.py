"""Functions of the mission, ST[08] (ECSS-E-ST-70-41C, 6.8): modes, driving, instruments and plans."""

from ..commands import FUNCTION_STOP, REFUSED


def perform(rover, request):
    """Does what a telecommand of this service asks a rover for."""
    if request.function == FUNCTION_STOP and rover.day.driver is not None:
        rover.day.driver.stop()
    else:
        request.fail(REFUSED)
