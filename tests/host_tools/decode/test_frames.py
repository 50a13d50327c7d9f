"""Transfer frames: found in dirt, judged, counted."""

import random

import pytest
from spacepackets.ccsds.tm_frame import TmTransferFrame
from yutu2.decode.frames import FrameDecoder

TEXT = b"MicroPython v1.27.0 on 2025-12-09; Raspberry Pi Pico W with RP2040\r\n>>> "


def decode(stream):
    decoder = FrameDecoder()
    frames = decoder.feed(stream)
    decoder.finish()
    return frames, decoder.account()


def some_frames(encoder, number, vc=0, first=0):
    noise = random.Random(number)
    return [encoder.frame(noise.randbytes(encoder.DATA), 0x7FF, vc, first + n, 100 + n) for n in range(number)]


def test_fields_are_those_that_spacepackets_reads(encoder):
    octets = encoder.frame(bytes(range(200)), 0x123, vc=2, count=250, master=131, spacecraft=4, clcw=0x0100A5FF)
    (frame,), _ = decode(TEXT + octets)
    judge = TmTransferFrame.unpack(octets[4:], 1115, has_error_control_field=True)
    header = judge.primary_header
    assert frame.spacecraft_id == header.master_channel_id.spacecraft_id == 4
    assert frame.virtual_channel == header.vc_id == 2
    assert frame.master_channel_count == header.master_ch_frame_count == 131
    assert frame.virtual_channel_count == header.vc_frame_count == 250
    assert frame.first_header_pointer == header.frame_datafield_status.first_header_pointer == 0x123
    assert frame.data == judge.data_field
    assert frame.clcw.to_bytes(4, "big") == judge.op_ctrl_field
    assert frame.offset == len(TEXT)


def test_account_of_a_clean_stream(encoder):
    frames, account = decode(b"".join(some_frames(encoder, 3)))
    assert [frame.offset for frame in frames] == [0, 1119, 2238]
    assert account == {
        "octets": {"total": 3357, "in_frames": 3357, "skipped": 0},
        "skipped": [],
        "frames": {"received": 3, "good": 3, "duplicate": 0, "damaged": 0},
        "channels": {"0": {"good": 3, "duplicate": 0, "lost": 0}},
    }


def test_text_between_frames_is_skipped_and_costs_no_frame(encoder):
    first, second = some_frames(encoder, 2)
    frames, account = decode(TEXT + first + TEXT + second + TEXT)
    assert len(frames) == 2
    length = len(TEXT)
    assert account["skipped"] == [[0, length], [length + 1119, length], [2 * length + 2238, length]]
    assert account["octets"] == {"total": 3 * length + 2238, "in_frames": 2238, "skipped": 3 * length}


def test_a_flipped_bit_damages_one_frame_and_its_octets_are_skipped(encoder):
    octets = bytearray(b"".join(some_frames(encoder, 3)))
    octets[1119 + 500] ^= 0x10
    frames, account = decode(octets)
    assert [(frame.virtual_channel_count, frame.lost_before) for frame in frames] == [(0, 0), (2, 1)]
    assert account["frames"] == {"received": 3, "good": 2, "duplicate": 0, "damaged": 1}
    assert account["skipped"] == [[1119, 1119]]
    assert account["channels"] == {"0": {"good": 2, "duplicate": 0, "lost": 1}}


def test_a_frame_that_begins_inside_a_broken_one_is_found(encoder):
    first, second = some_frames(encoder, 2)
    frames, account = decode(first[:700] + second)
    assert [frame.offset for frame in frames] == [700]
    assert account["frames"]["damaged"] == 1
    assert account["skipped"] == [[0, 700]]


def test_a_frame_right_behind_a_lone_marker_is_found(encoder):
    (only,) = some_frames(encoder, 1)
    frames, account = decode(encoder.MARKER + only)
    assert [frame.offset for frame in frames] == [4]
    assert account["frames"]["damaged"] == 1


@pytest.mark.parametrize("length", [1, 3, 1000, 1119, 5000])
def test_frames_know_their_place_in_the_stream_however_it_is_cut(encoder, length):
    stream = TEXT.join(some_frames(encoder, 5))
    decoder = FrameDecoder()
    frames = [f for at in range(0, len(stream), length) for f in decoder.feed(stream[at : at + length])]
    assert [frame.offset for frame in frames] == [n * (1119 + len(TEXT)) for n in range(5)]


