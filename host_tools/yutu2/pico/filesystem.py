"""The littlefs file system that MicroPython keeps in a Pico's flash: made from files, and read back.

The parameters are those with which MicroPython's rp2 port mounts it (its _boot.py: progsize 256, hence a cache of
1024 octets); files of up to a quarter of a block lie inside the directory, so the cache size is part of the format.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from yutu2.pico.errors import ImageError, missing_extra

if TYPE_CHECKING:
    from littlefs import LittleFS

BLOCK = 4096
"""Octets in a block: one flash sector."""
# 2.0 is what every MicroPython mounts; 1.27 makes 2.1 of it at its first write, so any version is read.
_WRITTEN_VERSION = 0x0002_0000
_ANY_VERSION = 0


@dataclass(frozen=True)
class Layout:
    """Where a MicroPython build keeps its file system: offset from the start of flash, and length in blocks."""

    start: int
    blocks: int

    @property
    def size(self) -> int:
        """Octets in the file system region."""
        return self.blocks * BLOCK


# By MicroPython build, not by hardware: a Pico that runs the Pico W image has the Pico W's layout. "pico_w" was
# checked against the 1.27.0 image; "pico" is the board's MICROPY_HW_FLASH_STORAGE_BYTES (1408 KiB of 2 MiB).
LAYOUTS = {"pico_w": Layout(0x12_C000, 212), "pico": Layout(0xA_0000, 352)}


def layout_of(board: str) -> Layout:
    """Layout of `board`, or an ImageError that lists the boards."""
    try:
        return LAYOUTS[board]
    except KeyError:
        raise ImageError(f"unknown board '{board}': choose from {', '.join(sorted(LAYOUTS))}") from None


def make_filesystem(files: Mapping[str, bytes], layout: Layout) -> bytes:
    """A fresh file system of `layout.size` octets with `files` (path with slashes -> contents) in it.

    The same files give the same octets. Raises ImageError when they do not fit.
    """
    filesystem, failure = _filesystem(bytearray(b"\xff" * layout.size), layout, _WRITTEN_VERSION)
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
                f" ({len(files)} files, {total} octets; the region has {layout.size} octets)"
            ) from error
    filesystem.unmount()
    return bytes(filesystem.context.buffer)


def read_filesystem(flash: bytes, layout: Layout) -> dict[str, bytes]:
    """Every file in the file system of a whole flash image: path without a leading slash -> contents.

    Raises ImageError when there is no file system, or a broken one.
    """
    filesystem, failure = _mounted(flash, layout)
    files = {}
    try:
        for folder, _, names in filesystem.walk("/"):
            for name in names:
                path = str(PurePosixPath(folder) / name)
                with filesystem.open(path, "rb") as file:
                    files[path.lstrip("/")] = file.read()
    except failure as error:
        raise ImageError(f"the file system at flash offset {layout.start:#x} is broken: {error}") from error
    return files


def used_octets(flash: bytes, layout: Layout) -> int:
    """Octets of whole blocks in use in the file system of a whole flash image."""
    return int(_mounted(flash, layout)[0].used_block_count) * BLOCK


def _mounted(flash: bytes, layout: Layout) -> tuple["LittleFS", type[Exception]]:
    filesystem, failure = _filesystem(bytearray(flash[layout.start : layout.start + layout.size]), layout, _ANY_VERSION)
    try:
        filesystem.mount()
    except failure as error:
        raise ImageError(f"no littlefs file system at flash offset {layout.start:#x}: {error}") from error
    return filesystem, failure


def _filesystem(region: bytearray, layout: Layout, disk_version: int) -> tuple["LittleFS", type[Exception]]:
    """littlefs over `region`, and what it raises. Not mounted: its constructor would format what it cannot read."""
    try:
        from littlefs import LittleFS, LittleFSError, UserContext
    except ImportError as error:
        raise ImageError(missing_extra("littlefs-python")) from error
    parameters: dict[str, Any] = {
        "block_size": BLOCK,
        "block_count": layout.blocks,
        "read_size": 32,
        "prog_size": 256,
        "cache_size": 1024,
        "lookahead_size": 32,
        "disk_version": disk_version,
    }
    return LittleFS(context=UserContext(buffer=region), mount=False, **parameters), LittleFSError
