"""How the file of a product is laid out, for NumPy: head, records, the head again, SHA-256; big-endian."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from yutu2.dictionary.model import Dictionary, Field
from yutu2.dictionary.products import Product

DIGEST_LENGTH = 32  # SHA-256 of all octets before it, at the end of a file
MARK = 0x5932


@dataclass(frozen=True)
class Layout:
    """The layout of one kind of product. head: the fields of its head."""

    product: Product
    head: tuple[Field, ...]

    @cached_property
    def head_type(self) -> np.dtype[np.void]:
        """Of a head."""
        return np.dtype([(field.name, _type(field.code)) for field in self.head])

    @cached_property
    def record_type(self) -> np.dtype[np.void]:
        """Of a record: its fields, and its samples under their own name."""
        samples = self.product.samples
        fields = [(field.name, _type(field.code)) for field in self.product.fields]
        return np.dtype([*fields, (samples.name, _type(samples.code), (samples.count,))])

    def length(self, records: int) -> int:
        """Octets of a file with so many records."""
        return 2 * self.head_type.itemsize + records * self.record_type.itemsize + DIGEST_LENGTH


def layouts(dictionary: Dictionary) -> dict[int, Layout]:
    """The layouts of all kinds of products, by the number that stands in a head."""
    return {product.id: Layout(product, dictionary.product_head) for product in dictionary.products}


def _type(code: str) -> str:
    """The type that NumPy has for a format of `struct`: octets stay as they are, zeros at their end too."""
    return f"V{code[:-1]}" if code.endswith("s") else f">{code}"
