"""Uplink files: commands at mission times, so that a commanded run repeats. Read, checked, compiled for the firmware.

    craft rover
    2020-11-12T06:00:00Z      PING
    2020-11-12T06:00:30.250Z  DRIVE bearing=315 distance=5.5

`craft` may be left out. The order of the lines is free; commands of one time go in the order of their lines.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from yutu2.dictionary.model import Dictionary, load
from yutu2.dictionary.text import MS, WrongLine, read_text, read_time, suggest, utc, words_of
from yutu2.errors import WrongUse
from yutu2.firmware import EPOCH, borrow_sun
from yutu2.uplink.cltu import cltu
from yutu2.uplink.counter import Counter
from yutu2.uplink.encode import Request, packet, read_request
from yutu2.uplink.frame import bd_frame, with_error_control
from yutu2.uplink.security import MAX_DATA, OVERHEAD, protector_of_next, read_key

HEADING = f"  {'UTC':23}  {'lunar':>5}  {'octets':>6}  command"

_FORMAT = 1  # of the compiled form
_PIECE = 32  # octets of a line of it, so that a rover needs little room for one
_CRAFT = "rover"


@dataclass(frozen=True, slots=True)
class TimedCommand:
    """One line of an uplink file. line: its number, from 1. time_ms: since 2019-01-01T00:00:00 UTC."""

    line: int
    time_ms: int
    request: Request


@dataclass(frozen=True)
class UplinkFile:
    """A checked uplink file.

    name: of the file. hash: of the dictionary that it was read by. craft: named in it; None: none, so the rover.
    spacecraft: id. apid: to which all commands go. commands: by time. key: file with the key that secures their frames;
    None: they go in clear.
    """

    name: str
    hash: bytes
    craft: str | None
    spacecraft: int
    apid: int
    commands: tuple[TimedCommand, ...]
    key: Path | None = None

    def secured(self, key: Path) -> "UplinkFile":
        """Return the same commands, to be secured with the key in a file.

        Raises WrongUse: the file holds no key, or no counter is beside it; UplinkError: commands that do not fit a
        secured frame.
        """
        read_key(key)
        Counter(key)
        packets = zip(self.commands, self.packets(), strict=True)
        if wrong := [command.line for command, octets in packets if len(octets) > MAX_DATA]:
            raise UplinkError(
                "\n".join(f"{self.name}:{line}: does not fit a secured frame; send some of it later" for line in wrong)
            )
        return replace(self, key=key)

    def transmissions(self) -> list[bytes]:
        """Return the CLTU of each command, in a BD frame.

        Of AD frames a single one that is lost, as in the night, would have FARM-1 reject all that follow: no sender
        repeats it.

        With a key the first call takes the next numbers of its counter for good; later calls return the same octets.
        Raises WrongUse: they cannot be taken.
        """
        return self._transmissions

    @cached_property
    def _transmissions(self) -> list[bytes]:
        frames = self._frames()
        if self.key is not None and frames:
            protector = protector_of_next(self.key, len(frames))
            frames = [protector.apply_security(frame) for frame in frames]
        return [cltu(with_error_control(frame)) for frame in frames]

    def packets(self) -> list[bytes]:
        """Return the telecommand packet of each command; their sequence counts begin at 0."""
        counts = accumulate((command.request.packets for command in self.commands), initial=0)
        return [
            packet(command.request, self.apid, count) for command, count in zip(self.commands, counts, strict=False)
        ]

    def _frames(self) -> list[bytes]:
        return [bd_frame(self.spacecraft, octets) for octets in self.packets()]

    def _sizes(self) -> list[int]:
        """Return the octets of each transmission, without taking a number of the key's counter."""
        overhead = bytes(OVERHEAD if self.key is not None else 0)
        return [len(cltu(with_error_control(frame + overhead))) for frame in self._frames()]

    def compiled(self) -> str:
        """The firmware's form, ASCII: `uplink 1 HASH`, then lines `S MS HEX`: octets that come to the rover at a time.

        S, MS: seconds since 2019-01-01T00:00:00 UTC, and milliseconds, decimal. HEX: up to 32 octets; what is longer
        goes on in the next line.
        """
        lines = [f"uplink {_FORMAT} {self.hash.hex()}"]
        for command, octets in zip(self.commands, self.transmissions(), strict=True):
            s, ms = divmod(command.time_ms, 1000)
            lines += [f"{s} {ms} {octets[at : at + _PIECE].hex()}" for at in range(0, len(octets), _PIECE)]
        return "\n".join(lines) + "\n"

    def lines(self) -> list[str]:
        """What is sent, a line each under a heading: UTC, lunar day, octets on the line, command."""
        lunar_day = borrow_sun().lunar_day
        return [HEADING] + [
            f"  {utc(command.time_ms)}  {lunar_day(command.time_ms // 1000):5}  {size:6}  {command.request.what}"
            for command, size in zip(self.commands, self._sizes(), strict=True)
        ]

    def warnings(self, start: datetime, end: datetime) -> list[str]:
        """A line for each command that comes outside a run from `start` to `end`, both UTC."""
        return [
            f"{self.name}:{command.line}: {command.request.what} lies outside the run, {start:%Y-%m-%dT%H:%M:%SZ} to "
            f"{end:%Y-%m-%dT%H:%M:%SZ}"
            for command in sorted(self.commands, key=lambda command: command.line)
            if not start <= EPOCH + command.time_ms * MS <= end
        ]


class UplinkError(WrongUse):
    """Lines of an uplink file that cannot be: a line of text each, as `FILE:LINE: what is wrong; what may be`."""


def read_uplink(path: str, key: str | None = None) -> UplinkFile:
    """The uplink file at `path`, by the firmware's dictionary; key: path of the one that secures it.

    WrongUse: no such text, no such key; UplinkError: wrong lines.
    """
    uplink = compile_uplink(read_text(path, "list of commands"), path, load())
    return uplink if key is None else uplink.secured(Path(key))


def compile_uplink(text: str, name: str, dictionary: Dictionary) -> UplinkFile:
    """The uplink file that `text` is; name: of its file, for errors. UplinkError tells every line that cannot be."""
    craft: str | None = None
    commands: list[TimedCommand] = []
    wrong: list[str] = []
    for number, words in words_of(text):
        try:
            if words[0] == "craft":
                craft = _craft(words, craft, bool(commands), list(dictionary.craft))
            else:
                commands.append(_command(number, words, dictionary))
        except WrongLine as error:
            wrong.append(f"{name}:{number}: {error}")
    if wrong:
        raise UplinkError("\n".join(wrong))
    commands.sort(key=lambda command: command.time_ms)
    spacecraft: int = dictionary.craft[craft or _CRAFT]["spacecraft"]
    return UplinkFile(name, dictionary.hash, craft, spacecraft, dictionary.apids["COMPUTER"], tuple(commands))


def _craft(words: list[str], before: str | None, is_late: bool, names: list[str]) -> str:
    if before is not None:
        raise WrongLine("craft stands there twice; write it once")
    if len(words) != 2 or words[1] not in names:
        raise WrongLine(f"craft is followed by its name; {suggest(' '.join(words[1:]), names)}")
    if is_late:
        raise WrongLine("craft stands after a command; write it before the first")
    return words[1]


def _command(number: int, words: list[str], dictionary: Dictionary) -> TimedCommand:
    time_ms = read_time(words[0])
    if len(words) == 1:
        raise WrongLine(f"a time and no command; choose from {', '.join(one.name for one in dictionary.commands)}")
    return TimedCommand(number, time_ms, read_request(words[1:], dictionary))
