"""Absorption bands of a VNIS spectrum, and the mafic mineral that they indicate.

The continuum is a straight line between tie points, where there is little absorption; the spectrum is divided by it
(Clark and Roush 1984, doi 10.1029/JB089iB07p06329). The centre of a band is the minimum of a polynomial fitted to it.
Band centres of pyroxenes: Adams 1974 (doi 10.1029/JB079i032p04829), Cloutis and Gaffey 1991 (doi 10.1029/91JE02512).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial import Polynomial

Floats = npt.NDArray[np.float64]

WAVELENGTHS_NM: Floats = np.arange(450.0, 2401.0, 5.0)
CONTINUUM_TIES_NM = ((700, 800), (1490, 1610), (2350, 2400))
"""Ranges; the continuum passes through the mean of each."""
PYROXENE_FIELDS_NM = {
    "orthopyroxene": ((900, 930), (1800, 2100)),
    "clinopyroxene": ((910, 1060), (1970, 2350)),
}
"""Ranges of the band centres near 1 and near 2 um."""

_WINDOWS = ((840, 1140, 4), (1800, 2340, 3))  # range in nm, and degree of the polynomial
_MIN_COVERAGE = 0.8  # of a window must have come
_MIN_DEPTH = 0.01
_OLIVINE = (1030, 0.15)  # lowest centre in nm, and largest depth near 2 um as a fraction of that near 1 um


@dataclass(frozen=True)
class Band:
    """Describe one band.

    centre (nm). depth: below the continuum, as a fraction of it. curve: the fitted polynomial, over nm.
    """

    centre: float
    depth: float
    curve: Polynomial


@dataclass(frozen=True)
class AbsorptionBands:
    """Describe the bands near 1 and 2 um.

    continuum. continuum_removed: the spectrum divided by it. first, second: the bands, None where none is found.
    is_complete: whether enough of the spectrum was received for both.
    """

    continuum: Floats
    continuum_removed: Floats
    first: Band | None
    second: Band | None
    is_complete: bool

    @property
    def mineral(self) -> str | None:
        """Return the dominant mafic mineral by the band centres; None if they indicate none."""
        if self.first is None or not self.is_complete:
            return None
        at, ratio = _OLIVINE
        if self.second is None or self.second.depth < ratio * self.first.depth:
            return "olivine" if self.first.centre >= at else None
        # The fields overlap, with mixtures between them: clinopyroxene is beyond orthopyroxene on both axes
        (_, end), (_, other_end) = PYROXENE_FIELDS_NM["orthopyroxene"]
        past = (self.first.centre > end, self.second.centre > other_end)
        return "clinopyroxene" if all(past) else "mixed pyroxenes" if any(past) else "orthopyroxene"


def find_absorption_bands(reflectance: Floats) -> AbsorptionBands | None:
    """Find the bands of a spectrum of 391 values, NaN where missing. Return None without a continuum."""
    places = [_within(low, high) & np.isfinite(reflectance) for low, high in CONTINUUM_TIES_NM]
    if not all(place.any() for place in places):
        return None
    middles = [WAVELENGTHS_NM[place].mean() for place in places]
    continuum = np.interp(
        WAVELENGTHS_NM, middles, [reflectance[place].mean() for place in places], left=np.nan, right=np.nan
    )
    continuum_removed = reflectance / continuum
    received = [np.isfinite(continuum_removed[_within(low, high)]).mean() >= _MIN_COVERAGE for low, high, _ in _WINDOWS]
    bands = [
        _find_band(continuum_removed, *window) if there else None
        for window, there in zip(_WINDOWS, received, strict=True)
    ]
    return AbsorptionBands(continuum, continuum_removed, bands[0], bands[1], all(received))


def _within(low: float, high: float) -> npt.NDArray[np.bool_]:
    return (low <= WAVELENGTHS_NM) & (high >= WAVELENGTHS_NM)


def _find_band(continuum_removed: Floats, low: int, high: int, degree: int) -> Band | None:
    received = _within(low, high) & np.isfinite(continuum_removed)
    curve = Polynomial.fit(WAVELENGTHS_NM[received], continuum_removed[received], degree)
    places = np.arange(low, high + 1.0)
    minimum = int(curve(places).argmin())
    depth = 1 - float(curve(places[minimum]))
    if depth < _MIN_DEPTH or minimum in (0, len(places) - 1):
        return None
    return Band(float(places[minimum]), depth, curve)
