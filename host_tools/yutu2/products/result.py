"""What is made of products: a picture, its data, and the numbers that it comes to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass
class Result:
    """A picture and its data.

    name: stem of its files. draw: draws on an empty figure and sets its size. hdus: the data as FITS units, a primary
    one first, with units in their headers (BUNIT, CTYPE, CUNIT). facts: numbers for summaries, the unit in their names.
    """

    name: str
    title: str
    draw: "Callable[[Figure], None]"
    hdus: Callable[[], list[Any]]
    facts: dict[str, Any] = field(default_factory=dict)
