"""What tests of the firmware share: a ground that decodes streams, a line that keeps frames, a Pico's integers."""

import io
import operator
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pytest
from rover.app import Rover
from rover.board.scratch import Scratch
from rover.inputs.settings import Settings
from yutu2.decode.fields import Report
from yutu2.decode.telemetry import Account, TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.mission.scenario import compile_scenario

OF_THE_PLAN = {
    event.name for event in load().events if event.name.startswith(("PLAN_", "ACTIVITY_", "HAZARD_", "PRODUCT_"))
}
MARKER = 4
DATA = slice(MARKER + 6, MARKER + 1109)  # of a frame with its marker


class Received(NamedTuple):
    """What the ground makes of a stream."""

    reports: list[Report]
    account: Account

    def events(self) -> list[Report]:
        return [report for report in self.reports if report.service == 5]

    def of_the_craft(self) -> list[Report]:
        """The events, those of its plan, its way and its products left out."""
        return [event for event in self.events() if event.name not in OF_THE_PLAN]

    def told(self, *names: str) -> list[Report]:
        """The reports of these names."""
        return [report for report in self.reports if report.name in names]

    def housekeeping(self) -> list[Report]:
        return self.told("HK_COMPUTER")


Receive = Callable[[bytes], Received]


@pytest.fixture(scope="session")
def receive() -> Receive:
    """`receive(stream)`: its reports and account."""
    dictionary = load()

    def receive(stream: bytes) -> Received:
        reception = TelemetryDecoder(dictionary)
        reports = reception.feed(stream)
        reception.finish()
        return Received(reports, reception.account())

    return receive


@pytest.fixture(scope="session")
def receive_whole(receive: Receive) -> Receive:
    """`receive_whole(stream)`: the same of a stream in which nothing may be damaged, cut or missing."""

    def receive_whole(stream: bytes) -> Received:
        received = receive(stream)
        account = received.account
        assert account["octets"]["skipped"] == account["frames"]["damaged"] == account["frames"]["duplicate"] == 0
        assert account["packets"]["damaged"] == account["packets"]["incomplete"] == 0
        assert not any(counts["lost"] for counts in (*account["channels"].values(), *account["apids"].values()))
        return received

    return receive_whole


PacketsIn = Callable[[Sequence[bytes]], list[tuple[int, bytes]]]


