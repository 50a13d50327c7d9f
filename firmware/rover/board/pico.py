"""The port to the Raspberry Pi Pico while a rover runs: USB or UART0, wall clock, watchdog, light, marks of a crash."""

import select
import sys
import time

import machine
import micropython
from micropython import const

_UART_BUFFER = const(2240)  # two frames: one leaves while the next is made
_WATCHDOG_MS = const(8000)  # the hardware ends at 8388
_NAP_MS = const(20)  # short beside the silence that tells a 0x03 from data
_DRAIN_MS = const(2000)
_HEALTHY_MS = const(60000)  # a run that lasts so long ends a row of crashes
_UART_HEARS = const(512)  # octets that come while the rover is at work: 44 ms at 115200 baud
_LOST = const(16)
_LAST_WORDS_MS = const(100)  # until a traceback, or the rest of a frame, has left by USB
_SILENCE_MS = const(200)  # before a 0x03 that gives the REPL back

# RP2040 data sheet 4.7.6: watchdog control, and the scratch registers that a watchdog reset leaves alone. MicroPython
# uses 4 to 7. Scratch 0: mark of a running rover, crashes in a row, activity; scratch 1: mission time in s.
_WATCHDOG_CONTROL_CLEAR = const(0x4005B000)
_WATCHDOG_ENABLE = const(0x40000000)
_SCRATCH = const(0x4005800C)
_RUNNING = const(0x2A000000)

# RP2040 data sheet 4.1.2.5: buffer control of endpoint 2 IN, by which MicroPython's serial port sends; whether it holds
# a packet that the ground has not fetched
_USB_IN = const(0x50100090)
_USB_IN_WAITS = const(0x400)  # in the half of either of its two buffers
_USB_BUFFER = const(256)

EXCEPTION = const(2)  # reasons, as the dictionary's enum `crash`
MEMORY = const(3)


def forget_crashes():
    """The row of crashes is over."""
    machine.mem32[_SCRATCH] = 0


def restart_after(reason):
    """Restarts the board on which a rover ran; the crash is found at the next start."""
    machine.mem32[_SCRATCH] |= reason << 16
    time.sleep_ms(_LAST_WORDS_MS)
    machine.reset()


class WallClock:
    """The wall's time, the watchdog and the light, while a rover runs on the board. A restart is a crash then.

    crashes: in a row, before this start.
    """

    def __init__(self, light, crashes):
        self._ticks = self._start = time.ticks_ms()
        self._light = light
        self._mark = _RUNNING | crashes << 8
        machine.mem32[_SCRATCH] = self._mark
        if not crashes:
            # What stands there is of an earlier run
            machine.mem32[_SCRATCH + 4] = 0
        self.show = light.blink
        self.feed = machine.WDT(timeout=_WATCHDOG_MS).feed

    def close(self):
        """Stop the watchdog and give the REPL back: no rover runs any more."""
        machine.mem32[_WATCHDOG_CONTROL_CLEAR] = _WATCHDOG_ENABLE
        forget_crashes()
        micropython.kbd_intr(3)
        self._light.blink(0, 1)

    def watch(self, number, s):
        """Note which task is about to run, for a crash report, and feed the watchdog: the task before it came back."""
        machine.mem32[_SCRATCH] = self._mark | number
        machine.mem32[_SCRATCH + 4] = s
        self.feed()
        if self._mark != _RUNNING and time.ticks_diff(time.ticks_ms(), self._start) > _HEALTHY_MS:
            self._mark = _RUNNING

    def tick(self):
        """Feed the watchdog and switch the light, while the rover waits."""
        self.feed()
        self._light.tick()

    def elapsed_ms(self):
        """Return the wall time since the last call, in milliseconds."""
        before, self._ticks = self._ticks, time.ticks_ms()
        return time.ticks_diff(self._ticks, before)


