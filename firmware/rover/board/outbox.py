"""A bounded queue of frames for a line that may be slow: what has no room is dropped whole, and counted."""

from micropython import const

_SLOTS = const(8)
_FRAME = const(1119)
_PIECE = const(256)  # what a terminal that says it has room takes without blocking


class Outbox:
    """Frames on their way to the line.

    write: takes a memoryview, returns how many octets it took. has_room: whether a write of 256 octets would not block.
    dropped: frames so far for which there was no room.
    """

    def __init__(self, write, has_room):
        self.dropped = 0
        self._write = write
        self._has_room = has_room
        self._slots = [bytearray(_FRAME) for _ in range(_SLOTS)]
        # Pieces are cut once, so that sending allocates nothing
        self._pieces = [[memoryview(slot)[at : at + _PIECE] for at in range(0, _FRAME, _PIECE)] for slot in self._slots]
        self._first = 0
        self._count = 0
        self._piece = 0  # of the first frame, the next to go
        self._rest = None  # of a piece that the line took in part

    def empty(self):
        """Whether all has gone."""
        return self._count == 0

    def put(self, frame):
        """Queues a copy of `frame`, a memoryview, and sends what there is room for."""
        if self._count == _SLOTS:
            self.pump()
        if self._count == _SLOTS:
            self.dropped += 1
            return
        self._slots[(self._first + self._count) % _SLOTS][:] = frame
        self._count += 1
        self.pump()

    def pump(self):
        """Sends what the line has room for."""
        while self._count and self._has_room():
            piece = self._rest or self._pieces[self._first][self._piece]
            done = self._write(piece) or 0
            if done < len(piece):
                self._rest = piece[done:]
                return
            self._rest = None
            self._piece += 1
            if self._piece == len(self._pieces[0]):
                self._piece = 0
                self._first = (self._first + 1) % _SLOTS
                self._count -= 1
