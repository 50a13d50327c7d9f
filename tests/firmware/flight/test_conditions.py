"""What calls for a move: on sensors that read what the test says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover import tables
from rover.flight.conditions import Conditions
from rover.flight.sensor_validation import SensorValidation
from rover.tables import ARRAY_POWER, BATTERY_CHARGE, BOX_A, BOX_B, DORMANT, SUN_AZIMUTH, SUN_ELEVATION
from rover.tables.commands import PARAMETERS
from rover.tables.crafts import CRAFTS
from yutu2.dictionary.model import load

EVENTS = load().enums["mode_event"]
EAST, WEST = 90_000, 270_000
DAY_S = 86400
DEFAULTS = [0, *(row[1] for row in PARAMETERS)]  # of what the ground may set, by id
CONFIRM = 3  # looks in a row
ROVER = CRAFTS["rover"]

# Just enough to wake
DAWN = {
    SUN_AZIMUTH: EAST,
    ARRAY_POWER: ROVER.wake_power,
    BATTERY_CHARGE: ROVER.wake_charge,
    BOX_A: ROVER.wake_box,
}


class Craft:
    """The conditions of a craft on a panel of sensors."""

    def __init__(self, told, panel, name="rover"):
        self.panel = panel
        self.validation = SensorValidation(panel.read, told)
        self.parameters = list(DEFAULTS)
        self.conditions = Conditions(CRAFTS[name], panel.read, self.validation, self.parameters)
        self.conditions.begin(DORMANT)
        self.night_s = 14 * DAY_S

    def called_for(self):
        asked = self.conditions.called_for()
        return [name for number, name in EVENTS.items() if asked >> number & 1]

    def dream(self, readings, times=CONFIRM):
        """Looks so often as the wake-up circuit does. Returns what is called for."""
        self.panel.update(readings)
        for _ in range(times):
            self.conditions.check_dawn(self.night_s)
        return self.called_for()

    def sample(self, readings, times=CONFIRM, day_s=10 * DAY_S, wings=2):
        """Looks so often as a craft does that is awake. Returns what is called for."""
        self.panel.update(readings)
        for _ in range(times):
            # As after a night, so that what the test says is believed
            self.validation.begin()
            self.validation.sample()
            self.conditions.check_sky(day_s, wings)
        return self.called_for()


@pytest.fixture
def craft(told, panel):
    return Craft(told, panel)


@pytest.fixture
def lander(told, panel):
    return Craft(told, panel, "lander")


@pytest.fixture(scope="session")
def make_craft(make_told, make_panel):
    return lambda: Craft(make_told(), make_panel())


def third_in_a_row(asked):
    """Whether three of a list of booleans are true at its end."""
    return len(asked) >= CONFIRM and all(asked[-CONFIRM:])


# --- Dawn ---


def test_power_a_warm_box_and_charge_wake_it(craft):
    assert craft.dream(DAWN) == ["DAWN"]


@pytest.mark.parametrize("missing", [ARRAY_POWER, BATTERY_CHARGE, BOX_A])
def test_each_of_them_is_needed(craft, missing):
    assert craft.dream(DAWN | {missing: DAWN[missing] - 1}, 1000) == []


@given(st.lists(st.booleans(), max_size=20))
def test_power_must_hold_for_three_looks(make_craft, bright):
    craft = make_craft()
    for is_bright in bright:
        craft.dream(DAWN if is_bright else DAWN | {ARRAY_POWER: ROVER.wake_power - 1}, 1)
    assert craft.called_for() == ["DAWN"] * third_in_a_row(bright)


@pytest.mark.parametrize("dead", [BATTERY_CHARGE, BOX_A])
def test_a_dead_sensor_does_not_keep_it_asleep(craft, dead):
    assert craft.dream(DAWN | {dead: None}) == ["DAWN"]


def test_just_asleep_the_weak_light_of_dusk_does_not_wake_it(craft):
    assert craft.dream(DAWN | {SUN_AZIMUTH: WEST, ARRAY_POWER: 2 * ROVER.wake_power - 1}, 1000) == []


def test_once_it_was_dark_any_light_is_dawn(craft):
    """Also where the Sun's sensor tells it wrong."""
    craft.dream(DAWN | {ARRAY_POWER: 0}, 1)
    assert craft.dream(DAWN | {SUN_AZIMUTH: WEST}) == ["DAWN"]


