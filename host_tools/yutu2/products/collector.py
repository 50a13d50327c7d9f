"""Collect the product files in a downlink, without reading them yet."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from yutu2.decode.fields import Report
from yutu2.dictionary.model import Dictionary
from yutu2.products.cfdp_receiver import CfdpReceiver, Transaction

if TYPE_CHECKING:
    from yutu2.products.product_set import ProductSet

NEEDS: dict[str, Collection[str]] = dict.fromkeys(("PRODUCT_READY", "PRODUCT_PARTIAL"), ("number", "kind", "records"))
"""Fields of the events that announce a file, by event."""
_MAX_ANNOUNCED = 16  # of one number; no real run restarts more often


class ProductCollector:
    """Collect product files, and the events that announce them.

    dictionary: that decodes the reports. files: the CFDP receiver.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self.files = CfdpReceiver(dictionary.apids["FILES"])
        self._dictionary = dictionary
        self._kinds = {product.name for product in dictionary.products}
        self._announced: dict[Transaction, list[tuple[str, int]]] = {}  # kind, records

    def add(self, report: Report) -> None:
        """Add one report: a CFDP packet, or an event that announces a file."""
        self.files.take(report.packet, report.run)
        if report.name in NEEDS and report.fields is not None:
            fields: dict[str, Any] = report.fields
            key = Transaction(report.packet.spacecraft_id, fields["number"], report.run)
            known = self._announced.setdefault(key, [])
            announced = (fields["kind"], fields["records"])
            if announced not in known and fields["kind"] in self._kinds and len(known) < _MAX_ANNOUNCED:
                known.append(announced)

    def product_sets(self) -> "list[ProductSet]":
        """Return the product sets received or announced."""
        if not (self._announced or self.files.count):
            return []
        from yutu2.products.product_set import ProductSetReader  # imported late, because NumPy loads slowly

        return ProductSetReader(self._dictionary).product_sets(self.files.files(), self._announced)
