"""What traces of the penetrating radar say: a section of echoes over distance and time, and the layers in it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from yutu2.products.product import Product

Floats = npt.NDArray[np.floating[Any]]

_LIGHT = 0.299792458  # m/ns
_FAR = 1e5  # ns: after all echoes
_MOST_COLUMNS = 4000
_MOST_A_PLACE = 16  # columns
_DIRECT = 4  # periods
_WINDOWS = 4  # loudness is measured over a fourth of a trace
_QUIETEST = 0.5  # counts: what is less is rounding
_APART = 1.5  # periods between layers at least
_FAINTEST = 0.36  # of the strongest layer: what is fainter is none
_OVER_NOISE = 4  # times the median of all: what is fainter is not even an echo


class Channel(NamedTuple):
    """mhz: middle of its band. sample_ns: from sample to sample."""

    mhz: int
    sample_ns: float

    @property
    def period(self) -> float:
        """Of its wave, in samples."""
        return 1000 / self.mhz / self.sample_ns

    @property
    def direct_ns(self) -> float:
        """How long the wave straight over the ground lasts, with its ringing."""
        return _DIRECT * 1000 / self.mhz


CHANNELS = {"LPR_60": Channel(60, 4.0), "LPR_500": Channel(500, 0.625)}


@dataclass(frozen=True)
class Section:
    """Echoes on an even grid, NaN where no trace came.

    distances: m, of each column; times: ns down and up, of each row. traces: that came; places: distances at which.
    echoes: counts, (columns, rows), those of one distance averaged. evened: the same without the direct wave, in units
    of the usual loudness at that time. envelope: counts, without the direct wave, 0 where no trace came. layers: from
    the top, the time (ns) in each column, NaN where no trace came.
    """

    channel: Channel
    traces: int
    distances: Floats
    places: Floats
    times: Floats
    echoes: Floats
    evened: Floats
    envelope: Floats
    layers: list[Floats]

    @property
    def came(self) -> npt.NDArray[np.bool_]:
        """In which columns there is a trace, or a part of one."""
        return _came(self.echoes)

    @property
    def layer_times(self) -> list[float]:
        """The mean of each layer's time, ns."""
        return [float(np.nanmean(layer)) for layer in self.layers]


