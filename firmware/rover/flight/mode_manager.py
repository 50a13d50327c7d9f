"""The lunar day: asks what calls for a move, lets the mode table decide, and does what follows."""

from micropython import const

from ..kernel.scheduler import Task
from ..tables import (
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
    LOOK,
    MODE_EVENTS,
    MODE_REFUSED,
    MOVES,
    NAP,
    NAP_END,
    NAP_START,
    NO_LIMIT_BROKEN,
    PARKING,
    PARKING_START,
    RECOVERED,
    RESETS,
    SAFE,
    SAFE_ENTER,
    SAFE_EXIT,
    SLEEP_POINT,
    SUN_ELEVATION,
    WAKING,
)
from .conditions import Conditions
from .mode_record import MOST_EXITS, MOST_RESETS
from .night import Night

_REFUSED = const(128)
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

    craft: constants of the dictionary. clock, scheduler: the kernel's. read: gives a sensor's reading. validation,
    equipment, fault_protection, record: of the craft. reporting: the services that start and stop. report_night:
    reports one measurement of a night. show: shows the mode by the board's light. parameters: what the ground may set,
    by the dictionary's enum `settable`.

    mode: the dictionary's. actions_from_s: before this time no event-action is executed.
    """

    def __init__(
        self,
        *,
        craft,
        clock,
        scheduler,
        read,
        validation,
        equipment,
        fault_protection,
        record,
        reporting,
        report_night,
        show,
        parameters,
    ):
        self.mode = DORMANT
        self._validation = validation
        self._equipment = equipment
        self._fault_protection = fault_protection
        self._record = record
        self._driver = self._sequence = self._calendar = None
        self._craft = craft
        self._clock = clock
        self._scheduler = scheduler
        self._read = read
        self._conditions = Conditions(craft, read, validation, parameters)
        self._night = Night(read, report_night)
        self._reporting = reporting
        self._events = reporting.events
        self._show_mode = show
        self._woke_s = self.actions_from_s = 0
        self._next_sample = Task(LOOK, self._sample)
        self._to_safety = Task(LOOK, self._go_safe)
        equipment.rest = self._rest
        equipment.equipped = self._equipped

    def follow(self, driver, sequence, calendar):
        """Give a craft that drives its driver and its plan. calendar: sunrise(day) and lunar_day(s)."""
        self._driver = driver
        self._sequence = sequence
        self._calendar = calendar

    def start(self, crash):
        """Takes up the mode that was kept, or that the Sun calls for, without a report of a wake-up that was not seen.

        crash: why it restarts, by the dictionary's enum `crash`, or None.
        """
        record = self._record
        self._woke_s = self._clock.s
        self._equipment.restore(record.isolated, record.spare)
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
            if self._sequence is not None:
                day = self._calendar.lunar_day(self._clock.s)
                self._sequence.take_up(day, self.mode, crash is not None)
                if self.mode in (PARKING, DORMANT):
                    self._sequence.end()
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
            self._fault_protection.reason = BY_COMMAND
        elif event == RECOVERED:
            self._leave_safe(GROUND_CALLED)
        self._move(event)

    def _can(self, mode):
        """Whether this craft has such a mode."""
        craft = self._craft
        return not ((mode == NAP and craft.nap_start_box is None) or (mode == PARKING and craft.park_elevation is None))

    def begin_plan(self, plan):
        """The ground has another plan begun, or the same one again."""
        self._sequence.follow(plan, self._calendar.lunar_day(self._clock.s))

    # --- Looking ---

    def _sample(self):
        now = self._clock.s
        if self.mode == DORMANT:
            self._night.sample(now)
            self._conditions.check_dawn(self._night.lasted_s(now))
        else:
            self._validation.sample()
            self._equipment.sample(self._validation.box())
            self._fault_protection.sample()
            self._conditions.check_sky(now - self._woke_s, 2 if self._equipment.wing_open else 1)
            if self._sequence is not None:
                self._sequence.sample()
            self._recover(now)
        asked = self._conditions.called_for() | self._fault_protection.asked
        event = decide(self.mode, asked) if asked else -1
        if event >= 0:
            self._move(event)
        if self._fault_protection.has_acted:
            self._fault_protection.has_acted = False
            self._keep()
        self._sample_later()

    def _sample_later(self):
        in_the_dark = self.mode == DORMANT and not self._read(SUN_ELEVATION)
        self._scheduler.after(self._next_sample, _LOOK_IN_THE_DARK_S if in_the_dark else _LOOK_S)

    def _recover(self, now):
        """The rule that ends safe mode: no limit was broken for half an Earth day; but not too often in a lunar day."""
        record = self._record
        calm = self.mode == SAFE and now - self._fault_protection.nominal_s >= _RECOVERY_S
        if calm and record.exits < MOST_EXITS and self._may_end_by_rule(record.reason):
            record.exits += 1
            self._leave_safe(NO_LIMIT_BROKEN)
            self._fault_protection.asked |= 1 << RECOVERED

    def _may_end_by_rule(self, reason):
        """Not what the ground began; nor what had no end until its monitor fell silent."""
        if reason in (RESETS, BY_PLAN):
            return True
        return reason != BY_COMMAND and not self._fault_protection.is_retired(reason)

    def _rest(self, step):
        """The wheels bring it to where it sleeps."""
        if self._driver is None:
            return
        if step == SLEEP_POINT:
            self._driver.drive(_BACK, _BACK_MM, None)
        elif step == HEAD_SOUTH:
            self._driver.turn_to(_SOUTH)

    def ask_safe_by_plan(self):
        """Ask for safe mode, which follows within the millisecond: a step of the plan has failed."""
        self._fault_protection.ask_safe(BY_PLAN)
        # Not at the next sample: until then the plan would go on, and a restart would forget it
        self._scheduler.after(self._to_safety, 0)

    def _go_safe(self):
        if decide(self.mode, self._fault_protection.asked) == FAULT:
            self._move(FAULT)

    def _equipped(self):
        """The dawn sequence is through."""
        self._move(EQUIPPED)

    # --- Moving ---

    def _move(self, event):
        """Does what a legal event asks for."""
        left, mode = self.mode, outcome(self.mode, event)
        self._fault_protection.asked = 0
        self._conditions.begin(mode)
        elevation, box = self._validation.values[SUN_ELEVATION], self._validation.values[BOX_A]
        if left == NAP:
            self._events.report(NAP_END, elevation, box)
        if self._sequence is not None and left != DORMANT:
            self._sequence.enter(mode)
            self._driver.stop()
            if mode in (PARKING, DORMANT):
                self._sequence.end()
        self._show(mode)
        self._equipment.enter(mode)
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
            self._record.slept_s = self._clock.s
            self._night.begin(self._clock.s)
        self._keep()
        if mode == DORMANT:
            self._events.report(self._craft.sleep_event, elevation)
            self._reporting.stop()

    def _take_up(self, mode):
        """In mid-day: after a restart, or where a run begins."""
        record = self._record
        if mode == SAFE:
            mode = WAKING
        self._show(mode)
        self._equipment.enter(mode)
        self._validation.sample()
        self._reporting.start()
        if record.resets > MOST_RESETS:
            self._fault_protection.ask_safe(RESETS)
        if record.safe or record.resets > MOST_RESETS:
            self._move(FAULT)

    def _come_to(self):
        """A lunar day begins, and the craft gives the first signs of life."""
        self._woke_s = self._clock.s
        self.actions_from_s = self._clock.s + _NO_ACTIONS_S
        self._record.resets = self._record.exits = 0
        self._fault_protection.begin()
        self._validation.begin()
        self._validation.sample()
        values = self._validation.values
        self._reporting.start(self._craft.wake_event, values[SUN_ELEVATION], values[ARRAY_POWER], values[BOX_A])
        self._night.tell(self._events, self._clock.s)
        if self._sequence is not None:
            self._sequence.begin(self._calendar.lunar_day(self._clock.s), WAKING)
        if self._record.safe:
            self._fault_protection.ask_safe(self._record.reason)

    def _enter_safe(self):
        record = self._record
        self._fault_protection.nominal_s = self._clock.s
        if not record.safe:
            record.safe = True
            record.reason = self._fault_protection.reason
            record.count = min(record.count + 1, 0xFFFF)
            record.entered_s = self._clock.onboard_s()
        self._events.report(SAFE_ENTER, record.reason, record.count, record.entered_s)

    def _leave_safe(self, how):
        record = self._record
        record.safe = False
        lasted_s = max(0, self._clock.onboard_s() - record.entered_s)
        self._events.report(SAFE_EXIT, record.reason, how, lasted_s)

    def _keep(self):
        """Keeps in the store what has changed of what must survive."""
        record = self._record
        record.mode = self.mode
        record.spare = self._equipment.spare
        record.isolated = self._equipment.isolated
        record.keep()

    def _show(self, mode):
        self.mode = mode
        self._show_mode(*_LIGHT[mode])


def outcome(mode, event):
    """Where `event` leads from `mode`; or -1 - reason, by the dictionary's enum `refusal`, when it is refused."""
    cell = MOVES[mode * MODE_EVENTS + event]
    return cell if cell < _REFUSED else _REFUSED - 1 - cell


def decide(mode, asked):
    """The event that counts, or -1 if none is legal.

    asked: the events that ask for a move, bit 0 for the dictionary's first. The first legal one counts.
    """
    for event in range(MODE_EVENTS):
        if asked & 1 << event and MOVES[mode * MODE_EVENTS + event] < _REFUSED:
            return event
    return -1
