"""The Moon: light, heat and power on a fixed grid."""

from itertools import pairwise
from statistics import stdev

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rover.kernel.random_stream import RandomStream
from rover.kernel.scheduler import Task
from rover.tables import LOAD_COMPUTER, LOAD_HEATER, LOAD_MOTORS, LOAD_PAYLOAD, LOAD_RADIO, LOAD_WAKE_CIRCUIT
from rover.tables.crafts import LOADS
from rover.world.moon import glow
from rover.world.sun import millidegrees, sun, sunrise, sunset
from yutu2.firmware import to_datetime, to_seconds

GRID_S = 600
HOUR = 3600
HOURS_A_DEGREE = 2.8  # of the Sun at dawn: a tilt of the parking place moves the wake-up by so much
DAY = sunrise(24), sunset(24)
NOON = sum(DAY) // 2
MIDNIGHT = (sunset(24) + sunrise(25)) // 2
DAYTIMES = st.integers(DAY[0] + GRID_S, DAY[1] - GRID_S)
CRAFTS = st.sampled_from(["rover", "lander"])
LOAD = st.integers(0, len(LOADS["rover"]) - 1)

SWITCHES = st.one_of(
    st.tuples(st.just("switch"), LOAD, st.booleans()),
    st.tuples(st.just("isolate"), LOAD),
    st.tuples(st.just("open_wing"), st.booleans()),
    st.tuples(st.just("park")),
    st.tuples(st.just("drive_off")),
)
# What a fault does: a value of the moon, or one for a load
FAULTS = st.one_of(
    st.tuples(st.just("dust"), st.none(), st.integers(0, 900)),
    st.tuples(st.just("strings_lost"), st.none(), st.integers(0, 5)),
    st.tuples(st.just("capacity"), st.none(), st.integers(100, 1000)),
    st.tuples(st.just("stuck"), LOAD, st.integers(0, 2)),
    st.tuples(st.just("excess"), LOAD, st.integers(0, 200_000)),
)
WHEN = st.integers(0, 2 * 86400)
STARTS = st.sampled_from([DAY[0] - 86400, DAY[0] - HOUR, NOON, DAY[1] - 86400, MIDNIGHT])
LOOKS = st.lists(WHEN, max_size=30)


def celsius(kelvins):
    return kelvins / 4096 - 273.15


def state_of(moon):
    power, charge, voltage = moon.array_power(), moon.charge(), moon.bus_voltage()
    temperatures = moon.box, moon.wing, moon.mast, moon.ground
    return power, charge, voltage, moon.drawn, temperatures, tuple(moon.sun), moon.brown_out


def after(moon, start_s, changes, looks):
    """The state two days later, when these changes and looks have been, by time."""
    moon.next_tilt = 200
    for s, change in sorted([*changes, *((s, None) for s in looks)], key=lambda step: (step[0], step[1] is None)):
        moon.clock.s = start_s + s
        if change is None:
            state_of(moon)
        elif hasattr(type(moon), change[0]):
            getattr(moon, change[0])(*change[1:])
        else:
            name, load, value = change
            moon.advance()
            if load is None:
                setattr(moon, name, value)
            else:
                getattr(moon, name)[load] = value
            moon.changed()
    moon.clock.s = start_s + 2 * 86400
    return state_of(moon)


@given(CRAFTS, STARTS, st.lists(st.tuples(WHEN, SWITCHES), max_size=8), LOOKS)
def test_what_comes_of_switching_does_not_depend_on_who_looks_when(make_moon, craft, start_s, changes, looks):
    unseen = after(make_moon(start_s, craft), start_s, changes, [])
    assert after(make_moon(start_s, craft), start_s, changes, looks) == unseen


@pytest.mark.slow
@given(CRAFTS, STARTS, st.lists(st.tuples(WHEN, FAULTS), max_size=8), LOOKS)
@example("rover", NOON, [(7000, ("dust", None, 900))], [6900])
def test_what_comes_of_faults_does_not_depend_on_who_looks_when(make_moon, craft, start_s, changes, looks):
    unseen = after(make_moon(start_s, craft), start_s, changes, [])
    assert after(make_moon(start_s, craft), start_s, changes, looks) == unseen


