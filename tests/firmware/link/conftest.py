"""What tests of the up-link share: TC frames and CLTUs, as an encoder of their own makes them, and as Yamcs does."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import crcmod
import pytest

START = bytes.fromhex("EB90")
TAIL = bytes.fromhex("C5C5C5C5C5C5C579")
GENERATOR = 0b11000101  # x^7 + x^6 + x^2 + 1


def codeblock(information: bytes) -> bytes:
    """The codeblock of 7 octets (CCSDS 231.0-B-4): parity by long division, complemented, filler bit 0."""
    assert len(information) == 7
    remainder = int.from_bytes(information) << 7
    for power in range(62, 6, -1):
        if remainder >> power & 1:
            remainder ^= GENERATOR << power - 7
    return information + bytes([(~remainder & 0x7F) << 1])


@pytest.fixture(scope="session")
def make_codeblock() -> Callable[[bytes], bytes]:
    """`make_codeblock(information)`: its 7 octets and parity."""
    return codeblock


@pytest.fixture(scope="session")
def make_cltu() -> Callable[[bytes], bytes]:
    """`make_cltu(frame)`: start sequence, codeblocks with fill octets, tail sequence."""

    def make_cltu(frame: bytes) -> bytes:
        filled = frame + b"\x55" * (-len(frame) % 7)
        return START + b"".join(codeblock(filled[at : at + 7]) for at in range(0, len(filled), 7)) + TAIL

    return make_cltu


@pytest.fixture(scope="session")
def make_frame() -> Callable[..., bytes]:
    """`make_frame(data, length=None, **fields)`: a TC frame by the widths of its fields (CCSDS 232.0-B-4).

    They are those of a good AD frame to the rover where not told.
    """
    crc16 = crcmod.mkCrcFun(0x11021, initCrc=0xFFFF, rev=False, xorOut=0)

    def make_frame(data: bytes, length: int | None = None, **fields: int) -> bytes:
        if length is None:
            length = len(data) + 6
        layout = [("version", 2, 0), ("bypass", 1, 0), ("control", 1, 0), ("spare", 2, 0), ("spacecraft", 10, 24)]
        layout += [("channel", 6, 0), ("length", 10, length), ("number", 8, 0)]
        header = 0
        for name, width, default in layout:
            value = fields.pop(name, default)
            assert 0 <= value < 1 << width
            header = header << width | value
        assert not fields
        octets = header.to_bytes(5) + data
        return octets + crc16(octets).to_bytes(2)

    return make_frame


class YamcsCltu(NamedTuple):
    """A CLTU made by Yamcs, and what is in it."""

    kind: str
    number: int
    data: bytes
    frame: bytes
    cltu: bytes


@pytest.fixture(scope="session")
def yamcs_cltus() -> list[YamcsCltu]:
    """Those of yamcs_cltus.txt."""
    lines = (Path(__file__).parent / "yamcs_cltus.txt").read_text().splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return [YamcsCltu(kind, int(number), *map(bytes.fromhex, rest)) for kind, number, *rest in rows]
