"""The mission clock: world time, and the on-board time that the rover believes."""

from micropython import const

_MS = const(1000)


class Clock:
    """Two times in seconds and milliseconds since 2019-01-01T00:00:00 UTC.

    World time (`s`, `ms`) drives the Sun and the scheduler, which alone sets it. On-board time is world time plus an
    offset; it goes into time stamps. Milliseconds are kept apart: a Pico's small integers end at 2**30.
    """

    def __init__(self, s=0, ms=0):
        self.s = s
        self.ms = ms
        self._tell = None
        self._offset_s = 0
        self._offset_ms = 0  # 0 to 999

    def onboard_s(self):
        """Whole seconds of on-board time."""
        return self.s + self._offset_s + (1 if self.ms + self._offset_ms >= _MS else 0)

    def onboard_ms(self):
        """Milliseconds of on-board time, 0 to 999."""
        ms = self.ms + self._offset_ms
        return ms - _MS if ms >= _MS else ms

    def set_onboard(self, s, ms):
        """Makes on-board time read `s`, `ms` now. World time goes on as it was."""
        s -= self.s
        ms -= self.ms
        if ms < 0:
            s -= 1
            ms += _MS
        self._offset_s = s
        self._offset_ms = ms
        if self._tell is not None:
            self._tell()

    def on_time_set(self, call):
        """From now on `call` is called when on-board time has been set; None: nothing is."""
        self._tell = call
