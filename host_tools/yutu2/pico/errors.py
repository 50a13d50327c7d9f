"""What can go wrong in this room, as one line for the user."""

from yutu2.errors import WrongUse


class ImageError(WrongUse):
    """A board image cannot be read, fetched or built. The text says what, where and what to do."""


class EmulatorError(WrongUse):
    """The emulated Pico cannot do what was asked of it. The text says what, where and what to do."""


def missing_extra(package: str) -> str:
    """One line that names the extra to install when `package` cannot be imported."""
    return f"{package} is not installed; it comes with the extra: pip install '.[pico]' in the repository"
