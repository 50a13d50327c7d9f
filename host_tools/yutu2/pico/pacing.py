"""Pace emulated time to real time, for people and for programs like mpremote."""

import time

_MAX_LAG_S = 0.05


class RealTimePacer:
    """Compute how far emulated time is ahead of real time.

    An emulated chip computes much slower than a real one. The time lost so is not made up for in its next sleep.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self._last_us = -1

    def ahead_s(self, now_us: int) -> float:
        """Return the seconds to wait before emulating on; 0 or less for none."""
        emulated, real = now_us / 1e6, time.monotonic()
        if now_us < self._last_us or self._last_us < 0:  # the first call, or power-on since the last one
            self._offset = real - emulated
        self._last_us = now_us
        ahead = emulated + self._offset - real
        if ahead < -_MAX_LAG_S:
            self._offset -= ahead
        return ahead
