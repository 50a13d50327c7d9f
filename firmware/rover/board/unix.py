"""The port to a desktop: the Unix port of MicroPython, and CPython."""

import select
import sys
import time

from micropython import const

from .outbox import Outbox
from .scratch import BoardError, reason

_ON_CPYTHON = sys.implementation.name == "cpython"
_NAP_MS = const(1000)  # longest wait in one piece: elapsed time is taken often enough for any tick counter
_TURN_MS = const(20)  # until it listens again while frames queue
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


class Line:
    """One serial line, both ways.

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
        self._outbox = None
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

    def has_room(self):
        """Whether the line takes a file's next frame without delaying others."""
        return self._outbox is None or self._outbox.empty()

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

    def drain(self):
        """Give a slow ground a moment to take the last frames."""
        begin = _ticks_ms()
        while self._outbox is not None and not self._outbox.empty():
            left = _DRAIN_MS - _ticks_diff(_ticks_ms(), begin)
            if left <= 0:
                break
            self.idle(left)

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


class WallClock:
    """The wall's time. A desktop has neither watchdog nor light."""

    def __init__(self):
        self._ticks = _ticks_ms()

    def watch(self, number, s):
        """Do nothing: a desktop has no watchdog."""

    def show(self, on_ms, off_ms):
        """Do nothing: a desktop has no light."""

    def elapsed_ms(self):
        """Return the wall time since the last call, in milliseconds."""
        before, self._ticks = self._ticks, _ticks_ms()
        return _ticks_diff(self._ticks, before)


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
        raise BoardError("link: cannot open %s: %s" % (path, reason(error)))
    if _is_terminal(device.fileno()):
        # Raw: else the driver turns newlines into two octets and 0x03 into a signal
        if _ON_CPYTHON:
            import tty

            tty.setraw(device.fileno())
        else:
            import termios

            termios.setraw(device.fileno())
    return device
