"""AES-256 in Galois/counter mode, the receiving side (NIST SP 800-38D): IVs of 12 octets, MACs of 16.

Loaded when there is a key, no sooner. What GHASH multiplies are 128 bits in eight limbs of 16, the coefficient of x**0
in the top bit of the first. It takes 4 bits at a time, by a table of the key's: 16 products of eight limbs.
"""

import sys
from array import array

from micropython import const

try:
    from cryptolib import aes
except ImportError:  # CPython
    from .aes import aes

from .octets import copy

MAC = const(16)
_ECB = const(1)
_LIMBS = const(8)
_BLOCK = const(16)
_STREAM = const(64)  # octets of key stream made at once: fewer calls, more memory


class AesGcm:
    """Opens what was sealed with a key of 32 octets, up to 4064 octets at once."""

    def __init__(self, key):
        self._aes = aes(key, _ECB)
        self._counters = bytearray(_STREAM)
        self._stream = bytearray(_STREAM)
        self._limbs = array("H", bytes(_BLOCK))
        self._aes.encrypt(self._counters, self._stream)
        self._products = _products_of(self._stream)

    def open(self, iv, aad, octets, start, end, to):
        """Decrypts octets[start:end], behind which the MAC lies, to octets[to:]; `to` is `start` or before it.

        iv: 12 octets. aad: the additional data. Returns whether the MAC is right; if not, nothing was written.
        """
        stream = self._stream
        counters = self._counters
        for at in range(0, _STREAM, _BLOCK):
            copy(iv, 0, counters, at, 12)
        # The counter goes from 1, the MAC's, to 255 at most: one octet
        self._encrypt(1)
        if not self._is_right(aad, octets, start, end):
            return False
        number = 1
        used = _BLOCK
        while True:
            size = min(end - start, _STREAM - used)
            xor(octets, start, to, stream, used, size)
            start += size
            if start >= end:
                return True
            to += size
            number += _STREAM // _BLOCK
            used = 0
            self._encrypt(number)

    def _encrypt(self, number):
        """The stream's blocks of counters from `number` on."""
        counters = self._counters
        for at in range(_BLOCK - 1, _STREAM, _BLOCK):
            counters[at] = number & 0xFF
            number += 1
        self._aes.encrypt(counters, self._stream)

    def _is_right(self, aad, octets, start, end):
        limbs = self._limbs
        for limb in range(_LIMBS):
            limbs[limb] = 0
        products = self._products
        ghash(limbs, products, aad, 0, len(aad))
        ghash(limbs, products, octets, start, end)
        # A block of both sizes in bits, each in 64
        limbs[3] ^= 8 * len(aad)
        limbs[7] ^= 8 * (end - start)
        ghash(limbs, products, b"\0", 0, 1)
        # To its end, wherever it differs: how long this takes tells nothing
        stream = self._stream
        wrong = 0
        for index in range(MAC):
            octet = limbs[index >> 1] >> (8 - (index << 3 & 8)) & 0xFF
            wrong |= octet ^ stream[index] ^ octets[end + index]
        return wrong == 0


def _products_of(block):
    """The hash key, the block of 16 octets, times each polynomial of 4 bits; the top bit is that of x**0."""
    products = array("H", bytes(_BLOCK * 16))
    row = 8 * _LIMBS
    for limb in range(_LIMBS):
        products[row + limb] = block[2 * limb] << 8 | block[2 * limb + 1]
    while row > _LIMBS:
        half = row >> 1
        for limb in range(_LIMBS - 1, 0, -1):
            products[half + limb] = products[row + limb] >> 1 | (products[row + limb - 1] & 1) << 15
        # x**128 is x**7 + x**2 + x + 1
        products[half] = products[row] >> 1 ^ (products[row + 7] & 1) * 0xE100
        row = half
    for row in range(_LIMBS, 16 * _LIMBS, _LIMBS):
        lowest = row & -row
        for limb in range(_LIMBS):
            products[row + limb] = products[lowest + limb] ^ products[row - lowest + limb]
    return products


def ghash_plain(limbs, products, octets, start, end):
    """Adds octets[start:end], filled up with zeros to whole blocks, to the hash (6.4). `ghash` without viper."""
    while start < end:
        for at in range(min(_BLOCK, end - start)):
            limbs[at >> 1] ^= octets[start + at] << (8 - (at << 3 & 8))
        start += _BLOCK
        product = [0] * _LIMBS
        for place in range(32):
            row = (limbs[7 - (place >> 2)] >> ((place & 3) << 2) & 15) << 3
            out = product[7] & 15
            for at in range(7, 0, -1):
                product[at] = (product[at] >> 4 | (product[at - 1] & 15) << 12) ^ products[row + at]
            # What has left at x**128 and above comes back at x**7 + x**2 + x + 1
            product[0] = product[0] >> 4 ^ products[row] ^ out << 12 ^ out << 11 ^ out << 10 ^ out << 5
        for at in range(_LIMBS):
            limbs[at] = product[at]


def xor_plain(octets, at, to, stream, stream_at, size):
    """octets[to:] becomes octets[at:] xor stream[stream_at:], `size` octets; `to` <= `at`. `xor` without viper."""
    for index in range(size):
        octets[to + index] = octets[at + index] ^ stream[stream_at + index]


if sys.implementation.name == "micropython":
    import micropython

    @micropython.viper
    def ghash(limbs, products, octets, start: int, end: int):
        """Adds octets[start:end], filled up with zeros to whole blocks, to the hash."""
        limb = ptr16(limbs)  # noqa: F821
        table = uint(ptr16(products))  # noqa: F821
        octet = ptr8(octets)  # noqa: F821
        while start < end:
            at = 0
            while at < 16 and start + at < end:
                limb[at >> 1] ^= octet[start + at] << (8 - (at << 3 & 8))
                at += 1
            start += 16
            a = b = c = d = e = f = g = h = 0
            at = 8
            while at > 0:
                at -= 1
                word = limb[at] | 0x10000
                while word > 1:
                    row = ptr16(table + ((word & 15) << 4))  # noqa: F821
                    word >>= 4
                    out = h & 15
                    h = (h >> 4 | (g & 15) << 12) ^ row[7]
                    g = (g >> 4 | (f & 15) << 12) ^ row[6]
                    f = (f >> 4 | (e & 15) << 12) ^ row[5]
                    e = (e >> 4 | (d & 15) << 12) ^ row[4]
                    d = (d >> 4 | (c & 15) << 12) ^ row[3]
                    c = (c >> 4 | (b & 15) << 12) ^ row[2]
                    b = (b >> 4 | (a & 15) << 12) ^ row[1]
                    a = a >> 4 ^ row[0] ^ out << 12 ^ out << 11 ^ out << 10 ^ out << 5
            limb[0] = a
            limb[1] = b
            limb[2] = c
            limb[3] = d
            limb[4] = e
            limb[5] = f
            limb[6] = g
            limb[7] = h

    @micropython.viper
    def xor(octets, at: int, to: int, stream, stream_at: int, size: int):
        """octets[to:] becomes octets[at:] xor stream[stream_at:], `size` octets; `to` <= `at`."""
        octet = ptr8(octets)  # noqa: F821
        key = ptr8(stream)  # noqa: F821
        while size > 0:
            octet[to] = octet[at] ^ key[stream_at]
            at += 1
            to += 1
            stream_at += 1
            size -= 1

else:
    ghash = ghash_plain
    xor = xor_plain
