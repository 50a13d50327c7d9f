"""`emulator://pico?link=uart&speed=60`: an emulated Pico with the rover's firmware as a pyserial port."""

import tempfile
import threading
from pathlib import Path
from typing import Any

import serial

from yutu2.dictionary.text import suggest
from yutu2.errors import WrongUse
from yutu2.firmware import awake_by_default, firmware_dir
from yutu2.line.emulator import INTERRUPTED, RoverEnded
from yutu2.line.url_query import options_of
from yutu2.mission.run_inputs import READERS, read_all
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.image import SETTINGS_FILE, build_image, key_file, with_run_inputs
from yutu2.pico.serial_port import EmulatedPicoPort

_SETTINGS = ("craft", "lunar_day", "start", "days", "seed", "speed", "link", "baud", "light", "key", *READERS)
# Messages of the firmware on the USB console at its start and end, with their exit status
_CONSOLE_MESSAGES = {
    b"rover: starts in": None,
    b"rover: the run is over": 0,
    b"so it stays here": 1,
    b"Traceback": 1,
}
_MAX_MESSAGE = 64


class UrlPicoPort(EmulatedPicoPort):
    """Emulate a Pico from the opening of the port to its end.

    The query has the settings of the board's settings file, and `link`, the line to connect: usb (default) or uart.
    `scenario=FILE`, `plan=FILE` and `uplink=FILE` are compiled for the board; `key=FILE` is the key of its commands. Or
    `image=FILE`, a UF2 to boot unchanged, and `link`. After the last octet of a run, `read` raises RoverEnded.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._cancelled = threading.Event()
        self._emulating = threading.Lock()
        self._console = b""
        self._status: int | None = None
        self._interrupted = False
        serial.SerialBase.__init__(self, *args, **kwargs)

    def open(self) -> None:
        """Build the image and power the board on. Raises SerialException for an invalid URL."""
        options = options_of(str(self.port))
        link = options.get("link", "usb")
        for name in options:
            if name not in (*_SETTINGS, "image"):
                raise serial.SerialException(
                    f"{self.port}: unknown option '{name}'; {suggest(name, [*_SETTINGS, 'image'])}"
                )
        for kind in (*READERS, "key"):
            if "image" in options and kind in options:
                raise serial.SerialException(
                    f"{self.port}: an image boots as it is; give its {kind} to yutu2 image build --{kind} FILE"
                )
        try:
            with tempfile.TemporaryDirectory(prefix="yutu2-") as folder:
                image = Path(options["image"]) if "image" in options else _image(Path(folder), options)
                self._attach(EmulatedPico(image), link, paced=options.get("speed", "1") != "max")
        except WrongUse as error:
            raise serial.SerialException(str(error)) from error
        super().open()

    def close(self) -> None:
        """Close the port and cut the power of the board."""
        if self.is_open:
            super().close()
            self.pico.close()

    def read(self, size: int = 1, /) -> bytes:
        """Run the board until `size` octets are received or the timeout is over. Raises RoverEnded after a run."""
        if self._interrupted:
            raise RoverEnded(INTERRUPTED)
        octets = super().read(size)
        if self._link == "usb":
            self._watch_console(octets)
        if not octets and self._status is not None:
            raise RoverEnded(self._status)
        return octets

    def interrupt(self) -> None:
        """Make the next `read` end the run, as if the power was cut."""
        self._interrupted = True

    def _watch_console(self, octets: bytes) -> None:
        self._console = self._console[-_MAX_MESSAGE:] + octets
        latest = max((self._console.rfind(message), message) for message in _CONSOLE_MESSAGES)
        if latest[0] >= 0:
            self._status = _CONSOLE_MESSAGES[latest[1]]


def _image(folder: Path, options: dict[str, str]) -> Path:
    """Build a board image with the firmware and these settings.

    The LED is off, because on a Pico W the radio drives it, which is not emulated.
    """
    settings = awake_by_default(options) | {"led": "off"}
    lines = [f"{name} = {value}\n" for name, value in settings.items() if name not in (*READERS, "key")]
    image = folder / "rover.uf2"
    files = with_run_inputs({SETTINGS_FILE: "".join(lines).encode()}, read_all(settings))
    build_image(firmware_dir(), image, extra_files=files | key_file(settings.get("key")))
    return image
