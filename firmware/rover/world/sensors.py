"""What the craft's sensors read of the Moon: with noise, and with the faults that a scenario gives them."""

from array import array

from micropython import const

from .sun import millidegrees

# As the dictionary's enum `sensor`; temperatures are the rest
SENSORS = const(12)
_SUN_ELEVATION = const(0)
_SUN_AZIMUTH = const(1)
_ARRAY_POWER = const(2)
_BATTERY_CHARGE = const(3)
_BUS_VOLTAGE = const(4)
_LOAD_POWER = const(5)
_BOX_A = const(6)
_BOX_B = const(7)
_WING = const(8)
_MAST = const(9)
_MEMORY_FREE = const(11)

# How far a reading may be off, in the unit of each sensor; the charge is counted
_NOISE = const((60, 60, 120, 0, 15, 120, 3, 3, 5, 5, 5, 0))
# What every machine leaves free; how much it is in truth must not show in what a craft sends
_MEMORY_KIB = const(80)
_CIRCLE = const(360000)  # millidegrees
_FREEZING = const(2731)  # tenths of a kelvin

_STUCK = const(1)
_JUMPING = const(2)
_DEAD = const(3)


class Sensors:
    """The sensors of a craft.

    clock: the mission clock. moon: what they look at. streams: a stream of chance for each.
    """

    def __init__(self, clock, moon, streams):
        self._clock = clock
        self._seen_s = None
        self._memory_kib = _MEMORY_KIB
        self._moon = moon
        self._streams = streams
        self._faults = bytearray(SENSORS)
        self._jumps = array("i", SENSORS * [0])
        self._held = array("i", SENSORS * [0])

    def read(self, sensor):
        """The reading of a sensor in its raw unit, or None from a dead one. Elevation and azimuth are 0 in the dark."""
        fault = self._faults[sensor]
        if fault:
            if fault == _DEAD:
                return None
            if fault == _STUCK:
                return self._held[sensor]
        moon = self._moon
        if self._clock.s != self._seen_s:
            self._seen_s = self._clock.s
            moon.see()
        noise = _NOISE[sensor]
        if noise:
            noise = self._streams[sensor].below(noise + noise + 1) - noise
        if sensor <= _SUN_AZIMUTH:
            value = max(0, millidegrees(moon.sun[sensor]) + noise) % _CIRCLE if moon.sun[0] > 0 else 0
        elif sensor == _ARRAY_POWER:
            power = moon.array_power()
            value = max(0, power + noise) if power else 0
        elif sensor == _BATTERY_CHARGE:
            value = moon.charge()
        elif sensor == _LOAD_POWER:
            value = moon.drawn + noise
        elif sensor <= _BOX_B and sensor >= _BOX_A:
            value = (moon.box * 10 >> 12) - _FREEZING + noise
        else:
            value = self._slow(sensor, noise)
        if fault == _JUMPING:
            value = max(0, value + self._streams[sensor].around_zero(self._jumps[sensor]))
        self._held[sensor] = value
        return value

    def set_stuck(self, sensor):
        """From now on it gives its last value."""
        self.repair(sensor)
        self.read(sensor)
        self._faults[sensor] = _STUCK

    def set_noisy(self, sensor, most):
        """From now on its values are off by up to `most`."""
        self._jumps[sensor] = most
        self._faults[sensor] = _JUMPING

    def set_dead(self, sensor):
        """From now on it gives nothing."""
        self._faults[sensor] = _DEAD

    def repair(self, sensor):
        """It works again."""
        self._faults[sensor] = 0

    def limit_memory(self, kib):
        """So much memory is left from now on; None: as usual."""
        self._memory_kib = _MEMORY_KIB if kib is None else kib

    def _slow(self, sensor, noise):
        moon = self._moon
        if sensor == _MEMORY_FREE:
            return self._memory_kib
        if sensor == _BUS_VOLTAGE:
            return moon.bus_voltage() + noise
        kelvins = moon.wing if sensor == _WING else moon.mast if sensor == _MAST else moon.ground
        return (kelvins * 10 >> 12) - _FREEZING + noise
