"""CLTUs out of any stream: against an encoder and a decoder of the test's own, CLTUs made by Yamcs, and viper."""

import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.link.cltu import CltuDecoder, correct_plain, find_start_plain

START = bytes.fromhex("EB90")
TAIL = bytes.fromhex("C5C5C5C5C5C5C579")
ACQUISITION = b"\x55" * 16  # the shortest that CCSDS 231.0-B-4 advises
LONGEST = 1029  # octets in 147 codeblocks
FRAME = bytes(range(100, 135))

# Codeblocks of the tests of Yamcs and of SpacePyLibrary
KNOWN = ["22F600FF00421A12", "8CC00E010D19065A", "301B000900820054", "10E4C1555555553E"]

FRAMES = st.binary(min_size=1, max_size=60)
BITS = range(64)


class Receiver:
    """A decoder, and what it gave."""

    def __init__(self):
        self.frames = []
        self.decoder = CltuDecoder(lambda buffer, size: self.frames.append(bytes(buffer[:size])))

    def feed(self, stream, *cuts):
        """Feeds it in pieces; more lies behind each in its buffer."""
        ends = [*sorted(cuts), len(stream)]
        for start, end in zip([0, *ends], ends, strict=False):
            self.decoder.feed(stream[start:end] + START, end - start)
        return self

    def counts(self):
        return self.decoder.cltus, self.decoder.corrected, self.decoder.abandoned


def flip(octets, *bits):
    """These bits changed, counted from the first."""
    value = int.from_bytes(octets)
    for bit in bits:
        value ^= 1 << len(octets) * 8 - 1 - bit
    return value.to_bytes(len(octets))


@pytest.fixture(scope="session")
def by_the_book(make_codeblock):
    """`by_the_book(stream)`: what the state diagram of 231.0-B-4 gives, bits compared one by one, tables none."""

    def decode(block):
        if block[7] & 1:
            return block[:7] if make_codeblock(block[:7])[7] == block[7] & 0xFE else None
        for candidate in (block, *(flip(block, bit) for bit in range(63))):
            if make_codeblock(candidate[:7]) == candidate:
                return candidate[:7]
        return None

    def by_the_book(stream):
        frames, at, searches, frame = [], 0, True, b""
        while at < len(stream):
            if searches:
                searches = sum((a ^ b).bit_count() for a, b in zip(stream[at : at + 2], START, strict=False)) > 1
                searches = searches or at + 2 > len(stream)
                at += 1 if searches else 2
                continue
            if at + 8 > len(stream):
                break
            information = decode(stream[at : at + 8])
            at += 8
            if information is not None and len(frame) < LONGEST:
                frame += information
                continue
            if information is None and frame:
                frames.append(frame)
            searches, frame = True, b""
        return frames

    return by_the_book


@pytest.fixture(scope="session")
def any_stream(make_cltu):
    """Streams of all that may come: whole CLTUs, damaged ones, pieces of them, what looks like them, anything."""
    whole = FRAMES.map(make_cltu)
    piece = st.tuples(whole, st.integers(0, 80), st.integers(0, 80)).map(lambda drawn: drawn[0][drawn[1] : drawn[2]])
    damaged = st.tuples(whole, st.sets(st.integers(0, 143), max_size=4)).map(lambda drawn: flip(drawn[0], *drawn[1]))
    near = st.sampled_from([START, TAIL, ACQUISITION, START[:1], b"\xeb\x91", b"\x6b\x90", b"\xeb\xeb\x90", b"\x00"])
    return st.lists(st.one_of(whole, piece, damaged, near, st.binary(max_size=20)), max_size=12).map(b"".join)


@pytest.mark.parametrize("known", KNOWN)
def test_the_code_is_that_of_known_codeblocks(make_codeblock, known):
    block = bytes.fromhex(known)
    assert make_codeblock(block[:7]) == block
    assert correct_plain(bytearray(block), 0) == 0


