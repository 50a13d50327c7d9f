"""The port to a desktop: the Unix port of MicroPython, and CPython."""

import os
import select
import sys
import time

from micropython import const

from .memory_limit import occupy_memory
from .outbox import Outbox
from .scratch import Scratch

_REASONS = {
    2: "there is no such file or device",
    13: "permission denied",
    16: "another program has it",
    21: "it is a folder",
}

_ON_CPYTHON = sys.implementation.name == "cpython"
_SLOTS = const(29)
_NAP_MS = const(1000)  # longest wait in one piece: elapsed time is taken often enough for any tick counter
_TURN_MS = const(20)  # until it listens again while frames queue
_FOLDER = const(0x4000)  # in the mode of a path
_IS_A_FOLDER = const(21)
_PIECE = const(256)  # what a terminal that says it has room takes without blocking
_FRAME = const(1119)  # a pipe that says so takes that whole (pipe(7): 4096 octets), so that no interrupt cuts a frame
_DRAIN_MS = const(2000)  # for a slow ground at the end of a paced run

if _ON_CPYTHON:
    # The stubs know MicroPython's `time` alone
    _ticks_ms = lambda: time.monotonic_ns() // 1000000  # noqa: E731  # pyright: ignore
    _ticks_diff = lambda later, earlier: later - earlier  # noqa: E731
    _sleep_ms = lambda ms: time.sleep(ms / 1000)  # noqa: E731
else:
    _ticks_ms = time.ticks_ms
    _ticks_diff = time.ticks_diff
    _sleep_ms = time.sleep_ms


