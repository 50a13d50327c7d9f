"""What the word at the end of a line may become: names of commands, of their arguments, labels of enums."""

from dataclasses import dataclass

from yutu2.cli.shell.help import texts_of, values_of
from yutu2.dictionary.model import Dictionary

HELP = "help"
QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Choice:
    """text: in place of the last `replaced` characters of the line. told: what it is."""

    text: str
    replaced: int
    told: str


def choices(line: str, dictionary: Dictionary) -> list[Choice]:
    """All that the last word of a line may become; case does not count in what is typed."""
    before, _, word = _innermost(line).rpartition(" ")
    words = before.split()
    commands = {command.name: command for command in dictionary.commands}
    if not words:
        return _fitting(word, {name: command.text for name, command in commands.items()} | _OTHERS)
    if words == [HELP]:
        return _fitting(word, texts_of(dictionary))
    command = commands.get(words[0].upper())
    if command is None:
        return []
    name, equals, text = word.partition("=")
    if not equals:
        given = dict(one.split("=", 1) for one in words[1:] if "=" in one)
        parameters = {parameter.name: parameter for parameter in dictionary.parameters}
        free = [argument for argument in command.arguments if argument.name not in given]
        told = {one.name: values_of(one, parameters.get(given.get(one.of or "", ""))) for one in free}
        return _fitting(word, {f"{name}=": values for name, values in told.items()})
    labels = next((argument.labels for argument in command.arguments if argument.name == name), None) or {}
    texts = texts_of(dictionary)
    last = text.rpartition(",")[2] if command.repeat else text
    return _fitting(last, {label: texts.get(label, "") for label in labels.values()})


_OTHERS = {HELP: "what there is", QUIT: "ends the shell"}


def _innermost(line: str) -> str:
    """What stands in the last bracket that is open, a command in a command; or the whole line."""
    begins = [0]
    for place, letter in enumerate(line, 1):
        if letter == "(":
            begins.append(place)
        elif letter == ")" and len(begins) > 1:
            begins.pop()
    return line[begins[-1] :]


def _fitting(word: str, told: dict[str, str]) -> list[Choice]:
    return [Choice(text, len(word), what) for text, what in told.items() if text.casefold().startswith(word.casefold())]
