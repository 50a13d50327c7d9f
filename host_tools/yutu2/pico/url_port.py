"""`emulator://pico?link=uart&speed=60`: an emulated Pico with the rover's firmware, behind pyserial's interface."""

import tempfile
import threading
from pathlib import Path
from typing import Any

import serial

from yutu2.dictionary.text import suggest
from yutu2.errors import WrongUse
from yutu2.firmware import awake_by_default, firmware_dir
from yutu2.line.emulator import INTERRUPTED, RoverEnded
from yutu2.line.query import options_of
from yutu2.mission.run_inputs import READERS, read_all
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.image import SETTINGS_FILE, build_image, key_file, with_texts
from yutu2.pico.serial_port import EmulatedPicoPort

_SETTINGS = ("craft", "lunar_day", "start", "days", "seed", "speed", "link", "baud", "light", "key", *READERS)
# What the firmware says on the USB console when it starts and when it ends, and the exit status that stands for it
_WORDS = {b"rover: starts in": None, b"rover: the run is over": 0, b"so it stays here": 1, b"Traceback": 1}
_LONGEST_WORDS = 64


class UrlPicoPort(EmulatedPicoPort):
    """A port to an emulated Pico that is made when the port is opened and ends with it.

    The query holds the settings of the board's settings file, and `link`, usb (default) or uart: the line to listen to;
    `scenario=FILE`, `plan=FILE` and `uplink=FILE` are texts, the board gets them compiled; `key=FILE` holds the key of
    its commands. Or `image=FILE`, a UF2 to boot as it is, and `link`. After the last octet of a run `read` raises
    RoverEnded.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._cancelled = threading.Event()
        self._emulating = threading.Lock()
        self._words = b""
        self._status: int | None = None
        self._interrupted = False
        serial.SerialBase.__init__(self, *args, **kwargs)

    def open(self) -> None:
        """Builds the image and gives the board power. SerialException says what in the URL is wrong."""
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
        """Closes the port and takes the board's power away."""
        if self.is_open:
            super().close()
            self.pico.close()

    def read(self, size: int = 1, /) -> bytes:
        """Runs the board until `size` octets have come or the time-out is over. RoverEnded once the run is over."""
        if self._interrupted:
            raise RoverEnded(INTERRUPTED)
        octets = super().read(size)
        if self._link == "usb":
            self._overhear(octets)
        if not octets and self._status is not None:
            raise RoverEnded(self._status)
        return octets

    def interrupt(self) -> None:
        """Makes the next `read` end the run, as one takes the power from a board."""
        self._interrupted = True

    def _overhear(self, octets: bytes) -> None:
        self._words = self._words[-_LONGEST_WORDS:] + octets
        said = max((self._words.rfind(words), words) for words in _WORDS)
        if said[0] >= 0:
            self._status = _WORDS[said[1]]


def _image(folder: Path, options: dict[str, str]) -> Path:
    """A board image with the firmware and these settings. The light of a Pico W hangs on a radio that is not there."""
    settings = awake_by_default(options) | {"led": "off"}
    lines = [f"{name} = {value}\n" for name, value in settings.items() if name not in (*READERS, "key")]
    image = folder / "rover.uf2"
    files = with_texts({SETTINGS_FILE: "".join(lines).encode()}, read_all(settings))
    build_image(firmware_dir(), image, extra_files=files | key_file(settings.get("key")))
    return image