def test_cltus_of_yamcs_are_the_encoders_and_come_out_whole(make_cltu, yamcs_cltus):
    assert len(yamcs_cltus) == 9
    for made in yamcs_cltus:
        assert make_cltu(made.frame) == made.cltu
    receiver = Receiver().feed(b"".join(made.cltu for made in yamcs_cltus))
    expected = [made.frame + b"\x55" * (-len(made.frame) % 7) for made in yamcs_cltus]
    assert receiver.frames == expected
    assert receiver.counts() == (len(expected), 0, 0)


@given(st.integers(1, 1024), st.data())
def test_a_frame_of_any_size_comes_out_with_its_fill(make_cltu, size, data):
    frame = data.draw(st.binary(min_size=size, max_size=size))
    receiver = Receiver().feed(make_cltu(frame))
    assert receiver.frames == [frame + b"\x55" * (-size % 7)]
    assert receiver.counts() == (1, 0, 0)


def test_one_wrong_bit_in_any_place_of_any_codeblock_is_corrected(make_cltu):
    cltu = make_cltu(FRAME)
    for bit in range(16, 16 + 64 * 5):
        receiver = Receiver().feed(flip(cltu, bit))
        assert receiver.frames == [FRAME], bit
        is_filler = bit % 8 == 7 and bit // 8 % 8 == 1
        assert receiver.counts() == (1, 0 if is_filler else 1, 0)
    every = [16 + 64 * block + 13 * block for block in range(5)]
    receiver = Receiver().feed(flip(cltu, *every))
    assert receiver.frames == [FRAME]
    assert receiver.counts() == (1, 5, 0)


def test_two_wrong_bits_in_a_codeblock_end_the_cltu_before_it(make_cltu):
    cltu = make_cltu(FRAME[:14])
    for pair in combinations(BITS, 2):
        second = Receiver().feed(flip(cltu, *(16 + 64 + bit for bit in pair)))
        assert second.frames == [FRAME[:7]], pair
        assert second.counts() == (1, 0, 0)
        first = Receiver().feed(flip(cltu, *(16 + bit for bit in pair)))
        assert first.frames == [], pair
        assert first.counts() == (0, 0, 1)


def test_a_rejected_codeblock_is_left_as_it_was(make_codeblock):
    block = make_codeblock(FRAME[:7])
    for pair in combinations(BITS, 2):
        rejected = bytearray(b"ab" + flip(block, *pair) + b"cd")
        before = bytes(rejected)
        assert correct_plain(rejected, 2) == -1
        assert rejected == before


def test_a_start_sequence_may_have_one_wrong_bit_but_not_two(make_cltu):
    cltu = make_cltu(FRAME)
    for bit in range(16):
        assert Receiver().feed(flip(cltu, bit)).frames == [FRAME], bit
    for pair in combinations(range(16), 2):
        assert Receiver().feed(flip(cltu, *pair)).counts() == (0, 0, 0), pair


def test_a_tail_with_one_wrong_bit_is_still_the_end(make_cltu):
    cltu = make_cltu(FRAME)
    for bit in BITS:
        receiver = Receiver().feed(flip(cltu, (len(cltu) - 8) * 8 + bit) + make_cltu(FRAME[:7]))
        assert receiver.frames == [FRAME, FRAME[:7]], bit
        assert receiver.counts() == (2, 0, 0)


@given(st.data())
def test_any_stream_gives_what_the_standard_says_however_it_is_cut(any_stream, by_the_book, data):
    stream = data.draw(any_stream)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    receiver = Receiver().feed(stream, *cuts)
    assert receiver.frames == by_the_book(stream)
    assert Receiver().feed(stream, *range(len(stream))).frames == receiver.frames


@given(st.data())
def test_no_cltu_is_lost_behind_an_acquisition_sequence_whatever_came_before(any_stream, make_cltu, data):
    frame = data.draw(FRAMES)
    receiver = Receiver().feed(data.draw(any_stream) + ACQUISITION + make_cltu(frame))
    assert receiver.frames[-1:] == [frame + b"\x55" * (-len(frame) % 7)]


@given(st.binary(max_size=40).filter(lambda noise: find_start_plain(noise + START[:1], 0, 0, len(noise) + 1) < 0))
def test_no_cltu_is_lost_behind_noise_in_which_nothing_looks_like_a_start(make_cltu, noise):
    assert Receiver().feed(noise + make_cltu(FRAME) + noise + make_cltu(FRAME)).frames == [FRAME] * 2


