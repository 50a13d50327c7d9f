"""Follows the plan of a lunar day: starts each step when it is due, watches its constraints, ends it.

What is done by command it does in the same way, beside the plan: such a step has no number, or 0.
"""

from micropython import const

from ..kernel.scheduler import Task
from ..tables import (
    ACTIVITY_DONE,
    ACTIVITY_FAILED,
    ACTIVITY_START,
    ARRAY_POWER,
    BOX_TOO_COLD,
    BOX_TOO_HOT,
    DEAD_LOAD,
    DRIVE,
    IN_USE,
    INSTRUMENT_FAILED,
    IS_MOVING,
    LOAD_PAYLOAD,
    LOAD_WHEELS,
    MISSED,
    MOVING,
    NO_POWER,
    NO_ROOM,
    NOT_IN_MODE,
    NOT_MOVING,
    PLAN,
    PLAN_ACTIVITIES,
    PLAN_BEGIN,
    PLAN_END,
    PLAN_RESUMED,
    RESTARTED,
    SAFE,
    SAFE_MODE,
    SHED_LOAD,
    STILL,
    STOP,
    STOPPED,
    SUN_ELEVATION,
    SUN_TOO_HIGH,
    SUN_TOO_LOW,
)
from .flight_state import COMMANDED, DONE, DROPPED, FAILED, NEVER, RUNNING, WAITING

_GRACE_S = const(1)  # later than this a step is missed

# In a row of PLAN_ACTIVITIES
_LOAD = const(0)
_UNIT_S = const(1)
_UNIT_KIB = const(2)
_USES = const(3)
_MODES = const(4)
_SUN_LEAST = const(5)
_SUN_MOST = const(6)
_BOX_LEAST = const(7)
_BOX_MOST = const(8)
_MOTION = const(9)
_INSTRUMENT = const(10)


