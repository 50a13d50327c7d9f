"""What the tests of several rooms share: the Unix port of MicroPython, and runs of the real firmware on it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from yutu2.firmware import firmware_dir
from yutu2.line.runtime import find_micropython

# A busy machine is no reason to fail
settings.register_profile("no wall clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no wall clock")

FIRMWARE = firmware_dir()
HEAP = ("-X", "heapsize=400k")  # about what a rover has on a Pico

Interpreter = Sequence[str]
RunRover = Callable[..., "subprocess.CompletedProcess[bytes]"]
OnUnixPort = Callable[..., str]


@pytest.fixture(scope="session")
def micropython() -> Path:
    """The Unix port of MicroPython."""
    path = find_micropython()
    if path is None:
        pytest.skip("needs the Unix port of MicroPython, which is not installed here")
    return path


@pytest.fixture(scope="session")
def unix_port(micropython: Path) -> Interpreter:
    """The command of the Unix port, with a heap as small as a Pico's."""
    return (str(micropython), *HEAP)


@pytest.fixture(params=["unix", "cpython"])
def interpreter(request: pytest.FixtureRequest) -> Interpreter:
    """The command of each runtime in turn."""
    return request.getfixturevalue("unix_port") if request.param == "unix" else (sys.executable,)


@pytest.fixture(scope="session")
def on_unix_port(unix_port: Interpreter) -> OnUnixPort:
    """`on_unix_port(script, *arguments)`: what `script` prints on the Unix port, where it can import the firmware."""
    environment = os.environ | {"MICROPYPATH": f"{FIRMWARE}:.frozen"}

    def run(script: str, *arguments: str) -> str:
        done = subprocess.run([*unix_port, "-c", script, *arguments], capture_output=True, text=True, env=environment)
        if done.returncode:
            pytest.fail(f"the script failed on the Unix port, exit status {done.returncode}:\n{done.stderr}")
        return done.stdout

    return run


@pytest.fixture(scope="session")
def run_rover() -> RunRover:
    """`run_rover(interpreter, *options)`: a whole run of the firmware; its standard output is octets."""

    def run(interpreter: Interpreter, *options: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run([*interpreter, str(FIRMWARE / "main.py"), *options], capture_output=True)

    return run


@pytest.fixture(scope="session")
def day24(unix_port: Interpreter, run_rover: RunRover) -> bytes:
    """The downlink of lunar day 24 with all options at their defaults."""
    done = run_rover(unix_port)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def readme_block() -> Callable[[str], str]:
    """`readme_block(name)`: the text between `<!-- name -->` and `<!-- end of name -->`, its fence left out."""
    readme = (FIRMWARE.parent / "README.md").read_text(encoding="utf-8")

    def block(name: str) -> str:
        found = re.search(rf"<!-- {name} -->\n```\w*\n(.*?)```\n<!-- end of {name} -->", readme, re.DOTALL)
        assert found is not None, f"the README has no {name}"
        return found[1]

    return block
