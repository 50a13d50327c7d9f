"""What a user can get wrong, and what a rover may answer to a command."""


class WrongUse(Exception):
    """Something that the user can mend; the text says what, where and what to do. Exit status 2, no traceback."""


class CommandFailed(Exception):
    """A rover has refused a command, or could not do it; the text says which and why."""


class NoAnswer(Exception):
    """A rover has not said in time what was waited for; the text says what is known of the reason."""
