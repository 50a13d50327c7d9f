"""Plays a scenario: does to a rover at its times what the ground has compiled from a scenario file."""

from .. import tables
from ..kernel.scheduler import Task
from ..tables.faults import FAULTS
from .settings import CLOCK_END


class Scenario:
    """A compiled scenario.

    name: of its file. lines: the file, open: first `scenario 1 HASH`, with the hash of the dictionary; then of each
    action, by time: seconds, milliseconds, fault, 1 for its begin or 0 for its end, two arguments. rover: to whom it
    happens.
    SettingError when it is no such file, one for another dictionary, or damaged.
    """

    def __init__(self, name, lines, rover):
        from .compiled_text import check_lines, open_compiled

        open_compiled("scenario", name, lines)
        check_lines("scenario", name, lines, _action)
        self._lines = lines
        self._rover = rover
        self._start_s = 0
        self._due = ()  # type: tuple[int, ...]  # the next action
        self._next = Task(tables.SCENARIO, self._act)

    def begin(self):
        """Begins with the run: what was to happen before it does not, but what was to last does."""
        self._start_s = self._rover.clock.s
        self._read()

    def go_on(self):
        """Goes on after a reset, which has emptied the scheduler."""
        if self._due:
            self._rover.scheduler.at(self._next, self._due[0], self._due[1])

    def _read(self):
        line = self._lines.readline()
        self._due = _action(line.split()) if line else ()
        self.go_on()

    def _act(self):
        s, _, fault, on, a, b = self._due
        # Before it happens: it may be a reset
        self._read()
        if s >= self._start_s or not FAULTS[fault - 1][0]:
            _do(self._rover, fault, on == 1, a, b)


def _action(words):
    """(s, ms, fault, on, a, b) of a line's words. ValueError: they are none."""
    action = tuple(int(word) for word in words)
    s, ms, fault, on, a, b = action
    if not (0 <= s <= CLOCK_END and 0 <= ms < 1000 and 0 < fault <= len(FAULTS) and 0 <= on <= 1):
        raise ValueError
    _, a_least, a_most, b_least, b_most = FAULTS[fault - 1]
    if not (a_least <= a <= a_most and b_least <= b <= b_most):
        raise ValueError
    return action


def _do(rover, fault, on, a, b):
    """Lets a fault begin, or end."""
    if fault <= tables.FAULT_SENSOR_DEAD:
        _do_to_sensor(rover.sensors, fault, on, a, b)
    elif fault <= tables.FAULT_STRINGS_LOST:
        _do_to_power(rover.moon, fault, on, a, b)
    elif fault == tables.FAULT_CLOCK_JUMP:
        jumped_s = min(max(0, rover.clock.onboard_s() + a), CLOCK_END - 1)
        rover.clock.set_onboard(jumped_s, rover.clock.onboard_ms())
    elif fault == tables.FAULT_RESET:
        rover.restart(tables.POWER_ON)
    elif fault == tables.FAULT_BROWN_OUT:
        rover.moon.brown_out = True
    elif fault == tables.FAULT_HANG:
        rover.hangs = on
    elif fault == tables.FAULT_LINK_CUT:
        rover.faulty_line.cut = on
    elif fault == tables.FAULT_LINK_NOISY:
        rover.faulty_line.bits = a if on else 0
    elif fault == tables.FAULT_LINK_STALLED:
        rover.faulty_line.stall(on)
    elif fault == tables.FAULT_FLASH_ERROR:
        rover.faulty_store.failing = on
    elif fault == tables.FAULT_MEMORY_SQUEEZE:
        rover.limit_memory(a if on else 0)
    elif fault == tables.FAULT_PARK_TILT:
        # Hundredths of a degree as a sine scaled 2**14
        rover.moon.next_tilt = a * 286 // 100 if on else 0
    elif fault == tables.FAULT_RANDOM_TILT:
        rover.moon.chance = rover.tilt_noise if on else None
    elif fault == tables.FAULT_OBSTACLE and rover.chassis is not None:
        rover.chassis.obstacle = a * 10 if on else 0
    elif fault == tables.FAULT_INSTRUMENT_FAILS:
        rover.mute[a - tables.PCAM] = on
    elif fault == tables.FAULT_REQUEST:
        rover.fault_protection.commanded()
        rover.mode_manager.request(a)
    elif fault == tables.FAULT_MONITOR:
        rover.monitors.set_status(a, b)


def _do_to_sensor(sensors, fault, on, sensor, by):
    if not on:
        sensors.repair(sensor)
    elif fault == tables.FAULT_SENSOR_STUCK:
        sensors.set_stuck(sensor)
    elif fault == tables.FAULT_SENSOR_JUMPS:
        sensors.set_noisy(sensor, by)
    else:
        sensors.set_dead(sensor)


def _do_to_power(moon, fault, on, a, b):
    moon.advance()
    if fault == tables.FAULT_LOAD_STUCK_ON:
        moon.stuck[a] = 1 if on else 0
    elif fault == tables.FAULT_LOAD_DEAD:
        moon.stuck[a] = 2 if on else 0
    elif fault == tables.FAULT_LOAD_DRAWS_MORE:
        moon.excess[a] = b * 1000 if on else 0
    elif fault == tables.FAULT_DUST:
        moon.dust = a * 10 if on else 0
    elif fault == tables.FAULT_BATTERY_AGED:
        moon.capacity = a * 10 if on else 1000
    elif fault == tables.FAULT_STRINGS_LOST:
        moon.strings_lost = a if on else 0
    moon.changed()
