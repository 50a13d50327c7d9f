"""Space Data Link Security on the ground: keys in files, and frames protected with them (CCSDS 355.0-B-2, as Yamcs).

Frame header 5 | SPI 2 | IV 12, a counter | data, encrypted by AES-256-GCM | MAC 16
"""

import codecs
import os
import secrets
import stat
import string
from collections.abc import Callable
from pathlib import Path

from yutu2.errors import WrongUse
from yutu2.system.files import OWNER, write_whole, written
from yutu2.uplink.counter import Counter, begin_counter, counter_of, lock_of, locked

SPI = 1
"""Index of the only security association of the rover."""
HEADER = 5
OVERHEAD = 2 + 12 + 16
"""Octets by which a frame grows."""
_ERROR_CONTROL = 2
MAX_DATA = 1024 - HEADER - OVERHEAD - _ERROR_CONTROL
"""Octets of data that a secured frame holds."""
RESERVED = 1 << 20
"""Numbers that another sender gets with an exported key: some 12 days of a frame a second."""
KEY_SIZE = 32
"""Octets of a key."""
_LONGEST_KEY_FILE = 4096  # octets; a device may never end
_CONTROL_COMMAND = 0x10
_NOT_THE_OWNER = stat.S_IRWXG | stat.S_IRWXO


class FrameProtector:
    """Encrypt and authenticate frames with a key of 32 octets (ApplySecurity of CCSDS 355.0-B-2).

    last_iv: the counter of the last frame ever protected with this key; 0 for a new key. keep: called with each counter
    before its frame is returned; it stores the counter for the next FrameProtector. An IV that is used for two frames
    would allow others to forge frames.
    """

    def __init__(self, key: bytes, last_iv: int, keep: Callable[[int], None]) -> None:
        if len(key) != KEY_SIZE:
            raise ValueError(f"a key has {KEY_SIZE} octets")
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # only who secures commands pays for it

        self._cipher = AESGCM(key)
        self._last_iv = last_iv
        self._keep = keep

    def apply_security(self, frame: bytes) -> bytes:
        """Return an AD or BD frame, from its header to its data and without FECF, protected under a new IV.

        Its header gets the new length, which counts the FECF. A BC frame is sent in clear and returned unchanged.
        Raises ValueError for no data, or more than a frame holds.
        """
        if frame[0] & _CONTROL_COMMAND:
            return frame
        data = frame[HEADER:]
        if not 1 <= len(data) <= MAX_DATA:
            raise ValueError(f"a secured frame holds 1 to {MAX_DATA} octets of data, not {len(data)}")
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


def protector_of_next(path: Path, count: int) -> FrameProtector:
    """Return a protector for `count` frames with the key in a file, under numbers that are reserved for them.

    Raises WrongUse.
    """
    key = read_key(path)
    return FrameProtector(key, Counter(path).reserve(count) - 1, lambda iv: None)


def protection_with(path: Path) -> Callable[[bytes], bytes]:
    """Return a function that protects frames with the key in a file, numbered by the counter beside it.

    Both this and that function raise WrongUse.
    """
    key, counter = read_key(path), Counter(path)

    def apply_security(frame: bytes) -> bytes:
        with counter.held() as (last_iv, keep):
            return FrameProtector(key, last_iv, keep).apply_security(frame)

    return apply_security


def make_key(path: Path, replace: bool = False) -> None:
    """Write a new key and its counter, files that their owner alone may read: both or, after an error, neither.

    path: of the key, 64 hex digits. replace: take the place of a key that is there; its counter goes on. Raises
    WrongUse.
    """
    if not path.name:
        raise WrongUse(f"{path}: is no name of a file; give one, as rover.key")
    if not path.parent.is_dir():
        raise WrongUse(f"{path}: cannot be written: No such file or directory; make the folder {path.parent} first")
    has_lock = lock_of(path).exists()
    try:
        with locked(path):
            _make_both(path, replace)
    except OSError as error:
        raise WrongUse(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        if not has_lock and not path.is_file():
            lock_of(path).unlink(missing_ok=True)


def _make_both(path: Path, replace: bool) -> None:
    if path.exists() and not replace:
        raise WrongUse(f"{path}: is there already, and a key in it would be lost; give another name, or --force")
    is_new = begin_counter(path)
    try:
        write_whole(path, secrets.token_hex(KEY_SIZE).encode() + b"\n", OWNER)
    except BaseException:
        if is_new:
            counter_of(path).unlink(missing_ok=True)
        raise


def export_key(path: Path, out: Path) -> int:
    """Write a key as 32 raw octets for another sender, and return the first number that is that sender's.

    out: a new file, for its owner alone. The sender has the next RESERVED numbers, which are never used here. Raises
    WrongUse.
    """
    key = read_key(path)
    if out.exists():
        raise WrongUse(f"{out}: is there already; give another name to --out")
    counter = Counter(path)
    with written(out, OWNER) as file:
        file.write(key)
        file.flush()
        # Reserved last: after an error in vain, yutu2 would go on with numbers beyond the window of the rover
        return counter.reserve(RESERVED)


def read_key(path: Path) -> bytes:
    """Return the key in a file of `make_key`. Raises WrongUse for no key, or one that not only its owner may read."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            digits = file.read(_LONGEST_KEY_FILE).removeprefix(codecs.BOM_UTF8).strip()
    except OSError as error:
        raise WrongUse(f"{path}: cannot be read: {error.strerror}; give a file with a key") from error
    # On Windows the mode does not tell who may read the file
    if os.name == "posix" and mode & _NOT_THE_OWNER:
        raise WrongUse(f"{path}: others may read or write this key; make a new one, or: chmod 600 {path}")
    # The message must not quote the content
    if len(digits) != 2 * KEY_SIZE or not all(chr(digit) in string.hexdigits for digit in digits):
        raise WrongUse(f"{path}: holds no key, which is {2 * KEY_SIZE} hex digits")
    return bytes.fromhex(digits.decode())


def lines_for_yamcs(key: Path, out: Path, first: int) -> list[str]:
    """Return what to configure in Yamcs, and what an exported key means for yutu2.

    first: the first number of Yamcs's frames.
    """
    return [
        f"{out}: the key of {key} as {KEY_SIZE} octets; in Yamcs's security association:",
        f"  spi: {SPI}",
        f"  keyFile: {out}",
        f'  initialSeqNum: "{first:024x}"',
        f"Yamcs has the numbers {first:,} to {first + RESERVED - 1:,}; yutu2 goes on at {first + RESERVED:,}, which a "
        "rover that has taken a frame of either refuses: to command it with yutu2 again, load a new key.",
    ]
