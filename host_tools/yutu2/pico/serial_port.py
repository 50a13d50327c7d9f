"""A serial port, as pyserial has them, with an emulated Pico at its other end."""

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import serial

from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.pacing import Pacer

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_SLICE_MS = 2.0
"""Emulated time between looks at the clock and at what is to be sent: 0.05 s of real time when the chip computes."""


class EmulatedPicoPort(serial.SerialBase):
    """One line of an emulated Pico: `link` is its USB serial port ("usb") or UART0 ("uart").

    The board runs only while someone reads (or looks at `in_waiting`, or flushes), in the reader's thread; so a
    program that reads and writes from one thread and never lets a read time out gets the same octets on every run.
    Timeouts are seconds on the wall. With `paced` emulated time does not run ahead of the wall's; without, a sleeping
    board's hour passes in seconds. Closing the port leaves the board as it is: `pico.close()` ends it.
    `baudrate` and the rest are accepted and have no effect: the line runs at the rate the board has set.

    Raises serial.SerialException when the port is closed or the board has lost its power.
    """

    def __init__(self, pico: EmulatedPico, link: str = "usb", *, paced: bool = False, **settings: Any):
        self._cancelled = threading.Event()
        self._emulating = threading.Lock()
        super().__init__(**settings)
        self._attach(pico, link, paced)
        self.open()

    def _attach(self, pico: EmulatedPico, link: str, paced: bool) -> None:
        self.pico = pico
        self._link = link
        self._received = pico.stream(link)
        self._unwatched = pico.stream("uart" if link == "usb" else "usb")
        self._pacer = Pacer() if paced else None
        self._buffer = bytearray()
        self._to_send: deque[bytes] = deque()

    def open(self) -> None:
        """Open the port again; what had been received is kept."""
        self.is_open = True

    def close(self) -> None:
        """Close the port and wake whoever is reading."""
        self.is_open = False
        self._cancelled.set()

    # --- reading

    @property
    def in_waiting(self) -> int:
        """Octets that can be read at once. Lets the board run for a moment, so that waiting for more is not in vain."""
        self._advance(1)
        return len(self._buffer)

    def read(self, size: int = 1, /) -> bytes:
        """Run the board until `size` octets have come, or `timeout` (seconds, None for ever) is over."""
        self._cancelled.clear()
        deadline = None if self.timeout is None else time.monotonic() + self.timeout
        while len(self._buffer) < size:
            self._advance(size - len(self._buffer))
            if self._cancelled.is_set() or (deadline is not None and time.monotonic() >= deadline):
                break
        octets = bytes(self._buffer[:size])
        del self._buffer[:size]
        return octets

    def cancel_read(self) -> None:
        """Make a `read` in another thread return with what it has."""
        self._cancelled.set()

    def reset_input_buffer(self) -> None:
        """Forget what has been received and not read."""
        with self._emulating:
            self._received.clear()
            self._buffer.clear()

    # --- writing

    def write(self, data: "ReadableBuffer", /) -> int:
        """Send `data`. Never blocks: it goes out as the board runs."""
        self._check_open()
        octets = bytes(data)
        self._to_send.append(octets)
        return len(octets)

    def flush(self) -> None:
        """Give the board what is to be sent, and a moment to take it."""
        self._advance(None)

    def reset_output_buffer(self) -> None:
        """Forget what was written since the board last ran."""
        self._to_send.clear()

    @property
    def out_waiting(self) -> int:
        """Octets written since the board last ran."""
        return sum(map(len, self._to_send))

    # --- inside

    def _advance(self, wanted: int | None) -> None:
        """Run the board for a slice, or until `wanted` octets have come; not while it is ahead of the wall's clock."""
        self._check_open()
        with self._emulating:
            pico = self.pico
            if not pico.powered:
                raise serial.SerialException("the emulated Pico has lost its power")
            while self._to_send:
                (pico.send_uart if self._link == "uart" else pico.send_usb)(self._to_send.popleft())
            ahead = self._pacer.ahead_s(pico.now_us) if self._pacer else 0.0
            if ahead <= 0:
                if wanted is None:
                    pico.run_ms(_SLICE_MS)
                else:
                    pico.run_until(lambda: len(self._received) >= wanted, _SLICE_MS)
                self._buffer += self._received.take()
                self._overhear(self._unwatched.take())
        if ahead > 0:
            self._cancelled.wait(min(ahead, _SLICE_MS / 1000))

    def _overhear(self, octets: bytes) -> None:
        """What the board sent on its other line meanwhile: not ours, and kept it would fill the memory."""

    def _check_open(self) -> None:
        if not self.is_open:
            raise serial.PortNotOpenError()

    def _reconfigure_port(self) -> None:
        """Nothing to set: called by SerialBase when a setting changes."""

    _update_rts_state = _update_dtr_state = _update_break_state = _reconfigure_port
