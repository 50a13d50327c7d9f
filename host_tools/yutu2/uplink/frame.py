"""TC transfer frames (CCSDS 232.0-B-4), on virtual channel 0, without segment headers.

A frame is made in two steps, so that security can be applied between them: first all but the error control, then that.
"""

import struct

from yutu2.decode.checksum import crc16

MAX_DATA = 1017  # octets; a frame has at most 1024
UNLOCK = b"\x00"  # data of a BC frame: out of lockout (4.1.3.3.2)

_HEADER = struct.Struct(">HHB")
_ERROR_CONTROL = struct.Struct(">H")
# Flags before the spacecraft id: bypass and control command
_AD, _BD, _BC = 0x0000, 0x2000, 0x3000


def ad_frame(spacecraft: int, number: int, data: bytes) -> bytes:
    """Return a type-A data frame, in sequence. number: N(S), modulo 256."""
    return _frame(_AD | spacecraft, number, data)


def bd_frame(spacecraft: int, data: bytes) -> bytes:
    """Return a type-B data frame, outside the sequence."""
    return _frame(_BD | spacecraft, 0, data)


def bc_frame(spacecraft: int, command: bytes) -> bytes:
    """Return a frame with a control command for FARM-1: UNLOCK, or the result of `set_v_r`."""
    return _frame(_BC | spacecraft, 0, command)


def set_v_r(number: int) -> bytes:
    """Return the command that sets V(R), the next number expected (4.1.3.3.3)."""
    return bytes((0x82, 0x00, number))


def with_error_control(frame: bytes) -> bytes:
    """Return a frame with its FECF, which the length in its header already counts."""
    return frame + _ERROR_CONTROL.pack(crc16(frame))


def _frame(identity: int, number: int, data: bytes) -> bytes:
    if not 1 <= len(data) <= MAX_DATA:
        raise ValueError(f"a frame holds 1 to {MAX_DATA} octets of data, not {len(data)}")
    length = _HEADER.size + len(data) + _ERROR_CONTROL.size
    return _HEADER.pack(identity, length - 1, number & 0xFF) + data
