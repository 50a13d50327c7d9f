"""The secured uplink (CCSDS 355.0-B-2, as Yamcs does it): opens the data fields of AD and BD frames.

SPI 2 | IV 12, a counter, new at every transmission | data, encrypted | MAC 16

Loaded when there is a key, no sooner.
"""

from micropython import const

from .aes_gcm import MAC, AesGcm

SPI = const(1)  # of the one security association
# Why a frame is refused
TOO_SHORT = const(-1)
OTHER_SPI = const(-2)
REPLAYED = const(-3)
TOO_FAR = const(-4)
FORGED = const(-5)

_HEADER = const(14)
_WINDOW = const(1024)
_FAR = const(0x10000)


class Security:
    """A key, 32 octets, and the IV of the last frame taken, 12 octets, or None when the key is new.

    last: changes with every frame taken; it must live on over a reset, or old frames are taken again.
    """

    def __init__(self, key, last=None):
        self.last = last
        self._cipher = AesGcm(key)
        # Additional data: what is authenticated of frame and security header, the rest of them masked out
        self._aad = bytearray(19)
        self._aad[5], self._aad[6] = SPI >> 8, SPI & 0xFF

    def open(self, buffer, start, end, channel):
        """Opens the data field buffer[start:end] of a frame of virtual channel `channel`; FECF and FARM come before.

        Returns where its plain data end, which are buffer[start:] then; or, below 0, why it is refused: then the buffer
        is as it was. A frame without data is too short.
        """
        data = start + _HEADER
        mac = end - MAC
        if mac <= data:
            return TOO_SHORT
        if buffer[start] << 8 | buffer[start + 1] != SPI:
            return OTHER_SPI
        iv = bytes(buffer[start + 2 : data])
        if self.last is not None:
            ahead = _ahead(iv, self.last)
            if ahead <= 0:
                return REPLAYED
            if ahead > _WINDOW:
                return TOO_FAR
        self._aad[2] = channel << 2
        if not self._cipher.open(iv, self._aad, buffer, data, mac, start):
            return FORGED
        self.last = iv
        return start + mac - data


def _ahead(iv, last):
    """By how much `iv` is above `last`; where that is far, above or below, only that it is."""
    ahead = 0
    for index in range(len(last)):
        ahead = (ahead << 8) + iv[index] - last[index]
        if not -_FAR < ahead < _FAR:
            break
    return ahead
