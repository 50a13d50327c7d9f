"""Derived products: what is made of a product, as a picture with its data and facts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass
class DerivedProduct:
    """Describe a picture and its data.

    name: stem of the file names. title: of the picture. draw: draws on an empty figure and sets its size. hdus: returns
    the data as FITS HDUs, the primary one first, with units in their headers (BUNIT, CTYPE, CUNIT). facts: numbers for
    summaries, with the unit in their names.
    """

    name: str
    title: str
    draw: "Callable[[Figure], None]"
    hdus: Callable[[], list[Any]]
    facts: dict[str, Any] = field(default_factory=dict)
