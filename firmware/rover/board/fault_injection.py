"""Faults of line and store, for a scenario: each takes the place of the methods of a board's object that may fail."""

from micropython import const

_WAITING = const(8)  # frames that a stalled line holds, as many as a board's own queue


class FaultyLine:
    """Make a line fail: its send, has_room and dropped are those of this object from now on.

    line: as a board has it. random: the stream of chance that turns bits. cut: nothing arrives, either way. bits:
    turned in each frame, in the mean.
    """

    def __init__(self, line, random):
        self.cut = False
        self.bits = 0
        self._send, self._has_room, self._dropped = line.send, line.has_room, line.dropped
        self._random = random
        self._stalled = False
        self._waiting = []
        self._lost = 0
        self._noisy = None  # type: memoryview | None
        line.send, line.has_room, line.dropped = self.send, self.has_room, self.dropped

    def send(self, frame):
        """Send a memoryview of one frame, as far as the faults let it."""
        if self.cut:
            return
        if self._stalled:
            if len(self._waiting) == _WAITING:
                self._lost += 1
            else:
                self._waiting.append(bytes(frame))
            return
        if self.bits:
            # One buffer for all: small pieces all over the heap would leave no room for large ones
            if self._noisy is None:
                self._noisy = memoryview(bytearray(len(frame)))
            self._noisy[:] = frame
            frame = self._noisy
            for _ in range(self._random.below(2 * self.bits + 1)):
                bit = self._random.below(8 * len(frame))
                frame[bit >> 3] ^= 1 << (bit & 7)
        self._send(frame)

    def stall(self, is_stalled):
        """Let the line take nothing, until it does again."""
        self._stalled = is_stalled
        while not is_stalled and self._waiting:
            self._send(memoryview(self._waiting.pop(0)))

    def has_room(self):
        """Return whether the line takes a file's next frame without delaying others."""
        return not self._stalled and self._has_room()

    def dropped(self):
        """Return the number of frames for which the line had no room."""
        return self._lost + self._dropped()


class FaultyStore:
    """Make a store fail: while `failing` is set, what would change it returns False, and changes nothing."""

    def __init__(self, store):
        self.failing = False
        store.write = self._or_fail(store.write)
        store.append = self._or_fail(store.append)
        store.write_entry = self._or_fail(store.write_entry)
        store.erase_entry = self._or_fail(store.erase_entry)

    def _or_fail(self, change):
        return lambda *arguments: not self.failing and change(*arguments)
