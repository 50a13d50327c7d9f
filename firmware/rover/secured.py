"""The key of a rover's up-link, from its file, and what must survive a reset: the IV of the last frame taken."""

from binascii import unhexlify
from hashlib import sha256

from micropython import const

from .link.security import Security
from .setting_error import SettingError

_DIGITS = const(64)
_MARK = const(8)  # octets of the key's hash: whether the IV is of this key
_IV = const(12)


class Secured:
    """Opens the secured frames of a rover as link.security does, and keeps their IVs.

    key: 32 octets. slots: of the store; with another key, or an empty store, the first frame sets the IV.
    """

    def __init__(self, key, slots):
        self._mark = sha256(key).digest()[:_MARK]
        self._slots = slots
        record = slots.load()
        last = None
        if record is not None and len(record) == _MARK + _IV and record[:_MARK] == self._mark:
            last = record[_MARK:]
        self._security = Security(key, last)

    def open(self, buffer, start, end, channel):
        """Opens the data field buffer[start:end]: where its plain data end, or, below 0, why it is refused."""
        end = self._security.open(buffer, start, end, channel)
        if end >= 0:
            # Before it is used: else a reset that it causes would let it be taken again
            self._slots.save(self._mark + self._security.last)
        return end


def read_key(name, lines):
    """The key in the file `name`, open in `lines`: 64 hex digits. SettingError when it holds none; no word of what."""
    digits = lines.read(_DIGITS + 3).strip()
    lines.close()
    try:
        if len(digits) != _DIGITS:
            raise ValueError
        return unhexlify(digits)
    except ValueError:
        raise SettingError(("key",), "key: %s holds no key, which is 64 hex digits: `yutu2 key make` makes one" % name)