def section(product: Product) -> Section | None:
    """The section of a product of the radar; None when no trace came."""
    channel = CHANNELS[product.kind]
    traces, places, stacked = _stack(product)
    if not traces:
        return None
    distances, echoes = _spread(places, stacked)
    came = _came(echoes)
    times = np.arange(echoes.shape[1]) * channel.sample_ns
    # To subtract the mean trace would take level layers away with the direct wave
    heard = (echoes - np.nanmedian(echoes)) * (times >= channel.direct_ns)
    envelope = _envelope(np.nan_to_num(heard))
    loudness = _evened(np.median(envelope[came], axis=0), len(times) // _WINDOWS)
    evened = heard / np.maximum(loudness, _QUIETEST)
    layers = [row * channel.sample_ns for row in _layers(envelope, came, channel.period)]
    return Section(channel, traces, distances, places, times, echoes, evened, envelope, layers)


def depth_of(times: Any, layer_times: list[float], permittivity: tuple[float, ...]) -> Any:
    """Depth, m, of echoes that come after these times, ns.

    layer_times: when those of the interfaces come; permittivity: relative, above each of them and below, the last one
    further down.
    """
    return np.interp(times, *_knots(layer_times, permittivity))


def time_of(depths: Any, layer_times: list[float], permittivity: tuple[float, ...]) -> Any:
    """The inverse of `depth_of`."""
    knots, depths_then = _knots(layer_times, permittivity)
    return np.interp(depths, depths_then, knots)


def _knots(layer_times: list[float], permittivity: tuple[float, ...]) -> tuple[Floats, Floats]:
    """(times, depths) between which waves go evenly; the first before any ground, the last below all."""
    times = np.array([0.0, *layer_times, _FAR])
    each = [permittivity[min(number, len(permittivity) - 1)] for number in range(len(times) - 1)]
    speeds = _LIGHT / 2 / np.sqrt(each)
    depths = np.concatenate(([0.0], np.cumsum(np.diff(times) * speeds)))
    # The axis of a picture begins above the ground
    return np.append(-_FAR, times), np.append(-_FAR * speeds[0], depths)


def _stack(product: Product) -> tuple[int, Floats, Floats]:
    """(traces that came, their distances, for each of these the mean trace)."""
    distances = product.records["distance"]
    came = np.isfinite(distances) & ~np.ma.getmaskarray(product.samples).all(axis=1)
    if not came.any():
        return 0, np.zeros(0), np.zeros((0, product.samples.shape[1]))
    places, place = np.unique(distances[came], return_inverse=True)
    traces = product.samples[came].astype(float)
    order = np.argsort(place, kind="stable")
    firsts = np.searchsorted(place[order], np.arange(len(places)))
    heard = ~np.ma.getmaskarray(traces)[order]
    with np.errstate(invalid="ignore"):
        stacked = np.add.reduceat(traces.filled(0)[order], firsts) / np.add.reduceat(heard.astype(int), firsts)
    return len(traces), places, stacked


def _spread(places: Floats, stacked: Floats) -> tuple[Floats, Floats]:
    """(even distances, for each the trace of the nearest place or NaN where that is far)."""
    if len(places) == 1:
        return places, stacked
    # Far more columns than places would be holes alone, or tell of one place that is wrong
    columns = min(_MOST_COLUMNS, _MOST_A_PLACE * len(places))
    step = max(np.median(np.diff(places)), (places[-1] - places[0]) / columns)
    distances = np.arange(places[0], places[-1] + step / 2, step)
    after = np.clip(np.searchsorted(places, distances), 1, len(places) - 1)
    nearest = after - (distances - places[after - 1] <= places[after] - distances)
    echoes = stacked[nearest]
    echoes[np.abs(places[nearest] - distances) > 0.75 * step] = np.nan
    return distances, echoes


def _came(echoes: Floats) -> npt.NDArray[np.bool_]:
    """Of which columns a trace came, or a part of one."""
    return np.asarray(np.isfinite(echoes).any(axis=1))


def _envelope(traces: Floats) -> Floats:
    """Of each row: the size of its analytic signal."""
    count = traces.shape[1]
    spectrum = np.fft.fft(traces, axis=1)
    spectrum[:, 1 : (count + 1) // 2] *= 2
    spectrum[:, count // 2 + 1 :] = 0
    size: Floats = np.abs(np.fft.ifft(spectrum, axis=1))
    return size


def _evened(values: Floats, width: int) -> Floats:
    """The median around each value; beyond the ends they go on as they ended."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, width // 2, "edge"), width)
    medians: Floats = np.median(windows, axis=1)[: len(values)]
    return medians


def _layers(envelope: Floats, came: npt.NDArray[np.bool_], period: float) -> list[Floats]:
    """Rows of the layers, column by column, from the top: the strongest ways along the track, one after another."""
    left = envelope.copy()
    rows = np.arange(left.shape[1])
    found: list[Floats] = []
    faintest = _OVER_NOISE * np.median(envelope[came])
    while True:
        way = _strongest_way(left)
        strength = np.median(left[came, way[came]])
        if strength <= faintest:
            return sorted(found, key=lambda layer: float(np.nanmean(layer)))
        faintest = max(faintest, _FAINTEST * strength)
        found.append(np.where(came, _peaks(envelope, way), np.nan))
        left[np.abs(rows - way[:, None]) <= _APART * period] = 0


def _strongest_way(envelope: Floats) -> npt.NDArray[np.intp]:
    """The row in each column of the way on which the envelope sums up to most, by no more than a row a column."""
    total = envelope[0]
    turns = []
    for column in envelope[1:]:
        padded = np.pad(total, 1, constant_values=-1)
        near = np.stack([padded[1:-1], padded[:-2], padded[2:]])
        turns.append(near.argmax(axis=0))
        total = column + near.max(axis=0)
    way = [int(total.argmax())]
    for turn in reversed(turns):
        way.append(way[-1] + (0, -1, 1)[turn[way[-1]]])
    return np.array(way[::-1])


def _peaks(envelope: Floats, way: npt.NDArray[np.intp]) -> Floats:
    """The way, bent to where parabolas through the envelope have their tops."""
    middle = np.clip(way, 1, envelope.shape[1] - 2)
    columns = np.arange(len(way))
    before, here, after = (envelope[columns, middle + side] for side in (-1, 0, 1))
    bend = before - 2 * here + after
    off = np.divide(before - after, 2 * bend, out=np.zeros_like(here), where=bend < 0)
    peaks: Floats = middle + np.clip(off, -1, 1)
    return peaks
