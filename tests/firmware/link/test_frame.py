"""Transfer frames, judged by spacepackets, by crcmod and by a walk through their packets that knows only lengths."""

import crcmod
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.link.frame import FRAME, Downlink, VirtualChannel
from rover.link.packet import write_error_control, write_primary_header
from spacepackets.ccsds import SpacePacketHeader
from spacepackets.ccsds.tm_frame import TmTransferFrame
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load

FIELD = 1103
IDLE_APID = 2047
NO_PACKET_STARTS = 0x7FF
SMALLEST_IDLE = 7

crc16 = crcmod.mkCrcFun(0x11021, initCrc=0xFFFF, rev=False, xorOut=0)

# Sizes round the length of a data field are the interesting ones
SIZES = st.one_of(st.integers(9, 60), st.integers(9, 512), st.integers(FIELD - 12, FIELD + 12), st.integers(2200, 2230))
STEPS = st.lists(st.one_of(SIZES, st.just("flush")), max_size=30)


def make_packet(count, size):
    packet = bytearray(count & 0xFF for _ in range(size))
    write_primary_header(packet, 1, count & 0x3FFF, size)
    write_error_control(packet, size)
    return bytes(packet)


def send(channel, steps):
    """Puts packets of these sizes on the channel and flushes where told, and at the end; returns the packets."""
    packets = []
    for step in [*steps, "flush"]:
        if step == "flush":
            channel.flush()
            assert not channel.waits()
        else:
            packets.append(make_packet(len(packets), step))
            channel.put(packets[-1] + b"beyond the packet", step)
    return packets


def unpack(frame):
    assert len(frame) == FRAME
    assert frame[:4] == bytes.fromhex("1ACFFC1D")
    assert crc16(frame[4:]) == 0
    return TmTransferFrame.unpack(frame[4:], FRAME - 4, has_error_control_field=True)


@given(steps=STEPS, spacecraft=st.sampled_from([4, 24]), number=st.integers(0, 2))
def test_a_frame_is_read_by_spacepackets(make_line, steps, spacecraft, number):
    line = make_line()
    send(VirtualChannel(Downlink(spacecraft, line.send), number), steps)
    for count, octets in enumerate(line.frames):
        frame = unpack(octets)
        header, status = frame.primary_header, frame.primary_header.frame_datafield_status
        assert header.master_channel_id.transfer_frame_version == 0
        assert (header.master_channel_id.spacecraft_id, header.vc_id) == (spacecraft, number)
        assert (header.master_ch_frame_count, header.vc_frame_count) == (count & 0xFF, count & 0xFF)
        assert not (status.secondary_header_flag or status.sync_flag or status.packet_order_flag)
        assert status.segment_len_id == 3
        assert header.ocf_flag
        assert frame.op_ctrl_field == bytes.fromhex("01000000")


@given(STEPS)
def test_nothing_is_lost_and_each_pointer_is_right(make_line, packets_in, steps):
    line = make_line()
    sent = send(VirtualChannel(Downlink(24, line.send), 0), steps)
    found = packets_in(line.frames)
    assert [packet for _, packet in found if SpacePacketHeader.unpack(packet).apid != IDLE_APID] == sent
    starts = [0, *(start + len(packet) for start, packet in found)]
    for number, octets in enumerate(line.frames):
        here = [start - number * FIELD for start in starts if number * FIELD <= start < (number + 1) * FIELD]
        status = unpack(octets).primary_header.frame_datafield_status
        assert status.first_header_pointer == (here[0] if here else NO_PACKET_STARTS)


@given(STEPS)
def test_idle_packets_fill_a_frame_to_its_end_and_no_further_than_they_must(make_line, packets_in, steps):
    line = make_line()
    send(VirtualChannel(Downlink(24, line.send), 0), steps)
    idle = [(at, packet) for at, packet in packets_in(line.frames) if SpacePacketHeader.unpack(packet).apid == 2047]
    for count, (start, packet) in enumerate(idle):
        header = SpacePacketHeader.unpack(packet)
        assert (header.seq_count, header.sec_header_flag) == (count, False)
        assert set(packet[6:]) == {0x55}
        room = FIELD - start % FIELD
        assert len(packet) == max(room, SMALLEST_IDLE)


@given(STEPS)
def test_the_ground_takes_all_without_damage(make_line, receive_whole, steps):
    line = make_line()
    sent = send(VirtualChannel(Downlink(24, line.send), 0), steps)
    reports = receive_whole(b"".join(line.frames)).reports
    assert [report.packet.data for report in reports] == sent


@given(st.lists(st.tuples(st.integers(0, 2), st.one_of(SIZES, st.just("flush"))), max_size=30))
def test_channels_share_the_master_count_and_keep_their_own(make_line, steps):
    line = make_line()
    downlink = Downlink(24, line.send)
    channels = [VirtualChannel(downlink, number) for number in range(3)]
    for number, step in steps:
        if step == "flush":
            channels[number].flush()
        else:
            channels[number].put(make_packet(0, step), step)
    headers = [unpack(octets).primary_header for octets in line.frames]
    assert [header.master_ch_frame_count for header in headers] == list(range(len(headers)))
    for number, channel in enumerate(channels):
        counts = [header.vc_frame_count for header in headers if header.vc_id == number]
        assert counts == list(range(len(counts)))
        assert channel.frames == len(counts)
    assert downlink.frames == len(headers)


def test_frame_counts_run_modulo_256(line):
    channel = VirtualChannel(Downlink(24, line.send), 0)
    send(channel, [FIELD] * 600)
    headers = [unpack(octets).primary_header for octets in line.frames]
    expected = [count & 0xFF for count in range(600)]
    assert [header.vc_frame_count for header in headers] == expected
    assert [header.master_ch_frame_count for header in headers] == expected


def test_the_idle_count_runs_modulo_16384(line):
    downlink = Downlink(24, line.send)
    counts = [SpacePacketHeader.unpack(downlink.idle_packet(100)[:6]).seq_count for _ in range(0x4000 + 2)]
    assert counts == [*range(0x4000), 0, 1]


@pytest.mark.parametrize("room", range(1, 10))
def test_an_idle_packet_that_does_not_fit_runs_over_and_waits_for_packets(line, room):
    channel = VirtualChannel(Downlink(24, line.send), 0)
    channel.put(make_packet(0, FIELD - room), FIELD - room)
    channel.flush()
    channel.flush()
    assert len(line.frames) == 1  # the tail alone makes no frame
    channel.put(make_packet(1, 100), 100)
    channel.flush()
    over = max(0, SMALLEST_IDLE - room)
    assert unpack(line.frames[1]).primary_header.frame_datafield_status.first_header_pointer == over
    decoder = TelemetryDecoder(load())
    assert [len(packet.data) for packet in decoder.feed_packets(b"".join(line.frames))] == [FIELD - room, 100]


def test_an_open_frame_without_packets_is_not_sent(line):
    channel = VirtualChannel(Downlink(24, line.send), 0)
    channel.flush()
    assert line.frames == []
