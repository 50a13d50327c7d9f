"""VNIS, the infrared imaging spectrometer: scans of the ground before the wheels, or of its own cover to calibrate."""

from struct import pack_into

from micropython import const

from ..tables import (
    BOX_A,
    DARK,
    HK_VNIS,
    PANEL,
    PRODUCTS,
    QL_VNIS,
    QL_VNIS_FIELDS,
    QL_VNIS_SIZE,
    SUN_ELEVATION,
    TARGET,
    VNIS,
    VNIS_CALIBRATE,
    VNIS_SPECTRA,
)
from .instrument import Instrument

_WARM_MS = const(120000)  # until its infrared detector is cold
_DETECTOR = const(-400)  # tenths of a degree below the box, by its cooler
_BANDS = const(391)
_DARKS = const(2)
_SCANS = const(8)
_SCAN_MS = const(100000)
_PANEL_SCANS = const(4)
_PANEL_MS = const(75000)
_LOOKED_AT = const(10)  # a quick look holds each tenth band


class Vnis(Instrument):
    """A detection, dark scans and scans of the ground; or a calibration, dark scans and scans of the cover's panel."""

    def __init__(self, bench, head, activity, units, seconds):
        self._scan = PANEL if activity == VNIS_CALIBRATE else TARGET
        self._scans = _DARKS + (_PANEL_SCANS if self._scan == PANEL else _SCANS)
        self._record = bytearray(PRODUCTS[VNIS_SPECTRA - 1][1])
        self._product = None
        Instrument.__init__(self, bench, head, VNIS, HK_VNIS, _WARM_MS)

    def observe(self):
        """Makes one scan."""
        if self._product is None:
            self._product = self.open_product(VNIS_SPECTRA, 0, self._scans)
        record = self._record
        scan = DARK if self.records < _DARKS else self._scan
        detector = self.reading()
        fields = PRODUCTS[VNIS_SPECTRA - 1][0]
        pack_into(fields, record, 0, self.after_ms(), scan, detector, self._validation.values[SUN_ELEVATION])
        self._hardware.scan(scan, detector, record, len(record) - 2 * _BANDS)
        if not self.add(self._product, record):
            return 0
        self.records += 1
        self._product.records += 1
        self._quick_look(scan)
        if self.records == self._scans:
            self.close(0)
            return 0
        return _PANEL_MS if self._scan == PANEL else _SCAN_MS

    def reading(self):
        """Temperature of the infrared detector, in tenths of a degree C."""
        return self._validation.values[BOX_A] + _DETECTOR

    def close(self, reason):
        """Ends the file."""
        if self._product is not None:
            self.close_product(self._product, reason)
            self._product = None

    def _quick_look(self, scan):
        telemetry, record = self._bench.telemetry, self._record
        buffer, at = telemetry.buffer, telemetry.data_at
        pack_into(QL_VNIS_FIELDS, buffer, at, QL_VNIS, scan)
        at += 3
        for band in range(len(record) - 2 * _BANDS, len(record), 2 * _LOOKED_AT):
            buffer[at] = record[band]
            buffer[at + 1] = record[band + 1]
            at += 2
        telemetry.send(VNIS, 3, 25, QL_VNIS_SIZE)
