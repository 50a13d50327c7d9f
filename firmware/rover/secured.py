"""The key of a rover's up-link, from its file, and what must survive a reset: the IV of the last frame taken."""

from binascii import unhexlify
from hashlib import sha256

from micropython import const

from .link.security import Security
from .setting_error import SettingError

_DIGITS = const(64)
_MARK = const(8)  # octets of the key's hash: whether the IV is of this key
_IV = const(12)
_IV_NOT_STORED = const(-6)  # as the dictionary's enum `unsafe`, like the reasons of link.security
_LONGEST = const(80)  # octets of a key file that are read: a mark, the digits, and ends of line


class Secured:
    """Opens the secured frames of a rover as link.security does, and keeps their IVs; a frame whose IV is not kept is
    refused.

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
        # Before it is used: else a reset that it causes would let it be taken again
        if end >= 0 and not self._slots.save(self._mark + self._security.last):
            return _IV_NOT_STORED
        return end


def read_key(name, lines):
    """The key in the file `name`, open in `lines`: 64 hex digits. SettingError when it holds none; no word of what.

    A byte order mark, and spaces and ends of line around the digits, are passed over.
    """
    digits = lines.read(_LONGEST)
    lines.close()
    if digits[:3] == b"\xef\xbb\xbf":
        digits = digits[3:]
    digits = digits.strip()
    try:
        if len(digits) != _DIGITS:
            raise ValueError
        return unhexlify(digits)
    except ValueError:
        raise SettingError(("key",), "key: %s holds no key, which is 64 hex digits: `yutu2 key make` makes one" % name)
