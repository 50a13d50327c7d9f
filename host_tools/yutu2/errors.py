"""What a user can get wrong."""


class WrongUse(Exception):
    """Something that the user can mend; the text says what, where and what to do. Exit status 2, no traceback."""