def test_what_slept_by_day_for_want_of_charge_wakes_in_full_sun_with_charge(craft):
    awake = {SUN_AZIMUTH: WEST, ARRAY_POWER: 2 * ROVER.wake_power, BATTERY_CHARGE: 600, BOX_A: 100}
    assert craft.dream(awake | {BATTERY_CHARGE: 599}) == []
    assert craft.dream(awake | {ARRAY_POWER: 2 * ROVER.wake_power - 1}) == []
    assert craft.dream(awake) == ["DAWN"]


@pytest.mark.parametrize("power", [0, None])
def test_after_18_days_it_wakes_whatever_its_array_tells(craft, power):
    craft.night_s = 18 * DAY_S - 1
    assert craft.dream(DAWN | {ARRAY_POWER: power}, 100) == []
    craft.night_s = 18 * DAY_S
    assert craft.dream({}) == ["DAWN"]


# --- Noon ---

NOON = {SUN_AZIMUTH: 20_000, SUN_ELEVATION: ROVER.nap_start_elevation, BOX_A: ROVER.nap_start_box}
AFTERNOON = {SUN_AZIMUTH: WEST, SUN_ELEVATION: ROVER.nap_end_elevation, BOX_A: ROVER.nap_end_box}


def test_a_high_sun_and_a_warm_box_call_for_a_nap(craft):
    assert craft.sample(NOON) == ["HEAT"]


@pytest.mark.parametrize("missing", [SUN_ELEVATION, BOX_A])
def test_neither_alone_does(craft, missing):
    assert craft.sample(NOON | {missing: NOON[missing] - 1}) == []


def test_a_hot_box_does_whatever_the_sun_does(craft):
    assert craft.sample({SUN_AZIMUTH: EAST, SUN_ELEVATION: 20_000, BOX_A: 499}) == []
    assert craft.sample({BOX_A: 500}) == ["HEAT"]


def test_the_nap_is_over_when_the_sun_is_low_and_the_box_is_cool(craft):
    assert craft.sample(AFTERNOON) == ["COOL"]


@pytest.mark.parametrize("high", [{SUN_ELEVATION: 30_001}, {BOX_A: 331}, {SUN_AZIMUTH: EAST}])
def test_and_not_while_either_is_high_or_the_sun_still_rises(craft, high):
    assert craft.sample(AFTERNOON | high) == []


def test_without_a_thermometer_the_sun_ends_the_nap_and_begins_none(craft):
    blind = {BOX_A: None, BOX_B: None}
    craft.sample(blind | {SUN_ELEVATION: 0, SUN_AZIMUTH: EAST})
    assert craft.sample(NOON | blind) == []
    assert craft.sample(AFTERNOON | blind) == ["COOL"]


# --- Dusk ---


def test_a_sinking_sun_calls_for_parking_and_then_for_sleep(craft):
    down = {SUN_AZIMUTH: WEST, BOX_A: 340}  # too warm to end a nap
    assert craft.sample(down | {SUN_ELEVATION: ROVER.park_elevation + 1}) == []
    assert craft.sample(down | {SUN_ELEVATION: ROVER.park_elevation}) == ["DUSK"]
    assert craft.sample(down | {SUN_ELEVATION: ROVER.sleep_elevation + 1}) == ["DUSK"]
    assert craft.sample(down | {SUN_ELEVATION: ROVER.sleep_elevation}) == ["NIGHTFALL", "DUSK"]


@given(st.integers(0, 30_000))
def test_a_rising_sun_never_does(make_craft, elevation):
    assert make_craft().sample({SUN_AZIMUTH: EAST, SUN_ELEVATION: elevation, BOX_A: 340}) == []


