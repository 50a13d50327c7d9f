"""A terminal device for the USB serial port of an emulated Pico, for mpremote and other tools."""

import contextlib
import os
import pty
import select
import threading
import tty
from types import TracebackType
from typing import Self

from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.errors import EmulatorError
from yutu2.pico.pacing import RealTimePacer

_SLICE_MS = 2.0
_CHUNK = 4096


class PtyBridge:
    """Run a board in a thread behind a serial device: `with PtyBridge(pico) as bridge:`, then use `bridge.path`.

    Emulated time does not run ahead of real time, so an idle board needs next to no processor time. To the board, a
    slow reader of the device is a host that has stopped reading. Nothing else may use the board while the bridge is
    open. For Linux and macOS.

    Code that computes takes 20 times longer than on a board; mpremote's timeouts allow for it.
    """

    def __init__(self, pico: EmulatedPico):
        self._pico = pico
        self._pacer = RealTimePacer()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="emulated Pico", daemon=True)
        self._failure: Exception | None = None
        self._controller_end, self._device_end = pty.openpty()
        # Otherwise the terminal would process 0x03, echo, and change line ends. Keeping this end open keeps the setting
        # and the device while no program has it open.
        tty.setraw(self._device_end)
        os.set_blocking(self._controller_end, False)
        self.path = os.ttyname(self._device_end)

    def run(self) -> None:
        """Run the board in this thread until `stop`, or until its power is cut."""
        unread = b""
        try:
            while not self._stopping.is_set() and self._pico.powered:
                typed = self._read()
                if typed:
                    self._pico.send_usb(typed)
                self._pico.run_ms(_SLICE_MS)
                unread = self._write(unread + self._pico.usb_received.take())
                self._pico.uart_received.clear()
                ahead = self._pacer.ahead_s(self._pico.now_us)
                if ahead > 0:
                    select.select([self._controller_end], [self._controller_end] if unread else [], [], ahead)
        except (EmulatorError, OSError) as failure:
            self._failure = failure

    def stop(self) -> None:
        """Make `run` return."""
        self._stopping.set()

    def _read(self) -> bytes:
        try:
            return os.read(self._controller_end, _CHUNK)
        except BlockingIOError:
            return b""

    def _write(self, octets: bytes) -> bytes:
        """Write what the device accepts, and return the rest; the board is held while there is a rest."""
        with contextlib.suppress(BlockingIOError):
            octets = octets[os.write(self._controller_end, octets) :] if octets else octets
        if self._pico.powered:
            (self._pico.hold_usb if octets else self._pico.release_usb)()
        return octets

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._thread.join()
        os.close(self._controller_end)
        os.close(self._device_end)
        if self._failure is not None:
            raise EmulatorError(f"the emulated Pico on {self.path} stopped: {self._failure}") from self._failure
