"""Loads, wings and heater on the real Moon: what is on when, and in which order it comes to life."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.flight.equipment import Equipment
from rover.kernel.clock import Clock
from rover.kernel.random_stream import RandomStream
from rover.kernel.scheduler import Scheduler
from rover.tables import (
    ACTIVE,
    DORMANT,
    LOAD_COMPUTER,
    LOAD_HEATER,
    LOAD_MAST,
    LOAD_MOTORS,
    LOAD_PAYLOAD,
    LOAD_RADIO,
    LOAD_SPARE_HEATER,
    NAP,
    PARKING,
    SAFE,
    WAKING,
)
from rover.tables.commands import PARAMETERS
from rover.tables.crafts import BODIES, CRAFTS, LOADS
from rover.world.hardware import Hardware
from rover.world.moon import Moon
from rover.world.sensors import SENSORS, Sensors
from yutu2.dictionary.model import load

START_S = 58_500_000  # before dawn
NAMES = load().enums["load"]
VITAL = ["LOAD_COMPUTER", "LOAD_RADIO", "LOAD_WAKE_CIRCUIT"]
DEFAULTS = [0, *(row[1] for row in PARAMETERS)]  # of what the ground may set, by id
HEATERS = 1 << LOAD_HEATER | 1 << LOAD_SPARE_HEATER


class Craft:
    """The equipment of a craft, its Moon, and what it reports."""

    def __init__(self, told, name="rover"):
        self.clock = Clock(START_S)
        self.moon = Moon(self.clock, BODIES[name], LOADS[name], None)
        self.scheduler = Scheduler(self.clock, None, lambda number, s: None, lambda: None)
        self.told = told
        self.done_s = None
        self.rests = []
        sensors = Sensors(self.clock, self.moon, [RandomStream(7, 16 + sensor) for sensor in range(SENSORS)])
        self.parameters = list(DEFAULTS)
        self.equipment = Equipment(
            LOADS[name],
            CRAFTS[name].equipment_box,
            self.scheduler,
            Hardware(self.moon, sensors, bytearray(4)),
            told,
            self.parameters,
        )
        self.equipment.rest, self.equipment.equipped = self._rest, self._done

    def run(self, s):
        self.scheduler.run(self.clock.s + s)

    def on(self):
        """The loads that draw power, as the Moon sees it; the wake-up circuit left out."""
        return [name for number, name in NAMES.items() if self.moon.drawn_by(number)][:-1]

    def steps(self):
        return [event[1] for event in self.told.events if event[0] == "STEP_DONE"]

    def _rest(self, step):
        self.rests.append((step, self.clock.s))

    def _done(self):
        self.done_s = self.clock.s
        self.equipment.enter(ACTIVE)


@pytest.fixture
def craft(told):
    return Craft(told)


@pytest.fixture
def lander(told):
    return Craft(told, "lander")


@pytest.fixture(scope="session")
def make_craft(make_told):
    return lambda name="rover": Craft(make_told(), name)


# --- The sequences ---


def test_at_dawn_each_thing_comes_to_life_in_its_order_and_is_told(craft):
    craft.equipment.sample(0)
    craft.equipment.enter(WAKING)
    assert (craft.on(), craft.moon.wing_open) == (["LOAD_COMPUTER", "LOAD_RADIO"], False)
    seen = []
    while craft.done_s is None:
        steps = len(craft.steps())
        craft.run(1)
        if len(craft.steps()) > steps:
            seen.append((craft.steps()[-1], craft.moon.wing_open, craft.on()[2:]))
    assert seen == [
        ("WARM_UP", True, []),
        ("WING_OPEN", True, ["LOAD_MAST"]),
        ("MAST_UP", True, ["LOAD_MAST", "LOAD_MOTORS"]),
        ("MOTORS_ON", True, ["LOAD_MAST", "LOAD_MOTORS", "LOAD_PAYLOAD"]),
        ("PAYLOAD_ON", True, ["LOAD_MAST", "LOAD_MOTORS", "LOAD_PAYLOAD"]),
    ]
    assert craft.done_s == START_S + 1200


def test_at_dusk_it_parks_and_stows_and_folds_the_wing_last(craft):
    craft.equipment.enter(ACTIVE)
    craft.moon.next_tilt = 100
    craft.equipment.enter(PARKING)
    assert craft.on()[2:] == ["LOAD_MAST", "LOAD_MOTORS"]
    tilts, wings = [], []
    for _ in range(10_000):
        steps = len(craft.steps())
        craft.run(1)
        if len(craft.steps()) > steps:
            tilts.append(craft.moon.tilt)
            wings.append(craft.moon.wing_open)
    assert craft.steps() == ["PAYLOAD_OFF", "SLEEP_POINT", "HEAD_SOUTH", "WING_EAST", "MAST_DOWN", "WING_FOLDED"]
    assert tilts == [0, 0, 100, 100, 100, 100]  # it stands for the night once its wing is turned to the east
    assert wings == [True, True, True, True, False, False]
    assert craft.on()[2:] == []
    assert craft.done_s is None


def test_leaving_its_place_it_stands_level_again(craft):
    craft.moon.next_tilt = 100
    craft.equipment.enter(PARKING)
    craft.run(20_000)
    craft.equipment.enter(DORMANT)
    craft.equipment.enter(WAKING)
    assert craft.moon.tilt == 100
    craft.run(5000)
    assert craft.moon.tilt == 0


def test_the_lander_has_neither_mast_nor_motors(lander):
    lander.equipment.sample(0)
    lander.equipment.enter(WAKING)
    lander.run(5000)
    assert lander.steps() == ["WARM_UP", "WING_OPEN", "PAYLOAD_ON"]
    assert lander.on() == ["LOAD_COMPUTER", "LOAD_RADIO", "LOAD_PAYLOAD"]
    assert lander.done_s is not None


def test_the_lander_tells_of_no_drive_and_no_mast_at_dusk(lander):
    lander.equipment.enter(ACTIVE)
    lander.equipment.enter(PARKING)
    lander.run(20_000)
    assert not {"SLEEP_POINT", "HEAD_SOUTH", "MAST_DOWN"} & set(lander.steps())


def test_a_dawn_that_the_ground_cuts_short_leaves_no_wing_folded(craft):
    craft.equipment.sample(0)
    craft.equipment.enter(WAKING)
    craft.equipment.enter(ACTIVE)
    craft.run(20_000)
    assert craft.moon.wing_open


def test_a_cold_craft_warms_up_first(craft):
    craft.equipment.enter(WAKING)
    for _ in range(50):
        craft.equipment.sample(-151)
        craft.run(180)
    assert craft.steps() == []
    craft.equipment.sample(-150)
    craft.run(300)
    assert craft.steps() == ["WARM_UP"]


def test_what_does_not_get_warm_goes_on_after_half_a_day(craft):
    craft.equipment.enter(WAKING)
    craft.equipment.sample(-400)
    craft.run(43_200)
    assert craft.steps() == []
    craft.run(300)
    assert craft.steps() == ["WARM_UP"]


@pytest.mark.parametrize("began", [WAKING, PARKING])
@pytest.mark.parametrize("mode", [DORMANT, SAFE])
@pytest.mark.parametrize("after_s", [0, 400, 900])
def test_another_mode_breaks_a_sequence_off(craft, began, mode, after_s):
    craft.equipment.sample(0)
    craft.equipment.enter(began)
    craft.run(after_s)
    craft.equipment.enter(mode)
    steps = craft.steps()
    craft.run(50_000)
    assert craft.steps() == steps
    assert craft.done_s is None
    assert craft.on() == ([] if mode == DORMANT else ["LOAD_COMPUTER", "LOAD_RADIO"])
    assert craft.moon.wing_open == (mode == SAFE)


@pytest.mark.parametrize(
    ("mode", "on"),
    [
        (DORMANT, []),
        (WAKING, ["LOAD_COMPUTER", "LOAD_RADIO"]),
        (ACTIVE, ["LOAD_COMPUTER", "LOAD_RADIO", "LOAD_MAST", "LOAD_MOTORS", "LOAD_PAYLOAD"]),
        (NAP, ["LOAD_COMPUTER", "LOAD_RADIO", "LOAD_MAST"]),
        (PARKING, ["LOAD_COMPUTER", "LOAD_RADIO", "LOAD_MAST", "LOAD_MOTORS"]),
        (SAFE, ["LOAD_COMPUTER", "LOAD_RADIO"]),
    ],
)
@pytest.mark.parametrize("before", [DORMANT, ACTIVE, SAFE])
def test_each_mode_has_on_what_it_needs(craft, before, mode, on):
    craft.equipment.enter(before)
    craft.equipment.enter(mode)
    assert craft.on() == on


# --- The heater ---


@given(st.lists(st.one_of(st.none(), st.integers(-400, 100)), max_size=30))
def test_the_heater_keeps_the_box_between_minus_15_and_minus_10(make_craft, boxes):
    craft = make_craft()
    craft.equipment.enter(SAFE)
    heats = False
    for box in boxes:
        craft.equipment.sample(box)
        if box is not None:
            heats = box < -150 or (heats and box <= -100)
        assert ("LOAD_HEATER" in craft.on()) == heats
        assert "LOAD_SPARE_HEATER" not in craft.on()


def test_dormant_it_does_not_heat(craft):
    craft.equipment.enter(SAFE)
    craft.equipment.sample(-300)
    craft.equipment.enter(DORMANT)
    craft.equipment.sample(-300)
    assert craft.on() == []


@pytest.mark.parametrize("fault", ["dead", "draws too much"])
def test_the_spare_heater_takes_the_place_of_a_broken_one(craft, fault):
    craft.equipment.enter(SAFE)
    craft.equipment.sample(-300)
    if fault == "dead":
        craft.moon.stuck[LOAD_HEATER] = 2
        craft.moon.changed()
        craft.equipment.replace_dead()
        assert craft.told.since() == [("LOAD_DEAD", "LOAD_HEATER")]
    else:
        craft.moon.excess[LOAD_HEATER] = 50_000
        craft.moon.changed()
        craft.equipment.isolate_excess()
        assert craft.told.since() == [("LOAD_ISOLATED", "LOAD_HEATER", 90_000)]
    assert craft.on()[2:] == ["LOAD_SPARE_HEATER"]
    craft.equipment.sample(0)
    assert craft.on()[2:] == []
    craft.equipment.sample(-300)
    assert craft.on()[2:] == ["LOAD_SPARE_HEATER"]


# --- Broken loads ---


@pytest.mark.parametrize("load", [LOAD_HEATER, LOAD_MAST, LOAD_MOTORS, LOAD_PAYLOAD])
def test_what_draws_power_unasked_is_cut_off_for_good(craft, load):
    craft.equipment.enter(SAFE)
    craft.moon.stuck[load] = 1
    craft.moon.changed()
    craft.equipment.isolate_excess()
    assert [event[:2] for event in craft.told.events] == [("LOAD_ISOLATED", NAMES[load])]
    craft.equipment.enter(ACTIVE)
    assert craft.moon.drawn_by(load) == 0
    assert craft.equipment.isolated == 1 << load


@pytest.mark.parametrize("load", [LOAD_COMPUTER, LOAD_RADIO])
def test_what_it_cannot_live_without_is_never_cut_off(craft, load):
    craft.equipment.enter(ACTIVE)
    craft.moon.excess[load] = 100_000
    craft.moon.changed()
    craft.equipment.isolate_excess()
    assert (craft.told.events, craft.equipment.isolated) == ([], 0)


def test_a_dead_load_is_done_without(craft):
    craft.equipment.enter(ACTIVE)
    craft.moon.stuck[LOAD_PAYLOAD] = 2
    craft.moon.changed()
    craft.equipment.replace_dead()
    assert craft.told.events == [("LOAD_DEAD", "LOAD_PAYLOAD")]
    assert not craft.equipment.on & 1 << LOAD_PAYLOAD


def test_good_loads_are_left_alone(craft):
    craft.equipment.enter(ACTIVE)
    before = craft.on()
    craft.equipment.isolate_excess()
    craft.equipment.replace_dead()
    assert (craft.told.events, craft.on()) == ([], before)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.integers(DORMANT, SAFE)),
        st.tuples(st.just("sample"), st.one_of(st.none(), st.integers(-300, 0))),
        st.tuples(st.just("do_without"), st.booleans()),
        st.tuples(st.just("run"), st.integers(1, 1000)),
    ),
    max_size=20,
)


@given(st.sampled_from(["rover", "lander"]), STEPS, st.sets(st.integers(2, 6), max_size=2))
def test_it_expects_what_healthy_loads_draw_and_heats_with_one_heater(make_craft, name, steps, isolated):
    craft = make_craft(name)
    for number in isolated:
        craft.moon.isolate(number)
    craft.equipment.restore(sum(1 << number for number in isolated), False)
    for step, value in steps:
        getattr(craft if step == "run" else craft.equipment, step)(value)
        assert craft.equipment.expected() == craft.moon.drawn
        assert craft.equipment.on & HEATERS in (0, 1 << LOAD_HEATER)
        assert craft.equipment.wing_open == craft.moon.wing_open


# --- Shedding ---


def test_shed_loads_are_off_until_they_are_wanted_again(craft):
    craft.equipment.enter(ACTIVE)
    craft.equipment.do_without(True)
    assert craft.on()[2:] == ["LOAD_MAST"]
    craft.equipment.do_without(False)
    assert craft.on()[2:] == ["LOAD_MAST", "LOAD_MOTORS", "LOAD_PAYLOAD"]


def test_no_move_brings_shed_loads_back(craft):
    craft.equipment.enter(NAP)
    craft.equipment.do_without(True)
    craft.equipment.enter(ACTIVE)
    assert craft.on()[2:] == ["LOAD_MAST"]


@pytest.mark.parametrize("mode", [WAKING, NAP, SAFE, DORMANT])
def test_the_end_of_shedding_brings_back_only_what_the_mode_needs(craft, mode):
    craft.equipment.enter(mode)
    before = craft.on()
    craft.equipment.do_without(True)
    craft.equipment.do_without(False)
    assert craft.on() == before
