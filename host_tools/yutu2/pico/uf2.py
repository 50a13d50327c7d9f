"""UF2, the file format for a Pico in BOOTSEL mode: 512-octet blocks, each with 256 octets of flash and their address.

Source: the UF2 specification, https://github.com/microsoft/uf2, and RP2040 data sheet 2.8.4.2 (the boot ROM needs one
numbered series of blocks, each for one whole flash page).
"""

import struct
from collections.abc import Mapping
from pathlib import Path

from yutu2.pico.errors import ImageError

FLASH_ADDRESS = 0x1000_0000
"""Address of the first octet of flash; offsets in this package count from it."""
FLASH_SIZE = 2 * 1024 * 1024
"""Size of the W25Q16 on a Pico and a Pico W."""
PAGE = 256
RP2040_FAMILY = 0xE48B_FF56

_BLOCK = 512
_MAX_FILE_SIZE = FLASH_SIZE // PAGE * _BLOCK  # octets; bounds the read of a device without an end
_HEADER = struct.Struct("<8I")
_START = (0x0A32_4655, 0x9E5D_5157)
_END = 0x0AB1_6F30
_NOT_MAIN_FLASH = 0x0000_0001
_FAMILY_PRESENT = 0x0000_2000


def parse_uf2(data: bytes, name: str = "UF2") -> dict[int, bytes]:
    """Return the flash pages in `data`: offset from the start of flash -> 256 octets.

    Raises ImageError, which starts with `name` and names the block and what is wrong with it.
    """
    if not data or len(data) % _BLOCK:
        raise ImageError(f"{name}: {len(data)} octets is not a whole number of 512-octet UF2 blocks (truncated?)")
    total = len(data) // _BLOCK
    pages: dict[int, bytes] = {}
    for number in range(total):
        at = number * _BLOCK
        block = data[at : at + _BLOCK]
        offset, fault = _check(block, number, total)
        if not fault and offset in pages:
            fault = f"writes flash address {FLASH_ADDRESS + offset:#x} a second time"
        if fault:
            raise ImageError(f"{name}: block {number} of {total}, at octet {at}: {fault}")
        pages[offset] = block[_HEADER.size : _HEADER.size + PAGE]
    return pages


def _check(block: bytes, number: int, total: int) -> tuple[int, str]:
    """Return the flash offset of a block, and what is wrong with it ("" for nothing)."""
    start0, start1, flags, address, size, block_number, block_count, family = _HEADER.unpack_from(block)
    offset = address - FLASH_ADDRESS
    if (start0, start1) != _START or int.from_bytes(block[-4:], "little") != _END:
        return offset, "not a UF2 block (magic numbers)"
    if not flags & _FAMILY_PRESENT or family != RP2040_FAMILY:
        return offset, f"not for an RP2040 (family {family:#010x}, wanted {RP2040_FAMILY:#010x})"
    if flags & _NOT_MAIN_FLASH:
        return offset, "not for the main flash"
    if size != PAGE or offset % PAGE or not 0 <= offset < FLASH_SIZE:
        return offset, f"{size} octets for address {address:#x}: not one page of a Pico's 2 MiB flash"
    if (block_number, block_count) != (number, total):
        return offset, f"calls itself {block_number} of {block_count} (blocks lost, or two files in one)"
    return offset, ""


def format_uf2(pages: Mapping[int, bytes]) -> bytes:
    """Return the UF2 of `pages` (offset from the start of flash -> 256 octets), in order of address."""
    blocks = []
    for number, offset in enumerate(sorted(pages)):
        page = pages[offset]
        if len(page) != PAGE or offset % PAGE or not 0 <= offset < FLASH_SIZE:
            raise ImageError(f"{len(page)} octets at flash offset {offset:#x}: not one page of a Pico's 2 MiB flash")
        header = _HEADER.pack(*_START, _FAMILY_PRESENT, FLASH_ADDRESS + offset, PAGE, number, len(pages), RP2040_FAMILY)
        blocks.append(header + page + bytes(_BLOCK - _HEADER.size - PAGE - 4) + _END.to_bytes(4, "little"))
    return b"".join(blocks)


def read_uf2(path: Path) -> dict[int, bytes]:
    """Read a UF2 file (see `parse_uf2`). Raises ImageError, also for an unreadable file."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_SIZE + 1)
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror or error}") from error
    if len(data) > _MAX_FILE_SIZE:
        raise ImageError(f"{path}: has more than {_MAX_FILE_SIZE >> 20} MiB, and no UF2 for a Pico's 2 MiB flash has")
    return parse_uf2(data, str(path))


def pages_of(data: bytes, offset: int) -> dict[int, bytes]:
    """Split `data` into the pages that it fills from flash `offset`; both must be multiples of a page."""
    return {offset + at: data[at : at + PAGE] for at in range(0, len(data), PAGE)}


def flash_contents(pages: Mapping[int, bytes]) -> bytearray:
    """Return the 2 MiB of flash after writing `pages` to erased flash, which reads 0xFF."""
    flash = bytearray(b"\xff") * FLASH_SIZE
    for offset, page in pages.items():
        flash[offset : offset + PAGE] = page
    return flash
