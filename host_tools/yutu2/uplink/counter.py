"""The counter of the frames that a key has sealed, in a file beside it: no two frames may ever bear the same one."""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from yutu2.errors import WrongUse

_DIGITS = 20  # always as many, so that a number never takes the place of another in part
_OWNER = stat.S_IRUSR | stat.S_IWUSR


class Counter:
    """Of the key at this path, for all programs that seal with it.

    WrongUse, here and later: there is no counter, or it cannot be kept.
    """

    def __init__(self, key: Path) -> None:
        self._path = counter_of(key)
        with self.held():
            pass

    @contextmanager
    def held(self) -> Iterator[tuple[int, Callable[[int], None]]]:
        """(the last number, what keeps the next one), while no other program may count.

        What is kept is on the disk before its frame is given out.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR)
        except FileNotFoundError:
            raise WrongUse(
                f"{self._path}: is not there; it counts what the key beside it has sealed, as no number may be used "
                "twice: bring it from where the key was used, or make a new key"
            ) from None
        except OSError as error:
            raise WrongUse(f"{self._path}: cannot be opened to count on: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # which closing lets go
            yield self._read(descriptor), lambda number: self._keep(descriptor, number)
        finally:
            os.close(descriptor)

    def _read(self, descriptor: int) -> int:
        digits = os.pread(descriptor, _DIGITS + 2, 0).removesuffix(b"\n")
        if not digits.isdigit() or len(digits) > _DIGITS:
            raise WrongUse(f"{self._path}: holds no number of sealed frames; make a new key")
        return int(digits)

    def _keep(self, descriptor: int, number: int) -> None:
        try:
            _write(descriptor, number)
        except OSError as error:
            raise WrongUse(f"{self._path}: cannot be written: {error.strerror}; nothing is sealed") from error


def counter_of(key: Path) -> Path:
    """Where the counter of the key at this path is."""
    return key.with_name(key.name + ".iv")


def begin_counter(key: Path) -> None:
    """Lets the counter of a new key begin, for its owner alone; one that is there already goes on. Raises OSError."""
    path = counter_of(key)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER)
        try:
            _write(descriptor, 0)
        finally:
            os.close(descriptor)


def _write(descriptor: int, number: int) -> None:
    os.pwrite(descriptor, b"%0*d\n" % (_DIGITS, number), 0)
    os.fsync(descriptor)
