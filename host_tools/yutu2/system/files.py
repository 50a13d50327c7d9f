"""Files for results: whole or not there, whatever becomes of the disk; or growing, and cut at a whole record."""

import errno
import hashlib
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO, Any

from yutu2.errors import WrongUse
from yutu2.system.streams import OutputEnded

OWNER = 0o600
"""Mode of a file that its owner alone may read."""
_ALL = 0o666  # less what the user's mask forbids
_numbers = count(1)


def cannot_write(path: Path, error: OSError) -> Exception:
    """Return what to raise for a file that cannot be written: OutputEnded for a pipe without a reader, or WrongUse."""
    if error.errno == errno.EPIPE:
        return OutputEnded()
    return WrongUse(f"{path}: cannot be written: {error.strerror or error}")


@contextmanager
def written(path: Path, mode: int | None = None) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` when the block ends; after an error `path` is as it was.

    mode: of the file; None: that of the file it replaces, else what the user's mask leaves. A device or a pipe is
    written as it is. Raises WrongUse: it cannot be written.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
            return
        if mode is None and target.exists():
            if not os.access(target, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            mode = stat.S_IMODE(target.stat().st_mode)
        # Short, so that a long name has room for it
        part = target.with_name(f".yutu2-{os.getpid()}-{next(_numbers)}.part")
        try:
            with io.BufferedWriter(io.FileIO(part, "x", opener=_opener(mode))) as file:
                yield file
                file.flush()
                # Else a power cut after the renaming may leave an empty file
                os.fsync(file.fileno())
            if mode is not None:
                part.chmod(mode)
            part.replace(target)
        finally:
            with suppress(OSError):
                part.unlink()
    except OSError as error:
        raise cannot_write(path, error) from error


def write_whole(path: Path, octets: bytes, mode: int | None = None) -> None:
    """Write a file as `written` does."""
    with written(path, mode) as file:
        file.write(octets)


@contextmanager
def folder_in_use(folder: Path) -> Iterator[None]:
    """Keep other programs of this package from writing results into a folder meanwhile. Raises WrongUse: one does.

    The lock is a file among the temporary ones, so that the folder holds results alone.
    """
    from filelock import FileLock, Timeout

    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    lock = FileLock(Path(tempfile.gettempdir(), f"yutu2-{name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise WrongUse(f"--out: another program writes into {folder}; wait for its end, or give another one") from None
    try:
        yield
    finally:
        lock.release()


class GrowingFile(io.FileIO):
    """A file that is read while it grows. What a full disk leaves of the last record is cut off.

    frame: octets of a record; 0: each `write` is one. Raises WrongUse, from its construction on: it cannot be written.
    """

    def __init__(self, path: Path, frame: int = 0) -> None:
        self._path = path
        self._frame = frame
        self._end = 0
        try:
            super().__init__(path, "w")
        except OSError as error:
            raise cannot_write(path, error) from error

    def write(self, octets: Any, /) -> int:
        """Write all of `octets`."""
        view = memoryview(octets)
        done = 0
        try:
            while done < len(view):
                done += super().write(view[done:]) or 0
        except OSError as error:
            with suppress(OSError):
                end = self._end + done
                self.truncate(end - end % self._frame if self._frame else self._end)
            raise cannot_write(self._path, error) from error
        self._end += done
        return done


def _opener(mode: int | None) -> Callable[[str, int], int]:
    """What opens a file with a mode, so that nobody else reads it before it has its own."""
    return lambda path, flags: os.open(path, flags, _ALL if mode is None else mode & OWNER)
