"""Collect what comes of products in a downlink, without reading it yet."""

from typing import TYPE_CHECKING, Any

from yutu2.decode.fields import Report
from yutu2.dictionary.model import load
from yutu2.products.reception import FileReception, Transaction

if TYPE_CHECKING:
    from yutu2.products.collection import Observed

_ANNOUNCED = ("PRODUCT_READY", "PRODUCT_PARTIAL")  # events
_MAX_ANNOUNCED = 16  # of one number: more begin anew in no run


class Collector:
    """Collect files, and the events that announce them. files: the CFDP receiver."""

    def __init__(self) -> None:
        self.files = FileReception()
        self._kinds = {product.name for product in load().products}
        self._announced: dict[Transaction, list[tuple[str, int]]] = {}  # kind, records

    def add(self, report: Report) -> None:
        """Take one report: files come down in packets of their own, and an event announces each that is made."""
        self.files.take(report.packet, report.run)
        if report.name in _ANNOUNCED and report.fields is not None:
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

        return ProductReader().observed(self.files.files(), self._announced)
