"""A bounded queue of frames for a line that may be slow: what has no room is dropped whole, and counted."""

from micropython import const

_SLOTS = const(8)
_FRAME = const(1119)


class Outbox:
    """Frames on their way to the line.

    take: is given a memoryview of a frame and how many of its octets have gone; sends on without waiting, returns how
    many more have gone. dropped: frames so far for which there was no room.
    """

    def __init__(self, take):
        self.dropped = 0
        self._take = take
        self._slots = [memoryview(bytearray(_FRAME)) for _ in range(_SLOTS)]
        self._first = 0
        self._count = 0
        self._gone = 0  # octets of the first frame
        self._at_work = False

    def empty(self):
        """Whether all has gone."""
        return self._count == 0

    def is_between(self):
        """Whether no frame has gone in part only, or it is not known how much of it."""
        return self._gone == 0 or self._at_work

    def put(self, frame):
        """Queues a copy of `frame`, a memoryview, or drops it."""
        if self._count == _SLOTS:
            self.dropped += 1
            return
        self._slots[(self._first + self._count) % _SLOTS][:] = frame
        self._count += 1

    def step(self):
        """Sends what the line takes at once. Returns whether it took anything.

        Nothing goes after an interrupt has struck in here: how much had gone is not known.
        """
        if not self._count or self._at_work:
            return False
        self._at_work = True
        taken = self._take(self._slots[self._first], self._gone)
        self._gone += taken
        if self._gone == _FRAME:
            self._gone = 0
            self._first = (self._first + 1) % _SLOTS
            self._count -= 1
        self._at_work = False
        return taken > 0
