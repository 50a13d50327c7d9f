"""The secured uplink, the ground's side: keys in files, frames sealed with them (CCSDS 355.0-B-2, as Yamcs does it).

Frame header 5 | SPI 2 | IV 12, a counter | data, encrypted by AES-256-GCM | MAC 16
"""

import os
import secrets
import stat
import string
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yutu2.errors import WrongUse
from yutu2.uplink.counter import Counter, begin_counter

SPI = 1
"""Of the one security association; the rover knows no other."""
HEADER = 5
OVERHEAD = 2 + 12 + 16
"""Octets by which a frame grows."""
_ERROR_CONTROL = 2
MOST_DATA = 1024 - HEADER - OVERHEAD - _ERROR_CONTROL
"""Octets of data that a secured frame holds."""
_KEY = 32
_CONTROL_COMMAND = 0x10
_NOT_THE_OWNER = stat.S_IRWXG | stat.S_IRWXO


class Sealer:
    """Seals frames with a key of 32 octets.

    last_iv: the counter of the last frame ever sealed with this key; 0 with a new key. keep: is called with each
    counter before the frame that bears it is given out, and keeps it for the next Sealer: one IV for two frames would
    let whoever hears them forge others.
    """

    def __init__(self, key: bytes, last_iv: int, keep: Callable[[int], None]) -> None:
        if len(key) != _KEY:
            raise ValueError(f"a key has {_KEY} octets")
        self._cipher = AESGCM(key)
        self._last_iv = last_iv
        self._keep = keep

    def seal(self, frame: bytes) -> bytes:
        """`frame`, an AD or BD frame from its header to its data, without FECF, sealed under a new IV.

        The length in its header is made to fit, the FECF to come included. A BC frame, which goes in clear, comes back
        as it is. Raises ValueError: no data, or more than fit a frame.
        """
        if frame[0] & _CONTROL_COMMAND:
            return frame
        data = frame[HEADER:]
        if not 1 <= len(data) <= MOST_DATA:
            raise ValueError(f"a secured frame holds 1 to {MOST_DATA} octets of data, not {len(data)}")
        self._last_iv += 1
        self._keep(self._last_iv)
        iv = self._last_iv.to_bytes(12)
        spi = SPI.to_bytes(2)
        channel = frame[2] & 0xFC
        # Of both headers all but virtual channel and SPI is masked out
        additional = bytes((0, 0, channel, 0, 0)) + spi + bytes(len(iv))
        length = len(frame) + OVERHEAD + _ERROR_CONTROL - 1
        header = frame[:2] + (channel << 8 | length).to_bytes(2) + frame[4:HEADER]
        return header + spi + iv + self._cipher.encrypt(iv, data, additional)


def sealing_with(path: Path) -> Callable[[bytes], bytes]:
    """What seals frames as a Sealer does, with the key in a file, by the counter beside it. Both raise WrongUse."""
    key, counter = read_key(path), Counter(path)

    def seal(frame: bytes) -> bytes:
        with counter.held() as (last_iv, keep):
            return Sealer(key, last_iv, keep).seal(frame)

    return seal


def make_key(path: Path) -> None:
    """Writes a new key to a new file that its owner alone may read: 64 hex digits; and its counter beside it.

    Raises WrongUse.
    """
    digits = secrets.token_hex(_KEY) + "\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(digits)
        begin_counter(path)
    except FileExistsError:
        raise WrongUse(f"{path}: is there already, and a key in it would be lost; give another name") from None
    except OSError as error:
        raise WrongUse(f"{path}: cannot be written: {error.strerror}") from error


def read_key(path: Path) -> bytes:
    """The key in a file that `make_key` has made. Raises WrongUse: none, or one that others than its owner may read."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            digits = file.read().strip()
    except OSError as error:
        raise WrongUse(f"{path}: cannot be read: {error.strerror}; give a file with a key") from error
    # Elsewhere the mode says nothing of who may read
    if os.name == "posix" and mode & _NOT_THE_OWNER:
        raise WrongUse(f"{path}: others may read or write this key; make a new one, or: chmod 600 {path}")
    # No word of what it holds
    if len(digits) != 2 * _KEY or not all(chr(digit) in string.hexdigits for digit in digits):
        raise WrongUse(f"{path}: holds no key, which is {2 * _KEY} hex digits")
    return bytes.fromhex(digits.decode())