@pytest.mark.sampled(1)
@pytest.mark.parametrize("faulty", [False, True], ids=["good", "faulty"])
@pytest.mark.parametrize("craft", ["rover", "lander"])
def test_no_step_of_a_lunar_day_reaches_2_to_the_30(make_pico_moon, pico_int, craft, faulty):
    moon = make_pico_moon(DAY[0] - 5 * 86400, craft)
    moon.next_tilt = pico_int(858)
    moon.park()
    for load in range(len(LOADS[craft])):
        moon.switch(load, True)
    if faulty:
        moon.excess[LOAD_HEATER] = pico_int(200_000)
        moon.capacity = pico_int(100)
        moon.dust = pico_int(1)
        moon.strings_lost = pico_int(1)
        moon.changed()
    for s in range(DAY[0] - 5 * 86400, DAY[0] + 24 * 86400, 2 * HOUR + 7):
        moon.clock.s = pico_int(s)
        # The integers themselves fail where a step is too large
        state_of(moon)
        if s > NOON:
            moon.open_wing(False)


def test_a_surface_glows_as_stefan_and_boltzmann_say():
    for quarter_kelvins in range(80 * 4, 400 * 4 + 1):
        true_mw = 5.670374e-5 * (quarter_kelvins / 4) ** 4
        assert glow(quarter_kelvins * 1024) == pytest.approx(true_mw, rel=0.005), quarter_kelvins / 4


# --- The Sun ---


@given(DAYTIMES)
def test_between_grid_points_the_sun_runs_straight_enough(make_moon, time):
    moon = make_moon(NOON)
    moon.look_up(time)
    elevation, azimuth = map(millidegrees, moon.sun[:2])
    true_elevation, true_azimuth = map(millidegrees, sun(time))
    # One binary unit is a third of a millidegree, and the Sun is computed for each 10 s. At 40,000 instants of the day
    # the worst elevation was 8 millidegrees off, the worst azimuth 9.
    assert abs(elevation - true_elevation) <= 9
    assert abs(azimuth - true_azimuth) <= 10 or abs(azimuth - true_azimuth) >= 360_000 - 10


def test_the_azimuth_runs_through_north_without_a_jump(make_moon):
    moon, azimuths = make_moon(NOON), []
    for s in range(DAY[0] + GRID_S, DAY[1] - GRID_S, 60):
        moon.look_up(s)
        azimuths.append(millidegrees(moon.sun[1]))
    steps = [(earlier - later) % 360_000 for earlier, later in pairwise(azimuths)]
    assert min(azimuths) < 20 and max(azimuths) > 359_980
    assert max(steps) < 30  # it only ever turns from east over north to west


@given(st.integers(1, 90_000), st.integers(0, 359_999))
def test_what_stands_in_for_the_sun_gives_light_by_its_height(make_moon, elevation, azimuth):
    class Lamp:
        def sun_elevation(self):
            return elevation

        def sun_azimuth(self):
            return azimuth

    lit = make_moon(MIDNIGHT, sky=Lamp())
    assert abs(millidegrees(lit.sun[0]) - elevation) <= 10
    assert lit.array_power() > 0 or elevation < 100
    lit.open_wing(True)
    assert lit.array_power() <= 2 * 1.6 * 210_000  # both wings, as cold as can be


# --- Power ---


def test_the_array_gives_nothing_in_the_dark_and_most_near_noon(make_moon):
    moon, powers = make_moon(DAY[0] - HOUR), []
    for s in range(DAY[0] - HOUR, DAY[1] + HOUR, HOUR):
        moon.clock.s = s
        powers.append(moon.array_power())
    assert powers[0] == powers[-1] == 0
    assert NOON - 40 * HOUR < DAY[0] + powers.index(max(powers)) * HOUR < NOON + 40 * HOUR


@given(DAYTIMES, st.integers(1, 900), st.integers(1, 5))
def test_dust_and_lost_strings_take_their_share(make_moon, time, dust, strings):
    moon = make_moon(time)
    clean = moon.array_power()
    moon.dust = dust
    assert moon.array_power() == pytest.approx(clean * (1000 - dust) / 1000, rel=0.002, abs=60)
    moon.dust, moon.strings_lost = 0, strings
    assert moon.array_power() == pytest.approx(clean * (6 - strings) / 6, rel=0.002, abs=60)


def test_two_wings_give_twice_as_much_as_one(make_moon):
    moon = make_moon(DAY[0] + 40 * HOUR)
    moon.open_wing(True)
    both = moon.array_power()
    moon.open_wing(False)
    assert moon.array_power() == pytest.approx(both / 2, rel=0.01)


