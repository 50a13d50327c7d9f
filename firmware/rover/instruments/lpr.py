"""LPR, the penetrating radar: traces of two channels by time, while the rover drives or stands."""

from struct import pack_into

from micropython import const

from ..tables import (
    HK_LPR,
    LPR,
    LPR_60,
    LPR_500,
    LPR_DRIVE,
    PRODUCTS,
    QL_LPR,
    QL_LPR_FIELDS,
    QL_LPR_SIZE,
)
from .instrument import Instrument

_WARM_MS = const(2000)
_KINDS = (LPR_60, LPR_500)
_TRACE_MS = (1640, 830)
_FIELDS_SIZE = const(8)
_LOOKED_AT = const(16)  # each so many traces at 500 MHz there is a quick look
_PEAKS = const(64)
_PEAK_OF = const(8)  # samples
_ENDLESS = const(-1)
_NEVER = const(0x3FFFFFFF)


class Lpr(Instrument):
    """Traces until its time is over, or the drive."""

    def __init__(self, bench, head, activity, units, seconds):
        # How many traces of each channel are to come; a drive is over when it is, and nobody knows before
        self._left = [_ENDLESS, _ENDLESS]
        if activity != LPR_DRIVE:
            for channel in range(2):
                self._left[channel] = (seconds * 1000 - _WARM_MS - 1) // _TRACE_MS[channel]
        self._records = (bytearray(PRODUCTS[LPR_60 - 1][1]), bytearray(PRODUCTS[LPR_500 - 1][1]))
        self._products = [None, None]  # type: list
        self._parts = [0, 0]
        self._due_ms = [0, 0]
        self._traces = 0
        Instrument.__init__(self, bench, head, LPR, HK_LPR, _WARM_MS)

    def observe(self):
        """Takes the traces that are due."""
        now = self.after_ms()
        next_ms = _NEVER
        for channel in range(2):
            if self._left[channel] and self._due_ms[channel] <= now:
                if not self._take(channel, now):
                    return 0
                self._due_ms[channel] = now + _TRACE_MS[channel]
            if self._left[channel]:
                next_ms = min(next_ms, self._due_ms[channel])
        return next_ms - now if next_ms < _NEVER else 0

    def reading(self):
        """Driven since the landing, by the wheels, in mm."""
        return self._flight_state.odometer + self._driver.under_way()

    def close(self, reason):
        """Ends the files that are open."""
        for channel in range(2):
            self._close(channel, reason)

    def _take(self, channel, now):
        """One trace. Returns whether it could be kept."""
        kind, record = _KINDS[channel], self._records[channel]
        most, left = PRODUCTS[kind - 1][2], self._left[channel]
        product = self._products[channel]
        if product is None:
            product = self.open_product(kind, self._parts[channel], min(left, most) if left > 0 else 0)
            self._products[channel] = product
        distance = self.reading()
        pack_into(PRODUCTS[kind - 1][0], record, 0, now, distance)
        self._hardware.trace(channel, self._driver.under_way(), record, _FIELDS_SIZE)
        if not self.add(product, record):
            return False
        self.records += 1
        product.records += 1
        if kind == LPR_500:
            if self._traces % _LOOKED_AT == 0:
                self._quick_look(distance)
            self._traces += 1
        self._left[channel] -= 1
        if product.records == most or not self._left[channel]:
            self._close(channel, 0)
        return True

    def _close(self, channel, reason):
        product = self._products[channel]
        if product is not None:
            self.close_product(product, reason)
            self._products[channel] = None
            self._parts[channel] += 1

    def _quick_look(self, distance):
        telemetry, record = self._bench.telemetry, self._records[1]
        buffer, at = telemetry.buffer, telemetry.data_at
        pack_into(QL_LPR_FIELDS, buffer, at, QL_LPR, distance)
        at += QL_LPR_SIZE - _PEAKS
        first = _FIELDS_SIZE
        for _ in range(_PEAKS):
            peak = 0
            for sample in range(first, first + _PEAK_OF):
                echo = record[sample]
                # Two's complement
                peak = max(peak, echo if echo < 128 else 256 - echo)
            buffer[at] = peak
            at += 1
            first += _PEAK_OF
        telemetry.send(LPR, 3, 25, QL_LPR_SIZE)
