"""Product sets: all files of one observation and kind, read as one product."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np

from yutu2.decode.records import iso
from yutu2.dictionary.model import Dictionary
from yutu2.products.cfdp_receiver import ReceivedFile, Transaction, condition_name
from yutu2.products.file_names import UniqueNames, safe_name
from yutu2.products.product import NoProduct, Product, max_length, read_product
from yutu2.products.product_format import ProductFormat, product_formats

INDEX, TRAVERSE_MAP = "products.json", "route.png"  # names that no product file gets

_WORST_FIRST = ("CANCELLED", "DAMAGED", "CUT", "PARTIAL")
_ZEROS = (4096, 256)  # octets missing in a saved file: at most this many, and this many more per octet received


@dataclass
class ProductFile:
    """Describe one file of a product set.

    saved_as: file name in the folder. received: the file as received. length (octets), as far as it is known. missing:
    (offset, length) of gaps. product: None if the file is unreadable. problem: why it is unreadable. kind: number of an
    unknown product kind in its header.
    """

    saved_as: str
    received: ReceivedFile
    length: int
    missing: list[tuple[int, int]]
    product: Product | None
    problem: str | None = None
    kind: int | None = None

    @property
    def name(self) -> str:
        """Return the name without .bin."""
        return self.saved_as.removesuffix(".bin")

    @property
    def number(self) -> int:
        """Return the number of the transaction."""
        return self.received.number

    @property
    def is_any_received(self) -> bool:
        """Return whether at least one octet was received."""
        return self.missing != [(0, self.length)]

    @property
    def is_kept(self) -> bool:
        """Return whether the file is saved; one that would consist almost only of zeros is not."""
        zeros = sum(length for _, length in self.missing)
        return self.is_any_received and zeros <= _ZEROS[0] + _ZEROS[1] * (self.length - zeros)

    @property
    def octets(self) -> bytes:
        """Return the octets, zeros in gaps. Only for a file that is kept: others may be declared of any length."""
        return bytes(self.received.content.dense(0, self.length))

    @property
    def state(self) -> str | None:
        """Return the state that the rover reports in the file; CANCELLED or DAMAGED for a failed delivery.

        For an unreadable file it is the state of the delivery: WHOLE, CUT, or None where that is unknown.
        """
        if self.received.is_cancelled:
            return "CANCELLED"
        if self.received.is_intact is False or (self.product and self.product.verified is False):
            return "DAMAGED"
        if self.product:
            return self.product.state
        return "CUT" if self.missing else "WHOLE" if self.received.is_intact else None

    @property
    def reason(self) -> str | int | None:
        """Return why the file is partial, cancelled or unreadable."""
        if self.received.is_cancelled and self.received.condition is not None:
            return condition_name(self.received.condition)
        return self.product.reason if self.product else self.problem

    def entry(self) -> dict[str, Any]:
        """Return the entry for `products.json`."""
        product, received = self.product, self.received
        checksum = {True: "right", False: "wrong", None: None}[received.is_intact]
        return {
            "file": self.saved_as if self.is_kept else None,
            "cfdp_name": received.name,
            "number": self.number,
            "part": product.head["part"] if product else None,
            "octets": self.length,
            "missing": [list(gap) for gap in self.missing],
            "records": product.record_count if product else None,
            "state": self.state,
            "reason": self.reason,
            "verified": product.verified if product else None,
            "checksum": checksum,
            "disagreements": received.disagreements(self.length),
        }


@dataclass
class ProductSet:
    """Hold the files of one observation and kind, one per part.

    product: all parts as one; None if it is unreadable.
    """

    name: str
    files: list[ProductFile]
    product: Product | None

    @property
    def octets(self) -> int:
        """Return the octets of all files, missing ones included."""
        return sum(file.length for file in self.files)

    @property
    def missing(self) -> int:
        """Return the number of missing octets."""
        return sum(length for file in self.files for _, length in file.missing)

    @property
    def worst(self) -> ProductFile | None:
        """Return the first file whose delivery failed; None if none did."""
        return next((file for state in _WORST_FIRST[:2] for file in self.files if file.state == state), None)

    def entry(self) -> dict[str, Any]:
        """Return the entry for `products.json`, without pictures and facts."""
        product, worst = self.product, self.worst
        begun = product.head["begun"] if product else None
        state, reason = (product.state, product.reason) if product else (self.files[0].state, self.files[0].problem)
        return {
            "name": self.name,
            "kind": product.kind if product else self.files[0].kind,
            "number": self.files[0].number,
            "begun": iso(begun) if begun else None,
            "activity": product.head["activity"] if product else None,
            "stop": product.head["stop"] if product else None,
            "records": product.record_count if product else None,
            "planned": (product.head["planned"] or None) if product else None,
            "octets": self.octets,
            "missing": self.missing,
            "state": worst.state if worst else state,
            "reason": (worst.reason if worst else None) or reason,
            "verified": product.verified if product else None,
            "files": [file.entry() for file in self.files],
        }


class ProductSetReader:
    """Read files as products of a dictionary, and group them by observation."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._formats = {
            product_format.product.name: product_format for product_format in product_formats(dictionary).values()
        }
        self._max_length = max_length(dictionary)

    def product_sets(
        self, files: Iterable[ReceivedFile], announced: dict[Transaction, list[tuple[str, int]]]
    ) -> list[ProductSet]:
        """Return the product sets received or announced, by sender, run of the sender and number.

        files: as received. announced: kind and number of records of the files of each transaction.
        """
        received: dict[Transaction, list[ReceivedFile]] = {}
        for file in files:
            received.setdefault(file.transaction, []).append(file)
        names = UniqueNames([INDEX, TRAVERSE_MAP])
        groups = _Grouping()
        for key in sorted(received.keys() | announced.keys(), key=lambda key: (key.entity, key.run, key.number)):
            found, expected = received.get(key, []), announced.get(key, [])
            for version in range(max(len(found), len(expected))):
                groups.add(
                    self._read(
                        found[version] if version < len(found) else ReceivedFile(key),
                        expected[version] if version < len(expected) else None,
                        names,
                    )
                )
        return [self._product_set(files) for files in groups.all]

    def _read(self, received: ReceivedFile, announced: tuple[str, int] | None, names: UniqueNames) -> ProductFile:
        """Read one file. announced: its kind and number of records, if an event announced it."""
        name = received.name or ""
        if announced is not None:
            name = f"{announced[0].lower()}_{received.number:04}"
        length, ends = self._length(received, announced)
        product, problem, unknown_kind = None, None, None
        try:
            product = read_product(self._dictionary, received.content, length, name, received.number, ends)
        except NoProduct as error:
            problem, unknown_kind = str(error), error.kind
        missing = product.missing if product else received.content.gaps(0, length)
        kind = product.kind.lower() if product else "unknown"
        stem, dot, suffix = (safe_name(received.name or "") or f"{kind}_{received.number:04}.bin").rpartition(".")
        stem, suffix = (stem, dot + suffix) if stem else (suffix, "")
        saved_as = names.assign(stem, suffix) + suffix
        length = max(length, sum(missing[-1]) if missing else 0)
        file = ProductFile(saved_as, received, length, missing, product, problem, unknown_kind)
        if product is not None:
            product.name = file.name
        return file

    def _length(self, received: ReceivedFile, announced: tuple[str, int] | None) -> tuple[int, bool]:
        """Return (octets of a file, whether it is known to end there)."""
        if received.length is not None:
            return received.length, True
        content = received.content
        if announced is not None:
            length = self._formats[announced[0]].length(announced[1])
            within = length - sum(gap for _, gap in content.gaps(0, length))
            # Too few octets within it are of another file, but a single stray PDU may lie far outside
            if 2 * within >= content.arrived:
                return length, True
        return min(content.end, self._max_length), False

    def _product_set(self, files: list[ProductFile]) -> ProductSet:
        parts = [file.product for file in files if file.product is not None]
        product = join_parts(parts, self._formats[parts[0].kind]) if parts else None
        return ProductSet(files[0].name, files, product)