@given(
    st.sampled_from([{}, NOON, AFTERNOON, {SUN_AZIMUTH: WEST, SUN_ELEVATION: 9000}]),
    st.lists(st.booleans(), max_size=20),
)
def test_only_what_is_seen_three_times_in_a_row_moves_it(make_craft, readings, seen):
    craft = make_craft()
    morning = {SUN_AZIMUTH: EAST, SUN_ELEVATION: 20_000, BOX_A: 200}
    for is_seen in seen:
        craft.sample(morning | readings if is_seen else morning, 1)
    expected = make_craft().sample(morning | readings)
    assert craft.called_for() == (expected if third_in_a_row(seen) else [])


def test_without_a_sun_sensor_weak_light_calls_for_sleep(craft):
    blind = {SUN_ELEVATION: None, SUN_AZIMUTH: None, ARRAY_POWER: 2 * ROVER.sleep_power + 1}
    assert craft.sample(blind, 10) == []
    assert craft.sample(blind | {ARRAY_POWER: 2 * ROVER.sleep_power}) == ["NIGHTFALL"]
    assert craft.sample({}, wings=1) == []
    assert craft.sample({ARRAY_POWER: ROVER.sleep_power}, wings=1) == ["NIGHTFALL"]


def test_but_not_the_weak_light_of_morning(craft):
    blind = {SUN_ELEVATION: None, SUN_AZIMUTH: None, ARRAY_POWER: ROVER.sleep_power}
    assert craft.sample(blind, 100, day_s=3 * DAY_S) == []


def test_with_neither_sun_nor_array_nothing_is_called_for(craft):
    assert craft.sample({SUN_ELEVATION: None, SUN_AZIMUTH: None, ARRAY_POWER: None}, 100) == []


@given(st.integers(0, 50_000), st.sampled_from([EAST, WEST, 20_000]), st.integers(-300, 600))
def test_the_lander_neither_naps_nor_parks(make_told, make_panel, elevation, azimuth, box):
    lander = Craft(make_told(), make_panel(), "lander")
    called_for = lander.sample({SUN_AZIMUTH: azimuth, SUN_ELEVATION: elevation, BOX_A: box})
    asleep = azimuth == WEST and elevation <= CRAFTS["lander"].sleep_elevation
    assert called_for == ["NIGHTFALL"] * asleep


def test_a_new_mode_counts_anew(craft):
    craft.sample(NOON)
    craft.conditions.begin(tables.NAP)
    assert craft.called_for() == []
    assert craft.sample({}, CONFIRM - 1) == []


# --- A run that begins in mid-day ---


@pytest.mark.parametrize(
    ("craft_name", "elevation", "azimuth", "power", "mode"),
    [
        ("rover", 0, 0, 0, "DORMANT"),
        ("rover", 5000, EAST, ROVER.wake_power - 1, "DORMANT"),
        ("rover", 8000, EAST, ROVER.wake_power, "ACTIVE"),
        ("rover", 42_499, 10_000, 150_000, "ACTIVE"),
        ("rover", 42_500, 10_000, 150_000, "NAP"),
        ("rover", 30_001, WEST, 150_000, "NAP"),
        ("rover", 30_000, WEST, 150_000, "ACTIVE"),
        ("rover", 11_000, WEST, 80_000, "PARKING"),
        ("rover", 9000, WEST, 60_000, "DORMANT"),
        ("lander", 13_000, EAST, CRAFTS["lander"].wake_power - 1, "DORMANT"),
        ("lander", 45_000, 10_000, 300_000, "ACTIVE"),
        ("lander", 6001, WEST, 100_000, "ACTIVE"),
        ("lander", 6000, WEST, 100_000, "DORMANT"),
    ],
)
def test_it_begins_where_the_day_would_have_led_it(told, panel, craft_name, elevation, azimuth, power, mode):
    panel.update({SUN_ELEVATION: elevation, SUN_AZIMUTH: azimuth, ARRAY_POWER: power})
    assert Craft(told, panel, craft_name).conditions.mode_by_now() == getattr(tables, mode)
