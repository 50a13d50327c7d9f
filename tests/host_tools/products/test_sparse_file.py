"""Octets lie where they arrived, and take the memory of what arrived."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st
from yutu2.products.sparse_file import SparseFile

SIZE = 60
PIECES = st.lists(st.tuples(st.integers(0, SIZE), st.integers(0, 12)), max_size=12)
PLACES = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE + 20)).map(sorted)
FILE = bytes(range(1, SIZE + 20))


def arrived(pieces):
    """The octets of FILE in these pieces, None where none is."""
    dense = [None] * len(FILE)
    for offset, length in pieces:
        dense[offset : offset + length] = FILE[offset : offset + length]
    return dense


def extents_of(pieces):
    extents = SparseFile()
    for offset, length in pieces:
        extents.add(offset, FILE[offset : offset + length])
    return extents


@given(PIECES, PLACES)
def test_what_arrived_is_where_it_belongs(pieces, place):
    begin, end = place
    end = min(end, len(FILE))
    dense, extents = arrived(pieces), extents_of(pieces)
    assert list(extents.dense(begin, end)) == [octet or 0 for octet in dense[begin:end]]
    is_complete = None not in dense[begin:end]
    assert extents.has(begin, end) == is_complete
    assert extents.read(begin, end) == (FILE[begin:end] if is_complete else None)
    missing = [offset for first, length in extents.gaps(begin, end) for offset in range(first, first + length)]
    assert missing == [offset for offset in range(begin, end) if dense[offset] is None]
    assert all(length > 0 for _, length in extents.gaps(begin, end))
    assert extents.arrived == len(FILE) - dense.count(None)
    assert extents.end == max((offset + 1 for offset, octet in enumerate(dense) if octet), default=0)


@given(PIECES, st.integers(0, SIZE), st.integers(1, 8), st.integers(0, 7))
def test_another_octet_disagrees_and_does_not_replace_the_first(pieces, offset, length, place):
    dense, extents = arrived(pieces), extents_of(pieces)
    other = bytearray(FILE[offset : offset + length])
    assert extents.agrees(offset, bytes(other))
    other[place % len(other)] ^= 0x80
    assert extents.agrees(offset, bytes(other)) == (dense[offset + place % len(other)] is None)
    extents.add(offset, bytes(other))
    kept = [octet for at, octet in enumerate(dense) if octet and at < len(FILE)]
    assert kept == [extents.dense(at, at + 1)[0] for at, octet in enumerate(dense) if octet]


@given(PIECES)
def test_extents_are_made_of_a_whole_file_too(pieces):
    pieces = [(offset, length) for offset, length in pieces if length]
    extents = SparseFile.of(FILE, pieces)
    dense = arrived(pieces)
    assert [offset for offset in range(len(FILE)) if not extents.has(offset, offset + 1)] == [
        offset for offset, octet in enumerate(dense) if octet
    ]


def test_memory_grows_with_what_arrives():
    tracemalloc.start()
    extents = SparseFile()
    for number in range(1000):
        extents.add(number << 50, b"x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300_000


def test_a_file_that_arrives_backwards_takes_no_longer():
    """Each piece is copied once, not again with each that follows: a square of this would take minutes."""
    extents = SparseFile()
    for offset in range(17_000 * 960, -1, -960):
        extents.add(offset, bytes(960))
    assert extents.has(0, 17_001 * 960)
