"""spacepackets reads the telecommands that the ground makes: another hand's reading of the same standards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacepackets.ccsds.spacepacket import PacketType, SequenceFlags
from spacepackets.ecss import PusTc, check_pus_crc
from yutu2.dictionary.model import load
from yutu2.uplink.encode import packet, read_request

# A line of each kind: without arguments, of ST[08], with lists, with a time
LINES = (
    "PING",
    "DRIVE bearing=315 distance=5.5",
    "HK_PERIOD structure=HK_POWER,HK_DRIVE period=60,600",
    "PARAMETER_SET parameter=HAZARD_HEIGHT,HEATER_ON value=0.3,-20",
    "TIME_SET time=2020-11-12T06:00:30.250Z",
    "SCHEDULE_INSERT sub_schedule=0 time=2020-11-12T06:00:30.250Z command=(DRIVE bearing=315 distance=5.5)",
)


@pytest.mark.parametrize("line", LINES)
@given(count=st.integers(0, 16383), reports=st.integers(0, 15))
def test_a_telecommand_is_read_as_it_was_meant(line, count, reports):
    request = read_request(line.split(), load())
    octets = packet(request, 1, count, reports)
    assert check_pus_crc(octets)
    read = PusTc.unpack(octets)
    header = read.sp_header
    assert (header.packet_type, header.seq_flags) == (PacketType.TC, SequenceFlags.UNSEGMENTED)
    assert (header.apid, header.seq_count, header.sec_header_flag) == (1, count, True)
    assert header.packet_len == len(octets)
    kind = bytes((request.command.service, request.command.subservice))
    assert bytes(read.pus_tc_sec_header.pack())[1:3] == kind
    assert (read.pus_tc_sec_header.ack_flags, read.source_id) == (reports, 0)
    assert read.app_data == request.data(1, count + 1, reports)


@pytest.mark.parametrize("line", LINES)
def test_it_makes_the_same_octets(line):
    request = read_request(line.split(), load())
    command = request.command
    # By place: what is second has two names
    theirs = PusTc(command.service, command.subservice, apid=1, seq_count=7, app_data=request.data(1, 8), ack_flags=15)
    assert packet(request, 1, 7) == theirs.pack()
