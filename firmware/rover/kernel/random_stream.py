"""Seeded chance: a generator of 30 bits, one stream for each consumer."""

from micropython import const

# Multiply with carry in base 2**15. 32760 * 2**15 - 1 is a safe prime, so the period is about 2**29 from any state
# but the two fixed ones, and no product reaches 2**30. (Marsaglia, "Random number generators", 2003.)
_MULTIPLIER = const(32760)
_LOW = const(0x7FFF)
_FIXED = const(1073479679)  # _MULTIPLIER * 2**15 - 1; the other fixed state is 0
_START = const(0x12345678)
_STIR = const(8)


class RandomStream:
    """One consumer's stream of chance. The same (seed, stream) gives the same numbers on every machine.

    seed: 0 to 2**30 - 1. stream: 0 to 32767, one for each consumer, so that a new consumer shifts no other.
    """

    def __init__(self, seed, stream):
        self._state = _START
        for part in (seed & _LOW, seed >> 15, stream):
            self._state ^= part
            if self._state in (0, _FIXED):
                self._state = _START
            for _ in range(_STIR):
                self.below(1)

    def below(self, limit):
        """A number from 0 to limit - 1, each as likely; limit at most 2**15."""
        self._state = _MULTIPLIER * (self._state & _LOW) + (self._state >> 15)
        return ((self._state & _LOW) * limit) >> 15

    def around_zero(self, most):
        """A number from -most to most, triangular, standard deviation about 0.41 * most."""
        return self.below(most + 1) - self.below(most + 1)
