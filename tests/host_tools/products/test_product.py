"""A product is read from its file with what came of it; what did not come is masked, and nothing guessed."""

from datetime import UTC, datetime
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yutu2.dictionary.model import load
from yutu2.products.product import NoProduct, read_product
from yutu2.products.product_format import product_formats
from yutu2.products.sparse_file import SparseFile

FILESYSTEM_REGIONS = {layout.product.name: layout for layout in product_formats(load()).values()}
KINDS = list(FILESYSTEM_REGIONS)
HEAD = FILESYSTEM_REGIONS["PCAM_IMAGES"].head_type.itemsize


def read(octets, missing, name, number, ends=True):
    return read_product(load(), SparseFile.of(octets, missing), len(octets), name, number, ends)


EACH_KIND = pytest.mark.parametrize("kind", KINDS)


@EACH_KIND
def test_a_whole_product_is_read(make_file, make_records, kind):
    sent = make_records(kind, 4)
    head = {"number": 12, "part": 1, "step": 3, "stop": 2, "begun": 59_000_000, "east": -1234, "pitch": -150}
    octets = make_file(kind, sent, activity=2, **head)
    product = read(octets, [], "told.bin", 12)
    assert (product.kind, product.number, product.name) == (kind, 12, "told.bin")
    assert (product.state, product.reason, product.missing, product.verified) == ("WHOLE", None, [], True)
    assert product.head["kind"] == kind
    assert product.head["activity"] == "PCAM_RING"
    assert product.head["begun"] == datetime(2020, 11, 13, 20, 53, 20, tzinfo=UTC)
    assert (product.head["east"], product.head["pitch"], product.head["part"]) == (-1.234, -1.5, 1)
    assert (product.head["planned"], product.head["records"]) == (4, 4)
    assert product.head["dictionary"] == load().hash.hex()
    assert list(product.head) == [field.name for field in load().product_head]
    fields = FILESYSTEM_REGIONS[kind].product.fields
    assert product.samples.tolist() == [row[len(fields) :] for row in sent]
    assert list(product.records) == [field.name for field in fields]
    for place, field in enumerate(fields):
        raw = [row[place] for row in sent]
        if field.scale is None:
            assert product.records[field.name].tolist() == raw
        else:
            assert product.records[field.name].tolist() == pytest.approx([value * field.scale for value in raw])


