"""The library spacepackets as judge of the downlink: every frame, every packet, every count."""

import struct
from collections import Counter

import pytest
from fastcrc import crc16
from spacepackets.ccsds.spacepacket import PacketType, SequenceFlags, SpacePacketHeader
from spacepackets.ccsds.tm_frame import TmTransferFrame
from spacepackets.ecss.tm import PusTm
from spacepackets.exceptions import InvalidCrcCcitt16Error
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load

MARKER = bytes.fromhex("1ACFFC1D")
FRAME = 1115
UNIT = 4 + FRAME
TIME_STAMP = 6  # CUC, 4 + 2 octets
SPACECRAFT = {"rover": 24, "lander": 4}
IDLE = 2047
FILES = 32  # packets of CFDP, on a virtual channel of their own


@pytest.fixture(scope="module", params=["rover", "lander"])
def craft(request):
    return request.param


@pytest.fixture(scope="module")
def downlink(craft, request, run_rover, unix_port):
    """A lunar day of each craft."""
    if craft == "rover":
        return request.getfixturevalue("day24")
    done = run_rover(unix_port, "--craft=lander", "--lunar-day=25")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def frames(downlink):
    """Every frame, as the judge reads it; its error control is right."""
    assert len(downlink) % UNIT == 0
    units = [downlink[at : at + UNIT] for at in range(0, len(downlink), UNIT)]
    assert all(unit.startswith(MARKER) for unit in units)
    return [TmTransferFrame.unpack(unit[len(MARKER) :], FRAME, has_error_control_field=True) for unit in units]


@pytest.fixture(scope="module")
def channels(frames):
    """The frames of each virtual channel."""
    channels = {}
    for frame in frames:
        channels.setdefault(frame.primary_header.vc_id, []).append(frame)
    return channels


@pytest.fixture(scope="module")
def packets_of(channels):
    """`packets_of[channel]`: its packets, idle ones too."""
    return {channel: cut(b"".join(frame.data_field for frame in frames)) for channel, frames in channels.items()}


@pytest.fixture(scope="module")
def packets(packets_of):
    """Those of all channels."""
    return [packet for packets in packets_of.values() for packet in packets]


def cut(octets):
    """The packets that lie there end to end, cut by the judge's reading of their lengths."""
    packets, at = [], 0
    while at < len(octets) and len(octets) - at >= 6:
        header = SpacePacketHeader.unpack(octets[at:])
        packets.append((header, octets[at : at + header.packet_len]))
        at += header.packet_len
    # At the very end an idle packet may be cut
    assert at <= len(octets) or packets.pop()[0].apid == IDLE
    return packets


@pytest.fixture(scope="module")
def reports(packets):
    """Every packet but idle ones, time and files."""
    return [(header, octets) for header, octets in packets if header.apid not in (0, FILES, IDLE)]


def test_the_judge_sees_damage(downlink):
    frame = bytearray(downlink[len(MARKER) : UNIT])
    frame[100] ^= 1
    with pytest.raises(InvalidCrcCcitt16Error):
        TmTransferFrame.unpack(bytes(frame), FRAME, has_error_control_field=True)


def test_frame_headers_are_as_the_standard_has_them(frames, craft):
    counts = Counter()
    for number, frame in enumerate(frames):
        header = frame.primary_header
        assert header.master_channel_id.transfer_frame_version == 0
        assert header.master_channel_id.spacecraft_id == SPACECRAFT[craft]
        assert header.ocf_flag
        assert header.master_ch_frame_count == number % 256
        assert header.vc_frame_count == counts[header.vc_id] % 256
        counts[header.vc_id] += 1
        status = header.frame_datafield_status
        assert (status.secondary_header_flag, status.sync_flag, status.packet_order_flag) == (False, False, False)
        assert status.segment_len_id == 3
        assert len(frame.data_field) == 1103
        assert frame.pack() is not None
    assert sorted(counts) == ([0, 1] if craft == "rover" else [0])


def test_files_have_a_channel_to_themselves(packets_of):
    for channel, packets in packets_of.items():
        apids = {header.apid for header, _ in packets} - {IDLE}
        assert (apids == {FILES}) if channel == 1 else (FILES not in apids)


