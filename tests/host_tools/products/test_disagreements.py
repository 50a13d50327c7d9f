"""PDUs that disagree with a file are counted, and neither end nor change it; what its sender says of it is heeded."""

import random
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yutu2.dictionary.model import load
from yutu2.products.cfdp_receiver import CfdpReceiver, condition_name
from yutu2.products.checksums import modular_checksum

FILES = load().apids["FILES"]

NAME = "lpr_60_0007.bin"
OCTETS = random.Random(1).randbytes(3001)
PIECE = 960


@pytest.fixture(scope="module")
def receive(as_packet):
    """`receive(pdus)`: the files that a reception makes of them."""

    def receive(pdus):
        reception = CfdpReceiver(FILES)
        for pdu in pdus:
            reception.take(as_packet(pdu))
        assert reception.damaged == 0
        return reception.files()

    return receive


@pytest.fixture(scope="module")
def metadata(make_pdu):
    """`metadata(size, name=NAME, checksum_type=0)`; name: text, or octets as they are; or two: source, destination."""

    def metadata(size, name=NAME, checksum_type=0):
        names = [
            one.encode() if isinstance(one, str) else one for one in (name if isinstance(name, tuple) else [name] * 2)
        ]
        told = b"".join(bytes([len(one)]) + one for one in names)
        return make_pdu(7, struct.pack(">BBI", 7, checksum_type, size) + told)

    return metadata


@pytest.fixture(scope="module")
def data(make_pdu):
    """`data(offset, octets)`."""
    return lambda offset, octets: make_pdu(7, struct.pack(">I", offset) + octets, is_file_data=True)


@pytest.fixture(scope="module")
def end(make_pdu):
    """`end(size, checksum, condition=0)`."""
    return lambda size, checksum, condition=0: make_pdu(7, struct.pack(">BBII", 4, condition << 4, checksum, size))


@pytest.fixture(scope="module")
def sent(cfdp):
    """Metadata, four pieces of OCTETS, and the end."""
    return cfdp(OCTETS, NAME, 7)


STRAYS = st.one_of(
    st.tuples(st.just("beyond"), st.sampled_from([3001, 3002, 1 << 20, 15 << 20, (1 << 32) - 1]), st.integers(1, 960)),
    st.tuples(st.just("across"), st.integers(2900, 3000), st.integers(102, 960)),
    st.tuples(st.just("size"), st.sampled_from([1, 960, 3000, 3002, 1 << 24, (1 << 32) - 1])),
    st.tuples(st.just("name"), st.sampled_from(["", "other.bin", "x" * 255])),
    st.tuples(st.just("end"), st.sampled_from([0, 1, 2880, 3000, 3002, (1 << 32) - 1]), st.integers(0, (1 << 32) - 1)),
    st.tuples(st.just("checksum"), st.integers(0, (1 << 32) - 1)),
    st.tuples(st.just("cancel"), st.integers(1, 15), st.sampled_from([0, 960, 3001, (1 << 32) - 1])),
)


@given(st.lists(st.tuples(STRAYS, st.integers(0, 6)), min_size=1, max_size=3))
def test_a_file_is_whole_whatever_comes_between(receive, sent, metadata, data, end, strays):
    """But for data in its place with other content, that come first."""
    placed = [(place + 0.5, pdu) for place, pdu in enumerate(sent)]
    for stray, place in strays:
        match stray:
            case ("beyond", offset, length):
                placed.append((place, data(offset, bytes(length))))
            case ("across", offset, length):
                placed.append((max(place, 5), data(offset, b"\xaa" * length)))
            case ("size", size):
                placed.append((place, metadata(size)))
            case ("name", name):
                placed.append((max(place, 1), metadata(3001, name)))
            case ("end", size, checksum):
                placed.append((place, end(size, checksum)))
            case ("checksum", checksum):
                placed.append((place, end(3001, checksum)))
            case ("cancel", condition, size):
                placed.append((place, end(size, 0, condition)))
    pdus = [pdu for _, pdu in sorted(placed, key=lambda one: one[0])]
    files = receive(pdus)
    (file,) = [file for file in files if file.is_complete]
    assert (file.octets, file.is_intact, file.is_cancelled, file.length) == (OCTETS, True, False, 3001)
    assert file.name == NAME
    # Several of them may look like a file of their own
    assert len(files) == 1 or len(strays) > 1


@pytest.mark.parametrize("place", range(2, 7))
def test_other_content_of_what_came_is_dropped(receive, sent, data, place):
    stray = data(100, b"\xaa" * 500)
    files = receive([*sent[:place], stray, *sent[place:]])
    assert (files[0].octets, files[0].is_intact) == (OCTETS, True)
    if place < 6:
        assert files[0].disagreements(3001) == 1
    else:
        # The file had ended: another one of its number may begin
        assert (len(files), files[1].content.arrived) == (2, 500)