def test_at_night_the_battery_gives_what_is_drawn_and_what_is_lost_on_the_way(make_moon):
    moon = make_moon(MIDNIGHT)
    moon.switch(LOAD_COMPUTER, True)
    before = moon.charge()
    moon.clock.s += 10 * HOUR
    moon.box = before_box = moon.box
    given_j = LOADS["rover"][LOAD_COMPUTER] * 36 / 0.95
    moon.advance()
    moon.box = before_box  # what the cold takes away is not of interest here
    assert before - moon.charge() == pytest.approx(given_j / 2_160_000 * 1000, abs=15)


def test_an_empty_battery_is_told_and_goes_no_lower(make_moon):
    moon = make_moon(MIDNIGHT)
    moon.switch(LOAD_COMPUTER, True)
    moon.switch(LOAD_HEATER, True)
    moon.clock.s += 6 * HOUR
    moon.advance()
    assert not moon.brown_out
    moon.clock.s += 24 * HOUR
    assert moon.charge() == 0
    assert moon.brown_out


def test_when_power_fails_all_is_off(make_moon):
    moon = make_moon(MIDNIGHT)
    moon.switch(LOAD_COMPUTER, True)
    moon.stuck[LOAD_WAKE_CIRCUIT] = 1
    moon.brown_out = True
    moon.all_off()
    assert (moon.drawn, moon.brown_out) == (LOADS["rover"][LOAD_WAKE_CIRCUIT], False)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("turn", [1, *(pytest.param(turn, marks=pytest.mark.slow) for turn in range(2, 5))])
@settings(max_examples=30)
@given(st.integers(-600, 600), st.integers(-600, 600))
def test_a_cold_battery_takes_less_and_below_minus_20_nothing(make_moon, turn, one, other):
    """Tenths of a degree C, at which the box is held for three hours of sunlight with nothing on."""

    def taken(tenths):
        moon = make_moon(MIDNIGHT)
        moon.switch(LOAD_COMPUTER, True)
        moon.clock.s += 12 * HOUR
        moon.switch(LOAD_COMPUTER, False)
        moon.clock.s = DAY[0] + 29 * 86400 + 40 * HOUR
        moon.advance()
        moon.box = (2731 + tenths) * 4096 // 10
        before = moon.charge()
        for _ in range(36):
            moon.clock.s += 300
            moon.advance()
            moon.box = (2731 + tenths) * 4096 // 10
        return moon.charge() - before

    colder, warmer = sorted((one, other))
    assert taken(colder) <= taken(warmer) + 1
    if colder <= -210:
        assert taken(colder) <= 0
    if warmer >= 50:
        assert taken(warmer) > 0


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(100, 1000)), min_size=1, max_size=5))
def test_the_charge_is_never_more_than_the_whole(make_moon, changes):
    moon = make_moon(NOON)
    for wait_s, capacity in changes:
        moon.clock.s += wait_s
        moon.capacity = capacity
        moon.changed()
        assert 0 <= moon.charge() <= 1000


# --- Heat ---


def test_a_folded_wing_keeps_the_box_warm_through_the_night(make_moon):
    boxes = {}
    for is_open in (False, True):
        moon = make_moon(sunset(24) + HOUR)
        moon.open_wing(is_open)
        moon.clock.s += 10 * 86400
        moon.advance()
        boxes[is_open] = celsius(moon.box)
    assert -40 < boxes[False] < -20
    assert boxes[True] < boxes[False] - 15


@given(
    st.sampled_from([NOON, MIDNIGHT]), CRAFTS, st.sampled_from([LOAD_COMPUTER, LOAD_RADIO, LOAD_HEATER, LOAD_PAYLOAD])
)
def test_what_draws_power_warms_the_box(make_moon, start_s, craft, load):
    cold, warm = make_moon(start_s, craft), make_moon(start_s, craft)
    warm.switch(load, True)
    for moon in (cold, warm):
        moon.clock.s += 6 * HOUR
        moon.advance()
    assert warm.box > cold.box + 4096


