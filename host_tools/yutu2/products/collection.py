"""What came of the products of a downlink: each file, and all files of one observation as one product."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np

from yutu2.decode.records import iso
from yutu2.dictionary.model import Dictionary
from yutu2.products.layout import Layout, layouts
from yutu2.products.names import Names, safe_name
from yutu2.products.product import NoProduct, Product, longest, read_product
from yutu2.products.reception import ReceivedFile, Transaction, condition_name

INDEX, ROUTE = "products.json", "route.png"  # that lie beside the files

_WORST_FIRST = ("CANCELLED", "DAMAGED", "CUT", "PARTIAL")
_ZEROS = (4096, 256)  # octets that a saved file may lack, and as many more for each that arrived


@dataclass
class File:
    """One file. saved_as: its name in the folder. product: None when it cannot be read; then `why` says the reason.

    length: in octets, as far as it is known. kind: the number of an unknown kind, as its head says.
    """

    saved_as: str
    received: ReceivedFile
    length: int
    missing: list[tuple[int, int]]
    product: Product | None
    why: str | None = None
    kind: int | None = None

    @property
    def name(self) -> str:
        """The name without .bin."""
        return self.saved_as.removesuffix(".bin")

    @property
    def number(self) -> int:
        """Of the transaction."""
        return self.received.number

    @property
    def came(self) -> bool:
        """Whether anything of it did."""
        return self.missing != [(0, self.length)]

    @property
    def is_kept(self) -> bool:
        """Whether it is saved: not if nearly all of it would be zeros."""
        zeros = sum(length for _, length in self.missing)
        return self.came and zeros <= _ZEROS[0] + _ZEROS[1] * (self.length - zeros)

    @property
    def octets(self) -> bytes:
        """Zeros where they are missing; as long as it is declared, so only for a file that is kept."""
        return bytes(self.received.content.dense(0, self.length))

    @property
    def state(self) -> str | None:
        """As the rover says in the file, but CANCELLED or DAMAGED when it did not arrive as it was sent.

        Of a file that cannot be read it is that of the delivery: WHOLE, CUT, or None when nobody knows.
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
        """Why it is partial or cancelled, or cannot be read."""
        if self.received.is_cancelled and self.received.condition is not None:
            return condition_name(self.received.condition)
        return self.product.reason if self.product else self.why

    def entry(self) -> dict[str, Any]:
        """For `products.json`."""
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
class Observed:
    """What one observation brought of one kind: a file for each part of it.

    product: all of it in one; None when it cannot be read.
    """

    name: str
    files: list[File]
    product: Product | None

    @property
    def octets(self) -> int:
        """Of all its files, the missing ones too."""
        return sum(file.length for file in self.files)

    @property
    def missing(self) -> int:
        """How many octets are."""
        return sum(length for file in self.files for _, length in file.missing)

    @property
    def worst(self) -> File | None:
        """The first of its files that did not arrive as it was sent."""
        return next((file for state in _WORST_FIRST[:2] for file in self.files if file.state == state), None)

    def entry(self) -> dict[str, Any]:
        """For `products.json`; pictures and facts come to it when they are made."""
        product, worst = self.product, self.worst
        begun = product.head["begun"] if product else None
        state, reason = (product.state, product.reason) if product else (self.files[0].state, self.files[0].why)
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


