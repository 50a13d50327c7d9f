"""The way of all reports to the ground."""

from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from spacepackets.ecss.tm import PusTm
from yutu2.firmware import EPOCH

FIELD = 1103
START_S = 58_000_000  # of the crafts
KINDS = st.tuples(st.integers(1, 31), st.integers(1, 255), st.integers(1, 255))
SIZES = st.integers(0, 480)

# Prints where the two counters of a packet, still in the buffer, are not the number of packets before it
COUNT_ALL = """
from struct import unpack_from
from rover.kernel.clock import Clock
from rover.kernel.scheduler import Scheduler
from rover.link.frame import Downlink, VirtualChannel
from rover.services.telemetry import Telemetry
clock = Clock(58000000)
scheduler = Scheduler(clock, None, lambda number, s: None, lambda: None)
telemetry = Telemetry(clock, scheduler, VirtualChannel(Downlink(24, lambda frame: None), 0), None)
for count in range(65538):
    telemetry.send(1, 3, 25, 0)
    sequence = unpack_from(">H", telemetry.buffer, 2)[0]
    type_count = unpack_from(">H", telemetry.buffer, 9)[0]
    if sequence != 0xC000 | count & 0x3FFF or type_count != count & 0xFFFF:
        print(count, sequence, type_count)
"""


@given(st.lists(st.tuples(KINDS, SIZES), max_size=60))
def test_each_apid_and_each_message_type_counts_its_own_packets(make_craft, receive_whole, kinds):
    craft = make_craft()
    for number, ((apid, service, subservice), size) in enumerate(kinds):
        assert craft.telemetry.sent == number
        craft.telemetry.send(apid, service, subservice, size)
    packets = [
        PusTm.unpack(report.packet.data, 6) for report in receive_whole(craft.finish()).reports if report.service
    ]
    sequences, types = defaultdict(int), defaultdict(int)
    for packet, ((apid, service, subservice), size) in zip(packets, kinds, strict=True):
        assert (packet.apid, packet.service, packet.message_subtype) == (apid, service, subservice)
        assert packet.seq_count == sequences[apid]
        assert packet.pus_tm_sec_header.message_counter == types[apid, service, subservice]
        assert len(packet.source_data) == size
        sequences[apid] += 1
        types[apid, service, subservice] += 1


def test_counters_wrap_as_wide_as_they_are(on_unix_port):
    assert on_unix_port(COUNT_ALL) == ""


def test_packets_are_stamped_with_onboard_time(craft, receive_whole):
    craft.clock.set_onboard(1000, 250)
    craft.at(60, 900, lambda: craft.telemetry.send(1, 3, 25, 0))
    craft.run(100)
    time_report, report = receive_whole(craft.finish()).reports
    assert time_report.time == report.time == EPOCH + timedelta(seconds=1061, milliseconds=150)


def test_the_time_is_told_first_and_then_each_sixteen_frames(craft, receive_whole, packets_in):
    for _ in range(2000):
        craft.telemetry.send(1, 3, 25, 100)
    reports = receive_whole(craft.finish()).reports
    assert reports[0].name == "TIME"
    assert {report.fields["rate"] for report in reports if report.name == "TIME"} == {4}
    frames = [start // FIELD for start, packet in packets_in(craft.line.frames) if packet[:2] == b"\0\0"]
    assert frames == list(range(0, len(craft.line.frames), 16))
    assert len(frames) > 10


@given(
    speed=st.integers(1, 4000),
    sends=st.lists(st.tuples(st.integers(0, 20000), st.integers(0, 999), SIZES), max_size=40),
)
@example(1, [(0, 0, 0)] * 5 + [(0, 0, 455), (0, 0, 480)])  # leaves room for six octets of an idle packet
def test_a_frame_leaves_when_full_or_when_its_first_packet_has_waited(make_craft, packets_in, speed, sends):
    """At speed N a packet may wait N mission seconds."""
    craft = make_craft(speed * 1000)
    for s, ms, size in sends:
        craft.at(s, ms, lambda size=size: craft.telemetry.send(1, 3, 25, size))
    craft.run(30000)
    assert not craft.channel.waits()
    stamps = iter(sorted((s, ms) for s, ms, _ in sends))
    entered, filled = {}, {}  # frame: mission time of its first octet that is not idle, of its last octet; None: idle
    time = None
    for start, packet in packets_in(craft.line.frames):
        if packet[:2] == b"\x08\x01":
            time = next(stamps)
        elif packet[:2] == b"\x00\x00":
            continue  # goes in together with the packet behind it
        else:
            time = None
        end = start + len(packet)
        for frame in range(start // FIELD, (end - 1) // FIELD + 1):
            if time is not None:
                entered.setdefault(frame, time)
            if end >= (frame + 1) * FIELD:
                filled[frame] = time
    for frame, (s, ms) in enumerate(craft.left):
        first_s, first_ms = entered[frame]
        full = filled.get(frame)  # the last idle packet may be cut
        left = s - START_S, ms
        assert left == (full if full is not None else (first_s + speed, first_ms))
        assert left <= (first_s + speed, first_ms)


def test_at_max_a_packet_waits_until_its_frame_is_full(craft):
    craft.telemetry.send(1, 3, 25, 100)
    craft.run(10**7)
    assert craft.left == []


def test_at_a_paced_speed_an_announcement_leaves_at_once(make_craft):
    paced, unpaced = make_craft(60000), make_craft()
    for craft in (paced, unpaced):
        craft.telemetry.send(1, 5, 1, 6)
        craft.telemetry.announce()
    assert (len(paced.line.frames), len(unpaced.line.frames)) == (1, 0)


@pytest.mark.parametrize("size", [0, 480])
def test_the_largest_and_the_smallest_report_pass(craft, receive_whole, size):
    craft.telemetry.send(1, 3, 25, size)
    assert len(receive_whole(craft.finish()).reports[1].packet.data) == 19 + size + 2
