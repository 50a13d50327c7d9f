"""PDUs of file delivery, judged by spacepackets."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.link.cfdp import BUFFER, FILE_APID, SEGMENT, FileSender, add_words, add_words_plain
from spacepackets.ccsds import SpacePacketHeader
from spacepackets.cfdp import ChecksumType, Direction, TransmissionMode
from spacepackets.cfdp.pdu import EofPdu, FileDataPdu, MetadataPdu, PduFactory
from yutu2.decode.checksum import crc16

ROVER, GROUND = 24, 1


class Way:
    """Keeps the packets that are sent."""

    def __init__(self):
        self.packets = []

    def send(self, buffer, size):
        self.packets.append(bytes(buffer[:size]))

    def pdus(self):
        """What spacepackets reads; packets that it must not take end the test."""
        pdus = []
        for number, packet in enumerate(self.packets):
            header = SpacePacketHeader.unpack(packet)
            assert (header.apid, header.sec_header_flag, header.seq_count) == (FILE_APID, False, number)
            assert header.packet_len == len(packet)
            assert crc16(packet) == 0
            pdus.append(PduFactory.from_raw(packet[6:-2]))
        return pdus


def sent(octets, number=7):
    way = Way()
    sender = FileSender(ROVER, GROUND, way.send)
    assert len(sender.buffer) == BUFFER
    sender.begin(number, len(octets), b"product_0007.bin")
    for at in range(0, len(octets), SEGMENT):
        piece = octets[at : at + SEGMENT]
        sender.segment[: len(piece)] = piece
        sender.data(len(piece))
    sender.end()
    return way.pdus()


def modular_checksum(octets):
    """CCSDS 727.0-B-5, 4.2.2."""
    padded = octets + bytes(-len(octets) % 4)
    return sum(int.from_bytes(padded[at : at + 4]) for at in range(0, len(padded), 4)) % 2**32


@given(st.binary(max_size=4000), st.integers(0, 0xFFFF))
def test_a_file_goes_as_metadata_data_and_end(octets, number):
    metadata, *data, end = sent(octets, number)
    assert isinstance(metadata, MetadataPdu)
    assert (metadata.source_file_name, metadata.dest_file_name) == ("product_0007.bin", "product_0007.bin")
    assert (metadata.file_size, metadata.checksum_type) == (len(octets), ChecksumType.MODULAR)
    assert all(isinstance(pdu, FileDataPdu) for pdu in data)
    assert b"".join(pdu.file_data for pdu in data) == octets
    assert [pdu.offset for pdu in data] == list(range(0, len(octets), SEGMENT))
    assert isinstance(end, EofPdu)
    assert end.file_size == len(octets)
    assert int.from_bytes(end.file_checksum) == modular_checksum(octets)
    for pdu in (metadata, *data, end):
        assert (pdu.source_entity_id.value, pdu.dest_entity_id.value) == (ROVER, GROUND)
        assert pdu.transaction_seq_num.value == number
        assert (pdu.direction, pdu.transmission_mode) == (Direction.TOWARDS_RECEIVER, TransmissionMode.UNACKNOWLEDGED)


def test_a_sum_that_fills_its_words_wraps_as_it_should():
    octets = b"\xff" * 10_000
    assert int.from_bytes(sent(octets)[-1].file_checksum) == modular_checksum(octets)


@given(st.binary(max_size=240).map(lambda octets: octets * 4))
def test_both_ways_to_sum_are_one(octets):
    plain, fast = array("i", (1, 2)), array("i", (1, 2))
    add_words_plain(octets, 0, len(octets), plain)
    add_words(octets, 0, len(octets), fast)
    assert plain == fast


@pytest.mark.parametrize("size", [4, 960])
def test_viper_sums_as_the_plain_way_does(on_unix_port, size):
    """On the Unix port `add_words` is viper."""
    told = on_unix_port(
        "from array import array\n"
        "from rover.link.cfdp import add_words, add_words_plain\n"
        f"octets = bytes((i * 151 + (i >> 3)) & 255 for i in range({size}))\n"
        "for octets in (octets, b'\\xff' * len(octets)):\n"
        "    a, b = array('i', (65535, 65535)), array('i', (65535, 65535))\n"
        "    add_words(octets, 0, len(octets), a)\n"
        "    add_words_plain(octets, 0, len(octets), b)\n"
        "    print(a == b, a[0], a[1])\n"
    )
    assert [line.split()[0] for line in told.splitlines()] == ["True", "True"]
