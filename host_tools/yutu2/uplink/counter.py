"""Count the frames that a key has protected, in a file beside it, so that no number (IV) is ever used twice."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from yutu2.errors import WrongUse
from yutu2.system.files import OWNER, write_whole

_DIGITS = 20  # a fixed width, so that each write replaces the whole number
_LOCK_POLL_S = 0.005
_LOCK_TIMEOUT_S = 30.0


class Counter:
    """The counter of one key, shared by all programs that use the key.

    key: path of the key. Raises WrongUse, in each call, if the counter is missing or cannot be stored.
    """

    def __init__(self, key: Path) -> None:
        self._key = key
        self._path = counter_of(key)
        with self.held():
            pass

    def reserve(self, count: int) -> int:
        """Reserve the next `count` numbers, and return the first of them."""
        with self.held() as (last, keep):
            keep(last + count)
        return last + 1

    @contextmanager
    def held(self) -> Iterator[tuple[int, Callable[[int], None]]]:
        """Lock the counter; yield the last number, and a function that stores the next one.

        That function returns once the number is on the disk, so that its frame can be sent.
        """
        if not self._path.exists():
            raise WrongUse(
                f"{self._path}: is not there; it counts the frames that its key has protected, as no number may be "
                "used twice: bring it from where the key was used, or make a new key"
            )
        try:
            with locked(self._key):
                yield self._read(), self._keep
        except OSError as error:
            raise WrongUse(f"{self._path}: cannot be opened to count on: {error.strerror or error}") from error

    def _read(self) -> int:
        return _number_in(self._path)

    def _keep(self, number: int) -> None:
        if number >= 10**_DIGITS:
            raise WrongUse(f"{self._path}: all numbers of this key are used; make a new key")
        try:
            with self._path.open("r+b", buffering=0) as file:
                file.write(_text(number))
                os.fsync(file.fileno())
        except OSError as error:
            raise WrongUse(f"{self._path}: cannot be written: {error.strerror}; no frame is protected") from error


def counter_of(key: Path) -> Path:
    """Return the path of the counter of a key."""
    return key.with_name(key.name + ".iv")


def lock_of(key: Path) -> Path:
    """Return the path of the file that programs lock while they count."""
    return key.with_name(key.name + ".iv.lock")


@contextmanager
def locked(key: Path) -> Iterator[None]:
    """Lock the counter of a key. Raises OSError, or WrongUse if another program holds it for too long."""
    from filelock import FileLock, Timeout  # only who secures commands pays for it

    lock = FileLock(lock_of(key), timeout=_LOCK_TIMEOUT_S, mode=OWNER, poll_interval=_LOCK_POLL_S)
    try:
        lock.acquire()
    except Timeout:
        raise WrongUse(
            f"{lock_of(key)}: another program has held it for {_LOCK_TIMEOUT_S:g} s; end that program"
        ) from None
    try:
        yield
    finally:
        lock.release()


def begin_counter(key: Path) -> bool:
    """Make the counter of a new key, which only its owner may read; an existing counter is kept.

    Returns whether it was made. Raises OSError, or WrongUse if the existing file is no counter.
    """
    if counter_of(key).exists():
        _number_in(counter_of(key))
        return False
    write_whole(counter_of(key), _text(0), OWNER)
    return True


def _number_in(path: Path) -> int:
    """Return the number in the file of a counter. Raises OSError, or WrongUse if it holds none."""
    with path.open("rb") as file:
        digits = file.read(_DIGITS + 2).removesuffix(b"\n")
    if not digits.isdigit() or len(digits) > _DIGITS:
        raise WrongUse(f"{path}: holds no number of protected frames; make a new key, without this file beside it")
    return int(digits)


def _text(number: int) -> bytes:
    return b"%0*d\n" % (_DIGITS, number)
