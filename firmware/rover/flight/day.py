"""The lunar day: looks at what the craft senses, asks the mode table, and does what follows."""

from micropython import const

from ..generated import (
    ACTIVE,
    ACTIVE_START,
    ARRAY_POWER,
    BATTERY_CHARGE,
    BOX_A,
    BROWN_OUT,
    BY_COMMAND,
    COOL,
    DAWN,
    DORMANT,
    DUSK,
    EQUIPPED,
    EXHAUSTED,
    FAULT,
    GO_SAFE,
    GO_TO_SLEEP,
    GROUND_CALLED,
    HEAT,
    ISOLATE,
    LOAD_POWER,
    LOOK,
    MEMORY_FREE,
    MODE_EVENTS,
    MODE_REFUSED,
    NAP,
    NAP_END,
    NAP_START,
    NIGHTFALL,
    NO_LIMIT_BROKEN,
    PARKING,
    PARKING_START,
    RECOVERED,
    RESETS,
    RESPONSE,
    RESTORE_CLOCK,
    SAFE,
    SAFE_ENTER,
    SAFE_EXIT,
    SELF,
    SELF_RESET,
    SHED,
    SUN_AZIMUTH,
    SUN_ELEVATION,
    USE_SPARE,
    WAKING,
    WING,
)
from ..kernel.scheduler import Activity
from .equipment import Equipment
from .modes import decide, outcome
from .monitors import Monitors
from .night import Night
from .safe import MOST_EXITS, MOST_RESETS, Record
from .senses import Senses

_LOOK_S = const(120)
_LOOK_IN_THE_DARK_S = const(600)  # the wake-up circuit spares the battery
_CONFIRM = const(3)  # looks in a row that must ask for the same move: one noisy reading moves nothing
_WEST = const(180000)  # millidegrees of azimuth: from here on the Sun sinks

_DARK = const(1000)  # mW of the array: it is night, or the Sun stands on the horizon
_LONGEST_NIGHT_S = const(1555200)  # 18 Earth days after it fell asleep a craft wakes, whatever its array seems to tell
_SHORTEST_DAY_S = const(259200)  # so long after waking weak light is no dusk, for a craft that cannot see the Sun
_CHARGED = const(600)  # per mille: enough to wake by day after it slept for want of charge
_TOO_HOT = const(500)  # tenths of a degree C of the box: it naps whatever the Sun does
_RECOVERY_S = const(43200)  # in safe mode without a broken limit, until it ends by rule

_HIGH_SUN = const(15000)  # millidegrees: from here on the array can be judged
_CELLS_AT = const(250)  # tenths of a degree C
_CELL_SLOPE = const(22)  # 0.22 % of its power for each degree

# How the board's light tells the mode: ms on, ms off
_LIGHT = (
    (0, 1000),  # DORMANT
    (100, 100),  # WAKING
    (1000, 0),  # ACTIVE
    (100, 1900),  # NAP
    (500, 500),  # PARKING
    (100, 400),  # SAFE
)


