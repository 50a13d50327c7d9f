"""The two loops over octets that every packet and frame goes through: checksum and copy. Neither allocates.

The checksum is the CRC-16 of CCSDS 132.0-B-3, 4.1.6: polynomial 0x1021, start 0xFFFF, no reflection, no final xor.
"""

import sys
from array import array


def _make_table():
    table = array("H", bytes(512))
    remainder = 0x1021
    index = 1
    while index < 256:
        for low in range(index):
            table[index + low] = remainder ^ table[low]
        remainder = (remainder << 1) ^ (0x11021 if remainder & 0x8000 else 0)
        index <<= 1
    return table


_TABLE = _make_table()
del _make_table  # its code would stay in the heap


def crc16_plain(octets, start, end):
    """Checksum of octets[start:end]. The twin of `crc16` where there is no viper."""
    table = _TABLE
    crc = 0xFFFF
    for index in range(start, end):
        crc = ((crc << 8) & 0xFFFF) ^ table[(crc >> 8) ^ octets[index]]
    return crc


def copy_plain(source, source_at, target, target_at, size):
    """Copies `size` octets from source[source_at:] to target[target_at:]. The twin of `copy` without viper."""
    target[target_at : target_at + size] = source[source_at : source_at + size]


if sys.implementation.name == "micropython":
    import micropython

    @micropython.viper
    def crc16(octets, start: int, end: int) -> int:
        """Checksum of octets[start:end]."""
        octet = ptr8(octets)  # noqa: F821
        table = ptr16(_TABLE)  # noqa: F821
        crc = 0xFFFF
        while start < end:
            crc = ((crc << 8) & 0xFFFF) ^ table[(crc >> 8) ^ octet[start]]
            start += 1
        return crc

    @micropython.viper
    def copy(source, source_at: int, target, target_at: int, size: int):
        """Copies `size` octets from source[source_at:] to target[target_at:]."""
        get = ptr8(source)  # noqa: F821
        put = ptr8(target)  # noqa: F821
        while size > 0:
            put[target_at] = get[source_at]
            source_at += 1
            target_at += 1
            size -= 1
else:
    crc16 = crc16_plain
    copy = copy_plain
