"""Moons of their own, without a rover."""

from types import SimpleNamespace

import pytest
from rover.kernel.clock import Clock
from rover.tables.crafts import BODIES, LOADS
from rover.world.moon import Moon


@pytest.fixture(scope="session")
def make_moon():
    """`make_moon(s, craft, sky)`: a moon that begins at `s`, and its clock as `moon.clock`."""

    def make_moon(s, craft="rover", sky=None):
        clock = Clock(s)
        moon = Moon(clock, BODIES[craft], LOADS[craft], sky)
        moon.clock = clock
        return moon

    return make_moon


@pytest.fixture(scope="session")
def make_pico_moon(pico_int):
    """The same of integers that refuse to leave a Pico's small ones."""

    def make_pico_moon(s, craft):
        clock = Clock(pico_int(s))
        body = SimpleNamespace(
            **{name: pico_int(value) for name, value in vars(BODIES[craft]).items() if name[0] != "_"}
        )
        moon = Moon(clock, body, [pico_int(load) for load in LOADS[craft]], None)
        # An array would give plain integers
        moon.sun = list(map(pico_int, moon.sun))
        moon.excess = list(map(pico_int, moon.excess))
        moon.clock = clock
        return moon

    return make_pico_moon
