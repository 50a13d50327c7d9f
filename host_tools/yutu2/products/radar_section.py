"""Section of radar echoes over distance and two-way time, from the traces of the penetrating radar, with its layers."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from yutu2.products.product import Product

Floats = npt.NDArray[np.floating[Any]]

_LIGHT_M_PER_NS = 0.299792458
_FAR_NS = 1e5  # after all echoes
_MAX_COLUMNS = 4000
_MAX_COLUMNS_PER_PLACE = 16
_DIRECT_PERIODS = 4
_WINDOWS = 4  # per trace, for the running median of the loudness
_MIN_LOUDNESS = 0.5  # counts; less is rounding
_MIN_SEPARATION = 1.5  # periods between layers
_MIN_RELATIVE_STRENGTH = 0.36  # of a layer, relative to the strongest one
_MIN_OVER_MEDIAN = 4  # of a layer, relative to the median of the envelope


class Channel(NamedTuple):
    """Describe a radar channel.

    mhz (MHz): centre frequency. sample_ns (ns): sample interval.
    """

    mhz: int
    sample_ns: float

    @property
    def period(self) -> float:
        """Return the period of the wave, in samples."""
        return 1000 / self.mhz / self.sample_ns

    @property
    def direct_ns(self) -> float:
        """Return how long the direct wave along the ground lasts with its ringing, in ns."""
        return _DIRECT_PERIODS * 1000 / self.mhz


CHANNELS = {"LPR_60": Channel(60, 4.0), "LPR_500": Channel(500, 0.625)}


@dataclass(frozen=True)
class RadarSection:
    """Hold echoes on a regular grid, NaN where there is no trace.

    distances (columns, m). times (rows, ns): two-way. traces: number received. places (m): distances at which they were
    taken. echoes (columns, rows; counts): traces of the same place averaged. equalized: the same without the direct
    wave, divided by the usual loudness at that time. envelope (counts): without the direct wave, 0 where there is no
    trace. layers: from the top, the two-way time (ns) in each column, NaN where there is no trace.
    """

    channel: Channel
    traces: int
    distances: Floats
    places: Floats
    times: Floats
    echoes: Floats
    equalized: Floats
    envelope: Floats
    layers: list[Floats]

    @property
    def has_trace(self) -> npt.NDArray[np.bool_]:
        """Return which columns have a trace, or a part of one."""
        return _has_trace(self.echoes)

    @property
    def layer_times(self) -> list[float]:
        """Return the mean two-way time of each layer, in ns."""
        return [float(np.nanmean(layer)) for layer in self.layers]


def make_section(product: Product) -> RadarSection | None:
    """Make the section of a radar product. Return None without a trace."""
    channel = CHANNELS[product.kind]
    traces, places, stacked = _stack(product)
    if not traces:
        return None
    distances, echoes = _spread(places, stacked)
    has_trace = _has_trace(echoes)
    times = np.arange(echoes.shape[1]) * channel.sample_ns
    # The direct wave is muted; subtracting the mean trace would remove level layers, too
    echoes_muted = (echoes - np.nanmedian(echoes)) * (times >= channel.direct_ns)
    envelope = _envelope(np.nan_to_num(echoes_muted))
    loudness = _running_median(np.median(envelope[has_trace], axis=0), len(times) // _WINDOWS)
    equalized = echoes_muted / np.maximum(loudness, _MIN_LOUDNESS)
    layers = [row * channel.sample_ns for row in _layers(envelope, has_trace, channel.period)]
    return RadarSection(channel, traces, distances, places, times, echoes, equalized, envelope, layers)


def depth_of(times: Any, layer_times: list[float], permittivity: tuple[float, ...]) -> Any:
    """Return the depth of echoes, in metres.

    times (ns): two-way. layer_times (ns): of the interfaces. permittivity: relative, of the layers from the top; the
    last one continues below.
    """
    return np.interp(times, *_knots(layer_times, permittivity))


def time_of(depths: Any, layer_times: list[float], permittivity: tuple[float, ...]) -> Any:
    """Return the two-way time of depths, in ns: the inverse of `depth_of`."""
    knots, depths_then = _knots(layer_times, permittivity)
    return np.interp(depths, depths_then, knots)


def _knots(layer_times: list[float], permittivity: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Return (times, depths) of the interfaces, with one point above the ground and one below all layers."""
    times = np.array([0.0, *layer_times, _FAR_NS])
    each = [permittivity[min(number, len(permittivity) - 1)] for number in range(len(times) - 1)]
    speeds = _LIGHT_M_PER_NS / 2 / np.sqrt(each)
    depths = np.concatenate(([0.0], np.cumsum(np.diff(times) * speeds)))
    # The axis of a picture starts above the ground
    return np.append(-_FAR_NS, times), np.append(-_FAR_NS * speeds[0], depths)


