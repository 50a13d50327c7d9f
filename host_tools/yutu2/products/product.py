"""Reads the file of a product, with or without holes."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from yutu2.dictionary.model import Field, load
from yutu2.firmware import to_datetime
from yutu2.products.layout import DIGEST_LENGTH, MARK, Layout, layouts

# What the rover knows when it has ended alone: of the first head these mean nothing
AT_END = ("records", "state", "reason")


class NoProduct(Exception):
    """A file of which we cannot tell what product it is; the text says why."""


@dataclass
class Product:
    """What one observation brought.

    head: engineering values by name, enumerations as their labels, `begun` in UTC on board; None of what did not come.
    records: of each field of the records' heads an array with a value a record, engineering ones, but the numbers of
    enumerations; what did not come is NaN in real numbers and -1 in whole ones. samples: (records, samples of each),
    what did not come is masked. missing: (offset, length) of octets of the file. state: WHOLE or PARTIAL, as the rover
    says; CUT where that did not come. reason: why it is partial. verified: whether the hash is right; None when octets
    are missing.
    """

    kind: str
    number: int
    name: str
    head: dict[str, Any]
    records: dict[str, npt.NDArray[Any]]
    samples: np.ma.MaskedArray[Any, Any]
    missing: list[tuple[int, int]]
    state: str
    reason: str | None
    verified: bool | None


def read_product(
    octets: bytes | bytearray, missing: Iterable[tuple[int, int]], name: str, number: int, ends: bool = True
) -> Product:
    """Reads a file.

    octets: with anything where they are missing. name: of the file, from which comes its kind where no head did. ends:
    whether the end of the file is known; else it may have come without its end, which is looked for. NoProduct when
    nothing tells the kind, or it is none of our dictionary.
    """
    octets = bytearray(octets)
    came = np.ones(len(octets), bool)
    for offset, length in missing:
        came[offset : offset + length] = False
    layout = _layout(octets, came, name)
    if not ends or _is_cut(octets, came, layout):
        octets, came = _to_end(octets, came, layout)
    size = layout.record_type.itemsize
    records, rest = divmod(len(octets) - layout.length(0), size)
    if records < 0 or rest:
        raise NoProduct(f"{len(octets)} octets are no file of {layout.product.name}")
    begin = layout.head_type.itemsize
    end = begin + records * size
    first = _head(octets, came, 0, layout)
    last = _head(octets, came, end, layout)
    head = {field: first[field] if value is None and field not in AT_END else value for field, value in last.items()}
    data = np.frombuffer(octets, layout.record_type, records, begin)
    data_came = came[begin:end].reshape(records, size)
    gaps = _gaps(came)
    return Product(
        kind=layout.product.name,
        number=number,
        name=name,
        head=head,
        records={field.name: _column(field, data, data_came) for field in layout.product.fields},
        samples=_samples(layout, data, data_came),
        missing=gaps,
        state=head["state"] or "CUT",
        reason=head["reason"],
        verified=None if gaps else sha256(octets[:-DIGEST_LENGTH]).digest() == octets[-DIGEST_LENGTH:],
    )


def _layout(octets: bytearray, came: npt.NDArray[np.bool_], name: str) -> Layout:
    """Of the file's first head, else of its name, else of the head at its end."""
    dictionary = load()
    known = layouts(dictionary)
    any_layout = next(iter(known.values()))
    places = (0, len(octets) - DIGEST_LENGTH - any_layout.head_type.itemsize)
    heads = [_raw_head(octets, came, place, any_layout) for place in places]
    for head in heads:
        if head.get("mark") == MARK and head.get("kind") in known:
            if (told := head.get("dictionary")) not in (None, dictionary.hash):
                raise NoProduct(f"it was made by dictionary {told.hex()}, this yutu2 has {dictionary.hash.hex()}")
            return known[head["kind"]]
    for layout in known.values():
        if name.startswith(layout.product.name.lower() + "_"):
            return layout
    raise NoProduct("nothing that came tells its kind" if not all(heads) else "it has no head of a product")


