"""Rovers on emulated boards, and a ground that listens to them.

A board's busy second takes some twenty seconds here: tests share a board where they can, and let missions run fast.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from yutu2.decode.fields import Report
from yutu2.decode.telemetry import Account, TelemetryDecoder
from yutu2.dictionary.model import Dictionary, load
from yutu2.firmware import firmware_dir
from yutu2.pico.base_image import base_image
from yutu2.pico.emulated import EmulatedPico
from yutu2.pico.filesystem import FILESYSTEM_REGIONS, make_filesystem
from yutu2.pico.image import board_files
from yutu2.pico.uf2 import format_uf2, pages_of, read_uf2

LAYOUT = FILESYSTEM_REGIONS["pico_w"]
BOOT_MS = 2000
PROMPT = b">>> "

MakeRover = Callable[..., EmulatedPico]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder. A slow emulator is no reason to fail: they have no time limit of the wall."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.board)
            item.add_marker(pytest.mark.timeout(0))


def settings_text(settings: Mapping[str, str]) -> bytes:
    # The light of a Pico W hangs on its radio, which a Pico has not: each switching of it would take 350 ms
    return "".join(f"{name} = {value}\n" for name, value in ({"led": "off"} | dict(settings)).items()).encode()


@pytest.fixture(scope="session")
def firmware_files() -> dict[str, bytes]:
    """The files that lie on a board: path -> contents."""
    return board_files(firmware_dir())


@pytest.fixture(scope="session")
def make_rover(firmware_files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeRover]:
    """`make_rover(settings, files=...)`: an emulated Pico, just powered on, with the firmware and these settings.

    settings: by name. files: path -> contents, in place of or besides the firmware's; None takes one away.
    """
    micropython = read_uf2(base_image())
    folder: Path = tmp_path_factory.mktemp("images")
    boards = []

    def make(settings: Mapping[str, str], files: Mapping[str, bytes | None] | None = None) -> EmulatedPico:
        wanted = firmware_files | {"settings.txt": settings_text(settings)} | dict(files or {})
        filesystem = make_filesystem({path: data for path, data in wanted.items() if data is not None}, LAYOUT)
        image = folder / f"{len(boards)}.uf2"
        image.write_bytes(format_uf2(micropython | pages_of(filesystem, LAYOUT.start)))
        boards.append(EmulatedPico(image))
        return boards[-1]

    yield make
    for board in boards:
        board.close()


class Ground:
    """Listens to one line of a board, and types on its USB. octets: all that came; reports: what they hold."""

    def __init__(self, board: EmulatedPico, dictionary: Dictionary, link: str):
        self.board = board
        self.octets = bytearray()
        self.reports: list[Report] = []
        self._stream = board.stream(link)
        self._reception = TelemetryDecoder(dictionary)

    def listen(self, ms: float) -> list[Report]:
        """Lets the board run for `ms`; gives the reports that came."""
        self.board.run_ms(ms)
        octets = self._stream.take()
        self.octets += octets
        reports = self._reception.feed(octets)
        self.reports += reports
        return reports

    def wait_for(self, name: str, limit_ms: float, **fields: object) -> Report:
        """Listens until a report of this name with these field values comes."""
        end_us = self.board.now_us + limit_ms * 1000
        while self.board.now_us < end_us:
            for report in self.listen(20):
                if report.name == name and report.fields is not None and fields.items() <= report.fields.items():
                    return report
        came = [report.name for report in self.reports]
        raise AssertionError(
            f"no {name} {fields} within {limit_ms} ms; came {came}, octets {bytes(self.octets[-500:])!r}"
        )

    def wait_for_text(self, text: bytes, limit_ms: float) -> None:
        """Listens until `text` comes."""
        start = len(self.octets)
        found = self.board.run_until(text, limit_ms)
        self.listen(0)
        assert found or text in self.octets[start:], bytes(self.octets[-500:])

    def boot(self) -> None:
        """Listens until the rover's grace begins."""
        self.wait_for_text(b"rover: starts in 3 s", BOOT_MS)

    def type(self, line: bytes, limit_ms: float = 200) -> str:
        """Types a line at the REPL; gives what the board prints in answer."""
        self.listen(0)
        start = len(self.octets)
        self.board.send_usb(line + b"\r")
        self.wait_for_text(PROMPT, limit_ms)
        return (
            bytes(self.octets[start:]).decode(errors="replace").partition("\n")[2].removesuffix(PROMPT.decode()).strip()
        )

    def events(self) -> list[str]:
        """Names of the events that came."""
        return [str(report.name) for report in self.reports if report.service == 5]

    def housekeeping(self) -> list[Report]:
        return [report for report in self.reports if report.name == "HK_COMPUTER"]

    def account(self) -> Account:
        """Of all octets so far."""
        return self._reception.account()


@pytest.fixture(scope="session")
def listen_to() -> Callable[..., Ground]:
    """`listen_to(board, link)`: a ground on "usb" (default) or "uart" of the board; it types on USB in either case."""
    dictionary = load()
    return lambda board, link="usb": Ground(board, dictionary, link)
