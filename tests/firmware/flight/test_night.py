"""The log of a night: what the wake-up circuit measures, and what is told of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.flight.night import Night
from rover.tables import BATTERY_CHARGE, BOX_A, GROUND, WING

HOUR = 3600
READINGS = st.tuples(st.integers(-300, 300), st.integers(-2000, 800), st.integers(-2000, 800), st.integers(0, 1000))


class Craft:
    """A night on a panel of sensors, and what it tells."""

    def __init__(self, told, panel):
        self.told, self.panel = told, panel
        self.entries = []
        self.night = Night(panel.read, lambda *entry: self.entries.append(entry))

    def sample(self, s, readings):
        self.panel.update(zip((BOX_A, WING, GROUND, BATTERY_CHARGE), readings, strict=True))
        self.night.sample(s)


@pytest.fixture(scope="session")
def make_craft(make_told, make_panel):
    return lambda: Craft(make_told(), make_panel())


@given(st.lists(READINGS, min_size=1, max_size=80))
def test_all_that_was_measured_is_told_with_the_coldest_of_it(make_craft, readings):
    craft = make_craft()
    craft.night.begin(1000)
    for number, reading in enumerate(readings):
        craft.sample(1000 + number * 6 * HOUR, reading)
    craft.night.tell(craft.told, 1000 + 500 * HOUR)
    assert craft.entries == [(1000 + number * 6 * HOUR, *reading) for number, reading in enumerate(readings)]
    boxes, _, grounds, charges = zip(*readings, strict=True)
    assert craft.told.events == [("NIGHT_COLD", min(grounds), min(boxes), 500, charges[-1])]


def test_it_measures_each_six_hours_however_often_it_looks(make_craft):
    craft = make_craft()
    craft.night.begin(0)
    for s in range(0, 24 * HOUR, 600):
        craft.sample(s, (0, 0, 0, 0))
    craft.night.tell(craft.told, 24 * HOUR)
    assert [s for s, *_ in craft.entries] == [0, 6 * HOUR, 12 * HOUR, 18 * HOUR]


def test_it_holds_eighty_measurements(make_craft):
    craft = make_craft()
    craft.night.begin(0)
    for number in range(100):
        craft.sample(number * 6 * HOUR, (0, 0, 0, 0))
    craft.night.tell(craft.told, 600 * HOUR)
    assert len(craft.entries) == 80


def test_a_dead_thermometer_costs_no_more_than_its_own_value(make_craft):
    craft = make_craft()
    craft.night.begin(0)
    craft.sample(0, (None, -1880, -1884, 700))
    craft.night.tell(craft.told, HOUR)
    assert craft.entries == [(0, 0, -1880, -1884, 700)]


def test_a_night_is_told_once(make_craft):
    craft = make_craft()
    craft.night.begin(0)
    craft.sample(0, (0, 0, 0, 0))
    for _ in range(2):
        craft.night.tell(craft.told, HOUR)
    assert len(craft.told.events) == len(craft.entries) == 1
