"""Read product files, with or without gaps."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from yutu2.dictionary.details import digits, scaled
from yutu2.dictionary.model import HASH, TIME, Dictionary, Field
from yutu2.firmware import to_datetime
from yutu2.products.product_format import DIGEST_LENGTH, MARK, ProductFormat, product_formats
from yutu2.products.sparse_file import SparseFile

# Valid only in the final header; in the first one the rover does not know them yet
AT_END = ("records", "state", "reason")


class NoProduct(Exception):
    """Raised for a file whose product cannot be determined.

    why: the reason. kind: the kind number in its header, if any.
    """

    def __init__(self, why: str, kind: int | None = None) -> None:
        super().__init__(why)
        self.kind = kind


@dataclass
class Product:
    """Hold the records of one observation, or of one file of it.

    kind, number, name: of the product. head: header fields as engineering values by name; `begun` is on-board time in
    UTC, an unknown value of an enumeration is a number, a field that was not received is None. record_count: of all
    records, received or not. record_numbers (n,), from 0: of the records with a row below, of which at least one octet
    was received. records: an (n,) array per field, in engineering values except for enumerations; missing values are
    NaN in floats and -1 in integers. samples (n, samples per record): missing ones are masked. missing: (offset,
    length) of gaps in the file. state: WHOLE or PARTIAL as reported by the rover, a number if unknown; CUT where it was
    not received. reason: why it is partial. verified: whether the hash is valid; None with gaps. dictionary: that
    the file was read with.
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
    dictionary: Dictionary, content: SparseFile, length: int, name: str, number: int, ends: bool = True
) -> Product:
    """Read a product file. Memory use depends on the octets received, not on `length` or on header fields.

    dictionary: that the file was made with. content: octets received. length (octets): of the file. name: of the file,
    from which the kind is taken if no header was received. number: of the product. ends: whether the file is known to
    end at `length`; otherwise the end is searched for. Raises NoProduct if the kind is unknown.
    """
    product_format = _format_of(dictionary, content, length, name)
    if not ends or _is_cut(content, length, product_format):
        length = _end(content, length, product_format)
    size = product_format.record_type.itemsize
    count, rest = divmod(length - product_format.length(0), size)
    if count < 0 or rest:
        raise NoProduct(f"{length} octets are no valid file length of {product_format.product.name}")
    begin = product_format.head_type.itemsize
    first = _head(content, 0, product_format)
    last = _head(content, begin + count * size, product_format)
    head = {field: first[field] if value is None and field not in AT_END else value for field, value in last.items()}
    numbers, data, received = _rows(content, begin, size, count)
    records = data.view(product_format.record_type)[:, 0] if len(data) else np.zeros(0, product_format.record_type)
    gaps = content.gaps(0, length)
    return Product(
        dictionary=dictionary,
        kind=product_format.product.name,
        number=number,
        name=name,
        head=head,
        record_count=count,
        record_numbers=numbers,
        records={field.name: _column(field, records, received) for field in product_format.product.fields},
        samples=_samples(product_format, records, received),
        missing=gaps,
        state="CUT" if head["state"] is None else str(head["state"]),
        reason=head["reason"],
        verified=None if gaps else _is_hash_valid(content, length),
    )


def max_length(dictionary: Dictionary) -> int:
    """Return the octets of the longest file that an instrument makes."""
    return max(
        product_format.length(product_format.product.part) for product_format in product_formats(dictionary).values()
    )


def _is_hash_valid(content: SparseFile, length: int) -> bool:
    end = length - DIGEST_LENGTH
    return sha256(content.dense(0, end)).digest() == content.read(end, length)