def _is_cut(octets: bytearray, came: npt.NDArray[np.bool_], layout: Layout) -> bool:
    """Whether the rover could not end the file: for want of room, or because it was restarted."""
    last = _raw_head(octets, came, len(octets) - DIGEST_LENGTH - layout.head_type.itemsize, layout)
    return bool(last.get("mark", MARK) != MARK)


def _to_end(octets: bytearray, came: npt.NDArray[np.bool_], layout: Layout) -> tuple[bytearray, npt.NDArray[np.bool_]]:
    """The file up to its end: where a last head stands, else as planned, but no shorter than what came."""
    head_size = layout.head_type.itemsize
    last = _raw_head(octets, came, len(octets) - DIGEST_LENGTH - head_size, layout)
    if last.get("mark") == MARK and layout.length(last.get("records", -1)) == len(octets):
        return octets, came
    begun = -(-(len(octets) - layout.length(0)) // layout.record_type.itemsize)
    planned = _raw_head(octets, came, 0, layout).get("planned", 0)
    more = layout.length(max(begun, min(planned, layout.product.part), 0)) - len(octets)
    return octets + bytes(more), np.append(came, np.zeros(more, bool))


def _raw_head(octets: bytearray, came: npt.NDArray[np.bool_], place: int, layout: Layout) -> dict[str, Any]:
    """Raw values of what came of the head at `place`."""
    values = {}
    for field in layout.head:
        code, offset, *_ = layout.head_type.fields[field.name]  # type: ignore[index]
        begin, end = place + offset, place + offset + code.itemsize
        if place >= 0 and end <= len(octets) and came[begin:end].all():
            value = np.frombuffer(octets[begin:end], code)[0]
            values[field.name] = value.tobytes() if field.type == "hash4" else int(value)
    return values


def _head(octets: bytearray, came: npt.NDArray[np.bool_], place: int, layout: Layout) -> dict[str, Any]:
    """Engineering values of the head at `place`, None where they did not come."""
    raw = _raw_head(octets, came, place, layout)
    return {field.name: _engineering(field, raw[field.name]) if field.name in raw else None for field in layout.head}


def _engineering(field: Field, value: Any) -> Any:
    if field.name == "begun":
        return to_datetime(value)
    if field.type == "hash4":
        return value.hex()
    if field.name == "reason" and not value:
        return None
    if field.labels is not None:
        return field.labels.get(value, value)
    return value if field.scale is None else round(value * field.scale, _digits(field.scale))


def _column(field: Field, data: npt.NDArray[np.void], came: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """A value a record."""
    code, offset, *_ = data.dtype.fields[field.name]  # type: ignore[index]
    here = came[:, offset : offset + code.itemsize].all(axis=1)
    if field.scale is None:
        return np.where(here, data[field.name].astype(np.int64), -1)
    return np.where(here, np.round(data[field.name] * field.scale, _digits(field.scale)), np.nan)


def _samples(layout: Layout, data: npt.NDArray[np.void], came: npt.NDArray[np.bool_]) -> np.ma.MaskedArray[Any, Any]:
    """(records, samples of each); a record is of use only when its head came."""
    values = data[layout.product.samples.name]
    begin = data.dtype.itemsize - values.dtype.itemsize * layout.product.samples.count
    heads_came = came[:, :begin].all(axis=1, keepdims=True)
    samples_came = came[:, begin:].reshape(*values.shape, values.dtype.itemsize).all(axis=2)
    return np.ma.MaskedArray(values.astype(values.dtype.newbyteorder("=")), mask=~(heads_came & samples_came))


def _gaps(came: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(offset, length) of what did not come."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], came, [True])).astype(np.int8)))
    return [(int(begin), int(end - begin)) for begin, end in edges.reshape(-1, 2)]


def _digits(scale: float) -> int:
    """No more than the scale has: 7514 * 0.001 is 7.514."""
    return max(0, -int(Decimal(str(scale)).as_tuple().exponent))
