"""The files that instruments make, read from the dictionary: their head, their records, their samples."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yutu2.dictionary.checks import DictionaryError, check_keys, check_one_of, check_range

_PRODUCT = ({"text", "instrument", "part", "fields", "samples"}, set[str]())
_MOST_RECORDS = 0xFFFF
_MOST_PERMITTIVITY = 10_000


@dataclass(frozen=True, slots=True)
class Column:
    """What stands in a head or a record: a field of the dictionary, or samples of one type. code: of `struct`."""

    name: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Product:
    """A kind of product. id: from 1, in the order of the dictionary. instrument: the name of its APID.

    part: records that one file holds at most. fields: of each record, before its samples; Fields of `model`.
    """

    name: str
    id: int
    text: str
    instrument: str
    part: int
    fields: tuple[Any, ...]
    samples: Column

    @property
    def fields_code(self) -> str:
        """The format of a record's fields, for `struct`."""
        return ">" + "".join(field.code for field in self.fields)

    @property
    def record_size(self) -> int:
        """Octets of a record."""
        return struct.calcsize(self.fields_code) + struct.calcsize(f">{self.samples.count}{self.samples.code}")


Fields = Callable[[str, dict[str, Any]], tuple[Any, ...]]


def read_products(
    content: dict[str, Any], instruments: dict[int, str], types: dict[str, str], fields: Fields
) -> tuple[Product, ...]:
    """All kinds of products. types: of samples, to format characters; fields: reads those of an entry."""
    products = []
    for number, (name, entry) in enumerate(content.items(), 1):
        place = f"product.{name}"
        check_keys(place, entry, _PRODUCT)
        check_one_of(f"{place}.instrument", entry["instrument"], list(instruments.values()), "instruments")
        check_range(f"{place}.part", entry["part"], _MOST_RECORDS, 1)
        samples = entry["samples"]
        check_keys(f"{place}.samples", samples, ({"name", "type", "count"}, set()))
        check_one_of(f"{place}.samples.type", samples["type"], list(types), "types")
        check_range(f"{place}.samples.count", samples["count"], _MOST_RECORDS, 1)
        products.append(
            Product(
                name=name,
                id=number,
                text=entry["text"],
                instrument=entry["instrument"],
                part=entry["part"],
                fields=fields(place, entry),
                samples=Column(samples["name"], types[samples["type"]], samples["count"]),
            )
        )
    return tuple(products)


def read_permittivity(content: dict[str, Any]) -> tuple[float, ...]:
    """Relative permittivity of each layer that the radar looks through, from the top."""
    check_keys("radar", content, ({"permittivity"}, set()))
    if not content["permittivity"]:
        raise DictionaryError("radar.permittivity: must hold one at least")
    for value in content["permittivity"]:
        check_range("radar.permittivity", value, _MOST_PERMITTIVITY, 100)
    return tuple(value / 100 for value in content["permittivity"])
