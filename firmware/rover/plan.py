"""Reads a plan that the ground has compiled: which activities, when, and what follows when one fails."""

from array import array
from binascii import crc32

from micropython import const

from .compiled import LONGEST_LINE, open_compiled
from .generated import PLAN_ACTIVITIES, SAFE_MODE
from .setting_error import SettingError

MOST_STEPS = const(60)

_WORDS = const(7)  # of a step: activity, two arguments, origin, s, ms, policy
_IDENTITY = const(0x3FFFFFFF)


class Plan:
    """A compiled plan.

    name: of its file. lines: the file, open: first `plan 1 HASH DAY`, DAY 0 for each lunar day; then of each step
    activity, two arguments, origin, seconds and milliseconds after it, policy. An origin is 0 for sunrise, 2k - 1 for
    the start of step k, 2k for its end.

    day: of it. identity: 30 bits that tell it from others. steps: how many. Of step n, from 0: activity[n], ...
    SettingError when it is no such file, or one for another dictionary.
    """

    def __init__(self, name, lines):
        head = open_compiled("plan", name, lines)
        numbers = []
        self.identity = 0
        try:
            self.day = int(head[0])
            while len(numbers) <= MOST_STEPS:
                line = lines.readline(LONGEST_LINE)
                if not line:
                    break
                numbers.append(array("i", [int(word) for word in line.split()]))
                self.identity = crc32(line, self.identity)
            fits = all(_fits(step, len(numbers)) for step in numbers)
        except (ValueError, IndexError, OverflowError):
            fits = False
        self.identity &= _IDENTITY
        self.steps = len(numbers)
        if not fits or self.steps > MOST_STEPS:
            raise SettingError(("plan",), "plan: %s is damaged: compile it anew" % name)
        self._numbers = numbers

    def activity(self, step):
        """What to do: an id of the dictionary's enum `plan_activity`."""
        return self._numbers[step][0]

    def argument(self, step, number):
        """Its first or second argument, by `number` 0 or 1."""
        return self._numbers[step][1 + number]

    def origin(self, step):
        """From what its time counts."""
        return self._numbers[step][3]

    def delay_s(self, step):
        """Seconds from its origin."""
        return self._numbers[step][4]

    def delay_ms(self, step):
        """Milliseconds besides."""
        return self._numbers[step][5]

    def policy(self, step):
        """What follows when it fails: the dictionary's enum `on_failure`."""
        return self._numbers[step][6]


def _fits(step, steps):
    """Whether a line of a plan of so many steps can be one."""
    if len(step) != _WORDS:
        return False
    least = min(step)
    return least >= 0 and 0 < step[0] <= len(PLAN_ACTIVITIES) and step[3] <= 2 * steps and step[6] <= SAFE_MODE