@pytest.fixture(scope="session")
def packets_in() -> PacketsIn:
    """`packets_in(frames)`: (place in the data fields put together, octets) of each whole packet, by lengths alone."""

    def walk(frames: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
        data = b"".join(frame[DATA] for frame in frames)
        at = 0
        while at + 6 <= len(data):
            end = at + int.from_bytes(data[at + 4 : at + 6]) + 7
            if end > len(data):
                return
            yield at, data[at:end]
            at = end

    return lambda frames: list(walk(frames))


class Line:
    """Line, store and wall clock: takes and keeps all frames, and lets no time pass on the wall.

    files: what the files hold that options name, by option, whatever their names.
    """

    def __init__(self, **files: bytes) -> None:
        self.frames: list[bytes] = []
        self.incoming = bytearray()
        self._files = files
        self._scratch = Scratch()

    def send(self, frame: memoryview) -> None:
        self.frames.append(bytes(frame))

    def dropped(self) -> int:
        return 0

    def watch(self, number: int, s: int) -> None:
        pass

    def show(self, *light: int) -> None:
        pass

    def drain(self) -> None:
        pass

    def forget(self) -> None:
        """Empties the store but for what outlives a run, as a board does."""
        records = self.records
        for part in [part for part in records if part[0] not in ("security", "starts")]:
            del records[part]

    def has_input(self) -> bool:
        return bool(self.incoming)

    def receive(self, buffer: bytearray) -> int:
        """Gives what the test has put into `incoming`."""
        size = min(len(buffer), len(self.incoming))
        buffer[:size] = self.incoming[:size]
        del self.incoming[:size]
        return size

    def __getattr__(self, name: str) -> Any:
        """What it does with files of the store is what a desktop does."""
        return getattr(self._scratch, name)

    def has_room(self) -> bool:
        return True

    def open_lines(self, option: str, path: str) -> BinaryIO:
        return io.BytesIO(self._files[option])


@pytest.fixture
def line() -> Line:
    return Line()


def compiled(*lines: str) -> bytes:
    """The compiled form of a scenario of these lines."""
    return compile_scenario("\n".join(lines), "scenario", load()).compiled().encode()


@pytest.fixture
def compile_to(tmp_path: Path) -> Callable[..., Path]:
    """`compile_to(*lines)`: the file of a compiled scenario of these lines."""

    def compile_to(*lines: str) -> Path:
        path = tmp_path / "compiled"
        path.write_bytes(compiled(*lines))
        return path

    return compile_to


class Life(NamedTuple):
    """A rover that has lived, and what the ground has of it."""

    rover: Rover
    received: Received

    def names(self) -> list[str]:
        """Of the events, those of its plan and its way left out."""
        return [event.name for event in self.received.of_the_craft()]


MakeRover = Callable[..., Rover]
Live = Callable[..., Life]


@pytest.fixture(scope="session")
def make_rover() -> MakeRover:
    """`make_rover(*lines, plan=..., **options)`: a rover on a Line, to which these lines of a scenario happen.

    plan: what the file of its plan holds, compiled; by default its own.
    """

    def make_rover(*lines: str, plan: str | None = None, **options: str) -> Rover:
        if lines:
            options["scenario"] = "scenario"
        if plan is not None:
            options["plan"] = "plan"
        board = Line(scenario=compiled(*lines), plan=(plan or "").encode())
        return Rover(Settings(options, speed="max"), board, board, board)

    return make_rover


@pytest.fixture(scope="session")
def live(make_rover: MakeRover, receive_whole: Receive) -> Live:
    """`live(*lines, **options)`: the whole life of such a rover."""

    def live(*lines: str, **options: str) -> Life:
        rover = make_rover(*lines, **options)
        rover.run()
        return Life(rover, receive_whole(b"".join(rover.line.frames)))

    return live


@pytest.fixture(scope="session")
def make_line() -> type[Line]:
    """For tests that need a new line for each example."""
    return Line


@pytest.fixture(scope="session")
def live_through(make_rover: MakeRover, receive: Receive) -> Callable[..., Received]:
    """`live_through(*lines, **options)`: what the ground has of such a life, however bad the line was."""

    def live_through(*lines: str, **options: str) -> Received:
        rover = make_rover(*lines, **options)
        rover.run()
        return receive(b"".join(rover.line.frames))

    return live_through


class PicoInt(int):
    """An integer that refuses to leave a Pico's small integers, and makes of all that it meets its like."""


def _checked(name: str) -> Callable[..., object]:
    operation = getattr(int, name)

    def call(*operands: int) -> object:
        result = operation(*operands)
        if type(result) is not int:  # not implemented, or a float
            return result
        assert -(1 << 30) <= result < 1 << 30, f"{name}{operands} = {result} leaves a Pico's small integers"
        return PicoInt(result)

    return call


for _operator in ("add", "sub", "mul", "floordiv", "mod", "and", "or", "xor", "lshift", "rshift"):
    for _name in (f"__{_operator}__", f"__r{_operator}__"):
        setattr(PicoInt, _name, _checked(_name))
for _operator in ("neg", "abs", "invert"):
    setattr(PicoInt, f"__{_operator}__", _checked(f"__{_operator}__"))


@pytest.fixture(scope="session")
def pico_int() -> type[PicoInt]:
    """An integer type that fails where a result reaches 2**30: what is computed from it runs on a Pico's small ones."""
    for operation in (operator.add, operator.mul):
        with pytest.raises(AssertionError):
            operation(1 << 29, PicoInt(1 << 29))
    return PicoInt
