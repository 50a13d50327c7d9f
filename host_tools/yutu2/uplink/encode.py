"""Commands by name, with arguments by name in engineering units -> telecommand packets (CCSDS 133.0-B-2, PUS-C)."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from yutu2.decode.checksum import crc16
from yutu2.dictionary.behaviour import Argument
from yutu2.dictionary.commands import CUC, OCTETS, TELECOMMAND, Command, CommandArgument
from yutu2.dictionary.model import Dictionary
from yutu2.dictionary.text import WrongLine, read_texts, read_time, read_value, suggest, told_value
from yutu2.firmware import to_datetime

MOST_OCTETS = 1017  # of a packet: what a clear frame holds
SEQUENCE_COUNTS = 1 << 14
# Flags of acknowledgement, ECSS-E-ST-70-41C, 7.4.4.1: of acceptance, start, progress and completion
ALL_REPORTS = 0b1111

_TELECOMMAND = 0x1800  # type 1, with a secondary header
_UNSEGMENTED = 0xC000
_PRIMARY_HEADER = struct.Struct(">HHH")
_SECONDARY_HEADER = struct.Struct(">BBBH")
_PUS_C = 2
_SOURCE = 0  # the ground; the rover tells all its reports to it
_MOST_REPEATS = 0xFF


@dataclass(frozen=True, slots=True)
class Request:
    """A command with its arguments, checked. rows: their raw values, N times for a command that repeats, else once.

    texts: of each argument, as one writes it. once: raw values of those arguments that come once before the N times.
    """

    command: Command
    rows: "tuple[tuple[Raw, ...], ...]"
    texts: tuple[str, ...]
    once: "tuple[Raw, ...]" = ()

    @property
    def what(self) -> str:
        """The command and its arguments, as one writes them."""
        pairs = zip(self.command.arguments, self.texts, strict=True)
        return " ".join([self.command.name, *(f"{argument.name}={text}" for argument, text in pairs)])

    @property
    def packets(self) -> int:
        """How many sequence counts it takes: its own, then one for each telecommand in it."""
        return 1 + sum(value.packets for row in self.rows for value in row if isinstance(value, Request))

    def data(self, apid: int, count: int, reports: int = ALL_REPORTS) -> bytes:
        """Its application data: the function of ST[08], what comes once, N, arguments.

        apid, count, reports: of the telecommands in it, as of a packet; the first one has this sequence count.
        """
        command = self.command
        octets = b"" if command.function is None else struct.pack(">H", command.function)
        octets += b"".join(map(_field, command.once, self.once))
        if command.repeat:
            octets += bytes([len(self.rows)])
        for row in self.rows:
            for argument, value in zip(command.arguments[len(self.once) :], row, strict=True):
                if isinstance(value, Request):
                    octets += packet(value, apid, count, reports)
                    count += value.packets
                else:
                    octets += _field(argument, value)
        return octets


Raw = int | bytes | Request
"""The raw value of an argument; bytes of one that is octets, a Request of one that is a telecommand."""


def requests_in(request: Request) -> Iterator[Request]:
    """Give a request and all that it contains, in the order of their sequence counts."""
    yield request
    for row in request.rows:
        for value in row:
            if isinstance(value, Request):
                yield from requests_in(value)


def read_request(words: list[str], dictionary: Dictionary) -> Request:
    """The request that words such as DRIVE bearing=315 distance=5.5 are. WrongLine tells what they may be.

    Where a command repeats, an argument is a list, as structure=HK_POWER,HK_DRIVE. A command in a command stands in
    brackets, as command=(DRIVE bearing=315 distance=5.5),(STOP), which may be left out around one.
    """
    words = _together(words)
    commands = {command.name: command for command in dictionary.commands}
    name = words[0].upper()
    if name not in commands:
        raise WrongLine(f"unknown command '{words[0]}'; {suggest(name, list(commands))}")
    command = commands[name]
    texts = read_texts(name, command.arguments, words[1:])
    once = {argument.name: texts.pop(argument.name) for argument in command.once}
    columns = [_listed(text) if command.repeat else [text] for text in texts.values()]
    counts = {key: len(column) for key, column in zip(texts, columns, strict=True)}
    if len(set(counts.values())) > 1:
        told = " and ".join(f"{key} has {count}" for key, count in counts.items())
        raise WrongLine(f"{told}; {name} takes as many of each")
    if max(counts.values(), default=0) > _MOST_REPEATS:
        raise WrongLine(f"{name} takes {_MOST_REPEATS} of each at most")
    by_name = [dict(zip(texts, row, strict=True)) for row in zip(*columns, strict=True)] or [{}]
    repeated = command.arguments[len(once) :]
    rows = tuple(_row(repeated, row, dictionary) for row in by_name)
    values = _row(command.once, once, dictionary)
    written = zip(*(_written(repeated, row, dictionary) for row in rows), strict=True)
    told_once = _written(command.once, values, dictionary)
    request = Request(command, rows, (*told_once, *(",".join(texts) for texts in written)), values)
    if len(packet(request, 0, 0)) > MOST_OCTETS:
        raise WrongLine(f"{name} with {len(rows)} of each does not fit a frame; send some of them later")
    return request


def as_words(arguments: Mapping[str, object]) -> list[str]:
    """Arguments that are numbers, texts, times, commands, or lists of such, as the words of them."""
    lists = {key: value if isinstance(value, list | tuple) else [value] for key, value in arguments.items()}
    return [f"{key}={','.join(map(_text, values))}" for key, values in lists.items()]


def packet(request: Request, apid: int, count: int, reports: int = ALL_REPORTS) -> bytes:
    """The telecommand packet. count: its sequence count; telecommands in it have the next ones.

    reports: flags of those that are wanted if all goes well.
    """
    command = request.command
    header = _SECONDARY_HEADER.pack(_PUS_C << 4 | reports, command.service, command.subservice, _SOURCE)
    field = header + request.data(apid, count + 1, reports)
    octets = _PRIMARY_HEADER.pack(_TELECOMMAND | apid, _UNSEGMENTED | count % SEQUENCE_COUNTS, len(field) + 1) + field
    return octets + struct.pack(">H", crc16(octets))


def _row(arguments: tuple[CommandArgument, ...], texts: dict[str, str], dictionary: Dictionary) -> tuple[Raw, ...]:
    values: dict[str, Raw] = {}
    for argument in arguments:
        text = texts[argument.name]
        if argument.type == OCTETS:
            values[argument.name] = _octets(argument.name, text)
        elif argument.type == TELECOMMAND:
            values[argument.name] = _contained(argument, text, dictionary)
        elif argument.type == CUC:
            values[argument.name] = read_time(text)
        else:
            values[argument.name] = read_value(_measured(argument, values, dictionary), text)
    return tuple(values.values())


def _octets(name: str, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise WrongLine(f"{name} is octets, two hex digits each, not '{text}'") from None


def _contained(argument: CommandArgument, text: str, dictionary: Dictionary) -> Request:
    words = text[text.startswith("(") : len(text) - text.endswith(")")].split()
    if not words:
        raise WrongLine(f"{argument.name} is a command, as {argument.name}=(PING), not '{text}'")
    request = read_request(words, dictionary)
    size = len(packet(request, 0, 0))
    if size > argument.most:
        raise WrongLine(f"{argument.name}: {request.command.name} has {size} octets; it may have {argument.most}")
    return request


def _together(words: list[str]) -> list[str]:
    """The same words, what stands in brackets put together to one."""
    whole: list[str] = []
    for word in words:
        if whole and whole[-1].count("(") > whole[-1].count(")"):
            whole[-1] += " " + word
        else:
            whole.append(word)
    return whole


def _listed(text: str) -> list[str]:
    """The texts between commas, but for those in brackets."""
    listed = [""]
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth <= 0:
            listed.append("")
        else:
            listed[-1] += letter
    return listed


def _written(arguments: tuple[CommandArgument, ...], row: tuple[Raw, ...], dictionary: Dictionary) -> list[str]:
    """The raw values of a row as texts."""
    values = dict(zip([argument.name for argument in arguments], row, strict=True))
    return [_told(argument, value, values, dictionary) for argument, value in zip(arguments, row, strict=True)]


def _told(argument: CommandArgument, value: Raw, values: Mapping[str, Raw], dictionary: Dictionary) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Request):
        return f"({value.what})"
    if argument.type == CUC:
        return _text(to_datetime(*divmod(value, 1000)))
    return told_value(_measured(argument, values, dictionary), value)


def _measured(argument: CommandArgument, values: Mapping[str, Raw], dictionary: Dictionary) -> Argument:
    """The argument itself, or with the range and unit of the parameter that another one of `values` names."""
    if argument.of is None:
        return argument
    number = values[argument.of]
    assert isinstance(number, int)
    parameter = dictionary.parameters[number - 1]
    return Argument(argument.name, parameter.least, parameter.most, parameter.unit, None, parameter.scale)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        time = value if value.tzinfo else value.replace(tzinfo=UTC)
        return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    if isinstance(value, Request):
        return f"({value.what})"
    if isinstance(value, str) and " " in value and not value.startswith("("):
        return f"({value})"  # a command with arguments
    # Without the dust of binary fractions
    return f"{value:.9f}".rstrip("0").removesuffix(".") if isinstance(value, float) else str(value)


def _field(argument: CommandArgument, value: Raw) -> bytes:
    if isinstance(value, bytes):
        return value
    assert isinstance(value, int)
    if argument.type == CUC:
        s, ms = divmod(value, 1000)
        return struct.pack(">" + argument.code, s, ms * 65536 // 1000)
    return struct.pack(">" + argument.code, value)
