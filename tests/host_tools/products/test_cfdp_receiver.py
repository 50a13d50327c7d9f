"""Files come together whatever is lost, doubled or out of order, and what is missing is told to the octet."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yutu2.dictionary.model import load
from yutu2.products.cfdp_receiver import CfdpReceiver
from yutu2.products.checksums import modular_checksum

FILES = load().apids["FILES"]

NAME = "pcam_images_0007.bin"
HEADER = 12  # octets before the data of a PDU


@pytest.fixture(scope="module")
def receive(as_packet):
    """`receive(pdus)`: what a reception makes of them."""

    def receive(pdus):
        reception = CfdpReceiver(FILES)
        for pdu in pdus:
            reception.take(as_packet(pdu))
        return reception

    return receive


def test_a_whole_file_comes_whole(cfdp, receive):
    octets = random.Random(1).randbytes(3001)
    (file,) = receive(cfdp(octets, NAME, 7)).files()
    assert (file.entity, file.number, file.name, file.length) == (24, 7, NAME, 3001)
    assert (file.octets, file.missing, file.is_complete, file.is_intact) == (octets, [], True, True)


def runs(came):
    """(begin, length) of the stretches of False."""
    gaps = []
    for offset, here in enumerate(came):
        if not here and gaps and sum(gaps[-1]) == offset:
            gaps[-1] = (gaps[-1][0], gaps[-1][1] + 1)
        elif not here:
            gaps.append((offset, 1))
    return gaps


@given(st.binary(min_size=1, max_size=300), st.integers(1, 80), st.data())
def test_what_came_and_what_is_missing_make_the_file(cfdp, receive, octets, piece, data):
    sent = cfdp(octets, NAME, 7, piece)
    heard = data.draw(st.lists(st.sampled_from(range(len(sent))), min_size=1))
    files = receive(sent[index] for index in heard).files()
    assert len(files) == 1
    (file,) = files

    came = [False] * len(octets)
    for index in {*heard} - {0, len(sent) - 1}:
        offset = (index - 1) * piece
        came[offset : offset + piece] = [True] * len(octets[offset : offset + piece])
    ends = 0 in heard or len(sent) - 1 in heard
    known = len(octets) if ends else max(offset + 1 for offset, here in enumerate(came) if here)
    assert file.length == (known if ends else None)
    assert len(file.octets) == known
    assert file.missing == runs(came[:known])
    filled = bytearray(file.octets)
    for offset, length in file.missing:
        assert not any(filled[offset : offset + length])
        filled[offset : offset + length] = octets[offset : offset + length]
    assert filled == octets[:known]
    assert file.name == (NAME if 0 in heard else None)
    assert file.is_complete == (ends and all(came))
    assert file.is_intact == (True if all(came) and len(sent) - 1 in heard else None)


@given(st.binary(max_size=200), st.integers(0, 199))
@example(b"\x00\x00\x00\x01\xff", 4)
def test_a_wrong_octet_is_found(cfdp, receive, octets, place):
    octets = octets.ljust(place + 1, b"\0")
    sent = cfdp(octets, NAME, 7, 50)
    for number, pdu in enumerate(sent[1:-1]):
        if 50 * number <= place < 50 * (number + 1):
            wrong = bytearray(pdu)
            wrong[HEADER + 4 + place % 50] ^= 1
            sent[number + 1] = bytes(wrong)
    (file,) = receive(sent).files()
    assert file.is_complete
    assert file.is_intact is False


def test_the_checksum_sums_words(cfdp):
    assert modular_checksum(b"") == 0
    assert modular_checksum(bytes.fromhex("00000001 00000002 03")) == 0x03000003
    assert modular_checksum(bytes.fromhex("ffffffff 00000002")) == 1


def test_a_transaction_that_begins_anew_is_one_file(cfdp, receive):
    """A rover that restarts in the middle sends the file again."""
    octets = random.Random(2).randbytes(5000)
    sent = cfdp(octets, NAME, 7)
    (file,) = receive(sent[:4] + sent).files()
    assert (file.octets, file.is_intact) == (octets, True)
    (file,) = receive(sent[:4] + sent[2:]).files()
    assert (file.octets, file.is_intact) == (octets, True)
    # What was lost at first comes later
    (file,) = receive([*sent[:2], sent[0], *sent[2:4]]).files()
    assert file.missing == [(3 * 960, 5000 - 3 * 960)]


@pytest.mark.parametrize("lost", ["nothing", "metadata", "metadata and first data"])
@pytest.mark.parametrize("length", [2000, 900, 4000])
def test_another_file_of_the_same_number_is_not_mixed_into_the_first(cfdp, receive, lost, length):
    """As when two runs are recorded into one file."""
    first, second = random.Random(3).randbytes(3000), random.Random(4).randbytes(length)
    begin = {"nothing": 0, "metadata": 1, "metadata and first data": 2}[lost]
    one, *others = receive(cfdp(first, NAME, 7) + cfdp(second, NAME, 7)[begin:]).files()
    if (length, begin) == (900, 2):
        # The end alone is left of it: no more than a disagreement
        assert (one.octets, one.is_intact, one.disagreements(3000), others) == (first, True, 1, [])
        return
    (two,) = others
    assert (one.octets, one.is_intact) == (first, True)
    assert two.length == length
    missing = [(0, min(length, 960))] if begin == 2 else []
    assert two.missing == missing
    assert two.octets[960:] == second[960:]


def test_files_are_told_by_their_number(cfdp, receive):
    sent = [cfdp(bytes([number % 256]) * 1500, f"asan_spectra_{number:04}.bin", number) for number in (9, 3, 70000)]
    mixed = [pdu for pdus in zip(*sent, strict=True) for pdu in pdus]
    files = receive(mixed).files()
    assert [(file.number, file.name, file.octets[0]) for file in files] == [
        (3, "asan_spectra_0003.bin", 3),
        (9, "asan_spectra_0009.bin", 9),
        (70000, "asan_spectra_70000.bin", 70000 % 256),
    ]
    assert all(file.is_intact for file in files)


def test_other_packets_are_passed_over(cfdp, as_packet):
    reception = CfdpReceiver(FILES)
    for pdu in cfdp(b"abc", NAME, 7):
        for place in ({"virtual_channel": 0}, {"apid": 16}):
            reception.take(as_packet(pdu, **place))
    assert (reception.files(), reception.damaged) == ([], 0)


@given(st.binary(max_size=60))
@example(bytes.fromhex("2400050000180000000000010700"))
def test_whatever_comes_is_counted_and_does_no_harm(receive, octets):
    reception = receive([octets])
    assert reception.damaged + len(reception.files()) == 1


@given(st.sampled_from([0, 1, 2, 3]), st.data())
def test_a_damaged_pdu_does_no_harm(cfdp, receive, which, data):
    sent = bytearray(cfdp(bytes(1500), NAME, 7)[which])
    for _ in range(data.draw(st.integers(1, 4))):
        sent[data.draw(st.integers(0, min(60, len(sent) - 1)))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(sent), len(sent) - 1, 20, 3]))
    reception = receive([bytes(sent[:cut])])
    assert reception.damaged + len(reception.files()) == 1
    assert all(file.content.arrived <= 960 for file in reception.files())


def test_a_pdu_of_another_length_than_it_says_is_damaged(cfdp, receive):
    for pdu in cfdp(bytes(1500), NAME, 7):
        for wrong in (pdu[:-1], pdu + b"\0"):
            reception = receive([wrong])
            assert (reception.damaged, reception.files()) == (1, [])
