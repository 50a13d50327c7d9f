"""Telecommand packets that a report holds, in the words in which one writes them."""

from datetime import datetime
from struct import Struct, calcsize, unpack_from
from typing import Any

from yutu2.dictionary.commands import CUC, OCTETS, TELECOMMAND, Command, CommandArgument, Parameter
from yutu2.firmware import to_datetime

_PRIMARY_HEADER = 6
_HEADERS = 11
_KIND = Struct(">BB")  # behind primary header and version
_ERROR_CONTROL = 2
_FUNCTIONS = 8


def size_of(octets: bytes) -> int:
    """Octets of the space packet with which `octets` begin; more than there are if it is cut."""
    if len(octets) < _PRIMARY_HEADER:
        return _PRIMARY_HEADER + 1
    return int.from_bytes(octets[4:_PRIMARY_HEADER]) + _PRIMARY_HEADER + 1


def cuc(seconds: int, fraction: int) -> datetime:
    """UTC of a CUC time of 4 + 2 octets (CCSDS 301.0-B-4, 3.2), to the nearest millisecond."""
    return to_datetime(seconds, (fraction * 1000 + 32768) // 65536)


def time_text(octets: bytes) -> str:
    """A CUC time as one writes it, as 2020-11-12T06:00:30.250Z."""
    seconds, fraction = unpack_from(">IH", octets)
    return cuc(seconds, fraction).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


class TelecommandReader:
    """Reads telecommands by a dictionary's commands and parameters."""

    def __init__(self, commands: tuple[Command, ...], parameters: tuple[Parameter, ...]) -> None:
        self._commands = {(one.service, one.subservice, one.function): one for one in commands}
        self._parameters = {parameter.id: parameter for parameter in parameters}

    def words(self, octets: bytes) -> str:
        """A packet as DRIVE bearing=315 distance=5.5; in hexadecimal, if the dictionary has no such command."""
        if len(octets) != size_of(octets) or len(octets) < _HEADERS + _ERROR_CONTROL:
            return octets.hex()
        service, subservice = _KIND.unpack_from(octets, _PRIMARY_HEADER + 1)
        data = octets[_HEADERS:-_ERROR_CONTROL]
        function = None
        if service == _FUNCTIONS:
            function, data = int.from_bytes(data[:2]), data[2:]
        command = self._commands.get((service, subservice, function))
        columns = self._columns(command, data) if command is not None else None
        if command is None or columns is None:
            return octets.hex()
        return " ".join([command.name, *(f"{name}={','.join(texts)}" for name, texts in columns.items())])

    def _columns(self, command: Command, data: bytes) -> dict[str, list[str]] | None:
        """The texts of each argument; None: the data are not as long as they say."""
        texts: dict[str, list[str]] = {argument.name: [] for argument in command.arguments}
        at, count = 0, 1
        rows = [command.once]
        if command.repeat:
            at = calcsize(">" + "".join(argument.code for argument in command.once))
            if len(data) <= at:
                return None
            count, data, at = data[at], data[:at] + data[at + 1 :], 0
        rows += [command.arguments[len(command.once) :]] * count
        for row in rows:
            values: dict[str, Any] = {}
            for argument in row:
                size = _size(argument, data[at:])
                if at + size > len(data):
                    return None
                values[argument.name] = self._value(argument, data[at : at + size])
                texts[argument.name].append(self._text(argument, values))
                at += size
        return texts if at == len(data) else None

    def _value(self, argument: CommandArgument, octets: bytes) -> Any:
        if argument.type == TELECOMMAND:
            return f"({self.words(octets)})"
        if argument.type == OCTETS:
            return octets.hex()
        return time_text(octets) if argument.type == CUC else unpack_from(">" + argument.code, octets)[0]

    def _text(self, argument: CommandArgument, values: dict[str, Any]) -> str:
        value, scale = values[argument.name], argument.scale
        if argument.of is not None and values[argument.of] in self._parameters:
            scale = self._parameters[values[argument.of]].scale
        if scale is not None:
            return f"{value * scale:.12g}"
        return argument.labels.get(value, str(value)) if argument.labels is not None else str(value)


def _size(argument: CommandArgument, octets: bytes) -> int:
    if argument.type == TELECOMMAND:
        return size_of(octets)
    return len(octets) if argument.type == OCTETS else calcsize(">" + argument.code)
