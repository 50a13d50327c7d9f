"""Reads a plan that the ground has compiled: which activities, when, and what follows when one fails."""

from array import array
from binascii import crc32

from micropython import const

from ..tables import PLAN_ACTIVITIES, SAFE_MODE
from . import SettingError
from .compiled_text import LONGEST_LINE

MOST_STEPS = const(60)

_WORDS = const(7)  # of a step: activity, two arguments, origin, s, ms, policy
_IDENTITY = const(0x3FFFFFFF)
_MOST_UNITS = const(11)  # in a row of PLAN_ACTIVITIES
_MOST_DISTANCE = const(5000)  # of a DRIVE, 0.01 m


class Plan:
    """A compiled plan.

    name: of its file. lines: the file, open: first `plan 1 HASH DAY`, DAY 0 for each lunar day; then of each step
    activity, two arguments, origin, seconds and milliseconds after it, policy. An origin is 0 for sunrise, 2k - 1 for
    the start of step k, 2k for its end.

    day: of it. identity: 30 bits that tell it from others. steps: how many. Of step n, from 0: activity[n], ...
    SettingError when it is no such file, or one for another dictionary.
    """

    def __init__(self, name, lines):
        from .compiled_text import open_compiled

        head = open_compiled("plan", name, lines)
        self.identity = self.steps = 0
        self._numbers = array("i")  # of all steps: an array each would take twice the heap
        try:
            self.day = int(head[0])
            while self.steps <= MOST_STEPS:
                line = lines.readline(LONGEST_LINE)
                if not line:
                    break
                words = line.split()
                self._numbers.extend(_numbers(words))
                # Whatever ends the line
                self.identity = crc32(b" ".join(words) + b"\n", self.identity)
                self.steps += 1
            fits = all(self.origin(step) <= 2 * self.steps for step in range(self.steps))
        except (ValueError, IndexError, OverflowError):
            fits = False
        self.identity &= _IDENTITY
        if not fits or self.steps > MOST_STEPS:
            raise SettingError(("plan",), "plan: %s is damaged: compile it anew" % name)

    def activity(self, step):
        """What to do: an id of the dictionary's enum `plan_activity`."""
        return self._numbers[_WORDS * step]

    def argument(self, step, number):
        """Its first or second argument, by `number` 0 or 1."""
        return self._numbers[_WORDS * step + 1 + number]

    def origin(self, step):
        """From what its time counts."""
        return self._numbers[_WORDS * step + 3]

    def delay_s(self, step):
        """Seconds from its origin."""
        return self._numbers[_WORDS * step + 4]

    def delay_ms(self, step):
        """Milliseconds besides."""
        return self._numbers[_WORDS * step + 5]

    def policy(self, step):
        """What follows when it fails: the dictionary's enum `on_failure`."""
        return self._numbers[_WORDS * step + 6]


def _numbers(words):
    """The numbers of a step. ValueError: the words of a line that is none."""
    step = array("i", [int(word) for word in words])
    if len(step) != _WORDS or min(step) < 0 or max(step) > _IDENTITY or not 0 < step[0] <= len(PLAN_ACTIVITIES):
        raise ValueError
    if step[1] > PLAN_ACTIVITIES[step[0] - 1][_MOST_UNITS] or step[2] > _MOST_DISTANCE or step[5] > 999:
        raise ValueError
    if step[6] > SAFE_MODE:
        raise ValueError
    return step
