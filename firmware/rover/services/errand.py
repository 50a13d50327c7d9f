"""What a telecommand asks for that lasts: a drive, a turn, an observation. Flight software tells how it goes."""

from ..tables.commands import PLAN_FAILURE


class Errand:
    """Keeps a telecommand until what it asks for is over."""

    def __init__(self, request):
        self._request = request
        self._steps = 0

    def begin(self):
        """It has begun."""
        request = self._request
        request.lasts = True
        # The packet goes, and perhaps a buffer that was made for it alone
        request.buffer = b""
        request.begin()

    def passed(self):
        """A part of it is done."""
        self._steps += 1
        self._request.step(self._steps)

    def over(self, failure, value):
        """It is over; failure: why before its end, by the dictionary's enum `plan_failure`, or 0; value: its detail."""
        if failure:
            self._request.fail(PLAN_FAILURE + failure, value)
        else:
            self._request.done()