def test_other_content_that_comes_first_makes_the_checksum_wrong(receive, sent, data):
    (file,) = receive([sent[0], data(100, b"\xaa" * 500), *sent[1:]])
    assert (file.is_complete, file.is_intact) == (False, None)
    (file,) = receive([sent[0], data(0, b"\xaa" * 960), *sent[1:]])
    assert (file.is_complete, file.is_intact, file.disagreements(3001)) == (True, False, 1)


def test_the_true_metadata_are_those_that_the_end_confirms(receive, sent, metadata):
    for size in (1, 960, 2000, 1 << 30):
        for first in ([metadata(size, "other.bin"), sent[0]], [sent[0], metadata(size, "other.bin")]):
            (file,) = receive([*first, *sent[1:]])
            assert (file.length, file.is_intact, file.name, file.disagreements(3001)) == (3001, True, NAME, 1)
            # With a hole too
            (file,) = receive([*first, *sent[1:3], *sent[4:]])
            assert (file.length, file.name, file.missing) == (3001, NAME, [(1920, 960)])


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("size", [0, 4, 400])
def test_an_end_of_a_few_octets_is_not_believed_though_its_checksum_is_right(receive, sent, end, place, size):
    """Without metadata: with them its size is wrong."""
    stray = end(size, modular_checksum(OCTETS[:size]))
    (file,) = receive([*sent[1 : 1 + place], stray, *sent[1 + place :]])
    assert (file.length, file.is_intact, file.octets) == (3001, True, OCTETS)
    (file,) = receive([stray, *sent])
    assert (file.length, file.is_intact, file.disagreements(3001)) == (3001, True, 1)


def test_data_beyond_the_end_are_not_kept(receive, sent, data):
    strays = [data(offset, b"x" * 960) for offset in (2900, 3001, 15 << 20)]
    for pdus in ([*sent[:2], *strays, *sent[2:]], [*sent, *strays]):
        (file,) = receive(pdus)
        assert (file.content.arrived, file.is_intact, file.disagreements(3001)) == (3001, True, 3)


# --- What the sender says of the file ---


def test_an_end_with_an_error_cancels_a_file(receive, sent, end):
    (file,) = receive([*sent[:3], end(1920, 0, condition=15)])
    assert (file.is_cancelled, file.condition, condition_name(file.condition)) == (True, 15, "CANCEL_REQUEST_RECEIVED")
    assert (file.length, file.missing) == (3001, [(1920, 1081)])
    # It comes after all, or it had come already
    (file,) = receive([*sent[:3], end(1920, 0, condition=15), *sent[3:]])
    assert (file.is_cancelled, file.is_intact) == (False, True)
    (file,) = receive([*sent, end(1920, 0, condition=15)])
    assert (file.is_cancelled, file.is_intact, file.disagreements(3001)) == (False, True, 1)


def test_after_a_file_was_cancelled_another_may_begin(cfdp, receive, sent, end):
    other = random.Random(2).randbytes(2000)
    one, two = receive([*sent[:3], end(1920, 0, condition=15), *cfdp(other, NAME, 7)])
    assert (one.is_cancelled, one.content.arrived) == (True, 1920)
    assert (two.octets, two.is_intact, two.is_cancelled) == (other, True, False)


@pytest.mark.parametrize(
    ("code", "name"), [(4, "FILESTORE_REJECTION"), (8, "INACTIVITY_DETECTED"), (9, "9"), (13, "13")]
)
def test_a_reserved_condition_is_a_number(code, name):
    assert condition_name(code) == name


def test_a_restart_in_the_middle_begins_another_file(cfdp, receive, sent):
    """With the same name and length: its own metadata, after data, tell it apart."""
    other = random.Random(2).randbytes(3001)
    one, two = receive([*sent[:3], *cfdp(other, NAME, 7)])
    assert (one.content.arrived, one.octets[:1920]) == (1920, OCTETS[:1920])
    assert (two.octets, two.is_intact) == (other, True)


def test_files_of_another_run_are_others(cfdp, as_packet):
    reception = CfdpReceiver(FILES)
    for run in (0, 1):
        for pdu in cfdp(OCTETS, NAME, 7)[run * 3 :]:
            reception.take(as_packet(pdu), run)
    one, two = reception.files()
    assert (one.is_intact, one.transaction.run, two.transaction.run) == (True, 0, 1)
    assert two.missing == [(0, 1920)]


