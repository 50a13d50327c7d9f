"""The port class for an `emulator://` URL: a process for `unix` and `cpython`, an entry point for other targets."""

from importlib.metadata import entry_points
from urllib.parse import urlsplit

from serial import SerialBase, SerialException

from yutu2.dictionary.text import suggest
from yutu2.line.emulator import RUNTIMES, EmulatorPort

_GROUP = "yutu2.emulators"
"""Group of entry points: the host in a URL, and the port class for it, as `pico`."""


def serial_class_for_url(url: str) -> tuple[str, type[SerialBase]]:
    """Return the URL and its port class, as pyserial expects of a protocol handler.

    Raises SerialException for an unknown target.
    """
    target = urlsplit(url).netloc
    if target in RUNTIMES:
        return url, EmulatorPort
    registered = {kind.name: kind for kind in entry_points(group=_GROUP)}
    if target not in registered:
        raise SerialException(f"{url}: unknown target '{target}'; {suggest(target, [*RUNTIMES, *registered])}")
    return url, registered[target].load()
