"""The lunar day: asks what calls for a move, lets the mode table decide, and does what follows."""

from micropython import const

from ..kernel.scheduler import Task
from ..tables.generated import (
    ACTIVE,
    ACTIVE_START,
    ARRAY_POWER,
    BATTERY_CHARGE,
    BOX_A,
    BROWN_OUT,
    BY_COMMAND,
    BY_PLAN,
    CANNOT,
    DAWN,
    DORMANT,
    EQUIPPED,
    FAULT,
    GROUND_CALLED,
    HEAD_SOUTH,
    LOAD_WHEELS,
    LOOK,
    MODE_REFUSED,
    NAP,
    NAP_END,
    NAP_START,
    NO_LIMIT_BROKEN,
    PARKING,
    PARKING_START,
    RECOVERED,
    RESETS,
    RETIRED,
    SAFE,
    SAFE_ENTER,
    SAFE_EXIT,
    SLEEP_POINT,
    SUN_ELEVATION,
    WAKING,
)
from .conditions import Conditions
from .driver import Driver
from .equipment import Equipment
from .fault_protection import FaultProtection
from .mode_record import MOST_EXITS, MOST_RESETS, ModeRecord
from .modes import decide, outcome
from .night import Night
from .sensor_validation import SensorValidation
from .sequence import Sequence

_LOOK_S = const(180)
_LOOK_IN_THE_DARK_S = const(600)  # the wake-up circuit spares the battery
_NO_ACTIONS_S = const(3600)  # after waking no event-action is executed, so that the ground can send commands
_RECOVERY_S = const(43200)  # in safe mode without a broken limit, until it ends by rule

# The sleep point lies back where it came from, on ground that it knows; then its head turns to the south
_BACK = const(135000)
_BACK_MM = const(2000)
_SOUTH = const(180000)

# How the board's light tells the mode: ms on, ms off
_LIGHT = (
    (0, 1000),  # DORMANT
    (100, 100),  # WAKING
    (1000, 0),  # ACTIVE
    (100, 1900),  # NAP
    (500, 500),  # PARKING
    (100, 400),  # SAFE
)


