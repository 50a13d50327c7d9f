"""Packet headers, judged by spacepackets and by the ground's own decoder."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.link.packet import (
    ERROR_CONTROL,
    PRIMARY_HEADER,
    TM_HEADER,
    write_error_control,
    write_primary_header,
    write_time,
    write_tm_headers,
)
from spacepackets.ccsds import SpacePacketHeader
from spacepackets.ccsds.spacepacket import PacketType, SequenceFlags
from spacepackets.ecss.tm import PusTm
from yutu2.decode.fields import FieldDecoder
from yutu2.decode.packets import Packet
from yutu2.dictionary.model import load

APIDS = st.integers(0, 2047)
COUNTS = st.integers(0, 2**14 - 1)
U8 = st.integers(0, 255)
U16 = st.integers(0, 2**16 - 1)
SECONDS = st.integers(0, 2**30 - 1)
CUC = 6


@given(apid=APIDS, count=COUNTS, size=st.integers(7, 65542))
def test_the_primary_header_is_read_by_spacepackets(apid, count, size):
    buffer = bytearray(PRIMARY_HEADER)
    write_primary_header(buffer, apid, count, size)
    header = SpacePacketHeader.unpack(buffer)
    assert (header.ccsds_version, header.packet_type) == (0, PacketType.TM)
    assert (header.apid, header.sec_header_flag) == (apid, False)
    assert (header.seq_flags, header.seq_count) == (SequenceFlags.UNSEGMENTED, count)
    assert header.packet_len == size


@given(APIDS, COUNTS, U8, U8, U16, SECONDS, st.integers(0, 999), st.binary(max_size=400))
def test_a_telemetry_packet_is_read_by_spacepackets(apid, count, service, subservice, type_count, s, ms, data):
    size = TM_HEADER + len(data) + ERROR_CONTROL
    buffer = bytearray(size + 3)
    buffer[TM_HEADER : TM_HEADER + len(data)] = data
    write_tm_headers(buffer, apid, count, size, service << 8 | subservice, type_count, s, ms * 65536 // 1000)
    write_error_control(buffer, size)
    packet = PusTm.unpack(buffer[:size], timestamp_len=CUC)  # checks the packet error control
    assert (packet.apid, packet.seq_count, packet.packet_len) == (apid, count, size)
    header = packet.pus_tm_sec_header
    assert (header.pus_version, header.spacecraft_time_ref, header.dest_id) == (2, 0, 0)
    assert (packet.service, packet.message_subtype, header.message_counter) == (service, subservice, type_count)
    assert packet.timestamp == s.to_bytes(4) + (ms * 65536 // 1000).to_bytes(2)
    assert packet.source_data == data
    assert buffer[size:] == bytes(3)


@pytest.mark.parametrize("s", [0, 58_665_600, 2**30 - 1])
def test_each_millisecond_comes_back_from_the_ground(s):
    fields = FieldDecoder(load())
    buffer = bytearray(15)
    for ms in range(1000):
        write_time(buffer, 7, s, ms)
        report = fields.decode(Packet(24, 0, 0, 0, False, bytes(buffer)))
        assert report.time == datetime(2019, 1, 1, tzinfo=UTC) + timedelta(seconds=s, milliseconds=ms)


TWINS = """
from rover.link.packet import write_tm_headers, write_tm_headers_plain
state = 7
def draw(limit):
    global state
    state = (state * 75 + 74) % 65537
    return state % limit
for _ in range(2000):
    seconds = draw(32768) << 15 | draw(32768)
    values = (draw(2048), draw(16384), 7 + draw(60000), draw(65536), draw(65536), seconds, draw(65536))
    one, other = bytearray(b"x" * 21), bytearray(b"x" * 21)
    write_tm_headers(one, *values)
    write_tm_headers_plain(other, *values)
    assert one == other, values
print("same")
"""


def test_viper_writes_the_headers_of_its_plain_twin(on_unix_port):
    assert on_unix_port(TWINS) == "same\n"
