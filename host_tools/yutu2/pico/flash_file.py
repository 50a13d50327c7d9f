"""A board's flash kept in a file, so that it lives on from one run to the next."""

from pathlib import Path

from yutu2.pico.errors import EmulatorError
from yutu2.pico.uf2 import FLASH_SIZE, flash_contents, read_uf2


def initial_flash(image: Path | None, flash_file: Path | None) -> bytes:
    """The 2 MiB that a board starts from: `flash_file` where it exists, else the UF2 `image` on an erased chip.

    Raises EmulatorError (neither is there, or a flash file of the wrong size), ImageError (not a UF2).
    """
    if flash_file is not None and flash_file.exists():
        flash = flash_file.read_bytes()
        if len(flash) != FLASH_SIZE:
            raise EmulatorError(f"{flash_file}: {len(flash)} octets is not the {FLASH_SIZE} of a Pico's flash")
        return flash
    if image is None:
        raise EmulatorError("no image and no flash file that exists: an emulated Pico needs one to start from")
    return bytes(flash_contents(read_uf2(image)))


def write_flash_file(path: Path, flash: bytes) -> None:
    """Write in one step: a flash file is whole, old or new, whatever happens to this process."""
    new = path.with_name(path.name + ".new")
    try:
        new.write_bytes(flash)
        new.replace(path)
    except OSError as error:
        raise EmulatorError(f"{path}: cannot be written: {error.strerror or error}") from error
