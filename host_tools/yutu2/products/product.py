"""Reads the file of a product, with or without holes."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from yutu2.dictionary.details import digits, scaled
from yutu2.dictionary.model import HASH, TIME, Dictionary, Field
from yutu2.firmware import to_datetime
from yutu2.products.extents import Extents
from yutu2.products.layout import DIGEST_LENGTH, MARK, Layout, layouts

# What the rover knows when it has ended alone: of the first head these mean nothing
AT_END = ("records", "state", "reason")


class NoProduct(Exception):
    """A file of which we cannot tell what product it is; the text says why. kind: the number in its head, if any."""

    def __init__(self, why: str, kind: int | None = None) -> None:
        super().__init__(why)
        self.kind = kind


@dataclass
class Product:
    """What one observation brought.

    head: engineering values by name, `begun` in UTC on board, enumerations as their labels or, where they are unknown,
    as numbers; None of what did not arrive. record_count: of all records, arrived or not. record_numbers: of those that
    have a row below, from 0 on: something of them arrived. records: of each field of the records' heads an array with a
    value a row, engineering ones, but the numbers of enumerations; what did not arrive is NaN in real numbers and -1 in
    whole ones. samples: (rows, samples of each), what did not arrive is masked. missing: (offset, length) of octets of
    the file. state: as the rover says, WHOLE or PARTIAL, an unknown one as a number; CUT where that did not arrive.
    reason: why it is partial. verified: whether the hash is right; None when octets are missing. dictionary: that
    it was read with.
    """

    dictionary: Dictionary
    kind: str
    number: int
    name: str
    head: dict[str, Any]
    record_count: int
    record_numbers: npt.NDArray[np.int64]
    records: dict[str, npt.NDArray[Any]]
    samples: np.ma.MaskedArray[Any, Any]
    missing: list[tuple[int, int]]
    state: str
    reason: str | int | None
    verified: bool | None


def read_product(
    dictionary: Dictionary, content: Extents, length: int, name: str, number: int, ends: bool = True
) -> Product:
    """Read a file. What that takes of memory depends on what arrived, not on `length` nor on what heads declare.

    name: of the file, from which comes its kind where no head did. ends: whether the file is known to end at `length`;
    else it may have come without its end, which is looked for. NoProduct when nothing tells the kind, or it is none of
    the dictionary.
    """
    layout = _layout(dictionary, content, length, name)
    if not ends or _is_cut(content, length, layout):
        length = _end(content, length, layout)
    size = layout.record_type.itemsize
    count, rest = divmod(length - layout.length(0), size)
    if count < 0 or rest:
        raise NoProduct(f"{length} octets are no file of {layout.product.name}")
    begin = layout.head_type.itemsize
    first = _head(content, 0, layout)
    last = _head(content, begin + count * size, layout)
    head = {field: first[field] if value is None and field not in AT_END else value for field, value in last.items()}
    numbers, data, came = _rows(content, begin, size, count)
    records = data.view(layout.record_type)[:, 0] if len(data) else np.zeros(0, layout.record_type)
    gaps = content.gaps(0, length)
    return Product(
        dictionary=dictionary,
        kind=layout.product.name,
        number=number,
        name=name,
        head=head,
        record_count=count,
        record_numbers=numbers,
        records={field.name: _column(field, records, came) for field in layout.product.fields},
        samples=_samples(layout, records, came),
        missing=gaps,
        state="CUT" if head["state"] is None else str(head["state"]),
        reason=head["reason"],
        verified=None if gaps else _is_verified(content, length),
    )


def longest(dictionary: Dictionary) -> int:
    """Octets of the longest file that an instrument makes."""
    return max(layout.length(layout.product.part) for layout in layouts(dictionary).values())


def _is_verified(content: Extents, length: int) -> bool:
    end = length - DIGEST_LENGTH
    return sha256(content.dense(0, end)).digest() == content.read(end, length)


def _rows(
    content: Extents, begin: int, size: int, count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """(numbers, octets, which of them arrived) of those of `count` records of which something did."""
    runs: list[tuple[int, int]] = []
    for offset, extent in content.overlapping(begin, begin + count * size):
        first = max(offset - begin, 0) // size
        last = min(-(-(offset + len(extent) - begin) // size), count)
        if runs and first <= runs[-1][1]:
            first = runs.pop()[0]
        runs.append((first, last))
    numbers = np.concatenate([np.zeros(0, np.int64), *(np.arange(first, last) for first, last in runs)])
    data = np.zeros((len(numbers), size), np.uint8)
    came = np.ones((len(numbers), size), bool)
    flat, at = came.reshape(-1), 0
    for first, last in runs:
        start, end = begin + first * size, begin + last * size
        data.reshape(-1)[at : at + end - start] = np.frombuffer(content.dense(start, end), np.uint8)
        for offset, length in content.gaps(start, end):
            flat[at + offset - start : at + offset - start + length] = False
        at += end - start
    return numbers, data, came


def _layout(dictionary: Dictionary, content: Extents, length: int, name: str) -> Layout:
    """Of the file's first head, else of its name, else of the head at its end."""
    known = layouts(dictionary)
    any_layout = next(iter(known.values()))
    places = (0, length - DIGEST_LENGTH - any_layout.head_type.itemsize)
    heads = [_raw_head(content, place, any_layout) for place in places]
    marked = [head for head in heads if head.get("mark") == MARK]
    for head in marked:
        if (told := head.get("dictionary")) not in (None, dictionary.hash):
            raise NoProduct(f"it was made by dictionary {told.hex()}, and is read by {dictionary.hash.hex()}")
        if head.get("kind") in known:
            return known[head["kind"]]
    for layout in known.values():
        if name.startswith(layout.product.name.lower() + "_"):
            return layout
    if kinds := [head["kind"] for head in marked if "kind" in head]:
        raise NoProduct(f"its kind is {kinds[0]}, which this yutu2 does not know", kinds[0])
    raise NoProduct("nothing that came tells its kind" if not all(heads) else "it has no head of a product")


