"""Space packets: put together again over frames, judged, counted."""

import random

import pytest
from spacepackets.ccsds.spacepacket import SpacePacketHeader
from yutu2.decode.frames import FrameDecoder
from yutu2.decode.packets import PacketDecoder


def decode(stream):
    frames, packets = FrameDecoder(), PacketDecoder()
    emitted = [packet for frame in frames.feed(stream) for packet in packets.feed(frame)]
    packets.finish()
    packets.finish()
    return emitted, packets.account()


def counts(good=0, damaged=0, incomplete=0, idle=0):
    return {"good": good, "damaged": damaged, "incomplete": incomplete, "idle": idle}


def octets_of(packets):
    return [packet.data for packet in packets]


def noise(length):
    return random.Random(length).randbytes(length)


@pytest.mark.parametrize("secondary_header", [True, False])
def test_fields_are_those_that_spacepackets_reads(encoder, secondary_header):
    sent = encoder.packet(19, 16383, noise(50), secondary_header)
    (packet,), account = decode(encoder.frame(sent + encoder.idle_packet(1103 - len(sent)), 0, vc=2))
    judge = SpacePacketHeader.unpack(sent)
    assert packet.apid == judge.apid == 19
    assert packet.sequence_count == judge.seq_count == 16383
    assert packet.secondary_header == judge.sec_header_flag == secondary_header
    assert len(packet.data) == judge.packet_len
    assert (packet.spacecraft_id, packet.virtual_channel, packet.data) == (24, 2, sent)
    assert account == {
        "packets": counts(good=1, idle=1),
        "apids": {"2/19": {"good": 1, "duplicate": 0, "lost": 0}},
    }


@pytest.mark.parametrize("room", range(1, 8))
def test_a_header_split_over_two_frames_is_joined(encoder, room):
    sender = encoder.Sender()
    sender.send(0, 1, noise(1103 - 8 - room))
    sender.send(0, 2, noise(30))
    sender.end()
    packets, account = decode(sender.stream)
    assert octets_of(packets) == [sent.octets for sent in sender.packets]
    assert account["packets"] == counts(good=2, idle=1)


@pytest.mark.parametrize("room", range(1, 7))
def test_a_seven_octet_idle_packet_runs_into_the_next_frame(encoder, room):
    sender = encoder.Sender()
    sender.send(0, 1, noise(1103 - 8 - room))
    sender.fill(0)
    sender.send(0, 1, noise(500))
    sender.end()
    packets, account = decode(sender.stream)
    assert len(packets) == 2
    assert account["packets"] == counts(good=2, idle=2)


@pytest.mark.parametrize("room", range(1, 7))
def test_a_cut_idle_packet_at_the_end_is_no_loss(encoder, room):
    sender = encoder.Sender()
    sender.send(0, 1, noise(1103 - 8 - room))
    sender.end()
    assert decode(sender.stream)[1]["packets"] == counts(good=1)


def test_a_packet_over_many_frames_that_ends_with_a_frame_that_no_packet_starts_in(encoder):
    sender = encoder.Sender()
    sender.send(1, 32, noise(4 * 1103 - 8), secondary_header=False)
    assert len(sender.frames) == 4
    packets, account = decode(sender.stream)
    assert octets_of(packets) == [sender.packets[0].octets]
    assert account["packets"] == counts(good=1)


def test_the_longest_packet_there_is(encoder):
    sender = encoder.Sender()
    sender.send(1, 32, noise(65534), secondary_header=False)
    sender.end()
    packets, _ = decode(sender.stream)
    assert [len(packet.data) for packet in packets] == [65542]


def test_a_lost_frame_costs_only_the_packets_that_it_held(encoder):
    sender = encoder.Sender()
    for length in [400, 400, 2000, 300, 300]:
        sender.send(0, 2, noise(length))
    sender.end()
    first, _, third, fourth = sender.frames
    packets, account = decode(first + third + fourth)
    assert [packet.sequence_count for packet in packets] == [0, 1, 3, 4]
    assert account["packets"] == counts(good=4, incomplete=1, idle=1)
    assert account["apids"] == {"0/2": {"good": 4, "duplicate": 0, "lost": 1}}


def test_a_first_frame_in_the_middle_of_a_packet_is_read_from_its_pointer(encoder):
    sender = encoder.Sender()
    sender.send(0, 2, noise(1500))
    sender.send(0, 2, noise(100))
    sender.end()
    packets, account = decode(sender.frames[1])
    assert octets_of(packets) == [sender.packets[1].octets]
    assert account["packets"] == counts(good=1, idle=1)


def test_a_pointer_that_contradicts_the_open_packet_wins(encoder):
    long, other = encoder.packet(1, 0, noise(1200)), encoder.packet(2, 0, noise(1200))
    last = encoder.packet(3, 0, noise(500))
    rest = other[1103 - 50 :]
    packets, account = decode(
        encoder.frame(long[:1103], 0, count=0)
        + encoder.frame(bytes(50) + other[: 1103 - 50], 50, count=1)
        + encoder.frame(rest + last + encoder.idle_packet(1103 - len(rest + last)), len(rest), count=2)
    )
    assert octets_of(packets) == [other, last]
    assert account["packets"] == counts(good=2, incomplete=1, idle=1)


