"""Limits and responses (ECSS-E-ST-70-41C, 6.12 and 6.19): what is watched, and what follows out of bounds."""

from array import array

from micropython import const

from ..tables import (
    COMMAND_LOSS_H,
    DISABLED,
    LIMIT_HOLDS,
    MON_COMMANDS,
    MONITOR_RETIRED,
    MONITORS,
    PASSIVE,
    RETIRED,
)

_NEVER = const(-(1 << 29))
_MOST_FIRINGS = const(8)  # without an end: then a monitor is off for good


class Monitors:
    """The monitors of the dictionary.

    events: where they report. respond: is called with (monitor, action, level) when one fires, holds with (monitor)
    when its limit holds again. parameters: how long no command may come. status: by monitor, as the dictionary's enum.
    broken: a bit a monitor that has fired.
    """

    def __init__(self, events, respond, holds, parameters):
        self.status = bytearray([row[8] for row in MONITORS])
        self.broken = 0
        self._events = events
        self._respond = respond
        self._holds = holds
        self._parameters = parameters
        self._out = bytearray(len(MONITORS))  # looks in a row out of limits
        self._in = bytearray(len(MONITORS))  # looks in a row within, since it fired
        self._firings = bytearray(len(MONITORS))
        self._fired_s = array("i", len(MONITORS) * [_NEVER])

    def check(self, values, now_s):
        """Checks each monitor; values: by parameter, None where there is none. now_s: any clock that does not jump."""
        for monitor in range(len(MONITORS)):
            row = MONITORS[monitor]
            value = values[row[0]]
            if value is None and row[7] is None:
                continue
            high = row[2] if monitor != MON_COMMANDS else self._parameters[COMMAND_LOSS_H]
            if value is not None and row[1] <= value <= high:
                self._out[monitor] = 0
                if self.broken & 1 << monitor:
                    self._go_in(monitor, row)
                continue
            # Also of one that is retired: its limit holds again when it does so for several looks in a row
            self._in[monitor] = 0
            if self.status[monitor] not in (DISABLED, RETIRED):
                self._go_out(monitor, row, value, now_s)

    def set_status(self, monitor, status):
        """Gives a monitor a status, and lets it start anew."""
        self.status[monitor] = status
        if self.broken & 1 << monitor:
            self.broken &= ~(1 << monitor)
            self._holds(monitor)
        self._out[monitor] = self._in[monitor] = self._firings[monitor] = 0
        self._fired_s[monitor] = _NEVER

    def _go_in(self, monitor, row):
        self._in[monitor] += 1
        if self._in[monitor] >= row[3]:
            self.broken &= ~(1 << monitor)
            self._events.report(LIMIT_HOLDS, monitor)
            self._holds(monitor)

    def _go_out(self, monitor, row, value, now_s):
        self._out[monitor] = min(self._out[monitor] + 1, 255)
        quiet = now_s - self._fired_s[monitor] >= row[6]
        if self._out[monitor] < row[3] or (self.broken & 1 << monitor and not quiet):
            return
        if not self.broken & 1 << monitor and quiet:
            self._firings[monitor] = 0
        level = self._firings[monitor]
        self._firings[monitor] += 1
        self._fired_s[monitor] = now_s
        self.broken |= 1 << monitor
        if value is not None and row[4] is not None:
            self._events.report(row[4], value)
        actions = row[5] if value is not None else (row[7],)
        acts = self.status[monitor] != PASSIVE
        if level + 1 >= _MOST_FIRINGS:
            self.status[monitor] = RETIRED
            self._events.report(MONITOR_RETIRED, monitor)
        if actions and acts:
            level = min(level, len(actions) - 1)
            self._respond(monitor, actions[level], level + 1)
