"""Options of a run, checked by the firmware's own rules before a rover is started or a line is printed."""

import re
from collections.abc import Callable, Mapping

from yutu2.errors import WrongUse
from yutu2.firmware import borrow_settings


def as_option(name: str) -> str:
    """Return an option's name as it is typed on the command line, as --lunar-day."""
    return "--" + name.replace("_", "-")


def as_query(name: str) -> str:
    """Return an option's name as it is typed in a URL, as lunar_day."""
    return name


def check_options(options: Mapping[str, str], spelled: Callable[[str], str] = as_option) -> None:
    """Check craft, times, seed and speed of a rover.

    options: texts by name, as {"lunar_day": "24"}. spelled: returns a name as the user typed it. Raises WrongUse.
    """
    settings = borrow_settings()
    try:
        settings.Settings(dict(options), speed="max")
    except settings.SettingError as error:
        subject, colon, text = error.text.partition(":")
        names = {name.replace("_", "-"): spelled(name) for name in settings.NAMES}
        subject = re.sub(r"[a-z-]+", lambda word: names.get(word[0], word[0]), subject)
        text = text.replace("start and days", f"{spelled('start')} and {spelled('days')}")
        raise WrongUse(f"{subject}{colon}{text}") from None
