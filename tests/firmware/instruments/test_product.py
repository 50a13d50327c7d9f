"""Products: what a file holds is what was put into it, with a head, what came of it, and a checksum over all."""

import hashlib
import resource
from struct import unpack_from
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.board.scratch import Scratch
from rover.instruments.product import Head, Product
from rover.tables import HASH, PRODUCT_HEAD_FIELDS, PRODUCT_HEAD_SIZE, PRODUCTS
from yutu2.dictionary.model import load

NAMES = [field.name for field in load().product_head]
STATES = {"OPEN": 0, "WHOLE": 1, "PARTIAL": 2}
KIND = 3
RECORD = PRODUCTS[KIND - 1][1]


class Full(Scratch):
    """A store that takes so many octets."""

    def __init__(self, room):
        super().__init__()
        self.room = room

    def append(self, file, octets):
        self.room -= len(octets)
        return self.room >= 0 and super().append(file, octets)


def head():
    flight_state = SimpleNamespace(stop=3, east=-403_260, north=403_250, heading=315_400)
    return Head(2, 10, 58_000_000, flight_state, (-120, 45), (41_000, 12_000))


def content(store, number):
    file = store.open_file(number)
    return file.read()


def head_of(octets, at=0):
    return dict(zip(NAMES, unpack_from(PRODUCT_HEAD_FIELDS, octets, at), strict=True))


@given(st.lists(st.binary(min_size=RECORD, max_size=RECORD), max_size=20), st.sampled_from([0, 14]))
def test_a_file_is_head_records_head_and_checksum(records, reason):
    store = Scratch()
    product = Product(store, head(), KIND, 7, 1, 20)
    for record in records:
        assert product.add(record)
        product.records += 1
    product.close(reason)
    octets = content(store, 7)
    assert product.octets == len(octets) == 2 * PRODUCT_HEAD_SIZE + len(records) * RECORD + 32
    assert octets[PRODUCT_HEAD_SIZE : PRODUCT_HEAD_SIZE + len(records) * RECORD] == b"".join(records)
    assert octets[-32:] == hashlib.sha256(octets[:-32]).digest()
    first, last = head_of(octets), head_of(octets, len(octets) - 32 - PRODUCT_HEAD_SIZE)
    assert (first["records"], first["state"], first["reason"]) == (0, STATES["OPEN"], 0)
    state = STATES["PARTIAL"] if reason else STATES["WHOLE"]
    assert (last["records"], last["state"], last["reason"]) == (len(records), state, reason)
    same = {name for name in NAMES if name not in ("records", "state", "reason")}
    assert all(first[name] == last[name] for name in same)
    assert first["mark"] == 0x5932 and first["dictionary"] == HASH
    assert (first["kind"], first["activity"], first["number"], first["part"], first["step"]) == (3, 2, 7, 1, 10)
    assert (first["stop"], first["begun"], first["heading"]) == (3, 58_000_000, 315_400)
    assert (first["east"], first["north"]) == (-403_260, 403_250)
    assert (first["pitch"], first["roll"], first["sun_elevation"], first["sun_azimuth"]) == (-120, 45, 41_000, 12_000)
    assert (first["record_size"], first["planned"]) == (RECORD, 20)


@pytest.mark.parametrize("room", [0, 20, PRODUCT_HEAD_SIZE, PRODUCT_HEAD_SIZE + RECORD, PRODUCT_HEAD_SIZE + 50])
def test_a_store_that_is_full_is_told_and_keeps_what_it_has(room):
    store = Full(room)
    product = Product(store, head(), KIND, 7, 0, 20)
    assert product.kept == (room >= PRODUCT_HEAD_SIZE)
    taken = 0
    while product.add(bytes(RECORD)):
        taken += 1
    assert taken == max(0, (room - PRODUCT_HEAD_SIZE) // RECORD)
    product.close(18)
    assert not product.kept
    kept = PRODUCT_HEAD_SIZE + taken * RECORD if room >= PRODUCT_HEAD_SIZE else 0
    assert len(content(store, 7)) == kept


def test_without_a_file_nothing_is_kept_and_nothing_raised():
    store = Scratch()
    store.create_file = lambda number: None
    product = Product(store, head(), KIND, 7, 0, 20)
    assert not product.add(bytes(RECORD))
    product.close(18)
    assert store.file_numbers() == []


def test_a_full_disk_of_a_desktop_is_found_where_a_piece_is_appended():
    store = Scratch()
    file = store.create_file(7)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        assert store.append(file, bytes(100))
        assert not store.append(file, bytes(100))
        store.keep_file(file)
        assert content(store, 7) == bytes(100)
        store.remove_file(7)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
