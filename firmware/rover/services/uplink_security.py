"""Opens secured frames of the uplink, and keeps what must survive a reset: the IV of the last frame accepted."""

from hashlib import sha256

from micropython import const

from ..link.security import Security

_MARK = const(8)  # octets of the key's hash: whether the IV is of this key
_IV = const(12)
_IV_NOT_STORED = const(-6)  # as the dictionary's enum `unsafe`, like the reasons of link.security


class UplinkSecurity:
    """Opens the secured frames of a rover as link.security does, and keeps their IVs; a frame whose IV is not kept is
    refused.

    key: 32 octets. stored: of the store; with another key, or an empty store, the first frame sets the IV.
    """

    def __init__(self, key, stored):
        self._mark = sha256(key).digest()[:_MARK]
        self._stored = stored
        record = stored.load()
        last = None
        if record is not None and len(record) == _MARK + _IV and record[:_MARK] == self._mark:
            last = record[_MARK:]
        self._security = Security(key, last)

    def open(self, buffer, start, end, channel):
        """Opens the data field buffer[start:end]: where its plain data end, or, below 0, why it is refused."""
        end = self._security.open(buffer, start, end, channel)
        # Before it is used: else a reset that it causes would let it be taken again
        if end >= 0 and not self._stored.save(self._mark + self._security.last):
            return _IV_NOT_STORED
        return end
