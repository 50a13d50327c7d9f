"""Collect what comes of products in a downlink, without reading it yet."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from yutu2.decode.fields import Report
from yutu2.dictionary.model import Dictionary
from yutu2.products.reception import FileReception, Transaction

if TYPE_CHECKING:
    from yutu2.products.collection import Observed

NEEDS: dict[str, Collection[str]] = dict.fromkeys(("PRODUCT_READY", "PRODUCT_PARTIAL"), ("number", "kind", "records"))
"""Fields of the events that announce a file, by the event."""
_MAX_ANNOUNCED = 16  # of one number: more begin anew in no run


class Collector:
    """Collect files, and the events that announce them. files: the CFDP receiver.

    dictionary: that the reports are decoded with.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.files = FileReception(dictionary.apids["FILES"])
        self._dictionary = dictionary
        self._kinds = {product.name for product in dictionary.products}
        self._announced: dict[Transaction, list[tuple[str, int]]] = {}  # kind, records

    def add(self, report: Report) -> None:
        """Take one report: files come down in packets of their own, and an event announces each that is made."""
        self.files.take(report.packet, report.run)
        if report.name in NEEDS and report.fields is not None:
            fields: dict[str, Any] = report.fields
            key = Transaction(report.packet.spacecraft_id, fields["number"], report.run)
            known = self._announced.setdefault(key, [])
            announced = (fields["kind"], fields["records"])
            if announced not in known and fields["kind"] in self._kinds and len(known) < _MAX_ANNOUNCED:
                known.append(announced)

    def observed(self) -> "list[Observed]":
        """Return all of which something came, or that were announced, read as products."""
        if not (self._announced or self.files.count):
            return []
        from yutu2.products.collection import ProductReader  # with NumPy, which takes its time

        return ProductReader(self._dictionary).observed(self.files.files(), self._announced)
