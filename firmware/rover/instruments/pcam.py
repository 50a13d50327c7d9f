"""PCAM, the panoramic stereo camera: rings of picture pairs, all with one exposure found from the scene."""

from struct import pack_into

from micropython import const

from ..tables import HK_PCAM, LEFT, PCAM, PCAM_IMAGES, PRODUCTS, QL_PCAM, QL_PCAM_FIELDS, QL_PCAM_SIZE, RIGHT
from .instrument import Instrument

_WARM_MS = const(20000)
_AZIMUTHS = const(20)
_PITCHES = (-400, -1700, -3000)  # hundredths of a degree; the rings overlap by 1.5 degrees
_PAIR_MS = const(28000)  # to turn the head, expose and read out
_TURN_MS = const(150)  # the far ground takes a Pico 100 ms
_SLICE_MS = const(25)
_SURVEY_MS = const(25)

_ROWS = const(48)
_SLICE = const(4)  # columns that are read out at once: they take a Pico 13 ms
_SLICES = const(16)
_TRIAL_SLICES = const(4)
_TURN = const(360000)

# Exposure: pictures are tried, and one pixel in 64 may be brighter than this
_TRIAL_GAIN = const(256)
_BRIGHT = const(220)
_BRIGHTEST_PART = const(64)
_LONGEST = const(4096)

_THUMBNAIL_ROWS = const(6)
_THUMBNAIL = const(48)


class Pcam(Instrument):
    """A panorama: `units` rings of 20 azimuths, one below the other; a file for each ring."""

    def __init__(self, bench, head, activity, units, seconds):
        self._rings = units
        self._ring = self._azimuth = self._eye = self._slice = 0
        self._gain = _TRIAL_GAIN
        self._surveyed = False
        self._faced = False  # the head looks where the picture is to be
        self._tried = 0
        self._histogram = [0] * 256
        self._product = None
        self._fields = bytearray(PRODUCTS[PCAM_IMAGES - 1][1] - _ROWS * _SLICE * _SLICES)
        self._pixels = bytearray(_ROWS * _SLICE)
        self._thumbnail = bytearray(_THUMBNAIL)
        Instrument.__init__(self, bench, head, PCAM, HK_PCAM, _WARM_MS)

    def prepare(self):
        """First the scene is there to be seen, then the exposure is found: a look to each azimuth."""
        hardware = self._hardware
        if not self._surveyed:
            self._surveyed = not hardware.survey()
            return _SURVEY_MS
        if self._tried < _AZIMUTHS:
            if not self._faced:
                self._face(self._tried * _TURN // _AZIMUTHS, _PITCHES[self._tried % len(_PITCHES)])
                return _TURN_MS
            first = (self._tried * 3 & 0x30) + self._slice * _SLICE
            hardware.expose(LEFT, first, _SLICE, _TRIAL_GAIN, self._pixels)
            histogram = self._histogram
            for pixel in self._pixels:
                histogram[pixel] += 1
            if self._was_last(_TRIAL_SLICES):
                self._tried += 1
            return _SLICE_MS
        self._gain = _gain(self._histogram, _AZIMUTHS * _TRIAL_SLICES * len(self._pixels))
        return 0

    def observe(self):
        """Reads out a part of a picture."""
        if self._product is None:
            self._product = self.open_product(PCAM_IMAGES, self._ring, 2 * _AZIMUTHS)
        hardware, pixels = self._hardware, self._pixels
        if not self._faced:
            azimuth = self._azimuth * _TURN // _AZIMUTHS
            self._face(azimuth, _PITCHES[self._ring])
            pack_into(
                PRODUCTS[PCAM_IMAGES - 1][0],
                self._fields,
                0,
                self.after_ms(),
                azimuth,
                _PITCHES[self._ring],
                self._eye,
                self._gain,
            )
            return _TURN_MS if self.add(self._product, self._fields) else 0
        hardware.expose(self._eye, self._slice * _SLICE, _SLICE, self._gain, pixels)
        self._take_thumbnail()
        if not self.add(self._product, pixels):
            return 0
        return self._next_picture() if self._was_last(_SLICES) else _SLICE_MS

    def reading(self):
        """The azimuth to which the head looks, in millidegrees."""
        return self._azimuth * _TURN // _AZIMUTHS

    def close(self, reason):
        """Ends the ring that is open."""
        if self._product is not None:
            self.close_product(self._product, reason)
            self._product = None

    def _face(self, azimuth, pitch):
        """Turns the head to an azimuth, as far as the rover knows how it stands itself."""
        self._hardware.face(azimuth - self._flight_state.heading, pitch)
        self._faced = True

    def _was_last(self, slices):
        """After one. Returns whether it was the last; then the head turns."""
        self._slice = (self._slice + 1) % slices
        self._faced = self._slice > 0
        return not self._faced

    def _next_picture(self):
        """After a whole one. Returns the milliseconds until the next."""
        self.records += 1
        self._product.records += 1
        if self._eye == LEFT:
            self._quick_look()
            self._eye = RIGHT
            return _SLICE_MS
        self._eye = LEFT
        self._azimuth += 1
        if self._azimuth == _AZIMUTHS:
            self._azimuth = 0
            self._ring += 1
            self.close(0)
            if self._ring == self._rings:
                return 0
        return _PAIR_MS - 2 * _TURN_MS - (2 * _SLICES - 1) * _SLICE_MS

    def _take_thumbnail(self):
        """Of each second slice a column."""
        if self._eye != LEFT or self._slice & 1 == 0:
            return
        at = (self._slice >> 1) * _THUMBNAIL_ROWS
        for row in range(_THUMBNAIL_ROWS):
            self._thumbnail[at + row] = self._pixels[row * 8 + 4]

    def _quick_look(self):
        telemetry = self._bench.telemetry
        buffer, at = telemetry.buffer, telemetry.data_at
        pack_into(QL_PCAM_FIELDS, buffer, at, QL_PCAM, self.reading(), _PITCHES[self._ring])
        at += QL_PCAM_SIZE - _THUMBNAIL
        buffer[at : at + _THUMBNAIL] = self._thumbnail
        telemetry.send(PCAM, 3, 25, QL_PCAM_SIZE)


def _gain(histogram, pixels):
    """The gain at which the brightest pixels of the trial, one in 64, come to be as bright as they should."""
    above = pixels // _BRIGHTEST_PART
    level = 255
    while level > 1 and above >= histogram[level]:
        above -= histogram[level]
        level -= 1
    return min(_LONGEST, _TRIAL_GAIN * _BRIGHT // level)
