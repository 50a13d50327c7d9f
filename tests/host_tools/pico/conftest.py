"""Boards for these tests: real MicroPython, with a program of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from yutu2.pico.base_image import base_image
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, make_filesystem
from yutu2.pico.uf2 import format_uf2, pages_of, read_uf2

LAYOUT = FILESYSTEM_REGIONS["pico_w"]

MakeBoard = Callable[..., EmulatedPico]


@pytest.fixture(scope="session")
def micropython() -> Path:
    return base_image()


@pytest.fixture(scope="session")
def micropython_pages(micropython: Path) -> dict[int, bytes]:
    return read_uf2(micropython)


@pytest.fixture
def make_board(tmp_path: Path, micropython_pages: dict[int, bytes]) -> Iterator[MakeBoard]:
    """`make_board(main, **options)`: an emulated Pico whose main.py is `main`."""
    boards = []

    def make(main: str, **options: Any) -> EmulatedPico:
        filesystem = make_filesystem({"main.py": main.encode()}, LAYOUT)
        image = tmp_path / "board.uf2"
        image.write_bytes(format_uf2(micropython_pages | pages_of(filesystem, LAYOUT.start)))
        boards.append(EmulatedPico(image, **options))
        return boards[-1]

    yield make
    for board in boards:
        board.close()
