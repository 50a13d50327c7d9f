"""AES-256, encryption alone (FIPS 197), for a runtime without MicroPython's `cryptolib`: CPython. No board loads it."""

_ROUNDS = 14


def _double(octet):
    """Twice an octet in AES's field of 2**8, modulo x**8 + x**4 + x**3 + x + 1 (4.2.1)."""
    return (octet << 1 ^ (0x11B if octet & 0x80 else 0)) & 0xFF


def _make_box():
    """The substitution box (5.1.1): the inverse in the field, then an affine map."""
    box = bytearray(256)
    box[0] = 0x63
    power, inverse = 1, 1
    for _ in range(255):
        power ^= _double(power)  # of 3, which goes through all but 0
        for shift in (1, 2, 4):
            inverse ^= inverse << shift
        inverse = (inverse ^ (0x09 if inverse & 0x80 else 0)) & 0xFF
        twice = inverse << 8 | inverse
        box[power] = (0x63 ^ twice ^ twice >> 4 ^ twice >> 5 ^ twice >> 6 ^ twice >> 7) & 0xFF
    return box


_BOX = _make_box()


class aes:  # noqa: N801 - the name and the calls are cryptolib's
    """A key of 32 octets; mode: 1, electronic code book."""

    def __init__(self, key, mode):
        schedule = bytearray(key) + bytearray(16 * (_ROUNDS + 1) - 32)
        constant = 1
        for at in range(32, len(schedule), 4):  # 5.2
            word = schedule[at - 4 : at]
            if at % 16 == 0:
                word = bytearray(_BOX[octet] for octet in word)
            if at % 32 == 0:
                word = word[1:] + word[:1]
                word[0] ^= constant
                constant = _double(constant)
            for index in range(4):
                schedule[at + index] = schedule[at - 32 + index] ^ word[index]
        self._schedule = schedule

    def encrypt(self, source, target):
        """Encrypts each block of 16 octets of `source` into `target`."""
        for at in range(0, len(source), 16):
            target[at : at + 16] = self._block(source[at : at + 16])

    def _block(self, block):
        schedule = self._schedule
        state = [block[index] ^ schedule[index] for index in range(16)]
        for at in range(16, len(schedule), 16):  # 5.1; by columns, row r of which moves by r columns
            state = [_BOX[state[5 * index & 15]] for index in range(16)]
            if at < 16 * _ROUNDS:
                state = _mix(state)
            state = [state[index] ^ schedule[at + index] for index in range(16)]
        return bytes(state)


def _mix(state):
    """5.1.3: each octet of a column is 2 times itself, 3 times the next, and the two others."""
    mixed = []
    for index in range(16):
        column = index & 12
        here, after = state[index], state[column | (index + 1 & 3)]
        both = state[column | (index + 2 & 3)] ^ state[column | (index + 3 & 3)]
        mixed.append(_double(here ^ after) ^ after ^ both)
    return mixed
