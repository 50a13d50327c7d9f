"""Loads, wings, heater, and the order in which they come to life at dawn and are stowed at dusk."""

from micropython import const

from ..kernel.scheduler import Task
from ..tables import (
    ACTIVE,
    DORMANT,
    HEAD_SOUTH,
    HEATER_OFF,
    HEATER_ON,
    LOAD_COMPUTER,
    LOAD_DEAD,
    LOAD_HEATER,
    LOAD_ISOLATED,
    LOAD_MAST,
    LOAD_MOTORS,
    LOAD_PAYLOAD,
    LOAD_RADIO,
    LOAD_SPARE_HEATER,
    LOAD_WAKE_CIRCUIT,
    LOAD_WHEELS,
    MAST_DOWN,
    MAST_UP,
    MOTORS_ON,
    NAP,
    PARKING,
    PAYLOAD_OFF,
    PAYLOAD_ON,
    SAFE,
    SLEEP_POINT,
    STEP,
    STEP_DONE,
    WAKING,
    WARM_UP,
    WING_EAST,
    WING_FOLDED,
    WING_OPEN,
)

# Steps with the seconds that each takes; warming up takes as many times its own as it needs
_DAWN = ((WARM_UP, 300), (WING_OPEN, 300), (MAST_UP, 300), (MOTORS_ON, 120), (PAYLOAD_ON, 180))
_DUSK = (
    (PAYLOAD_OFF, 60),
    (SLEEP_POINT, 7200),
    (HEAD_SOUTH, 600),
    (WING_EAST, 300),
    (MAST_DOWN, 600),
    (WING_FOLDED, 300),
)
_LONGEST_WARM_UP = const(144)  # times: half an Earth day, then it goes on cold

_EXCESS = const(3000)  # mW above what a load should draw: it is broken
_NOT_VITAL = (LOAD_MOTORS, LOAD_PAYLOAD)  # ... and all that a plan switches


