"""What a user can get wrong, and what a rover may answer to a command.

status: of each, the exit status of a command that it ends.
"""


class WrongUse(Exception):
    """Something that the user can mend; the text says what, where and what to do. Exit status 2, no traceback."""

    status = 2


class CommandFailed(Exception):
    """A rover has refused a command, or could not do it; the text says which and why."""

    status = 1


class NoAnswer(Exception):
    """A rover has not said in time what was waited for; the text says what is known of the reason."""

    status = 3


class LineEnded(NoAnswer):
    """Raised when a line ends, breaks or cannot be opened; the text says why, with the rover's exit status and output.

    status: 2 where the user can mend it, as a rover that refuses its options; else 3.
    """

    def __init__(self, text: str, status: int = NoAnswer.status) -> None:
        super().__init__(text)
        self.status = status


def printable(text: str) -> str:
    """Return a text for one line of a terminal: control characters, which would obey it, as backslash escapes."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
