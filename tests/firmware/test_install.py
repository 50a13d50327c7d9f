"""What package.json and manifest.py put on a board: the firmware's files that it needs, no more and no fewer.

manifest.py is read as MicroPython's build does: it runs in its own folder, and finds there what these commands name
(docs.micropython.org, "MicroPython manifest files").
"""

import contextlib
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from yutu2.firmware import firmware_dir

FIRMWARE = firmware_dir()
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
DESKTOP = {"rover/boot_desktop.py", "rover/board/unix.py", "rover/board/scratch.py", "rover/link/aes.py"}
OURS = {"manifest.py"}  # about the firmware, not of it


def needed() -> list[str]:
    """Every module of the firmware but the desktop's; in order."""
    there = {path.relative_to(FIRMWARE).as_posix() for path in FIRMWARE.rglob("*.py")}
    assert there >= DESKTOP | OURS
    return sorted(there - DESKTOP - OURS)


@pytest.fixture
def package() -> dict:
    return json.loads((FIRMWARE / "package.json").read_text())


class Build:
    """The commands of a manifest, and what they freeze: names as the board imports them."""

    def __init__(self) -> None:
        self.frozen: list[str] = []
        self.included: list[str] = []

    def include(self, manifest: str) -> None:
        self.included.append(manifest)

    def module(self, path: str) -> None:
        assert path.endswith(".py")
        self._freeze(path)

    def package(self, name: str, files: Sequence[str] | None = None) -> None:
        if files is None:
            files = [path.relative_to(name).as_posix() for path in Path(name).rglob("*.py")]
        for file in files:
            self._freeze(f"{name}/{file}")

    def _freeze(self, path: str) -> None:
        assert Path(path).is_file(), path
        self.frozen.append(path)


@pytest.fixture
def build() -> Build:
    build = Build()
    script = (FIRMWARE / "manifest.py").read_text()
    with contextlib.chdir(FIRMWARE):
        exec(script, {"include": build.include, "module": build.module, "package": build.package})
    return build


def test_mip_installs_what_a_board_needs(package):
    assert sorted(target for target, _ in package["urls"]) == needed()


def test_each_file_keeps_its_place(package):
    # A relative source is taken from beside package.json, wherever that lies
    assert all(target == source for target, source in package["urls"])


def test_main_comes_last(package):
    # An installation that breaks off must not leave a board that starts half a rover
    assert package["urls"][-1][0] == "main.py"


def test_the_version_is_the_project_s(package):
    assert package["version"] == tomllib.loads(PYPROJECT.read_text())["project"]["version"]


def test_the_manifest_freezes_what_a_board_needs(build):
    assert sorted(build.frozen) == needed()


def test_the_manifest_keeps_what_micropython_itself_freezes(build):
    assert build.included == ["$(PORT_DIR)/boards/manifest.py"]