class Equipment:
    """What a craft switches.

    powers: of each load in mW, 0 where the craft has no such. warm_box: from so many tenths of a degree C on equipment
    may be switched on. switches: the craft's hardware: switch, isolate, drawn_by, open_wing, park, drive_off.
    parameters: when the heater goes on and off.

    rest: called with SLEEP_POINT or HEAD_SOUTH when it is time for the wheels to bring it there. equipped: called when
    the dawn sequence is through. Both are set by who decides on modes.

    on, isolated: a bit a load. spare: whether the spare heater is the heater. wing_open, shed: as they say.
    """

    def __init__(self, powers, warm_box, scheduler, switches, events, parameters):
        self.rest = self.equipped = None
        self.on = 0
        self.isolated = 0
        self.spare = False
        self.wing_open = False
        self.shed = False
        self._powers = powers
        self._warm_box = warm_box
        self._scheduler = scheduler
        self._switches = switches
        self._events = events
        self._parameters = parameters
        self._box = None
        self._expected = None  # mW, until something is switched
        self._mode = DORMANT
        self._steps = ()
        self._at = 0
        self._tries = 0
        self._next = Task(STEP, self._step_done)
        # Nobody knows how a restart has found the switches
        for load in range(len(powers)):
            switches.switch(load, False)
        self._switch(LOAD_WAKE_CIRCUIT, True)

    def switch_wheels(self, wanted):
        """Switch the wheels on or off. Return whether they draw power."""
        self.use(LOAD_WHEELS, wanted)
        return self.draws(LOAD_WHEELS)

    def enter(self, mode):
        """Switches to what a mode needs, or begins the sequence that leads there."""
        self._mode = mode
        self._scheduler.cancel(self._next)
        awake = mode != DORMANT
        self._switch(LOAD_COMPUTER, awake)
        self._switch(LOAD_RADIO, awake)
        if mode == WAKING:
            self._begin(_DAWN)
        elif mode == PARKING:
            self._begin(_DUSK)
        elif mode == SAFE:
            self._open_wing(True)
        elif not awake:
            self._open_wing(False)
        elif not self.wing_open:
            # A run that begins in mid-day, a restart, or a dawn that the ground has cut short
            self._open_wing(True)
            self._switches.drive_off()
        self._switch(LOAD_MAST, mode in (ACTIVE, NAP, PARKING))
        self._switch(LOAD_MOTORS, mode in (ACTIVE, PARKING))
        self._switch(LOAD_PAYLOAD, mode == ACTIVE)
        for load in range(LOAD_WHEELS, len(self._powers)):
            self._switch(load, False)
        if not awake:
            self._heat(False)

    def sample(self, box):
        """Keeps the box warm; box: its temperature in tenths of a degree C, or None if nobody knows."""
        self._box = box
        if box is not None and self._mode != DORMANT:
            if box < self._parameters[HEATER_ON]:
                self._heat(True)
            elif box > self._parameters[HEATER_OFF]:
                self._heat(False)

    def use(self, load, wanted):
        """Switches a load that a plan asks for."""
        self._switch(load, wanted)

    def draws(self, load):
        """Whether a load draws power."""
        return self._switches.drawn_by(load) > 0

    def power(self, load):
        """What a load draws when it is on, in mW."""
        return self._powers[load]

    def expected(self):
        """What all loads should draw as they are switched, in mW."""
        if self._expected is None:
            self._expected = 0
            for load in range(len(self._powers)):
                self._expected += self._should_draw(load)
        return self._expected

    def do_without(self, wanted):
        """Sheds what is not vital, or takes it back."""
        self.shed = wanted
        for load in _NOT_VITAL:
            self._switch(load, not wanted and self._mode == ACTIVE)
        for load in range(LOAD_WHEELS, len(self._powers)):
            self._switch(load, False)

    def isolate_excess(self):
        """Cuts off for good each load that draws more than it should."""
        for load in range(len(self._powers)):
            power = self._switches.drawn_by(load)
            if power > self._should_draw(load) + _EXCESS and load not in (LOAD_COMPUTER, LOAD_RADIO, LOAD_WAKE_CIRCUIT):
                self._switches.isolate(load)
                self.isolated |= 1 << load
                self._expected = None
                self._events.report(LOAD_ISOLATED, load, power)
                self._replace(load)

    def replace_dead(self):
        """Puts the spare heater in the place of a dead one, and switches off every other load that draws nothing."""
        for load in range(len(self._powers)):
            if self._should_draw(load) and not self._switches.drawn_by(load):
                self._events.report(LOAD_DEAD, load)
                self._replace(load)

    def restore(self, isolated, spare):
        """After a restart: what was cut off, and which heater is used."""
        self.isolated = isolated
        self.spare = spare
        self._expected = None

    def _replace(self, load):
        if load in (LOAD_HEATER, LOAD_SPARE_HEATER):
            self._heat(False)
            self.spare = load == LOAD_HEATER
            self.sample(self._box)
        elif load not in (LOAD_COMPUTER, LOAD_RADIO, LOAD_WAKE_CIRCUIT):
            self._switch(load, False)

    def _should_draw(self, load):
        return self._powers[load] if self.on & 1 << load and not self.isolated & 1 << load else 0

    def _heat(self, wanted):
        self._switch(LOAD_SPARE_HEATER, wanted and self.spare)
        self._switch(LOAD_HEATER, wanted and not self.spare)

    def _switch(self, load, wanted):
        if self.shed and (load in _NOT_VITAL or load >= LOAD_WHEELS):
            wanted = False
        bit = 1 << load
        if not self._powers[load] or (self.on & bit != 0) == wanted:
            return
        self.on ^= bit
        self._expected = None
        self._switches.switch(load, wanted)

    def _open_wing(self, is_open):
        self.wing_open = is_open
        self._switches.open_wing(is_open)

    def _begin(self, steps):
        self._steps = steps
        self._at = self._tries = 0
        self._next_step()

    def _next_step(self):
        """Starts the next step that this craft has; after the last one all is done."""
        while self._at < len(self._steps):
            step, seconds = self._steps[self._at]
            if self._start(step):
                self._scheduler.after(self._next, seconds)
                return
            self._at += 1
        if self._mode == WAKING:
            self.equipped()  # pyright: ignore

    def _start(self, step):
        """Starts a step. Returns whether the craft has such a thing."""
        if step == WING_OPEN:
            self._open_wing(True)
        elif step == MAST_UP:
            return self._switch_on(LOAD_MAST)
        elif step == MOTORS_ON:
            self._switches.drive_off()
            return self._switch_on(LOAD_MOTORS)
        elif step == PAYLOAD_ON:
            return self._switch_on(LOAD_PAYLOAD)
        elif step in (SLEEP_POINT, HEAD_SOUTH):
            if self._powers[LOAD_MOTORS]:
                self.rest(step)  # pyright: ignore
            return self._powers[LOAD_MOTORS] > 0
        elif step == WING_EAST:
            self._switches.park()
            self._switch(LOAD_MOTORS, False)
            return self._powers[LOAD_MOTORS] > 0
        elif step == MAST_DOWN:
            self._switch(LOAD_MAST, False)
            return self._powers[LOAD_MAST] > 0
        elif step == WING_FOLDED:
            self._open_wing(False)
        return True

    def _switch_on(self, load):
        self._switch(load, True)
        return self._powers[load] > 0

    def _step_done(self):
        step, seconds = self._steps[self._at]
        if step == WARM_UP and self._is_cold() and self._tries < _LONGEST_WARM_UP:
            self._tries += 1
            self._scheduler.after(self._next, seconds)
            return
        self._events.report(STEP_DONE, step, self._box or 0)
        self._at += 1
        self._next_step()

    def _is_cold(self):
        return self._box is not None and self._box < self._warm_box
