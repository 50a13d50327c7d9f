"""TC transfer frames: those of Yamcs and of a builder of the test's own pass; what is wrong is told as what it is."""

import crcmod
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.link.cltu import CltuDecoder
from rover.link.tc_frame import AD, BC, BD, DATA, check, data_end, frame_type

crc16 = crcmod.mkCrcFun(0x11021, initCrc=0xFFFF, rev=False, xorOut=0)

ROVER = 24
GOOD, LENGTH, CHECKSUM, VERSION, FLAGS, SPACECRAFT, CHANNEL = range(7)
TYPES = {"AD": AD, "BD": BD, "BC": BC}
BYPASS = {AD: 0, BD: 1, BC: 1}
CONTROL = {AD: 0, BD: 0, BC: 1}


@given(st.sampled_from([AD, BD, BC]), st.binary(min_size=1, max_size=1017), st.integers(0, 255), st.integers(0, 6))
def test_a_good_frame_passes_with_its_fill_and_shows_its_parts(make_frame, kind, data, number, fill):
    frame = make_frame(data, number=number, bypass=BYPASS[kind], control=CONTROL[kind]) + b"\x55" * fill
    assert check(frame, len(frame), ROVER) == GOOD
    assert frame_type(frame) == kind
    assert frame[DATA : data_end(frame)] == data
    assert frame[4] == number


@pytest.mark.parametrize("size", [1, 248, 249, 250, 504, 505, 506, 761, 1016, 1017])
def test_a_frame_may_have_any_length_to_1024(make_frame, size):
    frame = make_frame(bytes(size))
    assert check(frame, len(frame), ROVER) == GOOD
    assert data_end(frame) == DATA + size
    assert check(frame, len(frame) - 1, ROVER) == LENGTH


def test_frames_in_cltus_of_yamcs_pass_and_show_their_parts(yamcs_cltus):
    seen = []

    def take(buffer, size):
        assert check(buffer, size, ROVER) == GOOD
        seen.append((frame_type(buffer), buffer[4], buffer[DATA : data_end(buffer)]))

    decoder = CltuDecoder(take)
    for made in yamcs_cltus:
        decoder.feed(made.cltu, len(made.cltu))
    assert seen == [(TYPES[made.kind], made.number, made.data) for made in yamcs_cltus]
    assert {kind for kind, *_ in seen} == {AD, BD, BC}


WRONG = [
    (VERSION, {"version": 1}),
    (VERSION, {"version": 2}),
    (VERSION, {"version": 3}),
    (FLAGS, {"control": 1}),
    (FLAGS, {"spare": 1}),
    (FLAGS, {"spare": 2, "bypass": 1}),
    (SPACECRAFT, {"spacecraft": 4}),
    (SPACECRAFT, {"spacecraft": ROVER | 0x100}),
    (SPACECRAFT, {"spacecraft": ROVER | 0x200}),
    (CHANNEL, {"channel": 1}),
    (CHANNEL, {"channel": 32}),
    (LENGTH, {"data": b""}),
    (LENGTH, {"length": 0}),
    (LENGTH, {"length": 6}),
    (LENGTH, {"length": 9}),
    (LENGTH, {"length": 1023}),
]


@pytest.mark.parametrize(("wrong", "fields"), WRONG)
def test_what_is_wrong_is_told(make_frame, wrong, fields):
    frame = make_frame(**{"data": b"\x18\x00"} | fields)
    assert check(frame, len(frame), ROVER) == wrong
    # What lies in the buffer from before is no part of it
    assert check(frame + bytes(1024), len(frame), ROVER) == wrong


def test_each_spacecraft_takes_its_own(make_frame):
    for spacecraft in range(1024):
        frame = make_frame(b"\x18\x00", spacecraft=spacecraft)
        assert check(frame, len(frame), spacecraft) == GOOD
        assert check(frame, len(frame), spacecraft ^ 1 << spacecraft % 10) == SPACECRAFT


def test_each_wrong_bit_is_found(make_frame):
    frame = make_frame(b"\x18\x01\xc0\x00 some command")
    for bit in range(len(frame) * 8):
        damaged = bytearray(frame)
        damaged[bit >> 3] ^= 1 << (bit & 7)
        assert check(damaged, len(damaged), ROVER) in (LENGTH, CHECKSUM), bit


@pytest.mark.parametrize("size", range(10))
def test_a_frame_cut_short_has_a_wrong_length(make_frame, size):
    frame = make_frame(b"\x18\x01\xc0")
    assert len(frame) == 10
    assert check(frame, size, ROVER) == LENGTH


@given(st.data(), st.integers(0, 1029))
def test_anything_is_judged_and_passes_only_with_its_checksum(data, size):
    octets = data.draw(st.binary(min_size=size, max_size=size)) + bytes(1030 - size)
    verdict = check(octets, size, ROVER)
    assert GOOD <= verdict <= CHANNEL
    if verdict not in (LENGTH, CHECKSUM):
        assert crc16(octets[: data_end(octets) + 2]) == 0
