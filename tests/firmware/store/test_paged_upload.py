"""Pages: what comes in pieces is there when the last one is, and not before."""

from hypothesis import given
from hypothesis import strategies as st
from rover.store.paged_upload import PAGES, SIZE, PagedUpload

MOST = PAGES * SIZE - 1
OCTETS = st.integers(0, MOST).flatmap(lambda size: st.binary(min_size=size, max_size=size))


class Flash:
    """RedundantRecord, of which no write is taken after so many."""

    def __init__(self, most=1000):
        self.slots = {}
        self.left = most

    def read(self, name, number):
        return self.slots.get(number)

    def write(self, name, number, octets):
        self.left -= 1
        if self.left >= 0:
            assert len(octets) <= 512
            self.slots[number] = bytes(octets)
        return self.left >= 0


def pieces(octets):
    return [octets[at : at + SIZE] for at in range(0, len(octets) + 1, SIZE)]


def write(pages, octets):
    """Whether all pieces were kept."""
    return all(pages.follows(page) and pages.write(page, piece) for page, piece in enumerate(pieces(octets)))


def test_at_first_there_is_nothing():
    pages = PagedUpload(Flash(), "upload")
    assert (pages.read(), pages.size()) == (b"", 0)
    assert [pages.follows(page) for page in range(PAGES)] == [True, False, False, False]


@given(OCTETS, OCTETS)
def test_what_comes_last_is_there_whatever_was_before(before, octets):
    flash = Flash()
    pages = PagedUpload(flash, "upload")
    assert write(pages, before)
    assert write(pages, octets)
    again = PagedUpload(flash, "upload")
    assert (again.read(), again.size()) == (octets, len(octets))
    assert set(flash.slots) <= set(range(PAGES))


@given(OCTETS, OCTETS, st.integers(1, PAGES))
def test_a_part_is_not_taken_for_all(before, octets, sent):
    pages = PagedUpload(Flash(), "upload")
    write(pages, before)
    parts = pieces(octets)[:sent]
    for page, piece in enumerate(parts):
        assert pages.write(page, piece)
    assert pages.read() == (octets if len(parts) == len(pieces(octets)) else None)
    assert pages.size() == min(len(octets), sent * SIZE)


@given(OCTETS, OCTETS, st.integers(0, 8))
def test_a_flash_that_fails_leaves_no_mixture(before, octets, writes):
    flash = Flash()
    pages = PagedUpload(flash, "upload")
    write(pages, before)
    flash.left = writes
    kept = write(pages, octets)
    assert pages.read() in ((octets,) if kept else (before, None, b"", octets))


def test_more_than_all_pages_is_never_whole():
    pages = PagedUpload(Flash(), "upload")
    for page in range(PAGES):
        assert pages.write(page, bytes(SIZE))
    assert pages.read() is None
