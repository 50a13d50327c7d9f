"""What the rover keeps of its way and its plan, so that a restart does not wipe it out."""

from array import array
from struct import calcsize, pack_into, unpack_from

from micropython import const

_HEAD = const(">BIiiIHIHIBBBH")  # layout number first
_LAYOUT = const(2)
_STEP = const(">BIH")

WAITING = const(0)
RUNNING = const(1)
DONE = const(2)
FAILED = const(3)
DROPPED = const(4)  # with the rest of a plan that was stopped

COMMANDED = const(5)  # what is done by command stands behind the steps, by the load that it switches; it is not kept

NEVER = const(0x3FFFFFFF)  # s: when it is due is not known yet


class FlightState:
    """Kept in the store.

    stored: load() and save(octets).
    odometer (mm), east, north (mm of the lander), heading (millidegrees), stop (a count): as the rover believes.
    plan (identity), day, data (KiB of this lunar day), done, failed (steps), ended: of the plan that it follows.
    files: so many have been made since the run began.
    state, due_s, due_ms: of each step; what is due is its start while it waits, its end while it runs. steps: how many;
    COMMANDED more stand behind them.
    found: whether a flight state was there; one with a value that cannot be counts as none.
    """

    def __init__(self, stored):
        self._stored = stored
        self.state = bytearray()
        self.odometer = self.east = self.north = self.heading = self.stop = 0
        self.plan = self.day = self.data = self.files = 0
        self.ended = False
        self.clear(0)
        octets = stored.load()
        # Imported on use: when a craft is made
        from .stored_state import is_journal

        self.found = is_journal(octets)
        if not self.found:
            return
        size = calcsize(_HEAD)
        head = unpack_from(_HEAD, octets, 0)
        self.odometer, self.east, self.north = head[1], head[2], head[3]
        self.heading, self.stop, self.plan = head[4], head[5], head[6]
        self.clear((len(octets) - size) // calcsize(_STEP))
        self.day, self.data, self.done = head[7], head[8], head[9]
        self.failed, self.ended, self.files = head[10], head[11] == 1, head[12]
        for step in range(self.steps):
            at = size + step * calcsize(_STEP)
            self.state[step], self.due_s[step], self.due_ms[step] = unpack_from(_STEP, octets, at)

    def clear(self, steps):
        """All of so many steps wait."""
        self.done = self.failed = 0
        self.steps = steps
        places = steps + COMMANDED
        self.state = bytearray(places)
        for place in range(steps, places):
            self.state[place] = DONE
        self.due_s = array("i", [NEVER] * places)
        self.due_ms = array("h", [0] * places)
        self._octets = bytearray(calcsize(_HEAD) + steps * calcsize(_STEP))

    def keep(self):
        """Writes it to the store."""
        octets = self._octets
        pack_into(
            _HEAD,
            octets,
            0,
            _LAYOUT,
            self.odometer,
            self.east,
            self.north,
            self.heading,
            self.stop,
            self.plan,
            self.day,
            self.data,
            self.done,
            self.failed,
            self.ended,
            self.files,
        )
        at = calcsize(_HEAD)
        for step in range(self.steps):
            pack_into(_STEP, octets, at, self.state[step], self.due_s[step], self.due_ms[step])
            at += calcsize(_STEP)
        self._stored.save(octets)