class Sequence:
    """One plan on one craft.

    plan: what to follow. most_kib: room for a lunar day's data. sunrise: gives the time of that of a lunar day.
    clock, scheduler: the kernel's. validation, equipment, driver, flight_state: of the craft. events: the service.
    ask_safe: is called when a step's failure asks for safe mode, which follows within the millisecond. payload: the
    instruments: begin(step, activity, instrument, units, seconds), and end(instrument, reason), which gives the octets
    that they have brought.
    """

    def __init__(
        self,
        *,
        plan,
        most_kib,
        sunrise,
        clock,
        scheduler,
        validation,
        equipment,
        driver,
        flight_state,
        events,
        ask_safe,
        payload,
    ):
        self._plan = plan
        self._most_kib = most_kib
        self._sunrise = sunrise
        self._clock = clock
        self._scheduler = scheduler
        self._validation = validation
        self._equipment = equipment
        self._driver = driver
        self._flight_state = flight_state
        self._events = events
        self._ask_safe = ask_safe
        self._payload = payload
        self._mode = 0
        self._driving = -1  # the step that does
        self._running = 0  # how many steps are
        self._commanded = [None] * COMMANDED  # type: list  # (activity, its arguments, execution) of what is done by command
        self._at_work = False
        self._changed = False
        self._next = Task(PLAN, self._run)

    # --- The lunar day ---

    def begin(self, day, mode):
        """A lunar day begins, and the rover is awake: what was due before has been missed."""
        self._mode = mode
        self._lay_out(day)
        flight_state = self._flight_state
        if flight_state.ended:
            return
        self._events.report(PLAN_BEGIN, self._plan.identity, self._plan.steps)
        self._run()

    def take_up(self, day, mode, restarted):
        """In mid-day: goes on after a restart; or where a run begins, with what is still to come."""
        self._mode = mode
        flight_state = self._flight_state
        if restarted and flight_state.plan == self._plan.identity and flight_state.day == day:
            if flight_state.ended:
                return
            self._events.report(PLAN_RESUMED, self._waiting())
            self._running = sum(1 for state in flight_state.state if state == RUNNING)
            for step in range(self._plan.steps):
                if flight_state.state[step] == RUNNING:
                    self._fail(step, RESTARTED, 0)
            self._run()
        else:
            self._begin_late(day, 0)

    def _begin_late(self, day, kib):
        """Begins with what is still to come. kib: of data, that the lunar day has brought before."""
        flight_state = self._flight_state
        self._lay_out(day)
        flight_state.data = kib
        for step in range(self._plan.steps):
            if flight_state.due_s[step] < self._clock.s:
                flight_state.state[step] = DROPPED
        if not flight_state.ended:
            self._events.report(PLAN_BEGIN, self._plan.identity, self._waiting())
            self._run()

    def enter(self, mode):
        """The mode changes: what does not work in it stops."""
        self._mode = mode
        for step in range(self._plan.steps + COMMANDED):
            if self._flight_state.state[step] == RUNNING and not self._row(step)[_MODES] & 1 << mode:
                self._fail(step, NOT_IN_MODE, mode)
        self._run()

    def end(self):
        """The lunar day's work is over: the rover goes to its sleep point."""
        self._scheduler.cancel(self._next)
        if not self._flight_state.ended:
            self._close()

    def sample(self):
        """Holds what is being done against its constraints."""
        if not self._running:
            return
        for step in range(self._plan.steps + COMMANDED):
            if self._flight_state.state[step] == RUNNING:
                row = self._row(step)
                failure, value = self._state_of(row)
                if not failure:
                    failure, value = self._dead_of(row)
                if failure:
                    self._fail(step, failure, value)
        self._run()

    def instrument_failed(self, instrument, fault):
        """An instrument gives no more: so much for the step that uses it."""
        for step in range(self._plan.steps + COMMANDED):
            if self._flight_state.state[step] == RUNNING and self._row(step)[_INSTRUMENT] == instrument:
                self._fail(step, INSTRUMENT_FAILED, fault)
        self._run()

    # --- By command ---

    def command(self, activity, first, second, execution):
        """Does an activity beside the plan. A DRIVE over no distance is a turn.

        execution: start() is called, then progress() each 2 m of a drive, in the end complete(failure, value).
        Returns (failure, value): why it cannot begin, by the dictionary's enum `plan_failure`, or 0.
        """
        row = PLAN_ACTIVITIES[activity - 1]
        failure, value = self._refusal(row, first)
        if not failure:
            failure, value = self._switch_on(row)
        if not failure:
            place = row[_LOAD] - LOAD_WHEELS
            self._commanded[place] = (activity, (first, second), execution)
            execution.start()
            self._set_going(self._plan.steps + place, row)
            self._run()
        return failure, value

    def stop(self, load):
        """Stops what uses a load, by the plan or by command."""
        for step in range(self._plan.steps + COMMANDED):
            if self._flight_state.state[step] == RUNNING and self._row(step)[_LOAD] == load:
                self._fail(step, STOPPED, 0)
        self._run()

    def stop_plan(self):
        """Ends the plan."""
        flight_state = self._flight_state
        if flight_state.ended:
            return
        # From here on no policy counts
        flight_state.ended = True
        for step in range(self._plan.steps):
            if flight_state.state[step] == RUNNING:
                self._fail(step, STOPPED, 0)
        self._close()
        self._run()

    def is_commanded(self):
        """Whether something is done by command."""
        return any(self._commanded)

    def follow(self, plan, day):
        """Begins a plan, while nothing is done by command: with the steps that are still to come."""
        self.stop_plan()
        self._plan = plan
        self._begin_late(day, self._flight_state.data)

    # --- When ---

    def _lay_out(self, day):
        """All steps wait; those that count from sunrise are due."""
        plan, flight_state = self._plan, self._flight_state
        self._scheduler.cancel(self._next)
        flight_state.clear(plan.steps)
        flight_state.plan, flight_state.day = plan.identity, day
        flight_state.data = 0
        flight_state.ended = plan.steps == 0 or plan.day not in (0, day)
        if not flight_state.ended:
            self._make_due(0, self._sunrise(day), 0)
        flight_state.keep()

    def _make_due(self, origin, s, ms):
        """What waits for `origin` now knows when it is due."""
        plan, flight_state = self._plan, self._flight_state
        for step in range(plan.steps):
            if flight_state.state[step] == WAITING and plan.origin(step) == origin:
                sum_ms = ms + plan.delay_ms(step)
                flight_state.due_s[step] = s + plan.delay_s(step) + sum_ms // 1000
                flight_state.due_ms[step] = sum_ms % 1000

    def _run(self):
        """Ends and starts all that is due by now, and waits for the next."""
        if self._at_work:
            return
        self._at_work = True
        while True:
            step = self._first()
            if step < 0 or not self._is_due(step):
                break
            if self._flight_state.state[step] == RUNNING:
                self._finish(step)
            else:
                self._start(step)
        self._at_work = False
        if self._changed:
            self._changed = False
            self._flight_state.keep()
        self._wait()

    def _wait(self):
        flight_state = self._flight_state
        step = self._first()
        if step >= 0:
            self._scheduler.at(self._next, flight_state.due_s[step], flight_state.due_ms[step])
        else:
            self._scheduler.cancel(self._next)
        if not flight_state.ended and not self._goes_on():
            self._close()

    def _goes_on(self):
        """Whether a step of the plan runs or will be due."""
        flight_state = self._flight_state
        for step in range(self._plan.steps):
            state = flight_state.state[step]
            if state == RUNNING or (state == WAITING and flight_state.due_s[step] < NEVER):
                return True
        return False

    def _first(self):
        """The step whose start or end is due first, ends before starts; -1: none."""
        flight_state = self._flight_state
        state, due_s, due_ms = flight_state.state, flight_state.due_s, flight_state.due_ms
        found = -1
        s = ms = NEVER
        for step in range(len(state)):
            if state[step] <= RUNNING and due_s[step] < NEVER:
                sooner = due_s[step] - s or due_ms[step] - ms
                if sooner < 0 or (sooner == 0 and state[step] == RUNNING and state[found] == WAITING):
                    found = step
                    s = due_s[step]
                    ms = due_ms[step]
        return found

    def _is_due(self, step):
        clock, flight_state = self._clock, self._flight_state
        s = flight_state.due_s[step]
        return s < clock.s or (s == clock.s and flight_state.due_ms[step] <= clock.ms)

    # --- What ---

    def _start(self, step):
        row = self._row(step)
        late_s = self._clock.s - self._flight_state.due_s[step]
        failure, value = (MISSED, late_s) if late_s > _GRACE_S else self._refusal(row, self._units(step))
        if not failure:
            failure, value = self._switch_on(row)
        if failure:
            self._fail(step, failure, value)
        else:
            self._set_going(step, row)

    def _switch_on(self, row):
        """Switches on what an activity needs; (failure, value) when it is dead. The driver does so for the wheels."""
        failure = value = 0
        if row[_LOAD] != LOAD_WHEELS:
            self._equipment.use(row[_LOAD], True)
            failure, value = self._dead_of(row)
            if failure:
                self._equipment.use(row[_LOAD], False)
        return failure, value

    def _set_going(self, step, row):
        flight_state, activity = self._flight_state, self._activity(step)
        flight_state.state[step] = RUNNING
        self._running += 1
        self._changed = True
        flight_state.due_s[step] = NEVER
        if row[_UNIT_S]:
            flight_state.due_s[step] = self._clock.s + row[_UNIT_S] * self._units(step)
            flight_state.due_ms[step] = self._clock.ms
        self._events.report(ACTIVITY_START, self._number(step), activity)
        self._make_due(2 * step + 1, self._clock.s, self._clock.ms)
        if row[_INSTRUMENT]:
            units = self._units(step)
            self._payload.begin(self._number(step), activity, row[_INSTRUMENT], units, units * row[_UNIT_S])
        if activity == DRIVE:
            self._set_driving(step)

    def _set_driving(self, step):
        self._driving = step
        bearing, distance, progress = self._argument(step, 0) * 1000, self._argument(step, 1) * 10, None
        if step >= self._plan.steps:
            progress = self._commanded[0][2].progress
        if distance:
            self._driver.drive(bearing, distance, self._driven, progress)
        else:
            self._driver.turn_to(bearing, self._driven)

    def _driven(self, failure, value):
        """The drive is over, one way or the other."""
        step, self._driving = self._driving, -1
        if failure:
            self._fail(step, failure, value)
        else:
            self._finish(step)
        self._end_with_the_drive()
        self._changed = True
        self._run()

    def _end_with_the_drive(self):
        for step in range(self._plan.steps + COMMANDED):
            if self._flight_state.state[step] == RUNNING and self._row(step)[_MOTION] == MOVING:
                self._finish(step)

    def _finish(self, step):
        flight_state = self._flight_state
        kib = self._leave(step, 0)
        flight_state.state[step] = DONE
        self._events.report(ACTIVITY_DONE, self._number(step), self._activity(step), kib)
        if step >= self._plan.steps:
            self._complete_execution(step, 0, 0)
            return
        flight_state.done += 1
        self._make_due(2 * step + 2, self._clock.s, self._clock.ms)

    def _fail(self, step, failure, value):
        """A step was not done, or not to its end: its policy follows."""
        flight_state = self._flight_state
        self._events.report(ACTIVITY_FAILED, self._number(step), self._activity(step), failure, value)
        if flight_state.state[step] == RUNNING:
            self._leave(step, failure)
        flight_state.state[step] = FAILED
        self._changed = True
        if step >= self._plan.steps:
            self._complete_execution(step, failure, value)
            return
        flight_state.failed += 1
        if flight_state.ended:
            return
        policy = self._plan.policy(step)
        if policy == STOP and not (failure == STOPPED and value):
            for other in range(self._plan.steps):
                if flight_state.state[other] == RUNNING:
                    self._fail(other, STOPPED, step + 1)
            self._close()
            return
        clock = self._clock
        self._make_due(2 * step + 1, clock.s, clock.ms)
        self._make_due(2 * step + 2, clock.s, clock.ms)
        if policy == SAFE_MODE:
            # What is due by now must not begin before safe mode is there
            self._mode = SAFE
            self._ask_safe()

    def _leave(self, step, failure):
        """Switches off what a step has used. Returns the KiB that it has brought."""
        row = self._row(step)
        self._running -= 1
        self._changed = True
        if step == self._driving:
            self._driving = -1
            self._driver.stop()
            self._end_with_the_drive()
        elif row[_LOAD] != LOAD_WHEELS:
            self._equipment.use(row[_LOAD], False)
        kib = 0
        if row[_INSTRUMENT]:
            kib = (self._payload.end(row[_INSTRUMENT], failure) + 1023) // 1024
            self._flight_state.data += kib
        return kib

    def _complete_execution(self, step, failure, value):
        place = step - self._plan.steps
        execution = self._commanded[place][2]
        self._commanded[place] = None
        execution.complete(failure, value)

    def _close(self):
        """The plan is over."""
        flight_state = self._flight_state
        left = 0
        for step in range(self._plan.steps):
            if flight_state.state[step] <= RUNNING:
                flight_state.state[step] = DROPPED
                left += 1
        flight_state.ended = True
        flight_state.keep()
        self._events.report(PLAN_END, flight_state.done, flight_state.failed, left)

    # --- Constraints ---

    def _refusal(self, row, units):
        """(failure, value) of so many units of an activity that cannot start now; (0, 0) when they can."""
        failure, value = self._state_of(row)
        if failure:
            return failure, value
        motion = row[_MOTION]
        driving = self._driver.moves()
        if motion == STILL and driving:
            return IS_MOVING, self._number(self._driving)
        if motion == MOVING and not driving:
            return NOT_MOVING, 0
        drives = row[_LOAD] == LOAD_WHEELS
        kib = self._flight_state.data + units * row[_UNIT_KIB]
        for other in range(self._plan.steps + COMMANDED):
            if self._flight_state.state[other] == RUNNING:
                there = self._row(other)
                if there[_USES] & row[_USES] or (drives and there[_MOTION] == STILL):
                    return IN_USE, self._number(other)
                kib += self._units(other) * there[_UNIT_KIB]  # which it may still bring
        if kib > self._most_kib:
            return NO_ROOM, kib - self._most_kib
        array_mw = self._validation.value(ARRAY_POWER)
        if array_mw is not None:
            power_mw = self._equipment.power(row[_LOAD])
            missing_mw = self._equipment.expected() + power_mw - array_mw
            if missing_mw > 0:
                # In tenths of a W what it takes, and what is there for it
                needed_mw = max(power_mw, missing_mw)
                return NO_POWER, (needed_mw + 99) // 100 << 16 | (needed_mw - missing_mw) // 100
        return 0, 0

    def _state_of(self, row):
        """(failure, value) of what mode, Sun and box do not allow."""
        if not row[_MODES] & 1 << self._mode:
            return NOT_IN_MODE, self._mode
        if self._equipment.shed:
            return SHED_LOAD, row[_LOAD]
        elevation, box = self._validation.value(SUN_ELEVATION), self._validation.box()
        if elevation is not None:
            if elevation < row[_SUN_LEAST]:
                return SUN_TOO_LOW, elevation
            if elevation > row[_SUN_MOST]:
                return SUN_TOO_HIGH, elevation
        if box is not None:
            if box < row[_BOX_LEAST]:
                return BOX_TOO_COLD, box
            if box > row[_BOX_MOST]:
                return BOX_TOO_HOT, box
        return 0, 0

    def _dead_of(self, row):
        """(failure, value) of a load that it needs and that draws nothing: its own, or what instruments hang on."""
        if not self._equipment.draws(row[_LOAD]):
            return DEAD_LOAD, row[_LOAD]
        if row[_LOAD] != LOAD_WHEELS and not self._equipment.draws(LOAD_PAYLOAD):
            return DEAD_LOAD, LOAD_PAYLOAD
        return 0, 0

    def _row(self, step):
        return PLAN_ACTIVITIES[self._activity(step) - 1]

    def _units(self, step):
        return self._argument(step, 0) or 1

    def _activity(self, step):
        plan = self._plan
        return plan.activity(step) if step < plan.steps else self._commanded[step - plan.steps][0]

    def _argument(self, step, number):
        plan = self._plan
        return plan.argument(step, number) if step < plan.steps else self._commanded[step - plan.steps][1][number]

    def _number(self, step):
        """By which it is told: from 1; 0 of what is done by command."""
        return step + 1 if step < self._plan.steps else 0

    def _waiting(self):
        return sum(1 for state in self._flight_state.state if state == WAITING)
