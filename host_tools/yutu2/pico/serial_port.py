"""A pyserial port with an emulated Pico at its other end."""

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import serial

from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.pacing import RealTimePacer

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_SLICE_MS = 2.0
"""Emulated time between checks of the clock and of data to send: 0.05 s of real time when the chip computes."""


class EmulatedPicoPort(serial.SerialBase):
    """Connect to one line of an emulated Pico.

    link: "usb" for its USB serial port, or "uart" for UART0. paced: keep emulated time from running ahead of real time;
    otherwise an hour of a sleeping board passes in seconds.

    The board runs only during a read, `in_waiting` or `flush`, in the calling thread. So a program that reads and
    writes in one thread and whose reads never time out gets the same octets on every run. Timeouts are real seconds.
    Closing the port leaves the board powered; `pico.close()` ends it. `baudrate` and similar settings have no effect:
    the line runs at the rate set by the board.

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
        self._other_line = pico.stream("uart" if link == "usb" else "usb")
        self._pacer = RealTimePacer() if paced else None
        self._buffer = bytearray()
        self._to_send: deque[bytes] = deque()

    def open(self) -> None:
        """Open the port again; octets already received are kept."""
        self.is_open = True

    def close(self) -> None:
        """Close the port, and end a read in another thread."""
        self.is_open = False
        self._cancelled.set()

    # --- Reading

    @property
    def in_waiting(self) -> int:
        """Return the number of octets that can be read at once, after running the board for a moment."""
        self._advance(1)
        return len(self._buffer)

    def read(self, size: int = 1, /) -> bytes:
        """Run the board until `size` octets are received, or `timeout` (seconds, None for no limit) is over."""
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
        """Make a `read` in another thread return with the octets that it has."""
        self._cancelled.set()

    def reset_input_buffer(self) -> None:
        """Drop the octets received and not read."""
        with self._emulating:
            self._received.clear()
            self._buffer.clear()

    # --- Writing

    def write(self, data: "ReadableBuffer", /) -> int:
        """Send `data`, without blocking: it is sent as the board runs."""
        self._check_open()
        octets = bytes(data)
        self._to_send.append(octets)
        return len(octets)

    def flush(self) -> None:
        """Give the board the data to be sent, and run it for a moment."""
        self._advance(None)

    def reset_output_buffer(self) -> None:
        """Drop the data written since the board last ran."""
        self._to_send.clear()

    @property
    def out_waiting(self) -> int:
        """Return the number of octets written since the board last ran."""
        return sum(map(len, self._to_send))

    # --- Internals

    def _advance(self, wanted: int | None) -> None:
        """Run the board for a slice, or until `wanted` octets are received; wait if it is ahead of real time."""
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
                self._watch_console(self._other_line.take())
        if ahead > 0:
            self._cancelled.wait(min(ahead, _SLICE_MS / 1000))

    def _watch_console(self, octets: bytes) -> None:
        """Process octets of the other line; by default they are dropped, so that they do not fill the memory."""

    def _check_open(self) -> None:
        if not self.is_open:
            raise serial.PortNotOpenError()

    def _reconfigure_port(self) -> None:
        """Do nothing: SerialBase calls this when a setting changes."""

    _update_rts_state = _update_dtr_state = _update_break_state = _reconfigure_port
