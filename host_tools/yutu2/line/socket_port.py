"""`socket://host:port` without loss: pyserial's own port drops the first octets, and reads octet by octet."""

import select
from typing import Any

import serial
from serial.urlhandler import protocol_socket

_CHUNK = 1 << 16


class SocketClosed(serial.SerialException):
    """Raised when the other end has closed the connection, as it does when all is sent."""


class SocketPort(protocol_socket.Serial):
    """Extend pyserial's socket port: keep what the server sends at once, and read in large chunks."""

    _socket: Any  # of pyserial, without a stub
    _timeout: float | None

    def open(self) -> None:
        """Connect. Raises SerialException."""
        self._opening = True
        super().open()
        self._opening = False

    def reset_input_buffer(self) -> None:
        """Drop what was received, except during opening, when the stream starts."""
        if not self._opening:
            super().reset_input_buffer()

    @property
    def in_waiting(self) -> int:
        """Return how many octets a read may take at once, 0 if none were received."""
        return _CHUNK if super().in_waiting else 0

    def read(self, size: int = 1) -> bytes:
        """Read up to `size` octets; b"" after the timeout. Raises SocketClosed when the other end has closed."""
        if not self.is_open:
            raise serial.PortNotOpenError()
        if not select.select([self._socket], [], [], self._timeout)[0]:
            return b""
        try:
            data: bytes = self._socket.recv(size)
        except OSError as error:
            raise serial.SerialException(f"reading failed: {error}") from error
        if not data:
            raise SocketClosed("the other end has closed the connection")
        return data
