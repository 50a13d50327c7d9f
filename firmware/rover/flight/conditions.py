"""Which moves the Sun, the array and the box call for: pure conditions, each to be seen some looks in a row."""

from micropython import const

from ..tables import (
    ACTIVE,
    ARRAY_POWER,
    BATTERY_CHARGE,
    BOX_A,
    COOL,
    DAWN,
    DORMANT,
    DUSK,
    HEAT,
    MODE_EVENTS,
    NAP,
    NAP_START_ELEVATION,
    NIGHTFALL,
    PARK_ELEVATION,
    PARKING,
    SUN_AZIMUTH,
    SUN_ELEVATION,
)

_CONFIRM = const(3)  # looks in a row that must ask for the same move: one noisy reading moves nothing
_WEST = const(180000)  # millidegrees of azimuth: from here on the Sun sinks

_DARK = const(1000)  # mW of the array: it is night, or the Sun stands on the horizon
_LONGEST_NIGHT_S = const(1555200)  # 18 Earth days after it fell asleep a craft wakes, whatever its array seems to tell
_SHORTEST_DAY_S = const(259200)  # so long after waking weak light is no dusk, for a craft that cannot see the Sun
_CHARGED = const(600)  # per mille: enough to wake by day after it slept for want of charge
_TOO_HOT = const(500)  # tenths of a degree C of the box: it naps whatever the Sun does


class Conditions:
    """What calls for a move.

    craft: constants of the dictionary. read: gives a sensor's reading, or None, as the wake-up circuit has it.
    validation: the validated readings of a craft that is awake. parameters: from where on the Sun brings the nap and
    parking, to a craft that does so.
    """

    def __init__(self, craft, read, validation, parameters):
        self._craft = craft
        self._read = read
        self._validation = validation
        self._parameters = parameters
        self._looks = bytearray(MODE_EVENTS)  # in a row at which each event was called for
        self._asked = 0  # events seen often enough, a bit each
        self._was_dark = False  # since it fell asleep

    def called_for(self):
        """The events that are called for, a bit each."""
        return self._asked

    def begin(self, mode):
        """A mode begins: what was seen before counts no more."""
        self._asked = 0
        for event in range(MODE_EVENTS):
            self._looks[event] = 0
        if mode == DORMANT:
            self._was_dark = False

    def check_dawn(self, night_s):
        """As the wake-up circuit does: array power, a warm box, charge; and a last resort. night_s: of sleep so far."""
        craft = self._craft
        power = self._read(ARRAY_POWER)
        charge = self._read(BATTERY_CHARGE)
        box = self._read(BOX_A)
        if power is not None and power < _DARK:
            self._was_dark = True
        powered = power is not None and power >= craft.wake_power
        is_dawn = powered and (self._was_dark or self._is_rising())
        by_day = powered and power >= 2 * craft.wake_power and charge is not None and charge >= _CHARGED
        fit = (charge is None or charge >= craft.wake_charge) and (box is None or box >= craft.wake_box)
        self._see(DAWN, fit and (is_dawn or by_day or night_s >= _LONGEST_NIGHT_S))

    def check_sky(self, day_s, wings):
        """As a craft does that is awake. day_s: since it woke. wings: that are open."""
        craft = self._craft
        elevation = self._validation.value(SUN_ELEVATION)
        box = self._validation.box()
        if elevation is None or self._validation.value(SUN_AZIMUTH) is None:
            power = self._validation.value(ARRAY_POWER)
            weak = power is not None and power <= craft.sleep_power * wings
            self._see(NIGHTFALL, weak and day_s > _SHORTEST_DAY_S)
            return
        rising = self._validation.values[SUN_AZIMUTH] < _WEST
        self._see(NIGHTFALL, not rising and elevation <= craft.sleep_elevation)
        if craft.park_elevation is not None:
            self._see(DUSK, not rising and elevation <= self._parameters[PARK_ELEVATION])
        if craft.nap_start_box is not None:
            above = self._parameters[NAP_START_ELEVATION]
            high = elevation >= above if rising else elevation > craft.nap_end_elevation
            self._see(HEAT, box is not None and (box >= _TOO_HOT or (high and box >= craft.nap_start_box)))
            low = not rising and elevation <= craft.nap_end_elevation
            self._see(COOL, low and (box is None or box <= craft.nap_end_box))

    def mode_by_now(self):
        """Where a lunar day that went as it should would have led to by now."""
        craft = self._craft
        elevation = self._read(SUN_ELEVATION) or 0
        nap = ACTIVE if craft.nap_start_box is None else NAP
        if self._is_rising():
            if (self._read(ARRAY_POWER) or 0) < craft.wake_power:
                return DORMANT
            return nap if nap == NAP and elevation >= self._parameters[NAP_START_ELEVATION] else ACTIVE
        if elevation <= craft.sleep_elevation:
            return DORMANT
        if craft.park_elevation is not None and elevation <= self._parameters[PARK_ELEVATION]:
            return PARKING
        return nap if nap == NAP and elevation > craft.nap_end_elevation else ACTIVE

    def _see(self, event, is_called_for):
        if not is_called_for:
            if self._looks[event]:
                self._looks[event] = 0
                self._asked &= ~(1 << event)
        elif self._looks[event] < _CONFIRM:
            self._looks[event] += 1
            if self._looks[event] == _CONFIRM:
                self._asked |= 1 << event

    def _is_rising(self):
        azimuth = self._read(SUN_AZIMUTH)
        return azimuth is not None and azimuth < _WEST
