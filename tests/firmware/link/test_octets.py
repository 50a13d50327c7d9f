"""Checksum and copy, in plain Python and in viper."""

import crcmod
from hypothesis import given
from hypothesis import strategies as st
from rover.link import octets

reference = crcmod.mkCrcFun(0x11021, initCrc=0xFFFF, rev=False, xorOut=0)

# Prints the checksums of a run of pseudo-random octets, cut anywhere, after comparing both twins
TWINS = """
from rover.link.octets import copy, copy_plain, crc16, crc16_plain
data = bytearray(1200)
state = 7
for at in range(len(data)):
    state = (state * 75 + 74) % 65537
    data[at] = state & 0xFF
print(data.hex())
for start in range(0, 1200, 37):
    for end in range(start, 1200, 53):
        crc = crc16(data, start, end)
        assert crc == crc16_plain(data, start, end)
        print(start, end, crc)
        one, other = bytearray(1300), bytearray(1300)
        copy(data, start, one, 1300 - end, end - start)
        copy_plain(data, start, other, 1300 - end, end - start)
        assert one == other
        copy(memoryview(data), start, one, 0, end - start)
        assert one[: end - start] == data[start:end]
"""


def test_the_checksum_of_the_known_vector():
    assert octets.crc16(b"123456789", 0, 9) == 0x29B1


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_the_checksum_is_that_of_crcmod(data, start, end):
    end = min(end, len(data))
    start = min(start, end)
    assert octets.crc16(data, start, end) == reference(data[start:end])


@given(st.binary(max_size=50), st.binary(max_size=50), st.data())
def test_copy_changes_what_it_should_and_no_more(source, target, data):
    size = data.draw(st.integers(0, min(len(source), len(target))))
    source_at = data.draw(st.integers(0, len(source) - size))
    target_at = data.draw(st.integers(0, len(target) - size))
    copied = bytearray(target)
    octets.copy(source, source_at, copied, target_at, size)
    assert copied == target[:target_at] + source[source_at : source_at + size] + target[target_at + size :]


def test_viper_does_what_its_plain_twins_do(on_unix_port):
    first, *lines = on_unix_port(TWINS).splitlines()
    data = bytes.fromhex(first)
    assert len(lines) > 300
    for line in lines:
        start, end, crc = map(int, line.split())
        assert crc == reference(data[start:end])
