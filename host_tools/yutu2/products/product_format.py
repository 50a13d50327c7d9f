"""Binary format of product files for NumPy: header, records, the header again, SHA-256; big-endian."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from yutu2.dictionary.model import Dictionary, Field
from yutu2.dictionary.products import Product

DIGEST_LENGTH = 32  # SHA-256 of all octets before it, at the end of a file
MARK = 0x5932


@dataclass(frozen=True)
class ProductFormat:
    """Describe the files of one kind of product.

    product: its definition. head: fields of the header.
    """

    product: Product
    head: tuple[Field, ...]

    @cached_property
    def head_type(self) -> np.dtype[np.void]:
        """Return the data type of a header."""
        return np.dtype([(field.name, _type(field.code)) for field in self.head])

    @cached_property
    def record_type(self) -> np.dtype[np.void]:
        """Return the data type of a record: its fields, then its samples under their name in the dictionary."""
        samples = self.product.samples
        fields = [(field.name, _type(field.code)) for field in self.product.fields]
        return np.dtype([*fields, (samples.name, _type(samples.code), (samples.count,))])

    def length(self, records: int) -> int:
        """Return the octets of a file with this number of records."""
        return 2 * self.head_type.itemsize + records * self.record_type.itemsize + DIGEST_LENGTH


def product_formats(dictionary: Dictionary) -> dict[int, ProductFormat]:
    """Return the formats of all kinds of products, by the kind number in a header."""
    return {product.id: ProductFormat(product, dictionary.product_head) for product in dictionary.products}


def _type(code: str) -> str:
    """Return the NumPy type for a `struct` code; octet strings keep trailing zeros."""
    return f"V{code[:-1]}" if code.endswith("s") else f">{code}"