@EACH_KIND
@given(data=st.data())
def test_exactly_what_did_not_come_is_masked(make_file, make_records, kind, data):
    octets = make_file(kind, make_records(kind, 3))
    whole = read(octets, [], "", 1)
    layout = FILESYSTEM_REGIONS[kind]
    begin, size = HEAD, layout.record_type.itemsize
    places = st.tuples(st.integers(0, len(octets) - 1), st.integers(1, 3 * size))
    gaps = data.draw(st.lists(places, max_size=3))
    came, damaged = [True] * len(octets), bytearray(octets)
    for offset, length in gaps:
        end = min(offset + length, len(octets))
        came[offset:end] = [False] * (end - offset)
        damaged[offset:end] = b"\xaa" * (end - offset)
    product = read(damaged, gaps, f"{kind.lower()}_0001.bin", 1)

    told = [False] * len(octets)
    for offset, length in product.missing:
        told[offset : offset + length] = [True] * length
    assert told == [not here for here in came]
    assert product.verified is (True if all(came) else None)
    samples = layout.product.samples
    width = (size - layout.record_type.fields[samples.name][1]) // samples.count
    rows = {record: row for row, record in enumerate(product.record_numbers.tolist())}
    assert product.record_count == 3
    for record in range(3):
        at = begin + record * size
        assert (record in rows) == any(came[at : at + size])
        if record not in rows:
            continue
        row = rows[record]
        head_came = all(came[at : at + size - width * samples.count])
        for place in range(0, samples.count, 1 + samples.count // 50):
            here = at + size - width * (samples.count - place)
            masked = not (head_came and all(came[here : here + width]))
            assert bool(product.samples.mask[row, place]) == masked
            assert masked or product.samples[row, place] == whole.samples[record, place]
        for name, column in product.records.items():
            code, offset, *_ = layout.record_type.fields[name]
            if all(came[at + offset : at + offset + code.itemsize]):
                assert column[row] == whole.records[name][record]
            else:
                assert column[row] == -1 or np.isnan(column[row])


@EACH_KIND
def test_the_hash_finds_a_wrong_octet(make_file, make_records, kind):
    octets = bytearray(make_file(kind, make_records(kind, 2)))
    octets[HEAD + 20] ^= 1
    assert read(octets, [], "", 1).verified is False


def test_a_partial_product_says_why(make_file, make_records):
    octets = make_file("LPR_500", make_records("LPR_500", 2), reason=13, planned=192)
    product = read(octets, [], "", 1)
    assert (product.state, product.reason) == ("PARTIAL", "SHED_LOAD")
    assert (product.head["planned"], product.head["records"], len(product.samples)) == (192, 2, 2)


@EACH_KIND
def test_a_product_without_a_record_is_one(make_file, kind):
    product = read(make_file(kind, [], reason=12, planned=5), [], "", 1)
    assert (product.state, product.reason, product.verified) == ("PARTIAL", "RESTARTED", True)
    assert product.samples.shape == (0, FILESYSTEM_REGIONS[kind].product.samples.count)
    assert all(len(column) == 0 for column in product.records.values())


def test_one_head_is_enough(make_file, make_records):
    octets = make_file("VNIS_SPECTRA", make_records("VNIS_SPECTRA", 3), stop=5)
    whole = read(octets, [], "", 1)
    # The first is lost: all is told by the last one
    assert read(octets, [(0, HEAD)], "", 1).head == whole.head
    # The last is lost: how it ended is not known
    end = len(octets) - 32 - HEAD
    product = read(octets, [(end, HEAD)], "", 1)
    ended = {"records": None, "state": None, "reason": None}
    assert product.head == whole.head | ended
    assert (product.state, product.reason, product.verified) == ("CUT", None, None)
    # Both are lost: its name tells the kind
    product = read(octets, [(0, HEAD), (end, HEAD)], "vnis_spectra_0001.bin", 1)
    assert product.head == dict.fromkeys(whole.head)
    assert product.samples.tolist() == whole.samples.tolist()
    # Half of each: what came of either
    product = read(octets, [(0, 12), (end + 30, HEAD - 30)], "vnis_spectra_0001.bin", 1)
    assert (product.head["mark"], product.head["stop"], product.head["record_size"]) == (0x5932, 5, 793)
    assert product.state == "CUT"


def test_the_end_of_a_file_is_found_where_its_length_is_not_told(make_file, make_records):
    octets = make_file("LPR_60", make_records("LPR_60", 3), planned=4, reason=12)
    product = read(octets, [], "", 1, ends=False)
    assert (product.missing, product.verified, len(product.samples)) == ([], True, 3)
    # Cut: it is taken for as long as planned
    product = read(octets[: HEAD + 300], [], "", 1, ends=False)
    assert (product.record_count, product.record_numbers.tolist()) == (4, [0, 1])
    assert product.missing == [(HEAD + 300, 2 * HEAD + 32 + 4 * 264 - HEAD - 300)]
    assert product.samples.mask.any(axis=1).tolist() == [False, True]
    assert not product.samples.mask[0].any()
    # Cut within the hash, all records there and more than planned by the head: no shorter than what came
    product = read(octets[:-5], [(0, HEAD)], "lpr_60_0001.bin", 1, ends=False)
    assert product.missing == [(0, HEAD), (len(octets) - 5, 5)]
    assert product.state == "PARTIAL"


@pytest.mark.parametrize(
    ("octets", "missing", "name", "told"),
    [
        (bytes(200), [], "x.bin", "it has no product header"),
        (b"", [], "x.bin", "its kind is unknown: no header was received"),
        (bytes(200), [(0, 200)], "x.bin", "its kind is unknown: no header was received"),
        (bytes(300), [(0, 300)], "asan_spectra_0001.bin", "300 octets are no valid file length of ASAN_SPECTRA"),
        (bytes(20), [(0, 20)], "asan_spectra_0001.bin", "20 octets are no valid file length of ASAN_SPECTRA"),
    ],
    ids=["other file", "nothing", "all missing", "odd length", "short"],
)
def test_what_is_no_product_says_why(octets, missing, name, told):
    with pytest.raises(NoProduct) as error:
        read(octets, missing, name, 1)
    assert str(error.value) == told


def test_a_product_of_another_dictionary_is_not_read(make_file, make_records):
    octets = make_file("ASAN_SPECTRA", make_records("ASAN_SPECTRA", 2), dictionary=b"\xde\xad\xbe\xef")
    with pytest.raises(NoProduct, match=f"made with dictionary deadbeef, but is read with {load().hash.hex()}"):
        read(octets, [], "asan_spectra_0001.bin", 1)


@given(st.binary(max_size=400), st.booleans(), st.sampled_from(["", "asan_spectra_1.bin", "lpr_60_1.bin"]))
def test_any_octets_are_a_product_or_none(octets, ends, name):
    for mark in (b"", b"\x59\x32" + load().hash + b"\x03"):
        try:
            product = read(mark + octets, [], name, 1, ends)
        except NoProduct:
            continue
        assert product.verified is not True
        assert product.kind in KINDS


def test_the_hash_is_of_all_before_it(make_file):
    octets = make_file("ASAN_SPECTRA", [], reason=12)
    assert octets[-32:] == sha256(octets[:-32]).digest()
