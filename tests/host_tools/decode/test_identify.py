"""What a stream without a frame of this mission looks like, in one line."""

import gzip
import random
import struct
import tracemalloc
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load

OURS = "TM frames of 1115 octets of spacecraft 24 or 4"
NONE = "no transfer frame of this mission was found: "


def advice(stream, lengths=(1 << 20,)):
    decoder, at = TelemetryDecoder(load()), 0
    for length in cycle(lengths):
        if at >= len(stream):
            break
        decoder.feed_packets(stream[at : at + length])
        at += length
    decoder.finish()
    return decoder.advice()


def noise(length, seed=1):
    return random.Random(seed).randbytes(length)


def other_frame(encoder, length, spacecraft=24, version=0, count=0):
    """A frame with its marker, of any length and spacecraft, with a right checksum."""
    word = version << 14 | (spacecraft << 4 if version == 0 else spacecraft << 6)
    header = struct.pack(">HBBH", word, count % 256, count % 256, 0x1800)
    return encoder.MARKER + encoder.with_crc(header + noise(length - 8, count))


def others(encoder, number, *arguments, **options):
    return b"".join(other_frame(encoder, *arguments, count=count, **options) for count in range(number))


@pytest.fixture(scope="module")
def streams(encoder):
    """By name: (octets, what is said of them)."""
    packets = b"".join(encoder.packet(0x123, count, noise(60, count)) for count in range(1000))
    unchecked = b"".join(encoder.packet(9, count, noise(50), error_control=False) for count in range(100))
    commands = b"".join(encoder.packet(1, count, noise(9), packet_type=1) for count in range(30))
    bare = b"".join(frame[4:] for frame in (encoder.frame(noise(1103, n), 0x7FF, count=n) for n in range(30)))
    return {
        "empty": (b"", "no octet came"),
        "packets": (packets, "space packets without frames, telemetry of APID 291;"),
        "packets, cut": (packets[37:], "space packets without frames, telemetry of APID 291;"),
        "packets without checksum": (unchecked, "space packets without frames, telemetry of APID 9;"),
        "telecommands": (commands, "space packets without frames, telecommands of APID 1;"),
        "one packet": (packets[:68], "space packets without frames"),
        "spacecraft": (others(encoder, 62, 1115, 77), "62 TM frames of 1115 octets of spacecraft 77;"),
        "length": (others(encoder, 40, 1024), "40 TM frames of 1024 octets of spacecraft 24;"),
        "AOS": (others(encoder, 9, 892, 171, 1), "9 AOS frames of 892 octets of spacecraft 171;"),
        "two kinds": (
            others(encoder, 9, 300, 5) + others(encoder, 4, 1115, 6),
            "9 TM frames of 300 octets of spacecraft 5, 4 TM frames of 1115 octets of spacecraft 6;",
        ),
        "with text behind": (
            b"".join(other_frame(encoder, 1115, 77, count=n) + b"\r\n" for n in range(5)),
            "5 TM frames of 1115 octets of spacecraft 77;",
        ),
        "no markers": (bare, "TM frames of 1115 octets of spacecraft 24 without sync markers;"),
        "no markers, cut": (bare[500:], "TM frames of 1115 octets of spacecraft 24 without sync markers;"),
        "no markers, another length": (
            b"".join(other_frame(encoder, 512, 7, count=n)[4:] for n in range(9)),
            "TM frames of 512 octets of spacecraft 7 without sync markers;",
        ),
        "markers": (
            b"".join(encoder.MARKER + noise(500, n) for n in range(20)),
            "20 sync markers at a distance of 504 octets, without a right checksum: frames of 500 octets;",
        ),
        "ours, randomised": (
            b"".join(encoder.MARKER + noise(1115, n) for n in range(20)),
            "20 sync markers at a distance of 1,119 octets, without a right checksum: frames of this mission's",
        ),
        "a piece of ours": (encoder.frame(b"", 0)[:700], "1 sync marker and no whole frame behind; receive it for"),
        "text": (b"hello world\r\n" * 300, "text, it begins with 'hello world';"),
        "UTF-8": ("Нефрит\n".encode() * 20_000, "text, it begins with '??????';"),
        "hexadecimal": (encoder.frame(b"", 0).hex(" ").encode(), "hexadecimal text;"),
        "gzip": (gzip.compress(packets), "a gzip file; decompress it first"),
        "CLTUs": ((b"\xeb\x90" + noise(48) + b"\xc5" * 7 + b"\x79") * 3, "3 CLTUs of telecommands;"),
        "zeros": (bytes(100_000), "octets of an unknown kind, the first are 00 00 00 00 00 00 00 00;"),
        "noise": (noise(100_000), "octets of an unknown kind, the first are"),
        "markers alone": (encoder.MARKER * 5000, "at least 1,001 sync markers and no whole frame behind;"),
    }


NAMES = ["empty", "packets", "packets, cut", "packets without checksum", "telecommands", "one packet", "spacecraft",
         "length", "AOS", "two kinds", "with text behind", "no markers", "no markers, cut",
         "no markers, another length", "markers", "ours, randomised", "a piece of ours", "text", "UTF-8",
         "hexadecimal", "gzip", "CLTUs", "zeros", "noise", "markers alone"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_it_is_named(streams, name):
    stream, said = streams[name]
    line = advice(stream)
    assert line.startswith(NONE + said), line
    assert "\n" not in line
    assert advice(stream, [997]) == line


def test_every_stream_has_a_test(streams):
    assert list(streams) == NAMES


def test_what_else_came_is_counted_beside_frames_of_this_mission(encoder):
    ours = b"".join(encoder.frame(b"", 0x7FE, count=n, master=n) for n in range(3))
    stream = others(encoder, 4, 1115, 77) + ours + others(encoder, 2, 256) + ours[:1119]
    assert (
        advice(stream) == "also 4 TM frames of 1115 octets of spacecraft 77, 2 TM frames of 256 octets of spacecraft 24"
    )
    assert advice(stream, [1]) == advice(stream)
    assert advice(ours) is None
    assert advice(b"boot\r\n" + ours) is None


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["ours", "other", "long", "text", "marker", "cut"]), max_size=12),
    st.lists(st.integers(1, 3000), min_size=1, max_size=5),
)
def test_the_cut_into_chunks_changes_no_word(encoder, kinds, lengths):
    pieces = {
        "ours": encoder.frame(b"", 0x7FE, master=9),
        "other": other_frame(encoder, 1115, 77),
        "long": other_frame(encoder, 2048, 8),
        "text": b"MPY: soft reboot\r\n",
        "marker": encoder.MARKER,
        "cut": other_frame(encoder, 300, 9)[:200],
    }
    stream = b"".join(pieces[kind] for kind in kinds)
    assert advice(stream, lengths) == advice(stream)


def test_memory_does_not_grow_with_what_is_none_of_ours(encoder):
    chance = random.Random(4)
    decoder = TelemetryDecoder(load())
    tracemalloc.start()
    try:
        for _ in range(200):
            decoder.feed_packets(chance.randbytes(20_000) + encoder.MARKER)
        decoder.advice()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_what_a_frame_of_ours_parts_is_no_frame_of_others(encoder):
    other, ours = other_frame(encoder, 1115, 77), encoder.frame(b"", 0x7FE, master=9)
    assert advice(ours + other[:500] + ours + other[500:] + ours) is None
