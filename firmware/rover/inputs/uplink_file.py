"""Sends a rover what the ground has compiled from an uplink file, at its mission times: so a commanded run repeats."""

from binascii import unhexlify

from .. import tables
from ..kernel.scheduler import Task
from .compiled_text import check_lines, open_compiled
from .settings import CLOCK_END


class UplinkFile:
    """A compiled uplink file.

    name: of its file. lines: the file, open: first `uplink 1 HASH`, with the hash of the dictionary; then, by time:
    seconds, milliseconds, octets that come to the rover as hex digits. rover: who hears them.
    SettingError when it is no such file, one for another dictionary, or damaged.
    """

    def __init__(self, name, lines, rover):
        open_compiled("uplink", name, lines)
        check_lines("uplink", name, lines, _transmission)
        self._lines = lines
        self._rover = rover
        self._due = ()  # type: tuple  # the next octets
        self._next = Task(tables.UPLINK, self._send)

    def begin(self):
        """Begins with the run: what was to be sent before it is not."""
        start_s = self._rover.clock.s
        self._read()
        while self._due and self._due[0] < start_s:
            self._read()
        self.go_on()

    def go_on(self):
        """Goes on after a reset, which has emptied the scheduler."""
        if self._due:
            self._rover.scheduler.at(self._next, self._due[0], self._due[1])

    def _read(self):
        line = self._lines.readline()
        self._due = _transmission(line.split()) if line else ()

    def _send(self):
        octets = self._due[2]
        # Before it is heard: that may be a reset
        self._read()
        self.go_on()
        self._rover.commanding.receive(octets, len(octets))


def _transmission(words):
    """(s, ms, octets) of a line's words. ValueError: they are none."""
    s, ms, digits = words
    transmission = (int(s), int(ms), unhexlify(digits))
    if not (0 <= transmission[0] <= CLOCK_END and 0 <= transmission[1] < 1000):
        raise ValueError
    return transmission