def _stack(product: Product) -> tuple[int, Floats, Floats]:
    """Return (number of traces, their places, mean trace of each place)."""
    distances = product.records["distance"]
    has_trace = np.isfinite(distances) & ~np.ma.getmaskarray(product.samples).all(axis=1)
    if not has_trace.any():
        return 0, np.zeros(0), np.zeros((0, product.samples.shape[1]))
    places, place = np.unique(distances[has_trace], return_inverse=True)
    traces = product.samples[has_trace].astype(float)
    order = np.argsort(place, kind="stable")
    firsts = np.searchsorted(place[order], np.arange(len(places)))
    echoes_muted = ~np.ma.getmaskarray(traces)[order]
    with np.errstate(invalid="ignore"):
        stacked = np.add.reduceat(traces.filled(0)[order], firsts) / np.add.reduceat(echoes_muted.astype(int), firsts)
    return len(traces), places, stacked


def _spread(places: Floats, stacked: Floats) -> tuple[Floats, Floats]:
    """Return (regular distances, trace of the nearest place for each; NaN where that is far)."""
    if len(places) == 1:
        return places, stacked
    # Far more columns than places would be mostly gaps, for instance with one wrong distance
    columns = min(_MAX_COLUMNS, _MAX_COLUMNS_PER_PLACE * len(places))
    step = max(np.median(np.diff(places)), (places[-1] - places[0]) / columns)
    distances = np.arange(places[0], places[-1] + step / 2, step)
    after = np.clip(np.searchsorted(places, distances), 1, len(places) - 1)
    nearest = after - (distances - places[after - 1] <= places[after] - distances)
    echoes = stacked[nearest]
    echoes[np.abs(places[nearest] - distances) > 0.75 * step] = np.nan
    return distances, echoes


def _has_trace(echoes: Floats) -> npt.NDArray[np.bool_]:
    """Return which columns have a trace, or a part of one."""
    return np.asarray(np.isfinite(echoes).any(axis=1))


def _envelope(traces: Floats) -> Floats:
    """Return the envelope of each row: the magnitude of its analytic signal."""
    count = traces.shape[1]
    spectrum = np.fft.fft(traces, axis=1)
    spectrum[:, 1 : (count + 1) // 2] *= 2
    spectrum[:, count // 2 + 1 :] = 0
    size: Floats = np.abs(np.fft.ifft(spectrum, axis=1))
    return size


def _running_median(values: Floats, width: int) -> Floats:
    """Return the running median, with the end values continued."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, width // 2, "edge"), width)
    medians: Floats = np.median(windows, axis=1)[: len(values)]
    return medians


def _layers(envelope: Floats, has_trace: npt.NDArray[np.bool_], period: float) -> list[Floats]:
    """Return the rows of the layers by column, from the top, found one after another as strongest paths."""
    left = envelope.copy()
    rows = np.arange(left.shape[1])
    found: list[Floats] = []
    threshold = _MIN_OVER_MEDIAN * np.median(envelope[has_trace])
    while True:
        path = _strongest_path(left)
        strength = np.median(left[has_trace, path[has_trace]])
        if strength <= threshold:
            return sorted(found, key=lambda layer: float(np.nanmean(layer)))
        threshold = max(threshold, _MIN_RELATIVE_STRENGTH * strength)
        found.append(np.where(has_trace, _peaks(envelope, path), np.nan))
        left[np.abs(rows - path[:, None]) <= _MIN_SEPARATION * period] = 0


def _strongest_path(envelope: Floats) -> npt.NDArray[np.intp]:
    """Return the path, as a row per column, with the maximum sum of the envelope; it moves at most one row a column."""
    total = envelope[0]
    turns = []
    for column in envelope[1:]:
        padded = np.pad(total, 1, constant_values=-1)
        near = np.stack([padded[1:-1], padded[:-2], padded[2:]])
        turns.append(near.argmax(axis=0))
        total = column + near.max(axis=0)
    path = [int(total.argmax())]
    for turn in reversed(turns):
        path.append(path[-1] + (0, -1, 1)[turn[path[-1]]])
    return np.array(path[::-1])


def _peaks(envelope: Floats, path: npt.NDArray[np.intp]) -> Floats:
    """Return the path, moved to the tops of parabolas through the envelope."""
    middle = np.clip(path, 1, envelope.shape[1] - 2)
    columns = np.arange(len(path))
    before, here, after = (envelope[columns, middle + side] for side in (-1, 0, 1))
    bend = before - 2 * here + after
    off = np.divide(before - after, 2 * bend, out=np.zeros_like(here), where=bend < 0)
    peaks: Floats = middle + np.clip(off, -1, 1)
    return peaks
