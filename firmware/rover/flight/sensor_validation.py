"""Which readings flight software may believe: a dead, a stuck and a jumping sensor are told from good ones."""

from array import array

from micropython import const

from ..tables import (
    ARRAY_POWER,
    BATTERY_CHARGE,
    BOX_A,
    BOX_B,
    DEAD,
    JUMPING,
    LOAD_POWER,
    SENSOR_BACK,
    SENSOR_LOST,
    STUCK,
    SUN_AZIMUTH,
    SUN_ELEVATION,
)

SENSORS = const(12)
_LOST_AFTER = const(3)  # bad looks in a row
_BACK_AFTER = const(10)  # good looks in a row
# What changes in hours is read at each fifth look alone.
_QUICK = (SUN_ELEVATION, SUN_AZIMUTH, ARRAY_POWER, BATTERY_CHARGE, LOAD_POWER, BOX_A)
_ALL = tuple(range(SENSORS))
_SLOW_EVERY = const(5)
# So many equal readings in a row, none of them 0, come from a stuck sensor: noise moves all others. 0: may stand still.
_STUCK_AFTER = const((20, 20, 20, 0, 12, 20, 20, 12, 12, 12, 12, 0))
# More than this from reading to reading is no physics, in the unit of the sensor. _ANY: it may, as a switched load.
_ANY = const(1 << 29)
_JUMP = const((1000, _ANY, _ANY, 50, 3000, _ANY, 30, 30, 1000, 500, 1000, _ANY))


class SensorValidation:
    """The readings of all sensors.

    read: gives a sensor's reading, or None. events: where lost sensors are told. values: by sensor, the last good one.
    lost: a bit a sensor.
    """

    def __init__(self, read, events):
        self.values = array("i", SENSORS * [0])
        self.lost = 0
        self._read = read
        self._events = events
        self._last = array("i", SENSORS * [0])
        self._same = bytearray(SENSORS)
        self._bad = bytearray(SENSORS)
        self._good = bytearray(SENSORS)
        self._fresh = True
        self._turn = 0

    def begin(self):
        """Takes what comes at the next look as it is: a long time may have passed."""
        self._fresh = True

    def sample(self):
        """Reads and judges the quick sensors, and the slow ones when it is their turn."""
        if self._fresh:
            self._turn = 0
        # Not by one assignment: a tuple of four costs a full heap 2.5 ms
        read = self._read
        last = self._last
        values = self.values
        lost = self.lost
        for sensor in _QUICK if self._turn % _SLOW_EVERY else _ALL:
            reading = read(sensor)
            # Nearly all readings are good ones
            if reading is not None and not lost & 1 << sensor:
                before = last[sensor]
                if reading != before and abs(reading - before) <= _JUMP[sensor]:
                    last[sensor] = values[sensor] = reading
                    self._same[sensor] = self._bad[sensor] = 0
                    continue
            self._judge(sensor, reading)
        self._turn += 1
        self._fresh = False

    def value(self, sensor):
        """The last good value of a sensor, or None if it is lost."""
        return None if self.lost & 1 << sensor else self.values[sensor]

    def box(self):
        """The temperature of the box, from the thermometer that works, or None if neither does."""
        value = self.value(BOX_A)
        return self.value(BOX_B) if value is None else value

    def _judge(self, sensor, reading):
        fault = 0
        if reading is None:
            fault = DEAD
        elif not self._fresh:
            last = self._last[sensor]
            if reading != last or reading == 0:
                self._same[sensor] = 0
            elif self._same[sensor] < 255:
                self._same[sensor] += 1
            if abs(reading - last) > _JUMP[sensor]:
                fault = JUMPING
            elif _STUCK_AFTER[sensor] and self._same[sensor] >= _STUCK_AFTER[sensor]:
                fault = STUCK
        if reading is not None:
            self._last[sensor] = reading
        if fault or reading is None:
            self._miss(sensor, fault)
            return
        self.values[sensor] = reading
        self._bad[sensor] = 0
        if self.lost & 1 << sensor:
            self._good[sensor] += 1
            if self._good[sensor] >= _BACK_AFTER:
                self.lost &= ~(1 << sensor)
                self._events.report(SENSOR_BACK, sensor)

    def _miss(self, sensor, fault):
        self._good[sensor] = 0
        self._bad[sensor] = min(self._bad[sensor] + 1, 255)
        # Equal readings have shown themselves by their number already
        if not self.lost & 1 << sensor and (self._bad[sensor] >= _LOST_AFTER or fault == STUCK):
            self.lost |= 1 << sensor
            self._events.report(SENSOR_LOST, sensor, fault)
