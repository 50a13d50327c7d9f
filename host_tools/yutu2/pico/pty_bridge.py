"""A terminal device for an emulated Pico's USB serial port: mpremote and other tools find it as they find a board."""

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
from yutu2.pico.pacing import Pacer

_SLICE_MS = 2.0
_CHUNK = 4096


class PtyBridge:
    """`with PtyBridge(pico) as bridge:` the board runs in a thread, and `bridge.path` is its serial device.

    Emulated time does not run ahead of real time, so an idle board costs next to no processor time. A reader of the
    device that falls behind is felt by the board as a host that has stopped reading. While the bridge is open the
    board is the bridge's alone. For Linux and macOS.

    mpremote works within its own timeouts: code that computes takes 20 times longer than on a board.
    """

    def __init__(self, pico: EmulatedPico):
        self._pico = pico
        self._pacer = Pacer()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.run, name="emulated Pico", daemon=True)
        self._failure: Exception | None = None
        self._ours, self._theirs = pty.openpty()
        # Without this the terminal would answer 0x03 itself, echo, and change line ends. Our own hold on their end
        # keeps the setting, and the device, while nobody has it open.
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(self._theirs)

    def run(self) -> None:
        """Run the board in this thread until `stop`, or until it loses its power."""
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
                    select.select([self._ours], [self._ours] if unread else [], [], ahead)
        except (EmulatorError, OSError) as failure:
            self._failure = failure

    def stop(self) -> None:
        """Make `run` return."""
        self._stopping.set()

    def _read(self) -> bytes:
        try:
            return os.read(self._ours, _CHUNK)
        except BlockingIOError:
            return b""

    def _write(self, octets: bytes) -> bytes:
        """Write what the device takes; hold the board's output while something is left, which is returned."""
        with contextlib.suppress(BlockingIOError):
            octets = octets[os.write(self._ours, octets) :] if octets else octets
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
        os.close(self._ours)
        os.close(self._theirs)
        if self._failure is not None:
            raise EmulatorError(f"the emulated Pico on {self.path} stopped: {self._failure}") from self._failure