class Line:
    """USB or UART0, both ways.

    settings: of the run; with a milli_speed the rover is paced, and must never wait for the ground. tick: called while
    the line waits; feeds the watchdog.
    """

    def __init__(self, settings, tick):
        self._uart = None
        self._outbox = None
        self._tick = tick
        if settings.milli_speed is not None:
            from .outbox import Outbox

            self._outbox = Outbox(self._take_uart if settings.link == "uart" else self._take_usb)
        if settings.link == "uart":
            self._uart = machine.UART(0, settings.baud, tx=machine.Pin(0), rx=machine.Pin(1))
            # At max a write waits in there until the line has taken it
            self._uart.init(txbuf=_UART_BUFFER, rxbuf=_UART_HEARS, timeout=1000, timeout_char=100)
        else:
            micropython.kbd_intr(-1)
            self._out = sys.stdout.buffer
            self._in = sys.stdin.buffer
            self._octet = bytearray(1)
            self._lost = bytearray(_LOST)
            self._room = select.poll()
            self._room.register(sys.stdout, select.POLLOUT)
            self._heard = select.poll()
            self._heard.register(sys.stdin, select.POLLIN)
            self._last_heard = time.ticks_add(time.ticks_ms(), -_SILENCE_MS)
            self._may_break = False
            self._backlog = False
        self._write = self._uart.write if self._uart is not None else self._out.write

    def close(self):
        """Send the rest of the frame that is on its way."""
        left = _LAST_WORDS_MS
        while self._outbox is not None and not self._outbox.is_between() and left > 0:
            if not self._outbox.step():
                time.sleep_ms(1)
                left -= 1

    def send(self, frame):
        """Sends a memoryview of one frame. At max it waits until the line has taken it."""
        if self._outbox is not None:
            self._outbox.put(frame)
            return
        done = self._write(frame) or 0
        while done < len(frame):
            self._tick()
            # Who does not listen is not listened to, but for the wish to have the REPL
            if self._uart is None:
                self._hear(self._lost)
            done += self._write(frame[done:]) or 0

    def has_input(self):
        """Whether octets have come in that `receive` would give."""
        return self._uart.any() > 0 if self._uart is not None else _is_ready(self._heard)

    def receive(self, buffer):
        """Takes octets that have come in into a buffer, without waiting. Returns how many: 0 when there are none.

        By USB it raises KeyboardInterrupt when the ground asks for the REPL.
        """
        if self._uart is None:
            return self._hear(buffer)
        size = min(self._uart.any(), len(buffer))
        if size:
            self._uart.readinto(buffer, size)
        return size

    def dropped(self):
        """Frames for which the line had no room."""
        return self._outbox.dropped if self._outbox is not None else 0

    def has_room(self):
        """Whether the line takes a file's next frame without delaying others."""
        return self._outbox is None or self._outbox.empty()

    def idle(self, ms):
        """Wait for `ms` at most, and let queued frames go."""
        self._tick()
        if self._outbox is None or self._outbox.empty():
            time.sleep_ms(min(ms, _NAP_MS))
        elif not self._outbox.step() and ms:
            time.sleep_ms(1)

    def drain(self):
        """Give a slow ground a moment to take the last frames."""
        end = time.ticks_add(time.ticks_ms(), _DRAIN_MS)
        while not self._sent() and time.ticks_diff(end, time.ticks_ms()) > 0:
            self.idle(1)

    def _sent(self):
        if self._outbox is not None and not self._outbox.empty():
            return False
        return self._uart is None or self._uart.txdone()

    def _take_uart(self, frame, gone):
        # Its buffer holds a frame, so this does not wait
        return self._uart.write(frame) or 0 if self._uart.txdone() else 0

    def _take_usb(self, frame, gone):
        # What is written beyond the room in the USB buffer would block for 500 ms a time. That room cannot be asked
        # for; but when the ground has fetched the last packet, the whole buffer is free.
        waits = (machine.mem16[_USB_IN] | machine.mem16[_USB_IN + 2]) & _USB_IN_WAITS
        if waits or not _is_ready(self._room):
            return 0
        return self._out.write(frame[gone : gone + _USB_BUFFER]) or 0

    def _hear(self, buffer):
        """Takes what came in over USB. Raises KeyboardInterrupt when the ground asks for the REPL."""
        for index in range(len(buffer)):
            if not _is_ready(self._heard):
                self._backlog = False
                return index
            self._in.readinto(self._octet)
            octet = buffer[index] = self._octet[0]
            now = time.ticks_ms()
            # A lone 0x03, or one right after a lone carriage return: so mpremote and Thonny begin
            fresh = time.ticks_diff(now, self._last_heard) >= _SILENCE_MS and not self._backlog
            self._backlog = False
            self._last_heard = now
            if octet == 3 and (fresh or self._may_break):
                raise KeyboardInterrupt
            self._may_break = fresh and octet == 13
        # What waits has come before now, however long it is until the next turn
        self._backlog = True
        return len(buffer)


def _is_ready(poll):
    """Whether what `poll` watches is ready; unlike poll(0), ipoll makes no list."""
    for _ in poll.ipoll(0):
        return True
    return False


class Light:
    """The board's light. On a Pico W it hangs on the radio, which takes 0.4 s to start."""

    def __init__(self, wanted):
        self._pin = machine.Pin("LED", machine.Pin.OUT) if wanted else None
        self._on_ms = 0
        self._off_ms = 0
        self._start = 0
        self._lit = False

    def blink(self, on_ms, off_ms):
        """From now on it is lit for `on_ms`, dark for `off_ms`, and so on."""
        self._on_ms = on_ms
        self._off_ms = off_ms
        self._start = time.ticks_ms()
        self.tick()

    def tick(self):
        """Switches the light when it is time."""
        if self._pin is not None:
            phase = time.ticks_diff(time.ticks_ms(), self._start) % (self._on_ms + self._off_ms)
            if self._lit != (phase < self._on_ms):
                self._lit = not self._lit
                self._pin.value(self._lit)
