"""Frames and CLTUs, taken apart bit by bit as the standards lay them out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yutu2.uplink.cltu import cltu
from yutu2.uplink.frame import MAX_DATA, UNLOCK, ad_frame, bc_frame, bd_frame, set_v_r, with_error_control

DATA = st.binary(min_size=1, max_size=60) | st.binary(min_size=MAX_DATA, max_size=MAX_DATA)


def bits_of(octets):
    return "".join(f"{octet:08b}" for octet in octets)


def remainder(bits, generator):
    """What a polynomial division leaves."""
    register = int(bits, 2)
    degree = generator.bit_length() - 1
    for place in range(len(bits) - 1, degree - 1, -1):
        if register >> place & 1:
            register ^= generator << place - degree
    return register


def taken_apart(frame):
    """Fields of a frame, by the widths of CCSDS 232.0-B-4, 4.1.2."""
    bits = bits_of(frame)
    at, fields = 0, {}
    for name, width in [
        *[("version", 2), ("bypass", 1), ("control", 1), ("spare", 2), ("spacecraft", 10)],
        *[("channel", 6), ("length", 10), ("number", 8)],
    ]:
        fields[name] = int(bits[at : at + width], 2)
        at += width
    # The register starts as all ones: as if those 16 bits were turned
    preset = int(bits, 2) ^ 0xFFFF << len(bits) - 16
    fields["damaged"] = remainder(f"{preset:0{len(bits)}b}", 0x11021)
    return fields, frame[5:-2]


@given(st.sampled_from([24, 4]), st.integers(0, 255), DATA)
def test_a_frame_in_sequence(spacecraft, number, data):
    frame = with_error_control(ad_frame(spacecraft, number, data))
    fields = {"version": 0, "bypass": 0, "control": 0, "spare": 0, "spacecraft": spacecraft, "channel": 0}
    fields |= {"length": len(frame) - 1, "number": number, "damaged": 0}
    assert taken_apart(frame) == (fields, data)
    assert len(frame) <= 1024


@pytest.mark.parametrize(
    ("frame", "control", "data"),
    [
        (bd_frame(24, b"\x18\x01"), 0, b"\x18\x01"),
        (bc_frame(24, UNLOCK), 1, b"\x00"),
        (bc_frame(24, set_v_r(200)), 1, b"\x82\x00\xc8"),
    ],
    ids=["data", "unlock", "set V(R)"],
)
def test_a_frame_past_the_sequence(frame, control, data):
    fields, held = taken_apart(with_error_control(frame))
    assert (fields["bypass"], fields["control"], fields["number"]) == (1, control, 0)
    assert (fields["damaged"], held) == (0, data)


@pytest.mark.parametrize("size", [0, MAX_DATA + 1])
def test_what_does_not_fit_is_no_frame(size):
    with pytest.raises(ValueError, match=f"1 to 1017 octets of data, not {size}"):
        ad_frame(24, 0, bytes(size))


@given(st.binary(min_size=1, max_size=100))
def test_a_cltu_has_start_codeblocks_and_tail(frame):
    octets = cltu(frame)
    assert octets[:2] == b"\xeb\x90"
    assert octets[-8:] == b"\xc5\xc5\xc5\xc5\xc5\xc5\xc5\x79"
    blocks = [octets[at : at + 8] for at in range(2, len(octets) - 8, 8)]
    held = b"".join(block[:7] for block in blocks)
    assert held[: len(frame)] == frame
    assert held[len(frame) :] == b"\x55" * (-len(frame) % 7)
    for block in blocks:
        bits = bits_of(block)
        parity = remainder(bits[:56] + "0" * 7, 0b11000101)  # x^7 + x^6 + x^2 + 1
        assert bits[56:] == f"{parity ^ 0x7F:07b}0"


@given(st.lists(DATA, min_size=1, max_size=4))
def test_the_rover_takes_them(make_receiver, on_the_line, data):
    receiver = make_receiver()
    for number, one in enumerate(data):
        receiver.feed(on_the_line(ad_frame(24, number, one)))
        receiver.feed(on_the_line(bd_frame(24, one)))
    assert receiver.data == [one for one in data for _ in range(2)]
    receiver.feed(on_the_line(bc_frame(24, set_v_r(77))))
    assert receiver.clcw & 0xFF == 77
