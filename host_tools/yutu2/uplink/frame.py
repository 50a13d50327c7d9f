"""TC transfer frames (CCSDS 232.0-B-4), on virtual channel 0, without segment headers.

Made in two steps, for what secures a frame stands between them: first all but the error control, then that.
"""

import struct

from yutu2.decode.checksum import crc16

MOST_DATA = 1017  # octets: a frame has 1024 at most
UNLOCK = b"\x00"  # data of a BC frame: out of lockout (4.1.3.3.2)

_HEADER = struct.Struct(">HHB")
_ERROR_CONTROL = struct.Struct(">H")
# Flags before the spacecraft id: bypass and control command
_AD, _BD, _BC = 0x0000, 0x2000, 0x3000


def ad_frame(spacecraft: int, number: int, data: bytes) -> bytes:
    """A frame with data in sequence. number: N(S), modulo 256."""
    return _frame(_AD | spacecraft, number, data)


def bd_frame(spacecraft: int, data: bytes) -> bytes:
    """A frame with data past the sequence."""
    return _frame(_BD | spacecraft, 0, data)


def bc_frame(spacecraft: int, command: bytes) -> bytes:
    """A frame with a command to the receiving side of COP-1: UNLOCK, or `set_v_r`."""
    return _frame(_BC | spacecraft, 0, command)


def set_v_r(number: int) -> bytes:
    """The command that makes `number` the next one that is awaited (4.1.3.3.3)."""
    return bytes((0x82, 0x00, number))


def with_error_control(frame: bytes) -> bytes:
    """The whole frame, of which the header already counts the two octets to come."""
    return frame + _ERROR_CONTROL.pack(crc16(frame))


def _frame(identity: int, number: int, data: bytes) -> bytes:
    if not 1 <= len(data) <= MOST_DATA:
        raise ValueError(f"a frame holds 1 to {MOST_DATA} octets of data, not {len(data)}")
    length = _HEADER.size + len(data) + _ERROR_CONTROL.size
    return _HEADER.pack(identity, length - 1, number & 0xFF) + data
