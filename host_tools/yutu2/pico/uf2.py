"""UF2, the file that a Pico in BOOTSEL mode takes: 512-octet blocks, each with 256 octets of flash and their address.

Source: the UF2 specification, https://github.com/microsoft/uf2, and RP2040 data sheet 2.8.4.2 (the boot ROM wants one
numbered series of blocks, each for one whole flash page).
"""

import struct
from collections.abc import Mapping
from pathlib import Path

from yutu2.pico.errors import ImageError

FLASH_ADDRESS = 0x1000_0000
"""Where the processor sees the first octet of flash; everything in this package counts from there instead."""
FLASH_SIZE = 2 * 1024 * 1024
"""The W25Q16 on a Pico and a Pico W."""
PAGE = 256
RP2040_FAMILY = 0xE48B_FF56

_BLOCK = 512
_LARGEST = FLASH_SIZE // PAGE * _BLOCK  # octets of a file; a device may never end
_HEADER = struct.Struct("<8I")
_START = (0x0A32_4655, 0x9E5D_5157)
_END = 0x0AB1_6F30
_NOT_MAIN_FLASH = 0x0000_0001
_FAMILY_PRESENT = 0x0000_2000


def parse_uf2(data: bytes, name: str = "UF2") -> dict[int, bytes]:
    """Flash pages in `data`: offset from the start of flash -> 256 octets.

    Raises ImageError that starts with `name` and says which block is wrong, and how.
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
    """The flash offset that `block` is for, and what is wrong with the block ("" if nothing)."""
    start0, start1, flags, address, size, number_said, total_said, family = _HEADER.unpack_from(block)
    offset = address - FLASH_ADDRESS
    if (start0, start1) != _START or int.from_bytes(block[-4:], "little") != _END:
        return offset, "not a UF2 block (magic numbers)"
    if not flags & _FAMILY_PRESENT or family != RP2040_FAMILY:
        return offset, f"not for an RP2040 (family {family:#010x}, wanted {RP2040_FAMILY:#010x})"
    if flags & _NOT_MAIN_FLASH:
        return offset, "not for the main flash"
    if size != PAGE or offset % PAGE or not 0 <= offset < FLASH_SIZE:
        return offset, f"{size} octets for address {address:#x}: not one page of a Pico's 2 MiB flash"
    if (number_said, total_said) != (number, total):
        return offset, f"calls itself {number_said} of {total_said} (blocks lost, or two files in one)"
    return offset, ""


def format_uf2(pages: Mapping[int, bytes]) -> bytes:
    """UF2 of `pages` (offset from the start of flash -> 256 octets) in order of address, numbered in one series."""
    blocks = []
    for number, offset in enumerate(sorted(pages)):
        page = pages[offset]
        if len(page) != PAGE or offset % PAGE or not 0 <= offset < FLASH_SIZE:
            raise ImageError(f"{len(page)} octets at flash offset {offset:#x}: not one page of a Pico's 2 MiB flash")
        header = _HEADER.pack(*_START, _FAMILY_PRESENT, FLASH_ADDRESS + offset, PAGE, number, len(pages), RP2040_FAMILY)
        blocks.append(header + page + bytes(_BLOCK - _HEADER.size - PAGE - 4) + _END.to_bytes(4, "little"))
    return b"".join(blocks)


def read_uf2(path: Path) -> dict[int, bytes]:
    """`parse_uf2` of a file. Raises ImageError, also where the file cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror or error}") from error
    if len(data) > _LARGEST:
        raise ImageError(f"{path}: has more than {_LARGEST >> 20} MiB, and no UF2 for a Pico's 2 MiB flash has")
    return parse_uf2(data, str(path))


def pages_of(data: bytes, offset: int) -> dict[int, bytes]:
    """`data` cut into the pages that it fills from flash `offset` on; both must be whole pages."""
    return {offset + at: data[at : at + PAGE] for at in range(0, len(data), PAGE)}


def flash_contents(pages: Mapping[int, bytes]) -> bytearray:
    """The whole 2 MiB of flash after writing `pages` to an erased chip (erased octets read 0xFF)."""
    flash = bytearray(b"\xff") * FLASH_SIZE
    for offset, page in pages.items():
        flash[offset : offset + PAGE] = page
    return flash