class BoardError(OSError):
    """A line that cannot be opened. text: which and why."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text


class Board:
    """One serial line, both ways, and the wall clock.

    path: a pty or serial device, or None for standard output. paced: whether the rover keeps to the wall clock, so that
    it must never wait for the ground: then frames queue, and those for which there is no room are dropped and counted.
    """

    def __init__(self, path, paced):
        if _ON_CPYTHON:
            # A script that starts it in the background would leave it deaf to interrupts
            import signal  # pyright: ignore

            signal.signal(signal.SIGINT, signal.default_int_handler)  # pyright: ignore
        self._line = _open_device(path) if path else _standard_output()
        self._ear = self._heard = None
        self._listen_to(self._line if path else _standard_input())
        self._piece = _PIECE if path else _FRAME
        self._ticks = _ticks_ms()
        self._outbox = None
        self._slots = [None] * _SLOTS  # the store lives as long as the run
        scratch = Scratch()
        self.create_file = scratch.create_file
        self.append = scratch.append
        self.keep_file = scratch.keep_file
        self.file_numbers = scratch.file_numbers
        self.open_file = scratch.open_file
        self.remove_file = scratch.remove_file
        self.entries = scratch.entries
        self.read_entry = scratch.read_entry
        self.write_entry = scratch.write_entry
        self.erase_entry = scratch.erase_entry
        self._held = []
        if paced:
            self._poll = select.poll()
            self._poll.register(self._line, select.POLLOUT)
            self._outbox = Outbox(self._take)

    def send(self, frame):
        """Sends a memoryview of one frame. At max it waits until the line has taken it."""
        if self._outbox is not None:
            self._outbox.put(frame)
            while self._outbox.step():
                pass
            return
        done = self._line.write(frame)
        while done < len(frame):
            done += self._line.write(frame[done:])

    def has_input(self):
        """Whether octets have come in that `receive` would give, or the end of them."""
        return self._ear is not None and bool(self._heard.poll(0))

    def receive(self, buffer):
        """Takes octets that have come in into a buffer, without waiting. Returns how many: 0 when there are none."""
        size = 0
        octet = self._octet
        while size < len(buffer) and self.has_input():
            # One by one: `readinto` waits until it has all that it was asked for
            try:
                came = self._ear.readinto(octet)
            except OSError:
                came = 0
            if not came:
                # Nobody sends any more
                self._ear = None
                break
            buffer[size] = octet[0]
            size += 1
        return size

    def dropped(self):
        """Frames for which the line had no room."""
        return self._outbox.dropped if self._outbox is not None else 0

    def watch(self, number, s):
        """A desktop has no watchdog."""

    def show(self, on_ms, off_ms):
        """A desktop has no light."""

    def forget(self):
        """The store is empty when a run begins."""

    def read_slot(self, number):
        """What a slot of the store holds, or None."""
        return self._slots[number]

    def write_slot(self, number, octets):
        """Writes a slot of the store. Returns whether it could."""
        self._slots[number] = octets
        return True

    def has_room(self):
        """Whether the line takes a file's next frame without delaying others."""
        return self._outbox is None or self._outbox.empty()

    def open_lines(self, option, path):
        """Opens the file of lines that an option names. BoardError when it cannot be."""
        try:
            if os.stat(path)[0] & _FOLDER:
                raise OSError(_IS_A_FOLDER, "")
            return open(path, "rb")
        except OSError as error:
            raise BoardError("%s: cannot open %s: %s" % (option, path, _reason(error)))

    def limit_memory(self, kib):
        """Leaves only so many KiB of memory free; 0: gives back what was taken."""
        self._held = []
        if kib:
            self._held = occupy_memory(kib)

    def idle(self, ms):
        """Waits for `ms` at most, and lets queued frames go."""
        ms = min(ms, _NAP_MS)
        if self._outbox is not None and not self._outbox.empty():
            if self._poll.poll(min(ms, _TURN_MS)):
                self._outbox.step()
        elif self._ear is not None:
            self._heard.poll(ms)
        else:
            _sleep_ms(ms)

    def elapsed_ms(self):
        """Wall time since the last call, in milliseconds."""
        before, self._ticks = self._ticks, _ticks_ms()
        return _ticks_diff(self._ticks, before)

    def drain(self):
        """Gives a slow ground a moment to take the last frames."""
        left = _DRAIN_MS
        self.elapsed_ms()
        while self._outbox is not None and not self._outbox.empty() and left > 0:
            self.idle(left)
            left -= self.elapsed_ms()

    def _listen_to(self, line):
        if line is not None:
            self._ear = line
            self._octet = bytearray(1)
            self._heard = select.poll()
            self._heard.register(line, select.POLLIN)

    def _take(self, frame, gone):
        if not self._poll.poll(0):
            return 0
        return self._line.write(frame[gone : gone + self._piece]) or 0


def _reason(error):
    return _REASONS.get(error.errno or 0, "error %s" % error.errno)


def _standard_output():
    if _is_terminal(1):
        raise BoardError(
            "standard output is a terminal and telemetry is binary: send it to a file (> day.tm), "
            "pipe it into `yutu2 decode -`, or give a device with --link"
        )
    return open(1, "wb", buffering=0, closefd=False) if _ON_CPYTHON else sys.stdout.buffer


def _standard_input():
    """Where commands come from; None at a terminal, where somebody types."""
    if _is_terminal(0):
        return None
    return open(0, "rb", buffering=0, closefd=False) if _ON_CPYTHON else sys.stdin.buffer


def _is_terminal(number):
    import termios

    not_one = termios.error if _ON_CPYTHON else OSError
    try:
        termios.tcgetattr(number)
    except not_one:
        return False
    return True


def _open_device(path):
    try:
        device = open(path, "r+b", buffering=0)
    except OSError as error:
        raise BoardError("link: cannot open %s: %s" % (path, _reason(error)))
    if _is_terminal(device.fileno()):
        # Raw: else the driver turns newlines into two octets and 0x03 into a signal
        if _ON_CPYTHON:
            import tty

            tty.setraw(device.fileno())
        else:
            import termios

            termios.setraw(device.fileno())
    return device
