"""Reads the key of the uplink from its file."""

from binascii import unhexlify

from micropython import const

from . import SettingError

_DIGITS = const(64)
_LONGEST = const(80)  # octets of a key file that are read: a mark, the digits, and ends of line


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
