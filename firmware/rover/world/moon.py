"""The Moon round the rover, as its sensors see it."""

from micropython import const

from .sun import millidegrees, sun

_GRID_S = const(600)  # the Sun is computed on this grid and runs straight in between: within 0.0002 degrees
_TURN = const(0x100000)
_HALF = const(0x80000)
_SENSOR_NOISE = const(60)  # millidegrees at most: a coarse Sun sensor's reading to reading


class Moon:
    """The world at the mission clock's time.

    clock: the mission clock. noise: the Sun sensor's stream of chance.
    """

    def __init__(self, clock, noise):
        self._clock = clock
        self._noise = noise
        self._grid_s = None  # the grid point that the two below hold for
        self._here = self._next = (0, 0)

    def sun_elevation(self):
        """What the Sun sensor reads: elevation in millidegrees with its noise, 0 when the Sun is down."""
        self._look()
        elevation = millidegrees(self._between(self._here[0], self._next[0] - self._here[0]))
        if elevation <= 0:
            return 0
        return max(0, elevation + self._noise.around_zero(_SENSOR_NOISE))

    def sun_azimuth(self):
        """What the Sun sensor reads: azimuth in millidegrees from north by east, 0 when the Sun is down."""
        self._look()
        if self._between(self._here[0], self._next[0] - self._here[0]) <= 0:
            return 0
        step = ((self._next[1] - self._here[1] + _HALF) & (_TURN - 1)) - _HALF
        return millidegrees(self._between(self._here[1], step) & (_TURN - 1))

    def _between(self, here, step):
        return here + step * (self._clock.s - self._grid_s) // _GRID_S

    def _look(self):
        grid_s = self._clock.s // _GRID_S * _GRID_S
        if grid_s == self._grid_s:
            return
        self._here = self._next if self._grid_s == grid_s - _GRID_S else sun(grid_s)
        self._next = sun(grid_s + _GRID_S)
        self._grid_s = grid_s