def test_a_frame_that_lost_its_marker_is_skipped_without_being_received(encoder):
    first, second, third = some_frames(encoder, 3)
    frames, account = decode(first + second[4:] + third)
    assert [frame.lost_before for frame in frames] == [0, 1]
    assert account["frames"] == {"received": 2, "good": 2, "duplicate": 0, "damaged": 0}
    assert account["skipped"] == [[1119, 1115]]


def test_skipped_ranges_that_touch_are_one(encoder):
    first, second = some_frames(encoder, 2)
    _, account = decode(b"junk" + first[:-1] + b"!" + TEXT + second)
    assert account["skipped"] == [[0, 4 + 1119 + len(TEXT)]]


def test_markers_in_a_cut_tail_are_damaged_frames(encoder):
    first, second = some_frames(encoder, 2)
    frames, account = decode(first + second[:600] + encoder.MARKER + b"the end")
    assert len(frames) == 1
    assert account["frames"]["damaged"] == 2
    assert account["skipped"] == [[1119, 600 + 4 + 7]]
    assert account["octets"]["total"] == 1119 + 600 + 4 + 7


def test_octets_still_undecided_are_in_no_number_until_the_end(encoder):
    first, second = some_frames(encoder, 2)
    decoder = FrameDecoder()
    decoder.feed(first + b"noise" + second[:1118])
    assert decoder.account()["octets"] == {"total": 1124, "in_frames": 1119, "skipped": 5}
    decoder.finish()
    decoder.finish()
    assert decoder.account()["octets"] == {"total": 1124 + 1118, "in_frames": 1119, "skipped": 5 + 1118}
    assert decoder.account()["frames"]["damaged"] == 1


@pytest.mark.parametrize(
    "spoilt",
    [
        {"version": 1},
        {"spacecraft": 25},
        {"ocf": 0},
        {"vc": 3},
        {"vc": 7},
        {"status": 0x9800},  # secondary header
        {"status": 0x5800},  # synchronisation
        {"status": 0x3800},  # packet order
        {"status": 0x1000},  # segment length id
        {"pointer": 1103},
        {"pointer": 0x7FD},
    ],
    ids=str,
)
def test_a_header_that_is_not_ours_is_a_damaged_frame_even_with_a_right_checksum(encoder, spoilt):
    frames, account = decode(encoder.frame(b"", **{"pointer": 0} | spoilt))
    assert frames == []
    assert account["frames"] == {"received": 1, "good": 0, "duplicate": 0, "damaged": 1}
    assert account["channels"] == {}


@pytest.mark.parametrize("pointer", [0, 1102, 0x7FE, 0x7FF])
@pytest.mark.parametrize("vc", [0, 1, 2])
@pytest.mark.parametrize("spacecraft", [24, 4])
def test_every_legal_header_is_taken(encoder, pointer, vc, spacecraft):
    (frame,), _ = decode(encoder.frame(b"", pointer, vc=vc, spacecraft=spacecraft))
    assert (frame.first_header_pointer, frame.virtual_channel, frame.spacecraft_id) == (
        pointer,
        vc,
        spacecraft,
    )


def test_channels_are_counted_apart(encoder):
    live, playback = some_frames(encoder, 5, vc=0), some_frames(encoder, 5, vc=2, first=250)
    _, account = decode(playback[0] + live[0] + playback[1] + live[4] + playback[4])
    assert list(account["channels"].items()) == [
        ("0", {"good": 2, "duplicate": 0, "lost": 3}),
        ("2", {"good": 3, "duplicate": 0, "lost": 2}),
    ]


@pytest.mark.parametrize("block", [1, 2, 128])
def test_doubled_blocks_are_duplicates_and_count_as_octets_in_frames(encoder, block):
    sent = some_frames(encoder, 256)
    stream = b"".join(2 * b"".join(sent[at : at + block]) for at in range(0, len(sent), block))
    frames, account = decode(stream)
    assert [f.virtual_channel_count for f in frames if not f.duplicate] == list(range(256))
    assert account["frames"] == {"received": 512, "good": 256, "duplicate": 256, "damaged": 0}
    assert account["channels"] == {"0": {"good": 256, "duplicate": 256, "lost": 0}}
    assert account["octets"] == {"total": 512 * 1119, "in_frames": 512 * 1119, "skipped": 0}


def test_a_buffer_may_be_used_again_by_the_caller(encoder):
    (octets,) = some_frames(encoder, 1)
    decoder, buffer = FrameDecoder(), bytearray(octets[:1000])
    decoder.feed(buffer)
    buffer[:] = bytes(1000)
    (frame,) = decoder.feed(memoryview(octets)[1000:])
    assert frame.data == octets[10 : 10 + 1103]
