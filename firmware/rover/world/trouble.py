"""What may stand between a craft and its board while a scenario plays: a bad line, a bad flash."""

from micropython import const

_WAITING = const(8)  # frames that a stalled line holds, as many as a board's own queue


class Trouble:
    """A board whose line and flash may fail.

    board: the real one. noise: the stream of chance that turns bits. cut: nothing arrives. bits: turned in each frame,
    in the mean. failing: writes to the flash fail.
    """

    def __init__(self, board, noise):
        self.cut = False
        self.bits = 0
        self.failing = False
        self.create_file = board.create_file
        self.keep_file = board.keep_file
        self.file_numbers = board.file_numbers
        self.open_file = board.open_file
        self.remove_file = board.remove_file
        self.entries = board.entries
        self.read_entry = board.read_entry
        self._board = board
        self._noise = noise
        self._stalled = False
        self._waiting = []
        self._dropped = 0
        self._noisy = None  # type: memoryview | None

    def send(self, frame):
        """Sends a memoryview of one frame, as far as the line lets it."""
        if self.cut:
            return
        if self._stalled:
            if len(self._waiting) == _WAITING:
                self._dropped += 1
            else:
                self._waiting.append(bytes(frame))
            return
        if self.bits:
            # One buffer for all: small pieces all over the heap would leave no room for large ones
            if self._noisy is None:
                self._noisy = memoryview(bytearray(len(frame)))
            self._noisy[:] = frame
            frame = self._noisy
            for _ in range(self._noise.below(2 * self.bits + 1)):
                bit = self._noise.below(8 * len(frame))
                frame[bit >> 3] ^= 1 << (bit & 7)
        self._board.send(frame)

    def stall(self, is_stalled):
        """The line takes nothing, until it does again."""
        self._stalled = is_stalled
        while not is_stalled and self._waiting:
            self._board.send(memoryview(self._waiting.pop(0)))

    def has_room(self):
        """Whether the line takes a file's next frame without delaying others."""
        return not self._stalled and self._board.has_room()

    def dropped(self):
        """Frames for which the line had no room."""
        return self._dropped + self._board.dropped()

    def read_slot(self, number):
        """What a slot of the store holds, or None."""
        return self._board.read_slot(number)

    def write_slot(self, number, octets):
        """Writes a slot of the store. Returns whether it could."""
        return not self.failing and self._board.write_slot(number, octets)

    def append(self, file, octets):
        """Appends octets to a file of the store. Returns whether it could."""
        return not self.failing and self._board.append(file, octets)

    def write_entry(self, place, octets):
        """Writes an entry of the store. Returns whether it could."""
        return not self.failing and self._board.write_entry(place, octets)

    def erase_entry(self, place):
        """Frees a place of the store. Returns whether it could."""
        return not self.failing and self._board.erase_entry(place)