def test_a_packet_that_would_end_in_a_frame_without_any_start_is_incomplete_at_once(encoder):
    long = encoder.packet(1, 0, noise(1200))
    stream = encoder.frame(long[:1103], 0, count=0) + encoder.frame(long[1103:], 0x7FF, count=1)
    decoder = PacketDecoder()
    assert [packet for frame in FrameDecoder().feed(stream) for packet in decoder.feed(frame)] == []
    assert decoder.account()["packets"] == counts(incomplete=1)


def test_packets_are_counted_modulo_16384(encoder):
    data = b"".join(encoder.packet(1, count, b"") for count in [16000, 16383, 1000])
    _, account = decode(encoder.frame(data + encoder.idle_packet(1103 - len(data)), 0))
    assert account["apids"] == {"0/1": {"good": 3, "duplicate": 0, "lost": 382 + 1000}}


def test_only_idle_data_ends_an_open_packet_and_gives_nothing(encoder):
    long, short = encoder.packet(1, 0, noise(1200)), encoder.packet(2, 0, noise(1095))
    packets, account = decode(
        encoder.frame(long[:1103], 0, count=0) + encoder.frame(short, 0x7FE, count=1) + encoder.frame(short, 0, count=2)
    )
    assert octets_of(packets) == [short]
    assert account["packets"] == counts(good=1, incomplete=1)


def test_an_open_idle_packet_or_half_a_header_that_never_ends_is_no_loss(encoder):
    filler = encoder.packet(1, 0, noise(1100 - 8))
    idle, header = encoder.idle_packet(1200), encoder.packet(2, 0, noise(10))
    for data in [idle[:1103], filler + header[:3]]:
        _, account = decode(encoder.frame(data, 0, count=0) + encoder.frame(idle, 0x7FE, count=1))
        assert account["packets"]["incomplete"] == 0


def test_an_open_packet_at_the_end_is_incomplete(encoder):
    _, account = decode(encoder.frame(encoder.packet(1, 0, noise(1200))[:1103], 0))
    assert account == {"packets": counts(incomplete=1), "apids": {}}


@pytest.mark.parametrize("spoilt", [{"version": 1}, {"packet_type": 1}], ids=str)
def test_after_a_header_that_is_no_telemetry_the_rest_of_the_frame_is_dropped(encoder, spoilt):
    good = encoder.packet(1, 0, noise(100))
    bad = encoder.packet(1, 1, noise(100), **spoilt)
    tail = encoder.packet(1, 2, noise(1103 - 8 - len(good + bad)))
    after = encoder.packet(1, 3, noise(1095))
    packets, account = decode(encoder.frame(good + bad + tail, 0, count=0) + encoder.frame(after, 0, count=1))
    assert octets_of(packets) == [good, after]
    assert account["packets"] == counts(good=2, damaged=1)


def test_wrong_packet_error_control_drops_that_packet_alone(encoder):
    first, last = encoder.packet(1, 0, noise(100)), encoder.packet(1, 2, noise(1103 - 8 - 216))
    bad = bytearray(encoder.packet(1, 1, noise(100)))
    bad[50] ^= 1
    packets, account = decode(encoder.frame(first + bad + last, 0))
    assert octets_of(packets) == [first, last]
    assert account["packets"] == counts(good=2, damaged=1)
    assert account["apids"] == {"0/1": {"good": 2, "duplicate": 0, "lost": 1}}


def test_a_packet_too_short_for_error_control_is_damaged_even_if_its_checksum_is_0(encoder):
    # The 7 octets are chosen so that the last two happen to be the checksum of the five before.
    lengths_first = (
        encoder.packet(apid, count, b"?", False, error_control=False) for apid in range(2047) for count in range(64)
    )
    short = next(p[:6] + bytes([x]) for p in lengths_first for x in range(256) if not encoder.crc16(p[:6] + bytes([x])))
    _, account = decode(encoder.frame(short + encoder.idle_packet(1103 - 7), 0))
    assert account["packets"] == counts(damaged=1, idle=1)


def test_idle_packets_of_any_length_need_no_checksum(encoder):
    data = encoder.idle_packet(7) + encoder.idle_packet(8) + encoder.idle_packet(1103 - 15)
    packets, account = decode(encoder.frame(data, 0))
    assert packets == []
    assert account == {"packets": counts(idle=3), "apids": {}}


def test_a_packet_sent_twice_comes_out_once(encoder):
    one, other = encoder.packet(1, 5, noise(100)), encoder.packet(1, 6, noise(1103 - 8 - 216))
    packets, account = decode(encoder.frame(one + one + other, 0))
    assert octets_of(packets) == [one, other]
    assert account["packets"]["good"] == 2
    assert account["apids"] == {"0/1": {"good": 2, "duplicate": 1, "lost": 0}}


def test_a_frame_repeated_in_the_middle_of_a_packet_does_not_disturb_it(encoder):
    sender = encoder.Sender()
    sender.send(0, 1, noise(3000))
    sender.end()
    first, second, third = sender.frames
    packets, _ = decode(first + second + first + second + third)
    assert octets_of(packets) == [sender.packets[0].octets]


def test_a_frame_of_the_other_spacecraft_does_not_disturb_a_packet(encoder):
    rover, lander = encoder.Sender(24), encoder.Sender(4)
    for sender in (rover, lander):
        sender.send(0, 1, noise(1500))
        sender.end()
    packets, account = decode(b"".join(r + x for r, x in zip(rover.frames, lander.frames, strict=True)))
    assert [(packet.spacecraft_id, len(packet.data)) for packet in packets] == [(24, 1508), (4, 1508)]
    assert account["apids"] == {"0/1": {"good": 2, "duplicate": 0, "lost": 0}}
