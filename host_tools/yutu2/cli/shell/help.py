"""What the dictionary tells of commands, parameters and reports, for one who has to write a command."""

from yutu2.dictionary.behaviour import Argument
from yutu2.dictionary.commands import CUC, OCTETS, TELECOMMAND, Command, CommandArgument, Parameter
from yutu2.dictionary.model import BOOL, TIME, Dictionary, Field, Packet
from yutu2.dictionary.text import WrongLine, suggest, told_value


def overview(dictionary: Dictionary) -> list[str]:
    """All commands, a line each, and what else may be typed."""
    width = max(len(command.name) for command in dictionary.commands)
    return [
        *(f"  {command.name:{width}}  {command.text}" for command in dictionary.commands),
        "help NAME tells more of a command, a parameter, a report or an event; quit ends.",
    ]


def help_on(name: str, dictionary: Dictionary) -> list[str]:
    """What there is to know of a name, in any case of its letters. WrongLine: the dictionary does not have it."""
    name = name.upper()
    for command in dictionary.commands:
        if command.name == name:
            return _command(command)
    for parameter in dictionary.parameters:
        if parameter.name == name:
            return _parameter(parameter)
    for packet in dictionary.packets + dictionary.events:
        if packet.name == name:
            return _packet(packet)
    raise WrongLine(f"unknown name '{name}'; {suggest(name, list(texts_of(dictionary)))}")


def texts_of(dictionary: Dictionary) -> dict[str, str]:
    """A line on each name that there is help on."""
    commands = {command.name: command.text for command in dictionary.commands}
    parameters = {parameter.name: parameter.text for parameter in dictionary.parameters}
    return commands | parameters | {packet.name: packet.text for packet in dictionary.packets + dictionary.events}


def values_of(argument: CommandArgument, parameter: Parameter | None = None) -> str:
    """What an argument may be, in a few words. parameter: the one whose value it is, where that is known."""
    if argument.of is not None:
        return f"in the range of its {argument.of}" if parameter is None else _range(_as_argument(parameter))
    if argument.type == CUC:
        return "UTC, as 2020-11-12T06:00:30.250Z"
    if argument.type == OCTETS:
        return "octets, two hex digits each"
    if argument.type == TELECOMMAND:
        return f"a command of up to {argument.most} octets, as (DRIVE bearing=315 distance=5.5)"
    return ", ".join(argument.labels.values()) if argument.labels is not None else _range(argument)


def _command(command: Command) -> list[str]:
    usage = " ".join([command.name, *(f"{argument.name}=..." for argument in command.arguments)])
    width = max((len(argument.name) for argument in command.arguments), default=0)
    lines = [usage, f"  {command.text}"]
    lines += [f"  {argument.name:{width}}  {values_of(argument)}" for argument in command.arguments]
    if command.repeat:
        several = " ".join(f"{argument.name}=A,B,C" for argument in command.arguments if not argument.once)
        lines.append(f"  Of several at once: {several}")
    if command.reasons is not None:
        lines.append(f"  May be refused or fail: {', '.join(command.reasons.values())}")
    return [*lines, f"  In mode {', '.join(command.modes)}."]


def _parameter(parameter: Parameter) -> list[str]:
    argument = _as_argument(parameter)
    default = told_value(argument, parameter.default)
    return [parameter.name, f"  {parameter.text}", f"  {_range(argument)}; {default} if not set"]


def _packet(packet: Packet) -> list[str]:
    width = max((len(field.name) for field in packet.fields), default=0)
    period = [f"  each {packet.period_s} s, if not changed"] if packet.period_s else []
    fields = (
        f"  {field.name:{width}}  {' '.join(filter(None, (_kind_of(field), field.text)))}".rstrip()
        for field in packet.fields
    )
    return [packet.name, f"  {packet.text}", *period, *fields]


def _kind_of(field: Field) -> str:
    """The unit of a field, or what it is where that is no number."""
    if field.unit is not None:
        return f"({field.unit})"
    if field.type in (TIME, CUC):
        return "(UTC)"
    if field.bits is not None:
        return f"(any of {', '.join(field.bits.values())})"
    return "(true or false)" if field.type == BOOL else ""


def _range(argument: Argument) -> str:
    least, most = told_value(argument, argument.least), told_value(argument, argument.most)
    unit = f" {argument.unit}" if argument.unit else ""
    steps = f", in steps of {argument.scale:g}" if argument.scale is not None else ""
    return f"{least} to {most}{unit}{steps}"


def _as_argument(parameter: Parameter) -> Argument:
    return Argument(parameter.name, parameter.least, parameter.most, parameter.unit, None, parameter.scale)
