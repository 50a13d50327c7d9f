"""Rovers behind pyserial's interface, and the processes that they are."""

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest
from yutu2.line.emulator import EmulatorPort, RoverEnded
from yutu2.line.source import open_port


@pytest.fixture
def rover() -> Iterator[Callable[..., EmulatorPort]]:
    """`rover(query, target="unix", timeout=None)`: the open port of a rover; it is closed after the test."""
    ports = []

    def start(query: str, target: str = "unix", timeout: float | None = None) -> EmulatorPort:
        ports.append(open_port(f"emulator://{target}?{query}"))
        ports[-1].timeout = timeout
        return ports[-1]

    yield start
    for port in ports:
        port.close()


@pytest.fixture(scope="session")
def all_of() -> Callable[[EmulatorPort], bytes]:
    """`all_of(port)`: what comes until the run is over."""

    def read(port: EmulatorPort) -> bytes:
        data = bytearray()
        while True:
            try:
                data += port.read(4096)
            except RoverEnded:
                return bytes(data)

    return read


@pytest.fixture(scope="session")
def children() -> Callable[[], list[str]]:
    """`children()`: command lines of our child processes, dead ones that nobody has waited for included."""

    def children() -> list[str]:
        command = ["ps", "-A", "-o", "ppid=", "-o", "args="]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        pairs = [line.split(maxsplit=1) for line in lines]
        return [arguments for parent, arguments in pairs if int(parent) == os.getpid() and " ppid=" not in arguments]

    return children
