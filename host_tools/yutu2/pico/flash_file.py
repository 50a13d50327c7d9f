"""A board's flash in a file, kept from one run to the next."""

from pathlib import Path

from yutu2.pico.errors import EmulatorError
from yutu2.pico.uf2 import FLASH_SIZE, flash_contents, read_uf2


def initial_flash(image: Path | None, flash_file: Path | None) -> bytes:
    """Return the 2 MiB from which a board starts: `flash_file` if it exists, else the UF2 `image` on erased flash.

    Raises EmulatorError if neither exists or the flash file has a wrong size; ImageError for an invalid UF2.
    """
    if flash_file is not None and flash_file.exists():
        flash = flash_file.read_bytes()
        if len(flash) != FLASH_SIZE:
            raise EmulatorError(f"{flash_file}: {len(flash)} octets, but the flash of a Pico has {FLASH_SIZE}")
        return flash
    if image is None:
        raise EmulatorError("no image and no existing flash file: give an emulated Pico one of them to start from")
    return bytes(flash_contents(read_uf2(image)))


def write_flash_file(path: Path, flash: bytes) -> None:
    """Write a flash file in one step, so that it is complete whenever this process ends."""
    new = path.with_name(path.name + ".new")
    try:
        new.write_bytes(flash)
        new.replace(path)
    except OSError as error:
        raise EmulatorError(f"{path}: cannot be written: {error.strerror or error}") from error
