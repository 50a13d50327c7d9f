"""The littlefs file system of MicroPython in a Pico's flash: make it from files, and read it back.

The parameters are those of MicroPython's rp2 port (its _boot.py: progsize 256, hence a cache of 1024 octets). Files of
up to a quarter of a block are stored in the directory, so the cache size is part of the format.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from yutu2.pico.errors import ImageError, missing_extra

if TYPE_CHECKING:
    from littlefs import LittleFS

BLOCK = 4096
"""Octets of a block, which is a flash sector."""
# Every MicroPython mounts 2.0; 1.27 changes it to 2.1 at its first write, so any version is read.
_WRITTEN_VERSION = 0x0002_0000
_ANY_VERSION = 0


@dataclass(frozen=True)
class FilesystemRegion:
    """Describe the flash region of the file system: offset from the start of flash, and length in blocks."""

    start: int
    blocks: int

    @property
    def size(self) -> int:
        """Return the octets of the region."""
        return self.blocks * BLOCK


# By MicroPython build, not by hardware: a Pico with the Pico W image has the region of a Pico W. "pico_w" was
# checked against the 1.27.0 image; "pico" is the board's MICROPY_HW_FLASH_STORAGE_BYTES (1408 KiB of 2 MiB).
FILESYSTEM_REGIONS = {"pico_w": FilesystemRegion(0x12_C000, 212), "pico": FilesystemRegion(0xA_0000, 352)}


def filesystem_region(board: str) -> FilesystemRegion:
    """Return the region of `board`. Raises ImageError, which lists the boards."""
    try:
        return FILESYSTEM_REGIONS[board]
    except KeyError:
        raise ImageError(f"unknown board '{board}': choose from {', '.join(sorted(FILESYSTEM_REGIONS))}") from None


def make_filesystem(files: Mapping[str, bytes], region: FilesystemRegion) -> bytes:
    """Return a new file system of `region.size` octets with `files` (path with slashes -> contents).

    The same files give the same octets. Raises ImageError if they do not fit.
    """
    filesystem, failure = _filesystem(bytearray(b"\xff" * region.size), region, _WRITTEN_VERSION)
    filesystem.format()
    filesystem.mount()
    for name in sorted(files):
        parent = PurePosixPath(name).parent
        try:
            if parent.name:
                filesystem.makedirs(str(parent), exist_ok=True)
            with filesystem.open(name, "wb") as file:
                file.write(files[name])
        except failure as error:
            total = sum(map(len, files.values()))
            raise ImageError(
                f"{name} does not go into the file system: {error}"
                f" ({len(files)} files, {total} octets; the region has {region.size} octets)"
            ) from error
    filesystem.unmount()
    return bytes(filesystem.context.buffer)


def read_filesystem(flash: bytes, region: FilesystemRegion) -> dict[str, bytes]:
    """Return the files in the file system of a whole flash image: path without a leading slash -> contents.

    Raises ImageError for a missing or corrupt file system.
    """
    filesystem, failure = _mounted(flash, region)
    files = {}
    try:
        for folder, _, names in filesystem.walk("/"):
            for name in names:
                path = str(PurePosixPath(folder) / name)
                with filesystem.open(path, "rb") as file:
                    files[path.lstrip("/")] = file.read()
    except failure as error:
        raise ImageError(f"the file system at flash offset {region.start:#x} is broken: {error}") from error
    return files


def used_octets(flash: bytes, region: FilesystemRegion) -> int:
    """Return the octets of the blocks in use in the file system of a whole flash image."""
    return int(_mounted(flash, region)[0].used_block_count) * BLOCK


def _mounted(flash: bytes, region: FilesystemRegion) -> tuple["LittleFS", type[Exception]]:
    filesystem, failure = _filesystem(bytearray(flash[region.start : region.start + region.size]), region, _ANY_VERSION)
    try:
        filesystem.mount()
    except failure as error:
        raise ImageError(f"no littlefs file system at flash offset {region.start:#x}: {error}") from error
    return filesystem, failure


def _filesystem(octets: bytearray, region: FilesystemRegion, disk_version: int) -> tuple["LittleFS", type[Exception]]:
    """Return littlefs over `octets`, and its exception.

    It is not mounted, because its constructor would format what it cannot mount.
    """
    try:
        from littlefs import LittleFS, LittleFSError, UserContext
    except ImportError as error:
        raise ImageError(missing_extra("littlefs-python")) from error
    parameters: dict[str, Any] = {
        "block_size": BLOCK,
        "block_count": region.blocks,
        "read_size": 32,
        "prog_size": 256,
        "cache_size": 1024,
        "lookahead_size": 32,
        "disk_version": disk_version,
    }
    return LittleFS(context=UserContext(buffer=octets), mount=False, **parameters), LittleFSError
