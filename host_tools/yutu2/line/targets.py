"""Which port stands behind an `emulator://` URL: `unix` and `cpython` are processes, other kinds are registered."""

from importlib.metadata import entry_points
from urllib.parse import urlsplit

from serial import SerialBase

from yutu2.line.emulator import EmulatorPort

_GROUP = "yutu2.emulators"
"""Entry points: the host of a URL, and the class of port that emulates it, as `pico` of the emulated Pico."""


def serial_class_for_url(url: str) -> tuple[str, type[SerialBase]]:
    """Return the URL and the class of port for it, as pyserial asks a protocol's handler."""
    for kind in entry_points(group=_GROUP, name=urlsplit(url).netloc):
        return url, kind.load()
    return url, EmulatorPort
