"""Errors of the emulated Pico and its images, as one line for the user."""

from yutu2.errors import WrongUse


class ImageError(WrongUse):
    """Raised for a board image that cannot be read, downloaded or built. Its text says what, where and what to do."""


class EmulatorError(WrongUse):
    """Raised for an invalid use of the emulated Pico. Its text says what, where and what to do."""


def missing_extra(package: str) -> str:
    """Return the message that `package` is missing, with the extra to install."""
    return f"{package} is not installed; it comes with the extra: pip install '.[pico]' in the repository"
