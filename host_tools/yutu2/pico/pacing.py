"""Keeps emulated time from running ahead of real time, for people and for programs like mpremote."""

import time

_LARGEST_DEBT_S = 0.05


class Pacer:
    """Tells how far emulated time is ahead of real time.

    A chip that computes is slower than a real one by far; the time it has lost so is not made up by rushing through
    its next sleep.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self._last_us = -1

    def ahead_s(self, now_us: int) -> float:
        """Seconds to wait before emulating on; 0 or less when there is no need to."""
        emulated, real = now_us / 1e6, time.monotonic()
        if now_us < self._last_us or self._last_us < 0:  # the first call, or power-on since the last one
            self._offset = real - emulated
        self._last_us = now_us
        ahead = emulated + self._offset - real
        if ahead < -_LARGEST_DEBT_S:
            self._offset -= ahead
        return ahead