def test_first_header_pointers_are_where_packets_begin(channels, packets_of):
    for channel, frames in channels.items():
        starts, at = set(), 0
        for _, octets in packets_of[channel]:
            starts.add(at)
            at += len(octets)
        starts.add(at)  # an idle packet that the end has cut
        for number, frame in enumerate(frames):
            base = number * 1103
            first = next((start - base for start in range(base, base + 1103) if start in starts), 0x7FF)
            assert frame.primary_header.frame_datafield_status.first_header_pointer == first


def test_packet_headers_are_as_the_standard_has_them(packets_of):
    counts = {}
    for packets in packets_of.values():
        for header, octets in packets:
            assert header.ccsds_version == 0
            assert header.packet_type == PacketType.TM
            assert header.seq_flags == SequenceFlags.UNSEGMENTED
            assert header.sec_header_flag == (header.apid not in (0, FILES, IDLE))
            assert len(octets) == header.packet_len
            counts.setdefault(header.apid, []).append(header.seq_count)
    for apid, told in counts.items():
        # Idle packets fill frames of all channels
        in_order = sorted(told) if apid == IDLE else told
        assert in_order == [number % 16384 for number in range(len(told))]


def test_every_report_is_pus_c_telemetry(reports):
    dictionary = load()
    known = {(5, event.selector) for event in dictionary.events}
    known |= {(packet.service, packet.selector) for packet in dictionary.packets if packet.service}
    last_time = 0
    for _, octets in reports:
        report = PusTm.unpack(octets, timestamp_len=TIME_STAMP)
        assert report.pus_tm_sec_header.pus_version == 2
        assert report.pus_tm_sec_header.dest_id == 0
        assert report.pus_tm_sec_header.spacecraft_time_ref == 0
        assert bytes(report.pack()) == octets
        (selector,) = struct.unpack_from(">H", report.source_data)
        assert (report.service, selector) in known
        seconds, fraction = struct.unpack(">IH", report.timestamp)
        assert last_time <= seconds
        assert fraction < 65536
        last_time = seconds


def test_message_counters_run_by_application_process_service_and_subservice(craft, reports):
    counts = Counter()
    for header, octets in reports:
        report = PusTm.unpack(octets, timestamp_len=TIME_STAMP)
        kind = (header.apid, report.service, report.message_subtype)
        assert report.pus_tm_sec_header.message_counter == counts[kind] % 65536
        counts[kind] += 1
    assert {apid for apid, *_ in counts} == ({1, 2, 3, 16, 17, 18, 19} if craft == "rover" else {1, 2})


def test_time_packets_have_their_layout_and_error_control(packets):
    times = [octets for header, octets in packets if header.apid == 0]
    assert times
    for octets in times:
        assert len(octets) == 6 + 1 + TIME_STAMP + 2
        assert crc16.ibm_3740(octets) == 0
        assert octets[6] == times[0][6]


def test_idle_packets_hold_the_agreed_octet(packets):
    for header, octets in packets:
        if header.apid == IDLE:
            assert set(octets[6:]) == {0x55}


def test_our_decoder_counts_the_same(downlink, packets_of, reports):
    decoder = TelemetryDecoder(load())
    ours = decoder.feed_packets(downlink)
    decoder.finish()
    apids = Counter()
    for channel, packets in packets_of.items():
        theirs = [(header.apid, header.seq_count, octets) for header, octets in packets if header.apid != IDLE]
        mine = [packet for packet in ours if packet.virtual_channel == channel]
        assert [(packet.apid, packet.sequence_count, packet.data) for packet in mine] == theirs
        apids.update(f"{channel}/{apid}" for apid, *_ in theirs)
    assert {key: row["good"] for key, row in decoder.account()["apids"].items()} == apids
    kinds = Counter(PusTm.unpack(octets, TIME_STAMP).service for _, octets in reports)
    assert kinds == Counter(packet.data[7] for packet in ours if packet.secondary_header)
    assert set(kinds) == {3, 5}
