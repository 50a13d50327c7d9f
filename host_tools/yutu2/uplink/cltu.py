"""Command link transmission units, CLTUs, which carry TC frames (CCSDS 231.0-B-4)."""

_START = bytes.fromhex("EB90")
_TAIL = bytes.fromhex("C5C5C5C5C5C5C579")
_FILL = b"\x55"
_INFORMATION = 7  # octets of a codeblock, before one of parity
# The generator of the BCH code (63,56), x^7 + x^6 + x^2 + 1, one bit to the left, as parity stands in its octet
_GENERATOR = 0x18A


def _shifted(octet: int) -> int:
    """Return the remainder of an octet after eight more bits."""
    for _ in range(8):
        octet <<= 1
        if octet & 0x100:
            octet ^= _GENERATOR
    return octet


_REMAINDERS = bytes(map(_shifted, range(256)))


def cltu(frame: bytes) -> bytes:
    """Return a frame as a CLTU: start sequence, codeblocks (the last one filled up), tail sequence."""
    octets = frame + _FILL * (-len(frame) % _INFORMATION)
    blocks = (octets[at : at + _INFORMATION] for at in range(0, len(octets), _INFORMATION))
    return _START + b"".join(block + bytes([_parity(block)]) for block in blocks) + _TAIL


def _parity(information: bytes) -> int:
    """Return seven parity bits, complemented, and the filler bit, 0 (3.3)."""
    remainder = 0
    for octet in information:
        remainder = _REMAINDERS[remainder ^ octet]
    return remainder ^ 0xFE
