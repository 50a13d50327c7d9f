"""`socket://host:port`, read whole: pyserial's own port drops what comes at once, and reads octet by octet."""

import select
from typing import Any

import serial
from serial.urlhandler import protocol_socket

_PIECE = 1 << 16


class SocketClosed(serial.SerialException):
    """The other end has closed the connection, as it does when all is sent."""


class SocketPort(protocol_socket.Serial):
    """pyserial's socket port, but that it keeps what the server sends at once and reads in large pieces."""

    _socket: Any  # pyserial's, which has no stubs for it
    _timeout: float | None

    def open(self) -> None:
        """Connects. SerialException says what is wrong."""
        self._opening = True
        super().open()
        self._opening = False

    def reset_input_buffer(self) -> None:
        """Throws away what has come; not while opening, as the stream begins with it."""
        if not self._opening:
            super().reset_input_buffer()

    @property
    def in_waiting(self) -> int:
        """As much as a read may take at once, if anything has come."""
        return _PIECE if super().in_waiting else 0

    def read(self, size: int = 1) -> bytes:
        """What has come, up to `size` octets; b"" after the time-out. SocketClosed when the other end is."""
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
