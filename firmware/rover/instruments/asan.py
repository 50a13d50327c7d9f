"""ASAN, the neutral atom detector: behind its door, a spectrum of energies each three seconds."""

from array import array
from struct import pack_into

from micropython import const

from ..tables import (
    ASAN,
    ASAN_SPECTRA,
    HK_ASAN,
    PRODUCTS,
    QL_ASAN,
    QL_ASAN_FIELDS,
    QL_ASAN_SIZE,
    SUN_ELEVATION,
)
from .instrument import Instrument

_WARM_MS = const(30000)  # its door opens, its high voltage rises
_SPECTRUM_MS = const(3000)
_BINS = const(24)
_A_MINUTE = const(20)  # spectra


class Asan(Instrument):
    """Spectra until its time is over."""

    def __init__(self, bench, head, activity, units, seconds):
        self._left = (seconds * 1000 - _WARM_MS) // _SPECTRUM_MS
        self._part = 0
        self._record = bytearray(PRODUCTS[ASAN_SPECTRA - 1][1])
        self._minute = array("H", [0] * _BINS)
        self._atoms = 0
        self._product = None
        Instrument.__init__(self, bench, head, ASAN, HK_ASAN, _WARM_MS)

    def observe(self):
        """Takes one spectrum."""
        most = PRODUCTS[ASAN_SPECTRA - 1][2]
        if self._product is None:
            self._product = self.open_product(ASAN_SPECTRA, self._part, min(self._left, most))
        record = self._record
        fields = PRODUCTS[ASAN_SPECTRA - 1][0]
        pack_into(fields, record, 0, self.after_ms(), self._validation.values[SUN_ELEVATION])
        first = len(record) - _BINS
        self._hardware.count(record, first)
        if not self.add(self._product, record):
            return 0
        minute = self._minute
        for channel in range(_BINS):
            minute[channel] += record[first + channel]
        self.records += 1
        self._left -= 1
        self._product.records += 1
        if self.records % _A_MINUTE == 0:
            self._quick_look()
        if self._product.records == most or not self._left:
            self.close(0)
            self._part += 1
        return _SPECTRUM_MS if self._left else 0

    def reading(self):
        """Atoms counted in this observation, up to the last whole minute."""
        return self._atoms

    def close(self, reason):
        """Ends the file that is open."""
        if self._product is not None:
            self.close_product(self._product, reason)
            self._product = None

    def _quick_look(self):
        telemetry, minute = self._bench.telemetry, self._minute
        buffer, at = telemetry.buffer, telemetry.data_at
        pack_into(QL_ASAN_FIELDS, buffer, at, QL_ASAN)
        at += 2
        for channel in range(_BINS):
            self._atoms += minute[channel]
            buffer[at] = minute[channel] >> 8
            buffer[at + 1] = minute[channel] & 0xFF
            minute[channel] = 0
            at += 2
        telemetry.send(ASAN, 3, 25, QL_ASAN_SIZE)