class ModeManager:
    """Puts a craft to sleep and wakes it, and takes it to safety.

    craft: constants of the dictionary. powers: of each load in mW. wing_mw: what a wing gives in full Sun. clock,
    scheduler: the kernel's. hardware: read(sensor), and what Equipment switches; what Driver acts on. stored: of the
    store. reporting: how it speaks. board: shows the mode by its light. restart: is called with the reason of a reset,
    and does not come back. parameters: what the ground may set, by the dictionary's enum `settable`.

    mode: the dictionary's. validation, equipment, fault_protection, record: its parts. driver, sequence: None until
    `follow`, and of a craft that does not drive. actions_from_s: before this time no event-action is executed.
    """

    def __init__(
        self, craft, powers, wing_mw, clock, scheduler, hardware, stored, reporting, show, restart, parameters
    ):
        self.driver = self.sequence = None
        self._calendar = None
        self.mode = DORMANT
        events = reporting.events
        self.validation = SensorValidation(hardware.read, events)
        self.equipment = Equipment(
            powers, craft.equipment_box, scheduler, hardware, events, self._rest, self._equipped, parameters
        )
        self.record = ModeRecord(stored)
        self.fault_protection = FaultProtection(
            wing_mw, clock, self.validation, self.equipment, self.record, stored, reporting, restart, parameters
        )
        self._craft = craft
        self._clock = clock
        self._scheduler = scheduler
        self._read = hardware.read
        self._conditions = Conditions(craft, hardware.read, self.validation, parameters)
        self._night = Night(hardware.read, reporting.report_night)
        self._reporting = reporting
        self._events = events
        self._parameters = parameters
        self._show_mode = show
        self._woke_s = self.actions_from_s = 0
        self._next_sample = Task(LOOK, self._sample)
        self._to_safety = Task(LOOK, self._go_safe)

    def follow(self, plan, calendar, flight_state, wheels, report_stop, make_payload):
        """Gives a craft that drives its plan.

        calendar: sunrise(day) and lunar_day(s). wheels: what Driver acts on. make_payload: gives its instruments, of
        senses, driver, and what is to be called when one fails.
        """
        self._calendar = calendar
        events, equipment = self._events, self.equipment
        self.driver = Driver(
            self._clock,
            self._scheduler,
            wheels,
            self._switch_wheels,
            flight_state,
            events,
            report_stop,
            self._parameters,
        )
        self.sequence = Sequence(
            plan,
            self._craft.data_kib,
            calendar.sunrise,
            self._clock,
            self._scheduler,
            self.validation,
            equipment,
            self.driver,
            flight_state,
            events,
            self._ask_safe_by_plan,
            make_payload(self.validation, self.driver, self._instrument_failed),
        )

    def start(self, crash):
        """Takes up the mode that was kept, or that the Sun calls for, without a report of a wake-up that was not seen.

        crash: why it restarts, by the dictionary's enum `crash`, or None.
        """
        record = self.record
        self._woke_s = self._clock.s
        self.equipment.restore(record.isolated, record.spare)
        mode = self._conditions.mode_by_now()
        if crash is not None and record.found:
            mode = record.mode
            record.resets = min(record.resets + 1, 255)
            if record.resets > MOST_RESETS:
                # Perhaps for an action's command
                self.actions_from_s = self._clock.s + _NO_ACTIONS_S
            if crash == BROWN_OUT and (self._read(BATTERY_CHARGE) or 0) < self._craft.wake_charge:
                mode = DORMANT
        if mode == DORMANT:
            if not (record.found and record.mode == DORMANT and record.slept_s <= self._clock.s):
                record.slept_s = self._clock.s
            self._night.begin(self._clock.s, record.slept_s)
            self._show(DORMANT)
        else:
            self._take_up(mode)
            if self.sequence is not None:
                day = self._calendar.lunar_day(self._clock.s)
                self.sequence.take_up(day, self.mode, crash is not None)
                if self.mode in (PARKING, DORMANT):
                    self.sequence.end()
        self._keep()
        self._sample_later()

    def outcome(self, event):
        """Where a request of the ground would lead; or -1 - reason, by the dictionary's enum `refusal`."""
        where = outcome(self.mode, event)
        return where if where < 0 or self._can(where) else -1 - CANNOT

    def request(self, event):
        """A command asks for a move. What the mode table refuses is told with the reason; in the night it is deaf."""
        if self.mode == DORMANT:
            return
        where = self.outcome(event)
        if where < 0:
            self._events.report(MODE_REFUSED, self.mode, event, -1 - where)
            return
        if event == FAULT:
            self.fault_protection.reason = BY_COMMAND
        elif event == RECOVERED:
            self._leave_safe(GROUND_CALLED)
        self._move(event)

    def _can(self, mode):
        """Whether this craft has such a mode."""
        craft = self._craft
        return not ((mode == NAP and craft.nap_start_box is None) or (mode == PARKING and craft.park_elevation is None))

    def begin_plan(self, plan):
        """The ground has another plan begun, or the same one again."""
        self.sequence.follow(plan, self._calendar.lunar_day(self._clock.s))

    # --- Looking ---

    def _sample(self):
        now = self._clock.s
        if self.mode == DORMANT:
            self._night.sample(now)
            self._conditions.check_dawn(self._night.lasted_s(now))
        else:
            self.validation.sample()
            self.equipment.sample(self.validation.box())
            self.fault_protection.sample()
            self._conditions.check_sky(now - self._woke_s, 2 if self.equipment.wing_open else 1)
            if self.sequence is not None:
                self.sequence.sample()
            self._recover(now)
        asked = self._conditions.called_for() | self.fault_protection.asked
        event = decide(self.mode, asked) if asked else -1
        if event >= 0:
            self._move(event)
        if self.fault_protection.has_acted:
            self.fault_protection.has_acted = False
            self._keep()
        self._sample_later()

    def _sample_later(self):
        in_the_dark = self.mode == DORMANT and not self._read(SUN_ELEVATION)
        self._scheduler.after(self._next_sample, _LOOK_IN_THE_DARK_S if in_the_dark else _LOOK_S)

    def _recover(self, now):
        """The rule that ends safe mode: no limit was broken for half an Earth day; but not too often in a lunar day."""
        record = self.record
        calm = self.mode == SAFE and now - self.fault_protection.nominal_s >= _RECOVERY_S
        if calm and record.exits < MOST_EXITS and self._may_end_by_rule(record.reason):
            record.exits += 1
            self._leave_safe(NO_LIMIT_BROKEN)
            self.fault_protection.asked |= 1 << RECOVERED

    def _may_end_by_rule(self, reason):
        """Not what the ground began; nor what had no end until its monitor fell silent."""
        if reason in (RESETS, BY_PLAN):
            return True
        return reason != BY_COMMAND and self.fault_protection.monitors.status[reason] != RETIRED

    def _rest(self, step):
        """The wheels bring it to where it sleeps."""
        if self.driver is None:
            return
        if step == SLEEP_POINT:
            self.driver.drive(_BACK, _BACK_MM, None)
        elif step == HEAD_SOUTH:
            self.driver.turn_to(_SOUTH)

    def _switch_wheels(self, wanted):
        self.equipment.use(LOAD_WHEELS, wanted)
        return self.equipment.draws(LOAD_WHEELS)

    def _instrument_failed(self, number, fault):
        self.sequence.instrument_failed(number, fault)

    def _ask_safe_by_plan(self):
        self.fault_protection.ask_safe(BY_PLAN)
        # Not at the next sample: until then the plan would go on, and a restart would forget it
        self._scheduler.after(self._to_safety, 0)

    def _go_safe(self):
        if decide(self.mode, self.fault_protection.asked) == FAULT:
            self._move(FAULT)

    def _equipped(self):
        """The dawn sequence is through."""
        self._move(EQUIPPED)

    # --- Moving ---

    def _move(self, event):
        """Does what a legal event asks for."""
        left, mode = self.mode, outcome(self.mode, event)
        self.fault_protection.asked = 0
        self._conditions.begin(mode)
        elevation, box = self.validation.values[SUN_ELEVATION], self.validation.values[BOX_A]
        if left == NAP:
            self._events.report(NAP_END, elevation, box)
        if self.sequence is not None and left != DORMANT:
            self.sequence.enter(mode)
            self.driver.stop()
            if mode in (PARKING, DORMANT):
                self.sequence.end()
        self._show(mode)
        self.equipment.enter(mode)
        if event == DAWN:
            self._come_to()
        elif mode == SAFE:
            self._enter_safe()
        elif mode == ACTIVE and left == WAKING:
            self._events.report(ACTIVE_START)
        elif mode == NAP:
            self._events.report(NAP_START, elevation, box)
        elif mode == PARKING:
            self._events.report(PARKING_START, elevation)
        if mode == DORMANT:
            self.record.slept_s = self._clock.s
            self._night.begin(self._clock.s)
        self._keep()
        if mode == DORMANT:
            self._events.report(self._craft.sleep_event, elevation)
            self._reporting.stop()

    def _take_up(self, mode):
        """In mid-day: after a restart, or where a run begins."""
        record = self.record
        if mode == SAFE:
            mode = WAKING
        self._show(mode)
        self.equipment.enter(mode)
        self.validation.sample()
        self._reporting.start()
        if record.resets > MOST_RESETS:
            self.fault_protection.ask_safe(RESETS)
        if record.safe or record.resets > MOST_RESETS:
            self._move(FAULT)

    def _come_to(self):
        """A lunar day begins, and the craft gives the first signs of life."""
        self._woke_s = self._clock.s
        self.actions_from_s = self._clock.s + _NO_ACTIONS_S
        self.record.resets = self.record.exits = 0
        self.fault_protection.begin()
        self.validation.begin()
        self.validation.sample()
        values = self.validation.values
        self._reporting.start(self._craft.wake_event, values[SUN_ELEVATION], values[ARRAY_POWER], values[BOX_A])
        self._night.tell(self._events, self._clock.s)
        if self.sequence is not None:
            self.sequence.begin(self._calendar.lunar_day(self._clock.s), WAKING)
        if self.record.safe:
            self.fault_protection.ask_safe(self.record.reason)

    def _enter_safe(self):
        record = self.record
        self.fault_protection.nominal_s = self._clock.s
        if not record.safe:
            record.safe = True
            record.reason = self.fault_protection.reason
            record.count = min(record.count + 1, 0xFFFF)
            record.entered_s = self._clock.onboard_s()
        self._events.report(SAFE_ENTER, record.reason, record.count, record.entered_s)

    def _leave_safe(self, how):
        record = self.record
        record.safe = False
        lasted_s = max(0, self._clock.onboard_s() - record.entered_s)
        self._events.report(SAFE_EXIT, record.reason, how, lasted_s)

    def _keep(self):
        """Keeps in the store what has changed of what must survive."""
        record = self.record
        record.mode = self.mode
        record.spare = self.equipment.spare
        record.isolated = self.equipment.isolated
        record.keep()

    def _show(self, mode):
        self.mode = mode
        self._show_mode(*_LIGHT[mode])
