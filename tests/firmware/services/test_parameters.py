"""Parameters: what the ground may set, where it acts, and that it is kept."""

import sys
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover.services.parameters import load as load_kept
from rover.tables import ACTIVE, HASH, NAP, PARKING
from yutu2.dictionary.model import load
from yutu2.firmware import to_seconds

PARAMETERS = load().parameters
IDS = {parameter.name: parameter.id for parameter in PARAMETERS}
DEFAULTS = [parameter.default for parameter in PARAMETERS]
OF_A_LANDER = {"HEATER_ON", "HEATER_OFF", "COMMAND_LOSS_H"}
DONE = ["TC_ACCEPTED", "TC_STARTED", "TC_DONE"]
MOST = 81  # in one report

# Settings, each a list of (parameter, value) as may be
SETTINGS = st.lists(
    st.lists(
        st.sampled_from(PARAMETERS).flatmap(lambda it: st.tuples(st.just(it.id), st.integers(it.least, it.most))),
        min_size=1,
        max_size=10,
    ),
    min_size=1,
    max_size=4,
)


def names(reports):
    return [report.name for report in reports]


def pairs(settings):
    """N, and pairs of parameter and value, as octets."""
    return bytes([len(settings)]) + b"".join(
        parameter.to_bytes(2) + value.to_bytes(4, signed=True) for parameter, value in settings
    )


def set_to(ground, *settings):
    return ground.send_data(20, 3, pairs(settings))


def values(ground):
    """All as the rover reports them, raw."""
    (report,) = (it for it in ground.send(f"PARAMETER_REPORT parameter={','.join(IDS)}") if it.name == "PARAMETERS")
    assert report.raw["parameter"] == list(IDS.values())
    return report.raw["value"]


def failure(reports):
    return reports[-1].name, reports[-1].fields["code"], reports[-1].raw["data"]


def test_a_run_begins_with_the_defaults(ground):
    assert values(ground) == DEFAULTS


@given(SETTINGS)
def test_what_was_set_last_is_reported_and_kept(make_ground, settings):
    ground, expected = make_ground(), dict(enumerate(DEFAULTS, 1))
    for setting in settings:
        assert names(set_to(ground, *setting)) == DONE
        expected |= dict(setting)
    assert values(ground) == list(expected.values())
    assert list(load_kept(ground.rover.stored_parameters()))[1:] == list(expected.values())


def test_a_report_tells_them_in_the_order_in_which_they_were_asked_for(ground):
    set_to(ground, (IDS["HEATER_ON"], -201))
    reports = ground.send("PARAMETER_REPORT parameter=HEATER_OFF,HEATER_ON,HEATER_OFF")
    assert names(reports) == ["TC_ACCEPTED", "TC_STARTED", "PARAMETERS", "TC_DONE"]
    assert reports[2].fields == {"parameter": ["HEATER_OFF", "HEATER_ON", "HEATER_OFF"], "value": [-10.0, -20.1, -10.0]}


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda it: it.name)
@pytest.mark.parametrize("side", ["least", "most"])
def test_a_value_past_its_range_sets_none(ground, parameter, side):
    past = parameter.least - 1 if side == "least" else parameter.most + 1
    reports = set_to(ground, (IDS["HAZARD_HEIGHT"], 100), (parameter.id, past))
    assert names(reports) == ["TC_ACCEPTED", "TC_START_FAILED"]
    assert failure(reports)[1:] == ("WRONG_ARGUMENT", 4 << 16 | past & 0xFFFF)
    assert values(ground) == DEFAULTS


@pytest.mark.parametrize("parameter", [0, len(PARAMETERS) + 1, 65535])
def test_one_that_is_not_there_sets_none(ground, parameter):
    reports = set_to(ground, (IDS["HAZARD_HEIGHT"], 100), (parameter, 100))
    assert failure(reports) == ("TC_REFUSED", "WRONG_ARGUMENT", 3 << 16 | parameter)
    assert values(ground) == DEFAULTS


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("subservice", [1, 3])
def test_a_lander_has_none_of_driving(make_ground, name, subservice):
    ground = make_ground(craft="lander")
    default = DEFAULTS[IDS[name] - 1]
    data = pairs([(IDS[name], default)])
    reports = ground.send_data(20, subservice, data if subservice == 3 else data[:3])
    if name in OF_A_LANDER:
        assert reports[-1].name == "TC_DONE"
    else:
        assert failure(reports) == ("TC_START_FAILED", "UNKNOWN_ID", IDS[name])


def test_a_report_holds_as_many_as_there_is_room_for(ground):
    def ask(count):
        return ground.send_data(20, 1, bytes([count]) + bytes([0, 1]) * count)

    assert names(ask(MOST)) == ["TC_ACCEPTED", "TC_STARTED", "PARAMETERS", "TC_DONE"]
    assert failure(ask(MOST + 1)) == ("TC_START_FAILED", "NO_ROOM", MOST + 1)


# --- The store ---


def test_they_live_on_over_a_restart(make_ground):
    ground = make_ground("2020-11-11T07:00:00Z reset")
    set_to(ground, (IDS["HAZARD_HEIGHT"], 77), (IDS["HEATER_ON"], -200))
    assert "CRASH_REPORT" in names(ground.run(7200))
    assert values(ground) == [77, 2000, -200, *DEFAULTS[3:]]


