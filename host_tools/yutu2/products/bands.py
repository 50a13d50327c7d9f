"""Absorption bands of a spectrum of VNIS: where they lie, and which mafic mineral that tells of.

The continuum goes straight from tie to tie, where little absorbs, and what is left is divided by it (Clark and Roush
1984, doi 10.1029/JB089iB07p06329). A band's centre is the least of a polynomial that is fitted to it. Where the centres
of pyroxenes lie: Adams 1974 (doi 10.1029/JB079i032p04829), Cloutis and Gaffey 1991 (doi 10.1029/91JE02512).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial import Polynomial

Floats = npt.NDArray[np.float64]

NM: Floats = np.arange(450.0, 2401.0, 5.0)
TIES = ((700, 800), (1490, 1610), (2350, 2400))
"""From and to, in nm: there the continuum goes through the mean."""
FIELDS = {
    "orthopyroxene": ((900, 930), (1800, 2100)),
    "clinopyroxene": ((910, 1060), (1970, 2350)),
}
"""Centres near 1 and near 2 um, from and to, in nm."""

_WINDOWS = ((840, 1140, 4), (1800, 2340, 3))  # from and to, in nm, and the degree of the polynomial
_WHOLE = 0.8  # of a window must have come
_LEAST_DEPTH = 0.01
_OLIVINE = (1030, 0.15)  # it has its band from here on, and hardly one near 2 um: as a part of the first


@dataclass(frozen=True)
class Band:
    """One band. centre: nm. depth: below the continuum, as a part of it. curve: what was fitted, over nm."""

    centre: float
    depth: float
    curve: Polynomial


@dataclass(frozen=True)
class Bands:
    """The bands near 1 and 2 um, None where none is to be seen. removed: the spectrum as a part of its continuum.

    came: whether enough came of the places of both.
    """

    continuum: Floats
    removed: Floats
    first: Band | None
    second: Band | None
    came: bool

    @property
    def mineral(self) -> str | None:
        """The mafic mineral that rules, as the centres tell; None when they tell none."""
        if self.first is None or not self.came:
            return None
        at, ratio = _OLIVINE
        if self.second is None or self.second.depth < ratio * self.first.depth:
            return "olivine" if self.first.centre >= at else None
        # The fields overlap, and a mixture lies between them: clinopyroxene is what is past orthopyroxene in both ways
        (_, end), (_, other_end) = FIELDS["orthopyroxene"]
        past = (self.first.centre > end, self.second.centre > other_end)
        return "clinopyroxene" if all(past) else "mixed pyroxenes" if any(past) else "orthopyroxene"


def find_bands(reflectance: Floats) -> Bands | None:
    """The bands of a spectrum of 391 values, NaN where nothing came; None when no continuum can be drawn."""
    places = [_within(low, high) & np.isfinite(reflectance) for low, high in TIES]
    if not all(place.any() for place in places):
        return None
    middles = [NM[place].mean() for place in places]
    continuum = np.interp(NM, middles, [reflectance[place].mean() for place in places], left=np.nan, right=np.nan)
    removed = reflectance / continuum
    came = [np.isfinite(removed[_within(low, high)]).mean() >= _WHOLE for low, high, _ in _WINDOWS]
    bands = [_find_band(removed, *window) if there else None for window, there in zip(_WINDOWS, came, strict=True)]
    return Bands(continuum, removed, bands[0], bands[1], all(came))


def _within(low: float, high: float) -> npt.NDArray[np.bool_]:
    return (low <= NM) & (high >= NM)


def _find_band(removed: Floats, low: int, high: int, degree: int) -> Band | None:
    came = _within(low, high) & np.isfinite(removed)
    curve = Polynomial.fit(NM[came], removed[came], degree)
    places = np.arange(low, high + 1.0)
    least = int(curve(places).argmin())
    depth = 1 - float(curve(places[least]))
    if depth < _LEAST_DEPTH or least in (0, len(places) - 1):
        return None
    return Band(float(places[least]), depth, curve)
