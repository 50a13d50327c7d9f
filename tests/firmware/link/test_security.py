"""The secured uplink on the rover: what Yamcs and the host seal is opened, once, and nothing else is."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.link import security
from rover.link.security import Security
from yutu2.uplink import security as ground
from yutu2.uplink.security import MAX_DATA, OVERHEAD, FrameProtector

HEADER = 5
FECF = 2
KEY = bytes(range(0xA0, 0xC0))
BY_YAMCS = Path(__file__).with_name("secured_by_yamcs.txt")
DATA = st.binary(min_size=1, max_size=100)
IVS = st.integers(1, 2**96 - 3)
CHANNELS = st.integers(0, 63)

ON_UNIX = """
from rover.link.security import Security
rover = Security(KEY)
for sealed in FRAMES:
    frame = bytearray(sealed)
    end = rover.open(frame, 5, len(frame), frame[2] >> 2)
    print(end, frame[5:max(end, 5)].hex() or "-", rover.last.hex())
"""


def by_yamcs():
    """Frames of Yamcs: (plain, secured), FECF left out."""
    lines = [line for line in BY_YAMCS.read_text().splitlines() if not line.startswith("#")]
    return [tuple(bytes.fromhex(frame)[:-FECF] for frame in line.split()) for line in lines]


def plain(data, channel=0):
    """A BD frame without FECF; the length in its header is not looked at."""
    return bytes((0x20, 24, channel << 2, 0, 0)) + data


def sealed(data, iv=1, channel=0, key=KEY):
    return bytearray(FrameProtector(key, iv - 1, lambda iv: None).apply_security(plain(data, channel)))


def opened(rover, frame):
    """What the rover makes of a frame: the data, or why it is refused; then it must not have touched the frame."""
    as_it_came = bytes(frame)
    end = rover.open(frame, HEADER, len(frame), frame[2] >> 2)
    if end < 0:
        assert frame == as_it_came
        return end
    return bytes(frame[HEADER:end])


def iv_of(number):
    return number.to_bytes(12)


def test_it_opens_what_yamcs_has_sealed():
    frames = by_yamcs()
    assert [len(secured) for _, secured in frames] == [48, 48, 135, 1022]
    rover = Security(KEY)
    for number, (clear, secured) in enumerate(frames):
        assert opened(rover, bytearray(secured)) == clear[HEADER:]
        assert rover.last == iv_of(0xFF + number)


@given(st.binary(min_size=32, max_size=32), IVS, CHANNELS, st.lists(DATA, min_size=1, max_size=3))
def test_it_opens_what_the_host_seals_once(key, iv, channel, texts):
    rover = Security(key)
    sender = FrameProtector(key, iv - 1, lambda iv: None)
    for data in texts:
        frame = sender.apply_security(plain(data, channel))
        assert opened(rover, bytearray(frame)) == data
        assert opened(rover, bytearray(frame)) == security.REPLAYED


def test_it_opens_the_longest_frame():
    data = Random(1).randbytes(MAX_DATA)
    assert opened(Security(KEY), sealed(data)) == data


@given(DATA, IVS, CHANNELS, st.data())
def test_a_flipped_bit_of_security_data_or_channel_is_refused(data, iv, channel, draw):
    """The rest of the frame's header is not authenticated: the FECF alone guards it, as with Yamcs."""
    frame = sealed(data, iv, channel)
    at = draw.draw(st.sampled_from([2, *range(HEADER, len(frame))]))
    frame[at] ^= 1 << draw.draw(st.integers(2 if at == 2 else 0, 7))
    rover = Security(KEY)
    assert opened(rover, frame) == (security.OTHER_SPI if at in (5, 6) else security.FORGED)
    assert rover.last is None


@given(IVS, st.integers(-3000, 3000))
def test_a_window_of_1024_is_taken(last, ahead):
    iv = min(max(last + ahead, 0), 2**96 - 1)
    rover = Security(KEY, iv_of(last))
    answer = opened(rover, sealed(b"data", iv))
    assert answer == (security.REPLAYED if iv <= last else security.TOO_FAR if iv > last + 1024 else b"data")
    assert rover.last == iv_of(iv if answer == b"data" else last)


@given(st.integers(1, 2**96 - 1), st.integers(1, 2**96 - 1))
def test_any_two_counters_are_compared_right(last, iv):
    answer = opened(Security(KEY, iv_of(last)), sealed(b"data", iv))
    assert answer == (security.REPLAYED if iv <= last else security.TOO_FAR if iv > last + 1024 else b"data")


@pytest.mark.parametrize("last", [0, 0xFF, 0xFFFF, 2**64 - 1, 2**64, 2**95, 2**96 - 1026])
def test_the_edges_of_the_window(last):
    for ahead, answer in ((0, security.REPLAYED), (1, b"data"), (1024, b"data"), (1025, security.TOO_FAR)):
        assert opened(Security(KEY, iv_of(last)), sealed(b"data", last + ahead)) == answer


def test_the_last_counter_lives_on_over_a_reset():
    before = Security(KEY)
    old = sealed(b"data", 7)
    assert opened(before, bytearray(old)) == b"data"
    after = Security(KEY, before.last)
    assert opened(after, bytearray(old)) == security.REPLAYED
    assert opened(after, sealed(b"data", 8)) == b"data"


def test_what_is_refused_moves_no_window():
    rover = Security(KEY, iv_of(10))
    forged = sealed(b"data", 1000)
    forged[-1] ^= 1
    for frame, answer in (
        (forged, security.FORGED),
        (sealed(b"data", 900, key=bytes(32)), security.FORGED),
        (sealed(b"data", 2000), security.TOO_FAR),
    ):
        assert opened(rover, frame) == answer
        assert rover.last == iv_of(10)
    assert opened(rover, sealed(b"data", 11)) == b"data"


def test_a_clear_frame_and_a_cut_one_are_refused():
    packet = bytes.fromhex("1801c00000062f110100000000")
    assert opened(Security(KEY), bytearray(plain(packet))) == security.TOO_SHORT
    assert opened(Security(KEY), bytearray(plain(packet * 10))) == security.OTHER_SPI
    frame = sealed(packet)
    for size in range(HEADER, len(frame)):
        answer = security.TOO_SHORT if size <= HEADER + OVERHEAD else security.FORGED
        assert opened(Security(KEY), frame[:size]) == answer


def test_reasons_are_told_apart_and_from_ends():
    reasons = {security.TOO_SHORT, security.OTHER_SPI, security.REPLAYED, security.TOO_FAR, security.FORGED}
    assert len(reasons) == 5
    assert max(reasons) < 0


def test_rover_and_host_agree_on_the_association():
    assert security.SPI == ground.SPI


def test_the_unix_port_does_the_same(on_unix_port):
    frames = [secured for _, secured in by_yamcs()]
    frames.insert(1, frames[0])
    frames.insert(3, frames[3][:-1] + b"\0")
    lines = on_unix_port(f"KEY = {KEY}\nFRAMES = {frames}{ON_UNIX}").splitlines()
    assert [int(line.split()[0]) for line in lines] == [18, security.REPLAYED, 18, security.FORGED, 105, 992]
    rover = Security(KEY)
    for line, frame in zip(lines, map(bytearray, frames), strict=True):
        end = rover.open(frame, HEADER, len(frame), frame[2] >> 2)
        assert line == f"{end} {frame[HEADER : max(end, HEADER)].hex() or '-'} {rover.last.hex()}"
