"""Which port stands behind an `emulator://` URL: `unix` and `cpython` are processes, `pico` is an emulated board."""

from urllib.parse import urlsplit

from serial import SerialBase

from yutu2.line.emulator import EmulatorPort


def serial_class_for_url(url: str) -> tuple[str, type[SerialBase]]:
    """The URL and the class of port for it, as pyserial asks a protocol's handler."""
    if urlsplit(url).netloc == "pico":
        # What it needs comes with an extra
        from yutu2.pico.url_port import UrlPicoPort

        return url, UrlPicoPort
    return url, EmulatorPort