def test_a_cltu_longer_than_a_frame_can_be_is_abandoned_and_the_next_one_found(make_cltu):
    longest = bytes(7) * 147
    assert Receiver().feed(make_cltu(longest)).frames == [longest]
    receiver = Receiver().feed(make_cltu(longest + bytes(7)) + make_cltu(FRAME))
    assert receiver.frames == [FRAME]
    assert receiver.counts() == (1, 0, 1)
    endless = Receiver().feed(START + make_cltu(bytes(700_000))[2:-8] + make_cltu(FRAME))
    assert endless.frames == [FRAME]


def test_search_leaves_the_open_cltu(make_cltu):
    cltu = make_cltu(FRAME)
    for end in range(1, len(cltu)):
        receiver = Receiver().feed(cltu[:end])
        receiver.decoder.search()
        assert receiver.feed(cltu).frames == [FRAME], end


def test_the_taker_may_fail_and_the_next_cltu_comes(make_cltu):
    sizes = []

    def take(buffer, size):
        sizes.append(size)
        raise ValueError

    decoder = CltuDecoder(take)
    for _ in range(2):
        with pytest.raises(ValueError):
            decoder.feed(make_cltu(FRAME), len(make_cltu(FRAME)))
    assert sizes == [35, 35]


ON_UNIX = """
import json
import micropython
from rover.link.cltu import CltuDecoder, correct, correct_plain, find_start, find_start_plain

stream = bytearray(bytes.fromhex("%s"))
for at in range(0, len(stream) - 8, 5):
    for before in (0, 0xEB, 0x6B):
        for end in (at, at + 1, at + 2, at + 30, len(stream)):
            assert find_start(stream, before, at, end) == find_start_plain(stream, before, at, end)
block = bytearray(stream[2:10])
outcomes = [0, 0, 0]
for first in range(64):
    for second in range(65):
        one = bytearray(b"ab") + block + b"cd"
        one[2 + (first >> 3)] ^= 1 << (first & 7)
        one[2 + (second >> 3)] ^= 1 << (second & 7)  # the last is not of the codeblock
        other = bytearray(one)
        outcome = correct(one, 2)
        assert outcome == correct_plain(other, 2) and one == other
        outcomes[outcome] += 1
assert outcomes == [65, 63, 64 * 63], outcomes

sizes = [0] * 100
sums = [0] * 100

def take(buffer, size):
    at = decoder.cltus - 1
    sizes[at] = size
    for index in range(size):
        sums[at] = (sums[at] * 31 + buffer[index]) & 0xFFFFFF

decoder = CltuDecoder(take)
pieces = [memoryview(stream)[at : at + 37] for at in range(0, len(stream), 37)]

def feed():
    for piece in pieces:
        decoder.feed(piece, len(piece))

micropython.heap_lock()
feed()
micropython.heap_unlock()
print(json.dumps([sizes[: decoder.cltus], sums[: decoder.cltus], decoder.corrected, decoder.abandoned]))
"""


def test_viper_does_what_its_plain_twins_do_and_nothing_allocates(on_unix_port, make_cltu):
    state = 7
    stream = b""
    for number in range(40):
        state = state * 75 % 65537
        cltu = make_cltu(bytes((state * at >> 3) & 0xFF for at in range(1, 8 + number)))
        stream += flip(cltu, state % 160, state * 3 % 160) + b"\x00\xeb" * (number % 3) + START * (number % 2)
    stream = make_cltu(FRAME) + stream
    receiver = Receiver().feed(stream)
    sizes, sums, corrected, abandoned = json.loads(on_unix_port(ON_UNIX % stream.hex()))
    expected = []
    for frame in receiver.frames:
        expected.append(0)
        for octet in frame:
            expected[-1] = (expected[-1] * 31 + octet) & 0xFFFFFF
    assert sizes == [len(frame) for frame in receiver.frames]
    assert sums == expected
    assert (len(sizes), corrected, abandoned) == receiver.counts()
    assert len(sizes) >= 20 <= corrected and abandoned > 2