def test_what_the_store_does_not_take_is_not_set(make_ground):
    ground = make_ground("2020-11-11T06:10:00Z flash_error for 10min")
    ground.run(700)
    reports = set_to(ground, (IDS["HAZARD_HEIGHT"], 77))
    assert names(reports) == ["TC_ACCEPTED", "TC_STARTED", "TC_FAILED"]
    assert failure(reports)[1:] == ("NOT_STORED", 0)
    assert values(ground) == DEFAULTS
    ground.run(600)
    assert names(set_to(ground, (IDS["HAZARD_HEIGHT"], 77))) == DONE
    assert values(ground)[0] == 77


def test_while_they_are_written_the_store_holds_those_before(ground):
    for height in (100, 110, 120):
        set_to(ground, (IDS["HAZARD_HEIGHT"], height))
    slots = [ground.rover.store.read("parameters", part) for part in (0, 1)]
    assert sorted(int.from_bytes(slot[16:20], sys.byteorder) for slot in slots) == [110, 120]


def test_a_run_begins_anew_whatever_was_kept(ground):
    set_to(ground, (IDS["HAZARD_HEIGHT"], 77))
    ground.rover.store.forget()
    assert list(load_kept(ground.rover.stored_parameters()))[1:] == DEFAULTS


@pytest.mark.parametrize(
    ("hash_of", "kept"), [(HASH, True), (bytes(4), False), (HASH[::-1], False)], ids=["ours", "none", "another"]
)
def test_what_another_dictionary_has_kept_counts_as_nothing(ground, hash_of, kept):
    slots = ground.rover.stored_parameters()
    slots.load()
    greatest = [parameter.most for parameter in PARAMETERS]
    slots.save(hash_of + array("i", [0, *greatest]).tobytes())
    assert list(load_kept(ground.rover.stored_parameters()))[1:] == (greatest if kept else DEFAULTS)


# --- Where they act ---


def modes(reports):
    return [report.fields["mode"] for report in reports if report.name == "HK_COMPUTER"]


def first(reports, name):
    return next(report for report in reports if report.name == name)


@pytest.mark.parametrize(("height_mm", "stops"), [(280, True), (310, False)])
def test_what_is_a_hazard_by_its_step(make_ground, height_mm, stops):
    ground = make_ground(
        "2020-11-11T06:00:00Z obstacle centimetres=30",
        plan="go: at 2020-11-11T06:10:00Z drive bearing=315 distance=3",
    )
    set_to(ground, (IDS["HAZARD_HEIGHT"], height_mm))
    assert ("HAZARD_STOP" in names(ground.run(3600))) == stops


@pytest.mark.parametrize(("slope", "stops"), [(1000, True), (1100, False)])
def test_what_is_a_hazard_by_its_slope(make_ground, slope, stops):
    ground = make_ground(plan="go: at 2020-11-11T06:10:00Z drive bearing=315 distance=3")
    set_to(ground, (IDS["HAZARD_SLOPE"], slope))
    chassis = ground.rover.chassis
    move = chassis.move

    def roll_on_a_slope(mm):
        move(mm)
        chassis.pitch = 1050

    chassis.move = roll_on_a_slope
    assert ("HAZARD_STOP" in names(ground.run(3600))) == stops


def test_when_the_heater_goes_on_and_off(ground):
    equipment = ground.rover.equipment

    def heats(box):
        equipment.sample(box)
        return equipment.on >> 2 & 1 == 1

    assert [heats(box) for box in (-150, -151, -100, -99)] == [False, True, True, False]
    set_to(ground, (IDS["HEATER_ON"], -200), (IDS["HEATER_OFF"], 50))
    assert [heats(box) for box in (-200, -201, 50, 51)] == [False, True, True, False]


@pytest.mark.parametrize("hours", [1, 5])
def test_how_long_no_command_may_come(ground, hours):
    set_to(ground, (IDS["COMMAND_LOSS_H"], hours))
    ground.send("MONITOR_ENABLE monitor=MON_COMMANDS")
    reports = ground.run(10 * 3600)
    lost = first(reports, "NO_COMMANDS")
    assert lost.fields["no_command"] == hours + 1
    assert 0 <= to_seconds(lost.time) - ground.start_s - (hours + 1) * 3600 <= 180


def test_where_the_sun_brings_the_nap(make_ground):
    naps = []
    for elevation in (42_500, 43_300):
        ground = make_ground(start="2020-11-13T06:00")
        set_to(ground, (IDS["NAP_START_ELEVATION"], elevation))
        naps.append(first(ground.run(4 * 86400), "NAP_START"))
    for nap, elevation in zip(naps, (42_500, 43_300), strict=True):
        assert 0 <= nap.raw["sun_elevation"] - elevation < 200
    assert naps[0].time < naps[1].time


def test_where_the_sun_brings_parking(make_ground):
    for elevation in (11_000, 14_000):
        ground = make_ground(start="2020-11-20T18:00")
        set_to(ground, (IDS["PARK_ELEVATION"], elevation))
        parking = first(ground.run(2 * 86400), "PARKING_START")
        assert 0 <= elevation - parking.raw["sun_elevation"] < 200


def test_what_the_mode_would_be_is_judged_by_what_was_set(make_ground):
    """As after a restart that has found no record of its mode."""
    ground = make_ground(start="2020-11-20T18:00")
    judge = ground.rover.mode_manager._conditions.mode_by_now
    assert judge() == ACTIVE
    set_to(ground, (IDS["PARK_ELEVATION"], 30_000))
    assert judge() == PARKING
    ground = make_ground(start="2020-11-14T18:00")
    judge = ground.rover.mode_manager._conditions.mode_by_now
    assert judge() == NAP
    set_to(ground, (IDS["NAP_START_ELEVATION"], 43_300))
    assert judge() == ACTIVE