def crc(octets, polynomial, start, reflected):
    """Bit by bit."""
    value = start
    for octet in octets:
        for bit in range(8):
            into = octet >> bit & 1 if reflected else octet >> 7 - bit & 1
            if reflected:
                value = value >> 1 ^ polynomial * ((value ^ into) & 1)
            else:
                value = (value << 1 ^ polynomial * ((value >> 31 ^ into) & 1)) & 0xFFFFFFFF
    return value


CHECKSUMS = {
    1: crc(OCTETS, 0x00A00805, 0, reflected=False),  # CCSDS 211.2-B-3
    2: crc(OCTETS, 0x82F63B78, 0xFFFFFFFF, reflected=True) ^ 0xFFFFFFFF,  # RFC 3720
    3: zlib.crc32(OCTETS),
}


@pytest.mark.parametrize("kind", CHECKSUMS)
def test_checksums_of_other_types_are_checked(receive, sent, metadata, end, kind):
    for wrong in (0, 1):
        (file,) = receive([metadata(3001, NAME, kind), *sent[1:-1], end(3001, CHECKSUMS[kind] ^ wrong)])
        assert (file.is_complete, file.is_intact) == (True, not wrong)
        # The metadata last: until then the type is not known
        (file,) = receive([*sent[1:-1], end(3001, CHECKSUMS[kind] ^ wrong), metadata(3001, NAME, kind)])
        assert (file.is_complete, file.is_intact) == (True, not wrong)


def test_of_the_null_checksum_nothing_is_said(receive, sent, metadata, end):
    (file,) = receive([metadata(3001, NAME, 15), *sent[1:-1], end(3001, 0)])
    assert (file.is_complete, file.is_intact, file.is_finished) == (True, None, True)


def test_a_file_of_unknown_size_ends_where_its_end_says(receive, sent, metadata):
    (file,) = receive([metadata(0), *sent[1:]])
    assert (file.length, file.is_intact, file.octets, file.disagreements(3001)) == (3001, True, OCTETS, 0)


def test_an_empty_file_is_whole(cfdp, receive):
    (file,) = receive(cfdp(b"", NAME, 7))
    assert (file.length, file.is_complete, file.is_intact) == (0, True, True)


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ((b"there.bin", b"here.bin"), "here.bin"),
        ((b"there.bin", b""), "there.bin"),
        ((b"", b""), None),
        ((b"x", b"\xff\xfe\x80.bin"), "\ufffd\ufffd\ufffd.bin"),
        ((b"x", b"\xc3\xa4\0.bin"), "\u00e4\0.bin"),
    ],
)
def test_the_name_is_the_one_at_the_destination_whatever_its_octets(receive, sent, metadata, names, name):
    (file,) = receive([metadata(3001, names), *sent[1:]])
    assert (file.name, file.is_intact) == (name, True)


# --- What it costs ---


@pytest.fixture
def cost(as_packet):
    """`cost(pdus)`: octets of memory at the most, for each octet that came, and the files."""

    def cost(pdus):
        packets = [as_packet(pdu) for pdu in pdus]
        reception = CfdpReceiver(FILES)
        tracemalloc.start()
        for packet in packets:
            reception.take(packet)
        files = reception.files()
        for file in files:
            _ = file.length, file.missing, file.is_intact
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak / sum(len(packet.data) for packet in packets), files

    return cost


def test_memory_grows_with_what_arrives_and_not_with_what_is_declared(cost, make_pdu):
    size = struct.pack(">I", (1 << 32) - 1)
    many = [make_pdu(number, b"\x07\0" + size + b"\x05x.bin\x05x.bin") for number in range(500)]
    each, files = cost(many)
    assert (len(files), files[0].length) == (500, (1 << 32) - 1)
    assert each < 40
    far = [make_pdu(7, struct.pack(">I", number << 20) + b"x", is_file_data=True) for number in range(500)]
    each, (file,) = cost(far)
    assert file.content.arrived == 500
    assert each < 20


def test_ends_and_metadata_without_end_are_not_kept(cost, metadata, end):
    each, (file,) = cost([metadata(number + 1, f"{number}.bin") for number in range(500)])
    assert each < 2
    each, (file,) = cost([end(number, number) for number in range(500)])
    assert each < 2
    assert file.disagreements(0) > 490


def test_files_that_begin_anew_again_and_again_are_bounded(cfdp, receive, sent):
    again = [cfdp(random.Random(number).randbytes(20), NAME, 7) for number in range(100)]
    files = receive([*sent, *(pdu for pdus in again for pdu in pdus)])
    assert len(files) == 16
    assert (files[0].octets, files[0].is_intact) == (OCTETS, True)
