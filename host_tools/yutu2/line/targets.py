"""Which port stands behind an `emulator://` URL: `unix` and `cpython` are processes, other kinds are registered."""

from importlib.metadata import entry_points
from urllib.parse import urlsplit

from serial import SerialBase, SerialException

from yutu2.dictionary.text import suggest
from yutu2.line.emulator import RUNTIMES, EmulatorPort

_GROUP = "yutu2.emulators"
"""Entry points: the host of a URL, and the class of port that emulates it, as `pico` of the emulated Pico."""


def serial_class_for_url(url: str) -> tuple[str, type[SerialBase]]:
    """Return the URL and the class of port for it, as pyserial asks a protocol's handler.

    Raises SerialException for an unknown kind of rover.
    """
    target = urlsplit(url).netloc
    if target in RUNTIMES:
        return url, EmulatorPort
    registered = {kind.name: kind for kind in entry_points(group=_GROUP)}
    if target not in registered:
        raise SerialException(f"{url}: unknown target '{target}'; {suggest(target, [*RUNTIMES, *registered])}")
    return url, registered[target].load()
