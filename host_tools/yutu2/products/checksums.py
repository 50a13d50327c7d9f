"""Checksums of whole files, by checksum type in CFDP (CCSDS 727.0-B-5, 5.2.5 and annex F; SANA)."""

from collections.abc import Callable
from functools import cache
from zlib import crc32

import crcmod.predefined

MODULAR = 0
NULL = 15  # the null checksum: no check
_PROXIMITY_1, _CASTAGNOLI, _ETHERNET = 1, 2, 3


def modular_checksum(octets: bytes | bytearray) -> int:
    """Return the modular checksum, type 0: the sum of all words of 4 octets, modulo 2**32 (annex F)."""
    import numpy as np  # imported here, because most downlinks carry no file

    padded = bytes(octets) + bytes(-len(octets) % 4)
    return int(np.frombuffer(padded, ">u4").sum(dtype=np.uint64)) & 0xFFFFFFFF


def checksum_of(kind: int, octets: bytes | bytearray) -> int | None:
    """Return the checksum of this type; None for NULL and for unknown types. kind: checksum type of CFDP."""
    if kind == MODULAR:
        return modular_checksum(octets)
    if kind == _ETHERNET:
        return crc32(octets)
    if kind in (_PROXIMITY_1, _CASTAGNOLI):
        return _crc(kind)(bytes(octets))
    return None


@cache
def _crc(kind: int) -> Callable[[bytes], int]:
    if kind == _CASTAGNOLI:
        return crcmod.predefined.mkPredefinedCrcFun("crc-32c")
    return crcmod.mkCrcFun(0x100A00805, initCrc=0, rev=False, xorOut=0)  # 211.2-B-3