class LunarDay:
    """Puts a craft to sleep and wakes it, keeps it warm and fed, and takes it to safety.

    craft: constants of the dictionary. craft_loads: of each load in mW. wing_mw: what a wing gives in full Sun. clock,
    scheduler: the kernel's. hardware: read(sensor), and what Equipment switches. slots: of the store. voice: how it
    speaks: `speak`, `fall_silent`, `events`, `tell_night`, `frames_lost`. board: shows the mode by its light. restart:
    is called with the reason of a reset, and does not come back.

    mode: the dictionary's. senses, monitors, equipment, record: its parts.
    """

    def __init__(self, craft, craft_loads, wing_mw, clock, scheduler, hardware, slots, voice, board, restart):
        self.mode = DORMANT
        self.senses = Senses(hardware.read, voice.events)
        self.monitors = Monitors(voice.events, self._respond, self._limit_holds)
        self.equipment = Equipment(craft_loads, craft.equipment_box, scheduler, hardware, voice.events, self._equipped)
        self.record = Record(slots)
        self._craft = craft
        self._wing_mw = wing_mw
        self._clock = clock
        self._scheduler = scheduler
        self._read = hardware.read
        self._slots = slots
        self._voice = voice
        self._events = voice.events
        self._board = board
        self._restart = restart
        self._night = Night(hardware.read, voice.tell_night)
        self._values = [None] * 10  # by parameter
        self._asked = bytearray(MODE_EVENTS)  # looks in a row at which each event was called for
        self._flags = 0  # events that need no confirmation, a bit each
        self._reason = 0  # for which safe mode is asked
        self._shedders = 0  # monitors whose response it was to shed, a bit each
        self._was_dark = False  # since it fell asleep
        self._woke_s = 0
        self._calm_s = 0  # since when no limit is broken
        self._looked_s = None
        self._looked_onboard_s = 0
        self._frames_lost = 0
        self._store_errors = 0
        self._commanded_s = clock.s
        self._next_look = Activity(LOOK, self._look)

    # --- From outside ---

    def start(self, crash):
        """Takes up the mode that was kept, or that the Sun calls for, without a report of a wake-up that was not seen.

        crash: why it restarts, by the dictionary's enum `crash`, or None.
        """
        record = self.record
        self._woke_s = self._clock.s
        self._night.begin(self._clock.s)
        self.equipment.restore(record.isolated, record.spare)
        self._look_later(DORMANT)
        mode = self._mode_by_the_sun()
        if crash is not None and record.found:
            mode = record.mode
            if crash == BROWN_OUT and (self._read(BATTERY_CHARGE) or 0) < self._craft.wake_charge:
                mode = DORMANT
            record.resets = min(record.resets + 1, 255)
        if mode == DORMANT:
            self._keep(DORMANT)
            self._show(DORMANT)
            return
        self.senses.look()
        self._voice.speak()
        if record.safe:
            self._ask_safe(record.reason)
        elif record.resets > MOST_RESETS:
            self._ask_safe(RESETS)
        safe = self._flags & 1 << FAULT
        if safe and mode == SAFE:
            mode = WAKING
        self._show(mode)
        self.equipment.enter(mode)
        self._keep(mode)
        if safe:
            self._move(FAULT)
        self._look_later(self.mode)

    def request(self, event):
        """The ground asks for a move. What the mode table refuses is told with the reason."""
        if self.mode == DORMANT:
            return  # deaf
        self._commanded_s = self._clock.s
        where = outcome(self.mode, event)
        if where < 0:
            self._events.report(MODE_REFUSED, self.mode, event, -1 - where)
            return
        if event == FAULT:
            self._reason = BY_COMMAND
        elif event == RECOVERED:
            self._leave_safe(GROUND_CALLED)
        self._move(event)

    # --- Looking ---

    def _look(self):
        now = self._clock.s
        if self.mode == DORMANT:
            self._look_for_dawn(now)
        else:
            self.senses.look()
            self.equipment.look(self.senses.box())
            self._watch(now)
            if self.mode != DORMANT:
                self._look_at_the_sky(now)
                self._recover(now)
        asked = self._flags
        for event in range(MODE_EVENTS):
            if self._asked[event] >= _CONFIRM:
                asked |= 1 << event
        event = decide(self.mode, asked)
        self._look_later(self.mode)
        if event >= 0:
            self._move(event)

    def _look_later(self, mode):
        in_the_dark = mode == DORMANT and not self._read(SUN_ELEVATION)
        self._scheduler.after(self._next_look, _LOOK_IN_THE_DARK_S if in_the_dark else _LOOK_S)

    def _ask(self, event, is_called_for):
        self._asked[event] = min(self._asked[event] + 1, _CONFIRM) if is_called_for else 0

    def _look_for_dawn(self, now):
        """The wake-up circuit: array power, a warm box, charge; and a last resort."""
        craft = self._craft
        self._night.look(now)
        power = self._read(ARRAY_POWER)
        charge = self._read(BATTERY_CHARGE)
        box = self._read(BOX_A)
        if power is not None and power < _DARK:
            self._was_dark = True
        powered = power is not None and power >= craft.wake_power
        is_dawn = powered and (self._was_dark or self._is_rising())
        is_charged_by_day = powered and power >= 2 * craft.wake_power and charge is not None and charge >= _CHARGED
        overdue = self._night.lasted_s(now) >= _LONGEST_NIGHT_S
        fit = (charge is None or charge >= craft.wake_charge) and (box is None or box >= craft.wake_box)
        self._ask(DAWN, fit and (is_dawn or is_charged_by_day or overdue))

    def _look_at_the_sky(self, now):
        craft = self._craft
        elevation = self.senses.value(SUN_ELEVATION)
        box = self.senses.box()
        if elevation is None:
            power = self.senses.value(ARRAY_POWER)
            weak = power is not None and power <= craft.sleep_power * (2 if self.equipment.wing_open else 1)
            self._ask(NIGHTFALL, weak and now - self._woke_s > _SHORTEST_DAY_S)
            return
        rising = self._is_rising()
        self._ask(NIGHTFALL, not rising and elevation <= craft.sleep_elevation)
        if craft.park_elevation is not None:
            self._ask(DUSK, not rising and elevation <= craft.park_elevation)
        if craft.nap_start_box is not None:
            high = elevation >= craft.nap_start_elevation if rising else elevation > craft.nap_end_elevation
            hot = box is not None and (box >= _TOO_HOT or (high and box >= craft.nap_start_box))
            self._ask(HEAT, hot)
            low = not rising and elevation <= craft.nap_end_elevation
            self._ask(COOL, low and (box is None or box <= craft.nap_end_box))

    def _is_rising(self):
        return (self._read(SUN_AZIMUTH) or 0) < _WEST

    def _watch(self, now):
        """Lets the monitors check what this look has brought."""
        senses, values = self.senses, self._values
        drawn = senses.value(LOAD_POWER)
        lost, errors = self._voice.frames_lost(), self._slots.errors
        values[0] = senses.value(BATTERY_CHARGE)
        values[1] = senses.box()
        values[2] = None if drawn is None else drawn - self.equipment.expected()
        values[3] = self._array_share()
        values[4] = senses.value(MEMORY_FREE)
        values[5] = self._clock_step(now)
        values[6] = min(lost - self._frames_lost, 0xFFFF)
        values[7] = min(errors - self._store_errors, 0xFFFF)
        values[8] = (now - self._commanded_s) // 3600
        values[9] = senses.value(SUN_ELEVATION)
        self._frames_lost, self._store_errors = lost, errors
        self.monitors.check(values, now)
        if self.monitors.broken:
            self._calm_s = now

    def _clock_step(self, now):
        """Seconds by which on-board time has gone otherwise than the tick counter since the last look."""
        onboard_s = self._clock.onboard_s()
        step = 0
        if self._looked_s is not None:
            step = (onboard_s - self._looked_onboard_s) - (now - self._looked_s)
        self._looked_s, self._looked_onboard_s = now, onboard_s
        return step

    def _array_share(self):
        """Per cent of what the array should give in this Sun; None where that cannot be judged."""
        power, elevation = self.senses.value(ARRAY_POWER), self.senses.value(SUN_ELEVATION)
        if power is None or elevation is None or elevation < _HIGH_SUN or not self.equipment.wing_open:
            return None
        # Sine by Bhaskara's formula, scaled 2**8: within 0.2 per cent
        degrees = elevation // 100
        degrees *= 1800 - degrees
        sine = (degrees << 10) // (4050000 - degrees)
        cells = 10000 - _CELL_SLOPE * (self.senses.values[WING] - _CELLS_AT) // 10
        return power // 10 * 1000 // max(1, (self._wing_mw >> 7) * sine // 10000 * cells // 10)

    def _recover(self, now):
        """The rule that ends safe mode: for so long no limit was broken, and not too often in a lunar day."""
        calm = self.mode == SAFE and now - self._calm_s >= _RECOVERY_S
        if calm and self.record.exits < MOST_EXITS and self.record.reason != BY_COMMAND:
            self.record.exits += 1
            self._leave_safe(NO_LIMIT_BROKEN)
            self._flags |= 1 << RECOVERED

    # --- Responses ---

    def _respond(self, monitor, action, level):
        self._events.report(RESPONSE, monitor, action, level)
        if action == SHED:
            self._shedders |= 1 << monitor
            self.equipment.do_without(True)
        elif action == ISOLATE:
            self.equipment.isolate_excess()
            self._keep(self.mode)
        elif action == USE_SPARE:
            self.equipment.replace_dead()
            self._keep(self.mode)
        elif action == RESTORE_CLOCK:
            step = self._values[5]
            self._looked_onboard_s -= step
            self._clock.set_onboard(self._looked_onboard_s, self._clock.onboard_ms())
        elif action == GO_SAFE:
            self._ask_safe(monitor)
        elif action == GO_TO_SLEEP:
            self._flags |= 1 << EXHAUSTED
        elif action == SELF_RESET and self.record.resets < MOST_RESETS:
            self._restart(SELF)
        elif action == SELF_RESET:
            self._ask_safe(RESETS)

    def _limit_holds(self, monitor):
        self._shedders &= ~(1 << monitor)
        if not self._shedders and self.equipment.shed:
            self.equipment.do_without(False)

    def _ask_safe(self, reason):
        if not self._flags & 1 << FAULT:
            self._reason = reason
            self._flags |= 1 << FAULT

    def _leave_safe(self, how):
        record = self.record
        record.safe = False
        lasted_s = max(0, self._clock.onboard_s() - record.entered_s)
        self._events.report(SAFE_EXIT, record.reason, how, lasted_s)

    def _equipped(self):
        self._flags |= 1 << EQUIPPED
        event = decide(self.mode, self._flags)
        if event >= 0:
            self._move(event)

    # --- Moving ---

    def _move(self, event):
        """Does what a legal event asks for."""
        left, mode = self.mode, outcome(self.mode, event)
        self._flags = 0
        for other in range(MODE_EVENTS):
            self._asked[other] = 0
        if event == DAWN:
            self._come_to()
        elevation, box = self.senses.values[SUN_ELEVATION], self.senses.values[BOX_A]
        if left == NAP:
            self._events.report(NAP_END, elevation, box)
        self._show(mode)
        self.equipment.enter(mode)
        if event == DAWN:
            self._tell_dawn(elevation, box)
        elif mode == SAFE:
            self._enter_safe()
        elif mode == ACTIVE and left == WAKING:
            self._events.report(ACTIVE_START)
        elif mode == NAP:
            self._events.report(NAP_START, elevation, box)
        elif mode == PARKING:
            self._events.report(PARKING_START, elevation)
        self._keep(mode)
        if mode == DORMANT:
            self._events.report(self._craft.sleep_event, elevation)
            self._was_dark = False
            self._night.begin(self._clock.s)
            self._voice.fall_silent()

    def _come_to(self):
        """A lunar day begins."""
        self._woke_s = self._calm_s = self._commanded_s = self._clock.s
        self._looked_s = None
        self._frames_lost, self._store_errors = self._voice.frames_lost(), self._slots.errors
        self.record.resets = self.record.exits = 0
        self.senses.begin()
        self.senses.look()

    def _tell_dawn(self, elevation, box):
        """The first signs of life of a lunar day."""
        self._voice.speak(self._craft.wake_event, elevation, self.senses.values[ARRAY_POWER], box)
        self._night.tell(self._events, self._clock.s)
        if self.record.safe:
            self._ask_safe(self.record.reason)

    def _enter_safe(self):
        record = self.record
        self._calm_s = self._clock.s
        if not record.safe:
            record.safe = True
            record.reason = self._reason
            record.count = min(record.count + 1, 0xFFFF)
            record.entered_s = self._clock.onboard_s()
        self._events.report(SAFE_ENTER, record.reason, record.count, record.entered_s)

    def _keep(self, mode):
        record = self.record
        record.mode = mode
        record.spare = self.equipment.spare
        record.isolated = self.equipment.isolated
        record.keep()

    def _show(self, mode):
        self.mode = mode
        self._board.show(*_LIGHT[mode])

    def _mode_by_the_sun(self):
        """Where a lunar day that went as it should would have led to by now."""
        craft = self._craft
        elevation = self._read(SUN_ELEVATION) or 0
        if self._is_rising():
            if (self._read(ARRAY_POWER) or 0) < craft.wake_power:
                return DORMANT
            return NAP if craft.nap_start_box is not None and elevation >= craft.nap_start_elevation else ACTIVE
        if elevation <= craft.sleep_elevation:
            return DORMANT
        if craft.park_elevation is not None and elevation <= craft.park_elevation:
            return PARKING
        return NAP if craft.nap_start_box is not None and elevation > craft.nap_end_elevation else ACTIVE
