"""Report the execution of a telecommand that lasts: a drive, a turn, an observation."""

from ..tables.commands import PLAN_FAILURE


class CommandExecution:
    """A telecommand in execution. Flight software calls start, progress and complete."""

    def __init__(self, request):
        self._request = request
        self._steps = 0

    def start(self):
        """Report the start of execution (ECSS-E-ST-70-41C, 6.1.5)."""
        request = self._request
        request.lasts = True
        # The packet goes, and perhaps a buffer that was made for it alone
        request.buffer = b""
        request.begin()

    def progress(self):
        """Report that one more step is done."""
        self._steps += 1
        self._request.step(self._steps)

    def complete(self, failure, value):
        """Report the end. failure: by the dictionary's enum `plan_failure`, or 0. value: detail of the failure."""
        if failure:
            self._request.fail(PLAN_FAILURE + failure, value)
        else:
            self._request.done()
