"""Octets that come in pieces: each but the last fills a page, so that a part of them is not taken for all."""

from micropython import const

PAGES = const(4)
SIZE = const(480)  # of a page

_HELD = b"\x01"  # before what a page holds; without it is a page of what was there before


class PagedUpload:
    """Pages in the parts of a record of the store.

    store: gives read(name, number) and write(name, number, octets). name: of the record.
    """

    def __init__(self, store, name):
        self._store = store
        self._name = name

    def write(self, page, octets):
        """Keeps a piece; page 0 begins anew. Returns whether it could."""
        if page == 0:
            for other in range(PAGES):
                if self._read(other) is not None and not self._store.write(self._name, other, b""):
                    return False
        return self._store.write(self._name, page, _HELD + octets)

    def follows(self, page):
        """Whether the page before this one is there and full."""
        before = self._read(page - 1) if page else None
        return page == 0 or (before is not None and len(before) == SIZE)

    def size(self):
        """Octets that there are."""
        return sum(len(self._read(page) or b"") for page in range(PAGES))

    def read(self):
        """All octets, none if nothing has come; None while the last piece is missing."""
        octets = b""
        for page in range(PAGES):
            piece = self._read(page)
            if piece is None:
                return None if page else b""
            octets += piece
            if len(piece) < SIZE:
                return octets
        return None

    def _read(self, page):
        octets = self._store.read(self._name, page)
        return octets[1:] if octets and octets[:1] == _HELD and len(octets) <= SIZE + 1 else None
