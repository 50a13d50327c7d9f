"""The counter of the frames that a key has secured, in a file beside it: no two frames ever bear the same number."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from yutu2.errors import WrongUse
from yutu2.system.files import OWNER, write_whole

_DIGITS = 20  # always as many, so that a number never takes the place of another in part
_LOCK_POLL_S = 0.005
_LOCK_TIMEOUT_S = 30.0


class Counter:
    """Of the key at this path, for all programs that seal with it.

    WrongUse, here and later: there is no counter, or it cannot be kept.
    """

    def __init__(self, key: Path) -> None:
        self._key = key
        self._path = counter_of(key)
        with self.held():
            pass

    def reserve(self, count: int) -> int:
        """Take the next `count` numbers for good, and return the first of them."""
        with self.held() as (last, keep):
            keep(last + count)
        return last + 1

    @contextmanager
    def held(self) -> Iterator[tuple[int, Callable[[int], None]]]:
        """(the last number, what keeps the next one), while no other program may count.

        What is kept is on the disk before its frame is given out.
        """
        if not self._path.exists():
            raise WrongUse(
                f"{self._path}: is not there; it counts what the key beside it has sealed, as no number may be used "
                "twice: bring it from where the key was used, or make a new key"
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
            raise WrongUse(f"{self._path}: cannot be written: {error.strerror}; nothing is sealed") from error


def counter_of(key: Path) -> Path:
    """Where the counter of the key at this path is."""
    return key.with_name(key.name + ".iv")


def lock_of(key: Path) -> Path:
    """Return the path of the file that programs lock while they count."""
    return key.with_name(key.name + ".iv.lock")


@contextmanager
def locked(key: Path) -> Iterator[None]:
    """Keep other programs from the counter of the key at this path. Raises OSError, WrongUse."""
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
    """Lets the counter of a new key begin, for its owner alone; one that is there already goes on.

    Returns whether it was made. Raises OSError, WrongUse: what is there is no counter, with which no key is of use.
    """
    if counter_of(key).exists():
        _number_in(counter_of(key))
        return False
    write_whole(counter_of(key), _text(0), OWNER)
    return True


def _number_in(path: Path) -> int:
    """The number in a counter's file. Raises OSError, WrongUse: it holds none."""
    with path.open("rb") as file:
        digits = file.read(_DIGITS + 2).removesuffix(b"\n")
    if not digits.isdigit() or len(digits) > _DIGITS:
        raise WrongUse(f"{path}: holds no number of sealed frames; make a new key, without this file beside it")
    return int(digits)


def _text(number: int) -> bytes:
    return b"%0*d\n" % (_DIGITS, number)
