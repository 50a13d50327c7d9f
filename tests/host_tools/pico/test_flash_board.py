"""Copying the firmware to a connected board."""

import os
import subprocess

import pytest
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.errors import ImageError
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, read_filesystem
from yutu2.pico.flash_board import flash_board, load_key
from yutu2.pico.pty_bridge import PtyBridge
from yutu2.uplink.security import make_key


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals on Windows")
def test_new_files_replace_old_modules_and_the_rest_stays(micropython):
    first = {"main.py": b"", "rover/app.py": b"x = 1\n", "rover/board/pico.py": b"", "kept.txt": b"data"}
    second = {"main.py": b"# new\n", "rover/app.mpy": b"M\x06"}
    with EmulatedPico(micropython) as board:
        with PtyBridge(board) as bridge:
            flash_board(bridge.path, first)
            flash_board(bridge.path, second)
        assert read_filesystem(board.flash, FILESYSTEM_REGIONS["pico_w"]) == {**second, "kept.txt": b"data"}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals on Windows")
def test_a_key_is_put_beside_the_other_files_and_mpremote_is_told_its_path_alone(micropython, tmp_path, monkeypatch):
    key = tmp_path / "rover.key"
    make_key(key)
    calls = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **options: calls.append(command) or run(command, **options))
    with EmulatedPico(micropython) as board:
        with PtyBridge(board) as bridge:
            flash_board(bridge.path, {"main.py": b"# rover\n"})
            load_key(bridge.path, key)
        files = read_filesystem(board.flash, FILESYSTEM_REGIONS["pico_w"])
    assert files == {"main.py": b"# rover\n", "key.txt": key.read_bytes()}
    assert str(key) in calls[-2]
    assert key.read_text().strip() not in str(calls)


def test_a_board_that_is_not_there_is_one_line():
    with pytest.raises(ImageError, match=r"/dev/nowhere: mpremote fs: .*/dev/nowhere"):
        flash_board("/dev/nowhere", {})