class ProductReader:
    """Read files as products of a dictionary, and put those of one observation together."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._layouts = {layout.product.name: layout for layout in layouts(dictionary).values()}
        self._longest = longest(dictionary)

    def observed(
        self, files: Iterable[ReceivedFile], announced: dict[Transaction, list[tuple[str, int]]]
    ) -> list[Observed]:
        """Return all of which something came, or that were announced: by sender, run of the sender and number.

        announced: kind and records of the files of each transaction.
        """
        received: dict[Transaction, list[ReceivedFile]] = {}
        for file in files:
            received.setdefault(file.transaction, []).append(file)
        names = Names([INDEX, ROUTE])
        groups = _Groups()
        for key in sorted(received.keys() | announced.keys(), key=lambda key: (key.entity, key.run, key.number)):
            mine, told = received.get(key, []), announced.get(key, [])
            for version in range(max(len(mine), len(told))):
                groups.put(
                    self._read(
                        mine[version] if version < len(mine) else ReceivedFile(key),
                        told[version] if version < len(told) else None,
                        names,
                    )
                )
        return [self._observed(files) for files in groups.all]

    def _read(self, received: ReceivedFile, told: tuple[str, int] | None, names: Names) -> File:
        """told: kind and records, as announced."""
        name = received.name or ""
        if told is not None:
            name = f"{told[0].lower()}_{received.number:04}"
        length, ends = self._length(received, told)
        product, why, unknown_kind = None, None, None
        try:
            product = read_product(self._dictionary, received.content, length, name, received.number, ends)
        except NoProduct as error:
            why, unknown_kind = str(error), error.kind
        missing = product.missing if product else received.content.gaps(0, length)
        kind = product.kind.lower() if product else "unknown"
        stem, dot, suffix = (safe_name(received.name or "") or f"{kind}_{received.number:04}.bin").rpartition(".")
        stem, suffix = (stem, dot + suffix) if stem else (suffix, "")
        saved_as = names.give(stem, suffix) + suffix
        length = max(length, sum(missing[-1]) if missing else 0)
        file = File(saved_as, received, length, missing, product, why, unknown_kind)
        if product is not None:
            product.name = file.name
        return file

    def _length(self, received: ReceivedFile, told: tuple[str, int] | None) -> tuple[int, bool]:
        """(octets of a file, whether it is known to end there)."""
        if received.length is not None:
            return received.length, True
        content = received.content
        if told is not None:
            announced = self._layouts[told[0]].length(told[1])
            within = announced - sum(length for _, length in content.gaps(0, announced))
            # Of another file, if it is too short; but one stray piece may lie far out
            if 2 * within >= content.arrived:
                return announced, True
        return min(content.end, self._longest), False

    def _observed(self, files: list[File]) -> Observed:
        parts = [file.product for file in files if file.product is not None]
        product = joined(parts, self._layouts[parts[0].kind]) if parts else None
        return Observed(files[0].name, files, product)


def joined(parts: list[Product], layout: Layout) -> Product:
    """All parts of an observation as one product: each in its place.

    Its head is the first one's, with the sums of records and planned ones, and its number and name are the first one's;
    `missing` are those of all files, one after another.
    """
    if len(parts) == 1 and not parts[0].head["part"]:
        return parts[0]
    first, size = parts[0], layout.product.part
    places = [part.head["part"] * size for part in parts]
    states = {part.state for part in parts}
    if [part.head["part"] for part in parts] != list(range(len(parts))):
        states.add("CUT")  # one in between
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
    """What of a Product goes by records, of all parts. places: the number of the first record of each."""
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


def along(products: list[Product]) -> Product:
    """Several observations of one kind as one, in the order of their begin; but for records it is the first one."""
    ordered = sorted(products, key=lambda product: product.head["begun"])
    first = ordered[0]
    places = [0, *accumulate(one.record_count for one in ordered[:-1])]
    return replace(first, name=f"{first.kind.lower()}_way", **_rows(ordered, places))


def _sum(numbers: list[int | None]) -> int | None:
    """None when one is not known; 0 when one is for as many as come."""
    known = [number for number in numbers if number is not None]
    return None if len(known) < len(numbers) else sum(known) * all(known)


def _observation(file: File) -> object:
    """What files of one observation have in common; None: nobody knows of which it is."""
    product, sender = file.product, file.received.transaction
    if product is None or product.head["begun"] is None or product.head["part"] is None:
        return None
    return (sender.entity, sender.run, product.kind, product.head["begun"])


class _Groups:
    """Files, those of one observation together."""

    def __init__(self) -> None:
        self.all: list[list[File]] = []
        self._by_part: dict[tuple[object, int], int] = {}  # observation, part -> how many groups have it
        self._of: dict[object, list[list[File]]] = {}

    def put(self, file: File) -> None:
        """Put a file with the others of its observation that has no such part yet."""
        observation = _observation(file)
        if observation is None or file.product is None:
            self.all.append([file])
            return
        part = file.product.head["part"]
        groups = self._of.setdefault(observation, [])
        number = self._by_part.get((observation, part), 0)
        self._by_part[observation, part] = number + 1
        if number == len(groups):
            groups.append([])
            self.all.append(groups[-1])
        groups[number].append(file)
