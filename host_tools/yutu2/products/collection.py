"""What came of the products of a downlink: each file, and all files of one observation as one product."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from yutu2.decode.fields import Report
from yutu2.dictionary.model import load
from yutu2.products.layout import Layout, layouts
from yutu2.products.product import NoProduct, Product, read_product
from yutu2.products.reception import FileReception, ReceivedFile
from yutu2.show.records import iso

_ANNOUNCED = ("PRODUCT_READY", "PRODUCT_PARTIAL")  # events


@dataclass
class File:
    """One file. product: None when it cannot be read; then `why` says the reason. octets: zeros where missing."""

    name: str
    number: int
    octets: bytes
    missing: list[tuple[int, int]]
    product: Product | None
    why: str | None = None

    @property
    def came(self) -> bool:
        """Whether anything of it did."""
        return self.missing != [(0, len(self.octets))]

    def entry(self) -> dict[str, Any]:
        """For `products.json`."""
        product = self.product
        return {
            "file": f"{self.name}.bin" if self.came else None,
            "number": self.number,
            "part": product.head["part"] if product else None,
            "octets": len(self.octets),
            "missing": [list(gap) for gap in self.missing],
            "records": len(product.samples) if product else None,
            "state": product.state if product else None,
            "reason": product.reason if product else None,
            "verified": product.verified if product else None,
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
        return sum(len(file.octets) for file in self.files)

    @property
    def missing(self) -> int:
        """How many octets are."""
        return sum(length for file in self.files for _, length in file.missing)

    def entry(self) -> dict[str, Any]:
        """For `products.json`; pictures and facts come to it when they are made."""
        product = self.product
        begun = product.head["begun"] if product else None
        return {
            "name": self.name,
            "kind": product.kind if product else None,
            "number": self.files[0].number,
            "begun": iso(begun) if begun else None,
            "activity": product.head["activity"] if product else None,
            "stop": product.head["stop"] if product else None,
            "records": len(product.samples) if product else None,
            "planned": (product.head["planned"] or None) if product else None,
            "octets": self.octets,
            "missing": self.missing,
            "state": product.state if product else None,
            "reason": product.reason if product else self.files[0].why,
            "verified": product.verified if product else None,
            "files": [file.entry() for file in self.files],
        }


class Collector:
    """Collects products out of reports, in the order told."""

    def __init__(self) -> None:
        self.files = FileReception()
        self._layouts = {layout.product.name: layout for layout in layouts(load()).values()}
        self._announced: dict[tuple[int, int], list[tuple[str, int]]] = {}  # kind, records

    def add(self, report: Report) -> None:
        """Takes one report: files go down in packets of their own, and an event tells of each that is made."""
        self.files.take(report.packet)
        if report.name in _ANNOUNCED and report.fields is not None:
            fields: dict[str, Any] = report.fields
            told = self._announced.setdefault((report.packet.spacecraft_id, fields["number"]), [])
            if (announced := (fields["kind"], fields["records"])) not in told and fields["kind"] in self._layouts:
                told.append(announced)

    def observed(self) -> list[Observed]:
        """All of which something came, or that were announced, in the order of the numbers of their files."""
        received = self.files.files()
        groups: list[tuple[object, list[File]]] = []
        for key in sorted({(file.entity, file.number) for file in received} | set(self._announced)):
            mine = [file for file in received if (file.entity, file.number) == key]
            told = self._announced.get(key, [])
            for version in range(max(len(mine), len(told))):
                file = self._read(
                    mine[version] if version < len(mine) else ReceivedFile(*key),
                    told[version] if version < len(told) else None,
                    version,
                )
                _put(groups, _observation(key[0], file.product), file)
        return [self._observed(files) for _, files in groups]

    def _read(self, received: ReceivedFile, told: tuple[str, int] | None, version: int) -> File:
        """told: kind and records, as announced. version: of files that have the same number, from 0."""
        octets, missing = bytes(received.octets), received.missing
        name, ends = (received.name or "").removesuffix(".bin"), received.length is not None
        if told is not None:
            kind, records = told
            name, length = f"{kind.lower()}_{received.number:04}", self._layouts[kind].length(records)
            if not ends and length >= len(octets):
                missing += [(len(octets), length - len(octets))] if length > len(octets) else []
                octets, ends = octets.ljust(length, b"\0"), True
        again = f"_{version + 1}" if version else ""
        try:
            product = read_product(octets, missing, name, received.number, ends)
        except NoProduct as error:
            return File(f"unknown_{received.number:04}{again}", received.number, octets, missing, None, str(error))
        product.name = f"{product.kind.lower()}_{received.number:04}{again}"
        length = max(len(octets), *map(sum, product.missing)) if product.missing else len(octets)
        return File(product.name, received.number, octets.ljust(length, b"\0"), product.missing, product)

    def _observed(self, files: list[File]) -> Observed:
        parts = [file.product for file in files if file.product is not None]
        product = joined(parts, self._layouts[parts[0].kind]) if parts else None
        return Observed(files[0].name, files, product)


def joined(parts: list[Product], layout: Layout) -> Product:
    """All parts of an observation as one product: each in its place, masked where one did not come.

    Its head is the first one's, with the sums of records and planned ones, and its number and name are the first one's;
    `missing` are those of all files, one after another.
    """
    if len(parts) == 1 and not parts[0].head["part"]:
        return parts[0]
    first, size = parts[0], layout.product.part
    places = [(part.head["part"] * size, part) for part in parts]
    rows = max(place + len(part.samples) for place, part in places)
    shape = (rows, layout.product.samples.count)
    samples = np.ma.MaskedArray(np.zeros(shape, first.samples.dtype), mask=np.ones(shape, bool))
    records = {name: np.full(rows, _nothing(column.dtype), column.dtype) for name, column in first.records.items()}
    for place, part in places:
        here = slice(place, place + len(part.samples))
        samples[here] = part.samples
        for name, column in part.records.items():
            records[name][here] = column
    states = {part.state for part in parts}
    if [part.head["part"] for part in parts] != list(range(len(parts))):
        states.add("CUT")  # one in between
    state = next(state for state in ("CUT", "PARTIAL", "WHOLE") if state in states)
    verified = [part.verified for part in parts]
    sums = {name: _sum([part.head[name] for part in parts]) for name in ("planned", "records")}
    reason = next((part.reason for part in parts if part.reason), None)
    return replace(
        first,
        head=first.head | sums | {"part": 0, "state": None if state == "CUT" else state, "reason": reason},
        records=records,
        samples=samples,
        missing=[gap for part in parts for gap in part.missing],
        state=state,
        reason=reason,
        verified=False if False in verified else None if None in verified else True,
    )


def along(products: list[Product]) -> Product:
    """Several observations of one kind as one, in the order of their begin; but for records it is the first one."""
    ordered = sorted(products, key=lambda product: product.head["begun"])
    first = ordered[0]
    samples, masks = zip(*((one.samples.data, np.ma.getmaskarray(one.samples)) for one in ordered), strict=True)
    return replace(
        first,
        name=f"{first.kind.lower()}_way",
        records={name: np.concatenate([one.records[name] for one in ordered]) for name in first.records},
        samples=np.ma.MaskedArray(np.concatenate(samples), mask=np.concatenate(masks)),
    )


def _nothing(dtype: np.dtype[Any]) -> float:
    return np.nan if dtype.kind == "f" else -1


def _sum(numbers: list[int | None]) -> int | None:
    """None when one is not known; 0 when one is for as many as come."""
    known = [number for number in numbers if number is not None]
    return None if len(known) < len(numbers) else sum(known) * all(known)


def _observation(entity: int, product: Product | None) -> object:
    """What files of one observation have in common; None: nobody knows of which it is."""
    if product is None or product.head["begun"] is None or product.head["part"] is None:
        return None
    return (entity, product.kind, product.head["begun"])


def _put(groups: list[tuple[object, list[File]]], observation: object, file: File) -> None:
    """Puts a file with the others of its observation that has no such part yet."""
    if observation is not None and file.product is not None:
        for key, files in groups:
            parts = [other.product.head["part"] for other in files if other.product is not None]
            if key == observation and file.product.head["part"] not in parts:
                files.append(file)
                return
    groups.append((observation, [file]))
