"""TC transfer frames (CCSDS 232.0-B-4) as they come out of a CLTU, fill octets behind them. No segment headers.

version 2 bits, bypass, control, spare 2, spacecraft 10 | channel 6, length less one 10 | number 8 | data | checksum 16
"""

from micropython import const

from .octets import crc16

DATA = const(5)  # where the data field begins
# Type of a frame: bypass and control flag
AD = const(0)  # data, in sequence
BD = const(2)  # data, past the sequence
BC = const(3)  # a command to FARM-1

_SMALLEST = const(8)  # a data field holds one octet at least
_RESERVED = const(1)


def frame_type(frame):
    """AD, BD or BC, of a frame that has passed `check`."""
    return frame[0] >> 4


def data_end(frame):
    """Where the data field ends and the checksum begins."""
    return ((frame[2] & 3) << 8 | frame[3]) - 1


def check(frame, size, spacecraft):
    """What is wrong with the frame at the beginning of `size` octets, at least a codeblock's; 0 if nothing.

    1 length, 2 checksum, 3 version, 4 flags (control without bypass, or spare bits), 5 not for this spacecraft, 6 not
    for virtual channel 0. The checksum comes before what it protects, so 3 to 6 is what a sender did, not the line.
    """
    length = data_end(frame) + 2
    if not _SMALLEST <= length <= size:
        return 1
    # Over its own checksum it is 0
    if crc16(frame, 0, length):
        return 2
    if frame[0] >> 6:
        return 3
    if frame[0] >> 4 == _RESERVED or frame[0] & 0x0C:
        return 4
    if (frame[0] & 3) << 8 | frame[1] != spacecraft:
        return 5
    if frame[2] >> 2:
        return 6
    return 0