def join_parts(parts: list[Product], product_format: ProductFormat) -> Product:
    """Join the parts of an observation into one product.

    The header, number and name are those of the first part, with the sums of records and of planned records; `missing`
    lists the gaps of all files one after another.
    """
    if len(parts) == 1 and not parts[0].head["part"]:
        return parts[0]
    first, size = parts[0], product_format.product.part
    places = [part.head["part"] * size for part in parts]
    states = {part.state for part in parts}
    if [part.head["part"] for part in parts] != list(range(len(parts))):
        states.add("CUT")  # a part in between is missing
    state = next((state for state in _WORST_FIRST if state in states), max(states - {"WHOLE"}, default="WHOLE"))
    verified = [part.verified for part in parts]
    sums = {name: _sum([part.head[name] for part in parts]) for name in ("planned", "records")}
    reason = next((part.reason for part in parts if part.reason), None)
    return replace(
        first,
        head=first.head | sums | {"part": 0, "state": None if state == "CUT" else state, "reason": reason},
        **_rows(parts, places),
        missing=[gap for part in parts for gap in part.missing],
        state=state,
        reason=reason,
        verified=False if False in verified else None if None in verified else True,
    )


def _rows(parts: list[Product], places: list[int]) -> dict[str, Any]:
    """Return the fields of a Product that go by record, for all parts. places: first record number of each part."""
    numbered = list(zip(parts, places, strict=True))
    return {
        "record_count": max(place + part.record_count for part, place in numbered),
        "record_numbers": np.concatenate([part.record_numbers + place for part, place in numbered]),
        "records": {name: np.concatenate([part.records[name] for part in parts]) for name in parts[0].records},
        "samples": np.ma.MaskedArray(
            np.concatenate([part.samples.data for part in parts]),
            mask=np.concatenate([np.ma.getmaskarray(part.samples) for part in parts]),
        ),
    }


