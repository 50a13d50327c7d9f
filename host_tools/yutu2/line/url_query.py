"""The query of a URL: options of a rover, with file names that need not be UTF-8."""

import sys
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from yutu2.errors import WrongUse

# A file name gives the same octets after a round trip through a URL
_ENCODING, _ERRORS = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()


def options_of(url: str) -> dict[str, str]:
    """Return the options in the query of a URL, by name. Raises WrongUse for an invalid URL."""
    try:
        query = urlsplit(url).query
        options = dict(parse_qsl(query, keep_blank_values=True, encoding=_ENCODING, errors=_ERRORS))
    except ValueError as error:
        raise WrongUse(f"{url}: is no URL: {error}; write it as emulator://unix?speed=60") from error
    for name, value in options.items():
        if "\0" in value:
            raise WrongUse(f"{url}: {name} holds a character NUL, which is invalid in file names and options")
    return options


def query_of(options: Mapping[str, str]) -> str:
    """Return the query for these options."""
    return urlencode(options, encoding=_ENCODING, errors=_ERRORS)
