"""A photocell in the place of the Sun sensor."""

import machine
from micropython import const

_FULL_SCALE = const(90000)  # millidegrees that a photocell at 3.3 V stands for
_DARK = const(1000)
_EAST = const(90000)
_WEST = const(270000)
_TURN = const(2000)  # by so much the light must fall from its highest, or rise from its lowest, to have turned


class Photocell:
    """A photocell on ADC0 (GP26) that stands in for the Sun sensor: 3.3 V are 90 degrees of elevation.

    It cannot tell east from west: the Sun counts as sinking once the light has fallen well below its highest.
    """

    def __init__(self):
        self._converter = machine.ADC(0)
        self._rising = True
        self._extreme = 0

    def sun_elevation(self):
        """Elevation in millidegrees, 0 in the dark."""
        elevation = ((self._converter.read_u16() >> 4) * _FULL_SCALE) >> 12
        if elevation < _DARK:
            elevation = 0
        turned = self._extreme - elevation if self._rising else elevation - self._extreme
        if turned > _TURN:
            self._rising = not self._rising
        if turned > _TURN or turned < 0:
            self._extreme = elevation
        return elevation

    def sun_azimuth(self):
        """East while the light rises, west while it sinks, in millidegrees; 0 in the dark."""
        return _EAST if self._rising else _WEST