def _is_cut(content: Extents, length: int, layout: Layout) -> bool:
    """Whether the rover could not end the file: for want of room, or because it was restarted."""
    last = _raw_head(content, length - DIGEST_LENGTH - layout.head_type.itemsize, layout)
    return bool(last.get("mark", MARK) != MARK)


def _end(content: Extents, length: int, layout: Layout) -> int:
    """Where the file ends: behind a last head, else as planned, but not before what arrived."""
    last = _raw_head(content, length - DIGEST_LENGTH - layout.head_type.itemsize, layout)
    if last.get("mark") == MARK and layout.length(last.get("records", -1)) == length:
        return length
    begun = -(-(length - layout.length(0)) // layout.record_type.itemsize)
    planned = _raw_head(content, 0, layout).get("planned", 0)
    return layout.length(max(begun, min(planned, layout.product.part), 0))


def _raw_head(content: Extents, place: int, layout: Layout) -> dict[str, Any]:
    """Raw values of what came of the head at `place`."""
    size = layout.head_type.itemsize
    if place < 0:
        return {}
    octets, gaps = content.dense(place, place + size), content.gaps(place, place + size)
    values = {}
    for field in layout.head:
        code, offset, *_ = layout.head_type.fields[field.name]  # type: ignore[index]
        begin, end = place + offset, place + offset + code.itemsize
        if not any(gap < end and gap + length > begin for gap, length in gaps):
            value = np.frombuffer(octets, code, 1, offset)[0]
            values[field.name] = value.tobytes() if field.type == HASH else int(value)
    return values


def _head(content: Extents, place: int, layout: Layout) -> dict[str, Any]:
    """Engineering values of the head at `place`, None where they did not come."""
    raw = _raw_head(content, place, layout)
    return {field.name: _engineering(field, raw[field.name]) if field.name in raw else None for field in layout.head}


def _engineering(field: Field, value: Any) -> Any:
    if field.none == value:
        return None
    if field.type == TIME:
        return to_datetime(value)
    if field.type == HASH:
        return value.hex()
    if field.labels is not None:
        return field.labels.get(value, value)
    return scaled(value, field.scale)


def _column(field: Field, data: npt.NDArray[np.void], came: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """A value a record."""
    code, offset, *_ = data.dtype.fields[field.name]  # type: ignore[index]
    here = came[:, offset : offset + code.itemsize].all(axis=1)
    if field.scale is None:
        return np.where(here, data[field.name].astype(np.int64), -1)
    return np.where(here, np.round(data[field.name] * field.scale, digits(field.scale)), np.nan)


def _samples(layout: Layout, data: npt.NDArray[np.void], came: npt.NDArray[np.bool_]) -> np.ma.MaskedArray[Any, Any]:
    """(records, samples of each); a record is of use only when its head came."""
    values = data[layout.product.samples.name]
    begin = data.dtype.itemsize - values.dtype.itemsize * layout.product.samples.count
    heads_came = came[:, :begin].all(axis=1, keepdims=True)
    samples_came = came[:, begin:].reshape(*values.shape, values.dtype.itemsize).all(axis=2)
    return np.ma.MaskedArray(values.astype(values.dtype.newbyteorder("=")), mask=~(heads_came & samples_came))