def _rows(
    content: SparseFile, begin: int, size: int, count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Return (numbers, octets, received mask) of the records of which at least one octet was received."""
    runs: list[tuple[int, int]] = []
    for offset, extent in content.overlapping(begin, begin + count * size):
        first = max(offset - begin, 0) // size
        last = min(-(-(offset + len(extent) - begin) // size), count)
        if runs and first <= runs[-1][1]:
            first = runs.pop()[0]
        runs.append((first, last))
    numbers = np.concatenate([np.zeros(0, np.int64), *(np.arange(first, last) for first, last in runs)])
    data = np.zeros((len(numbers), size), np.uint8)
    received = np.ones((len(numbers), size), bool)
    flat, at = received.reshape(-1), 0
    for first, last in runs:
        start, end = begin + first * size, begin + last * size
        data.reshape(-1)[at : at + end - start] = np.frombuffer(content.dense(start, end), np.uint8)
        for offset, length in content.gaps(start, end):
            flat[at + offset - start : at + offset - start + length] = False
        at += end - start
    return numbers, data, received


def _format_of(dictionary: Dictionary, content: SparseFile, length: int, name: str) -> ProductFormat:
    """Return the format by the first header, else by the file name, else by the header at the end."""
    known = product_formats(dictionary)
    any_format = next(iter(known.values()))
    places = (0, length - DIGEST_LENGTH - any_format.head_type.itemsize)
    heads = [_raw_head(content, place, any_format) for place in places]
    marked = [head for head in heads if head.get("mark") == MARK]
    for head in marked:
        if (made_with := head.get("dictionary")) not in (None, dictionary.hash):
            raise NoProduct(f"it was made with dictionary {made_with.hex()}, but is read with {dictionary.hash.hex()}")
        if head.get("kind") in known:
            return known[head["kind"]]
    for product_format in known.values():
        if name.startswith(product_format.product.name.lower() + "_"):
            return product_format
    if kinds := [head["kind"] for head in marked if "kind" in head]:
        raise NoProduct(f"unknown product kind {kinds[0]}; read it with the rover's version of yutu2", kinds[0])
    raise NoProduct("its kind is unknown: no header was received" if not all(heads) else "it has no product header")


def _is_cut(content: SparseFile, length: int, product_format: ProductFormat) -> bool:
    """Return whether the rover did not close the file, for lack of space or because of a restart."""
    last = _raw_head(content, length - DIGEST_LENGTH - product_format.head_type.itemsize, product_format)
    return bool(last.get("mark", MARK) != MARK)


def _end(content: SparseFile, length: int, product_format: ProductFormat) -> int:
    """Return where the file ends: after a final header, else as planned, but not before the last octet received."""
    last = _raw_head(content, length - DIGEST_LENGTH - product_format.head_type.itemsize, product_format)
    if last.get("mark") == MARK and product_format.length(last.get("records", -1)) == length:
        return length
    begun = -(-(length - product_format.length(0)) // product_format.record_type.itemsize)
    planned = _raw_head(content, 0, product_format).get("planned", 0)
    return product_format.length(max(begun, min(planned, product_format.product.part), 0))


def _raw_head(content: SparseFile, place: int, product_format: ProductFormat) -> dict[str, Any]:
    """Return the raw values of the header fields received at `place`."""
    size = product_format.head_type.itemsize
    if place < 0:
        return {}
    octets, gaps = content.dense(place, place + size), content.gaps(place, place + size)
    values = {}
    for field in product_format.head:
        code, offset, *_ = product_format.head_type.fields[field.name]  # type: ignore[index]
        begin, end = place + offset, place + offset + code.itemsize
        if not any(gap < end and gap + length > begin for gap, length in gaps):
            value = np.frombuffer(octets, code, 1, offset)[0]
            values[field.name] = value.tobytes() if field.type == HASH else int(value)
    return values


def _head(content: SparseFile, place: int, product_format: ProductFormat) -> dict[str, Any]:
    """Return the engineering values of the header at `place`, None for fields that were not received."""
    raw = _raw_head(content, place, product_format)
    return {
        field.name: _engineering(field, raw[field.name]) if field.name in raw else None for field in product_format.head
    }


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


def _column(field: Field, data: npt.NDArray[np.void], received: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """Return the values of a field, one per record."""
    code, offset, *_ = data.dtype.fields[field.name]  # type: ignore[index]
    is_complete = received[:, offset : offset + code.itemsize].all(axis=1)
    if field.scale is None:
        return np.where(is_complete, data[field.name].astype(np.int64), -1)
    return np.where(is_complete, np.round(data[field.name] * field.scale, digits(field.scale)), np.nan)


def _samples(
    product_format: ProductFormat, data: npt.NDArray[np.void], received: npt.NDArray[np.bool_]
) -> np.ma.MaskedArray[Any, Any]:
    """Return the samples (records, samples per record); a record without its complete header is masked."""
    values = data[product_format.product.samples.name]
    begin = data.dtype.itemsize - values.dtype.itemsize * product_format.product.samples.count
    header_received = received[:, :begin].all(axis=1, keepdims=True)
    samples_received = received[:, begin:].reshape(*values.shape, values.dtype.itemsize).all(axis=2)
    return np.ma.MaskedArray(values.astype(values.dtype.newbyteorder("=")), mask=~(header_received & samples_received))
