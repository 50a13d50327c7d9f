"""AES-256-GCM, judged by NIST's vectors and by the library `cryptography`, in plain Python and in viper."""

from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from rover.link.aes import aes
from rover.link.aes_gcm import AesGcm, _products_of, ghash_plain

MAC = 16
VECTORS = Path(__file__).with_name("gcm_decrypt_256.rsp")
KEYS = st.binary(min_size=32, max_size=32)
IVS = st.binary(min_size=12, max_size=12)
BLOCKS = st.binary(min_size=16, max_size=16)
ECB = 1

# Compares all twins on pseudo-random octets, then opens CASES: key, IV, additional data, text with MAC
ON_UNIX = """
from array import array
from cryptolib import aes
from rover.link import aes_gcm
from rover.link.aes import aes as aes_plain

assert aes_gcm.aes is aes
data = bytearray(700)
state = 7
for at in range(len(data)):
    state = (state * 75 + 74) % 65537
    data[at] = state & 0xFF
for at in range(0, 640, 40):
    one, other = bytearray(32), bytearray(32)
    aes(data[at : at + 32], 1).encrypt(data[at + 20 : at + 52], one)
    aes_plain(data[at : at + 32], 1).encrypt(data[at + 20 : at + 52], other)
    assert one == other
    products = aes_gcm._products_of(one)
    limbs, twins = array("H", one[16:]), array("H", one[16:])
    for size in range(40):
        aes_gcm.ghash(limbs, products, data, at, at + size)
        aes_gcm.ghash_plain(twins, products, data, at, at + size)
        assert limbs == twins
        one, other = bytearray(data), bytearray(data)
        aes_gcm.xor(one, 30, 30 - size % 17, data, at, size)
        aes_gcm.xor_plain(other, 30, 30 - size % 17, data, at, size)
        assert one == other
for key, iv, aad, sealed in CASES:
    octets = bytearray(sealed)
    print(int(aes_gcm.AesGcm(key).open(iv, aad, octets, 0, len(sealed) - 16, 0)), octets.hex())
"""


def vectors():
    """Each vector: its fields as octets, and the text None where it must fail."""
    for block in VECTORS.read_text().split("\n\n")[1:]:
        fields = dict.fromkeys(("CT", "AAD", "PT"), b"")
        for line in block.splitlines():
            name, _, digits = line.partition("=")
            fields[name.strip()] = None if name == "FAIL" else bytes.fromhex(digits)
        yield fields | ({"PT": None} if "FAIL" in fields else {})


VECTOR_LIST = list(vectors())


def test_the_vectors_were_found():
    assert len(VECTOR_LIST) == 30
    assert sum(vector["PT"] is None for vector in VECTOR_LIST) == 5


@pytest.mark.parametrize("vector", VECTOR_LIST, ids=lambda vector: f"{len(vector['CT'])}-{len(vector['AAD'])}")
def test_it_opens_what_nist_s_vectors_open_and_refuses_what_they_refuse(vector):
    octets = bytearray(vector["CT"] + vector["Tag"])
    end = len(vector["CT"])
    right = AesGcm(vector["Key"]).open(vector["IV"], vector["AAD"], octets, 0, end, 0)
    assert right is (vector["PT"] is not None)
    assert octets[:end] == (vector["PT"] if right else vector["CT"])


def test_a_block_of_fips_197():
    """Appendix C.3."""
    block = bytearray(16)
    aes(bytes(range(32)), ECB).encrypt(bytes.fromhex("00112233445566778899aabbccddeeff"), block)
    assert block.hex() == "8ea2b7ca516745bfeafc49904b496089"


@given(KEYS, st.lists(BLOCKS, max_size=5).map(b"".join))
def test_the_blocks_are_those_of_cryptography(key, text):
    encryptor = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()
    blocks = bytearray(len(text))
    aes(key, ECB).encrypt(text, blocks)
    assert blocks == encryptor.update(text)


@given(KEYS, IVS, st.binary(max_size=50), st.binary(max_size=300), st.integers(0, 20), st.integers(0, 20), st.binary())
def test_it_opens_in_place_what_cryptography_seals(key, iv, aad, text, to, gap, behind):
    before = bytes(range(to + gap))
    octets = bytearray(before + AESGCM(key).encrypt(iv, text, aad) + behind)
    sealed = bytes(octets)
    start = to + gap
    end = start + len(text)
    assert AesGcm(key).open(iv, aad, octets, start, end, to)
    assert octets[to : to + len(text)] == text
    assert octets[:to] == sealed[:to]
    assert octets[to + len(text) :] == sealed[to + len(text) :]


@pytest.mark.parametrize("size", [959, 960, 987, 4064])
def test_it_opens_as_much_as_it_says(size):
    key, iv = bytes(32), bytes(12)
    text = Random(size).randbytes(size)
    octets = bytearray(AESGCM(key).encrypt(iv, text, b"aad"))
    assert AesGcm(key).open(iv, b"aad", octets, 0, size, 0)
    assert octets[:size] == text


@given(KEYS, IVS, st.binary(min_size=1, max_size=30), st.binary(max_size=70), st.data())
def test_a_flipped_bit_anywhere_is_refused_and_nothing_is_written(key, iv, aad, text, data):
    sealed = AESGCM(key).encrypt(iv, text, aad)
    parts = [bytearray(key), bytearray(iv), bytearray(aad), bytearray(sealed)]
    part = parts[data.draw(st.integers(0, 3))]
    bit = data.draw(st.integers(0, 8 * len(part) - 1))
    part[bit >> 3] ^= 1 << (bit & 7)
    key, iv, aad, octets = parts
    as_it_came = bytes(octets)
    assert not AesGcm(bytes(key)).open(iv, aad, octets, 0, len(text), 0)
    assert octets == as_it_came


@given(BLOCKS, BLOCKS, st.binary(max_size=40))
def test_no_step_of_the_hash_reaches_2_to_the_30(pico_int, key, state, octets):
    products = list(map(pico_int, _products_of([pico_int(octet) for octet in key])))
    limbs = [pico_int(state[at] << 8 | state[at + 1]) for at in range(0, 16, 2)]
    ghash_plain(limbs, products, [pico_int(octet) for octet in octets], 0, len(octets))
    assert all(0 <= limb < 2**16 for limb in limbs)


def test_cryptolib_and_viper_do_what_their_plain_twins_do(on_unix_port):
    random = Random(1)
    cases, opened = [], []
    for size in (0, 1, 15, 16, 17, 47, 48, 49, 250, 987):
        key, iv, aad, text = map(random.randbytes, (32, 12, 19, size))
        sealed = AESGCM(key).encrypt(iv, text, aad)
        forged = sealed[:-1] + bytes([sealed[-1] ^ 1])
        cases += [(key, iv, aad, sealed), (key, iv, aad, forged)]
        opened += [f"1 {(text + sealed[-MAC:]).hex()}", f"0 {forged.hex()}"]
    assert on_unix_port(f"CASES = {cases}{ON_UNIX}").splitlines() == opened