def concatenate(products: list[Product]) -> Product:
    """Join several observations of one kind, by begin; all but the records is taken from the first."""
    ordered = sorted(products, key=lambda product: product.head["begun"])
    first = ordered[0]
    places = [0, *accumulate(one.record_count for one in ordered[:-1])]
    return replace(first, name=f"{first.kind.lower()}_way", **_rows(ordered, places))


def _sum(numbers: list[int | None]) -> int | None:
    """Return the sum; None if a number is unknown, 0 if one is 0 (records without a limit)."""
    known = [number for number in numbers if number is not None]
    return None if len(known) < len(numbers) else sum(known) * all(known)


def _observation_of(file: ProductFile) -> object:
    """Return the key of the observation of a file; None where it is unknown."""
    product, sender = file.product, file.received.transaction
    if product is None or product.head["begun"] is None or product.head["part"] is None:
        return None
    return (sender.entity, sender.run, product.kind, product.head["begun"])


class _Grouping:
    """Group files by observation."""

    def __init__(self) -> None:
        self.all: list[list[ProductFile]] = []
        self._by_part: dict[tuple[object, int], int] = {}  # observation, part -> how many groups have it
        self._groups_of: dict[object, list[list[ProductFile]]] = {}

    def add(self, file: ProductFile) -> None:
        """Add a file to the first group of its observation that does not have its part yet."""
        observation = _observation_of(file)
        if observation is None or file.product is None:
            self.all.append([file])
            return
        part = file.product.head["part"]
        groups = self._groups_of.setdefault(observation, [])
        number = self._by_part.get((observation, part), 0)
        self._by_part[observation, part] = number + 1
        if number == len(groups):
            groups.append([])
            self.all.append(groups[-1])
        groups[number].append(file)