def test_a_broken_load_warms_no_more(make_moon):
    dead, none = make_moon(MIDNIGHT), make_moon(MIDNIGHT)
    dead.stuck[LOAD_HEATER] = 2
    dead.switch(LOAD_HEATER, True)
    for moon in (dead, none):
        moon.clock.s += 6 * HOUR
        moon.advance()
    assert state_of(dead) == state_of(none)


@pytest.mark.parametrize(
    ("stuck", "isolated", "drawn"), [(0, False, 15_000), (1, False, 15_000), (2, False, 0), (1, True, 0)]
)
def test_a_load_draws_as_its_faults_will_have_it(make_moon, stuck, isolated, drawn):
    moon = make_moon(NOON)
    moon.switch(LOAD_MOTORS, True)
    moon.excess[LOAD_MOTORS] = 3000
    moon.stuck[LOAD_MOTORS] = stuck
    if isolated:
        moon.isolate(LOAD_MOTORS)
    moon.changed()
    assert moon.drawn_by(LOAD_MOTORS) == moon.drawn == drawn


# --- Parking ---


@given(st.integers(0, 2**30 - 1))
def test_a_place_drawn_by_chance_leans_as_the_real_ones_were_let_to(make_moon, seed):
    moon = make_moon(NOON)
    moon.chance = RandomStream(seed, 3)
    for _ in range(20):
        moon.park()
        # -2 to 1 degrees, as a sine scaled 2**14
        assert -572 <= moon.tilt <= 286


def test_places_drawn_by_chance_spread_the_wake_up_by_two_to_three_hours(make_moon):
    moon = make_moon(NOON)
    moon.chance = RandomStream(7, 3)
    degrees = []
    for _ in range(2000):
        moon.park()
        degrees.append(moon.tilt / 286)  # of a sine scaled 2**14
    assert 2 < stdev(degrees) * HOURS_A_DEGREE < 3


def test_who_drives_off_stands_level(make_moon):
    moon = make_moon(NOON)
    moon.next_tilt = 286
    moon.park()
    assert moon.tilt == 286
    moon.drive_off()
    assert moon.tilt == 0


@pytest.mark.slow
def test_each_degree_of_tilt_shifts_the_wake_up_by_about_3_hours(live):
    def woken_h(centidegrees):
        line = f"2020-11-20 park_tilt centidegrees={centidegrees}"
        received = live(line, start="2020-11-20", days="20").received
        return to_seconds(received.told("ROVER_WAKE")[0].time) / HOUR

    level, east, west = woken_h(0), woken_h(100), woken_h(-100)
    assert level - east == pytest.approx(HOURS_A_DEGREE, abs=0.5)  # leaning east it meets the Sun sooner
    assert west - level == pytest.approx(HOURS_A_DEGREE, abs=0.5)


# --- Whole lunar days ---


def noon_of(number):
    return max(range(sunrise(number), sunset(number), HOUR), key=lambda s: sun(s)[0])


LOWEST_NOON = min(range(2, 44), key=lambda number: sun(noon_of(number))[0])
SAMPLE = sorted({2, 24, 43, LOWEST_NOON})


@pytest.mark.parametrize(
    ("craft", "number"),
    [
        ("lander", 24),
        # A month of the rover takes ten seconds
        *(
            pytest.param(*one, marks=pytest.mark.slow)
            for one in [*(("rover", number) for number in SAMPLE), ("lander", LOWEST_NOON)]
        ),
    ],
)
def test_from_dusk_to_dusk_nothing_freezes_burns_or_runs_empty(make_rover, craft, number):
    start_s = sunset(number - 1) - 86400
    rover = make_rover(craft=craft, start=to_datetime(start_s).isoformat()[:19], days="30")
    moon, seen = rover.moon, []

    def sample():
        seen.append((rover.clock.s, celsius(moon.box), celsius(moon.ground), moon.charge()))
        rover.scheduler.after(hourly, HOUR)

    hourly = Task(0, sample)
    rover.scheduler.after(hourly, HOUR)
    rover.run()
    dawn = sunrise(number)
    before_dawn = [ground for s, _, ground, _ in seen if dawn - 24 * HOUR < s < dawn]
    by_day = [ground for s, _, ground, _ in seen if dawn < s]
    assert -195 < min(before_dawn) <= max(before_dawn) < -180
    assert 100 < max(by_day) < 127
    assert -40 < min(box for _, box, _, _ in seen) < max(box for _, box, _, _ in seen) < 65
    assert min(charge for *_, charge in seen) > 250
