"""What a craft does and what may befall it is read whole, and what cannot be in it is told in one line."""

import pytest
from yutu2.dictionary.behaviour import Argument, Fault, Monitor, PlanActivity
from yutu2.dictionary.model import DictionaryError, load

LARGEST = 1073741823  # a Pico's small integers end there


def test_the_mode_table_is_read(read, small):
    assert read(small).moves == {
        "NIGHT": {"DAWN": "DAY", "DUSK": "ASLEEP"},
        "DAY": {"DAWN": "AWAKE", "DUSK": "NIGHT"},
    }


def test_loads_are_read(read, small):
    assert read(small).loads == {"LOAD_RADIO": {"rover": 14000}, "LOAD_MAST": {"rover": 0}}


def test_monitors_are_read(read, small):
    assert read(small).monitors == (
        Monitor(
            name="MON_CHARGE",
            parameter="P_CHARGE",
            low=250,
            high=None,
            repetitions=3,
            event="WAKE",
            responses=("SHED", "GO_SAFE"),
            rearm_s=7200,
            stale=None,
            status="DISABLED",
        ),
        Monitor(
            name="MON_SUN",
            parameter="P_SUN",
            low=None,
            high=None,
            repetitions=5,
            event=None,
            responses=(),
            rearm_s=600,
            stale="GO_SAFE",
            status="ENABLED",
        ),
    )


def test_faults_are_read(read, small):
    load_labels = {0: "LOAD_RADIO", 1: "LOAD_MAST"}
    arguments = (
        Argument(name="load", least=0, most=1, unit=None, labels=load_labels),
        Argument(name="watts", least=1, most=200, unit="W", labels=None),
    )
    assert read(small).faults == (
        Fault("load_draws_more", 7, "a load draws more", momentary=False, group="switch", arguments=arguments),
        Fault("reset", 8, "the computer restarts", momentary=True, group="reset", arguments=()),
    )


@pytest.mark.parametrize(
    ("limits", "least", "most", "labels"),
    [
        ("max = 1", 0, 1, {0: "MON_CHARGE", 1: "MON_SUN"}),
        ("min = 1", 1, 2, {1: "MON_SUN", 2: "BY_COMMAND"}),
        ("min = 1, max = 1", 1, 1, {1: "MON_SUN"}),
    ],
)
def test_an_argument_may_be_a_part_of_an_enum(read, small, limits, least, most, labels):
    text = small.replace('{ name = "load", enum = "load" }', f'{{ name = "monitor", enum = "monitor", {limits} }}')
    assert read(text).faults[0].arguments[0] == Argument("monitor", least, most, unit=None, labels=labels)


def test_the_ground_gives_a_status_to_monitors_alone():
    (fault,) = (fault for fault in load().faults if fault.name == "monitor")
    assert list(fault.arguments[0].labels.values()) == [monitor.name for monitor in load().monitors]


def test_the_firmware_s_own_dictionary_has_every_part():
    dictionary = load()
    pairs = {(mode, event) for mode, row in dictionary.moves.items() for event in row}
    modes, events = dictionary.enums["mode"].values(), dictionary.enums["mode_event"].values()
    assert pairs == {(mode, event) for mode in modes for event in events}
    assert {"rover", "lander"} == dictionary.craft.keys() == dictionary.bodies.keys()
    assert len(dictionary.loads) == 13
    assert len(dictionary.monitors) == 13
    assert len(dictionary.faults) == 24
    assert len(dictionary.activities) == 7


def refusal(read, text):
    """What is wrong in that dictionary, without the file's name."""
    with pytest.raises(DictionaryError) as error:
        read(text)
    place, _, told = str(error.value).partition(".toml: ")
    assert place
    return told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('DUSK = "NIGHT"\n', "", "moves.DAY: 'DUSK' is missing"),
        ('DUSK = "NIGHT"', 'DUSK = "NIGHT"\nNOON = "DAY"', "moves.DAY: 'NOON' is not known here; there are DAWN, DUSK"),
        ("DUSK = 1", "DUSK = 1\nNOON = 2", "moves.NIGHT: 'NOON' is missing"),
        ("[moves.DAY]", "[moves.NOON]", "moves: 'DAY' is missing"),
        ("DAY = 1", "DAY = 1\nNOON = 2", "moves: 'NOON' is missing"),
        ("[moves.DAY]", "[moves.NOON]\n[moves.DAY]", "moves: 'NOON' is not known here; there are DAY, NIGHT"),
        (
            'DUSK = "NIGHT"',
            'DUSK = "NOON"',
            "moves.DAY.DUSK: 'NOON' is none of the modes and refusals: NIGHT, DAY, ASLEEP, AWAKE",
        ),
        (
            'DUSK = "NIGHT"',
            'DUSK = "DAWN"',
            "moves.DAY.DUSK: 'DAWN' is none of the modes and refusals: NIGHT, DAY, ASLEEP, AWAKE",
        ),
    ],
    ids=[
        "pair missing",
        "event unknown",
        "event without targets",
        "mode without a table",
        "mode without moves",
        "mode unknown",
        "target unknown",
        "event as target",
    ],
)
def test_a_mode_table_that_cannot_be_is_told_in_one_line(read, small, old, new, told):
    assert refusal(read, small.replace(old, new)) == told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{ rover = 14000 }", "{}", "load.LOAD_RADIO: 'rover' is missing"),
        (
            "{ rover = 14000 }",
            "{ rover = 14000, beagle = 1 }",
            "load.LOAD_RADIO: 'beagle' is not known here; there are rover",
        ),
        ("rover = 14000", "rover = -1", f"load.LOAD_RADIO.rover: -1 is not a number from 0 to {LARGEST}"),
        ("rover = 14000", "rover = 14.5", f"load.LOAD_RADIO.rover: 14.5 is not a number from 0 to {LARGEST}"),
        ("rover = 14000", "rover = true", f"load.LOAD_RADIO.rover: True is not a number from 0 to {LARGEST}"),
        (
            "rover = 14000",
            f"rover = {LARGEST + 1}",
            f"load.LOAD_RADIO.rover: {LARGEST + 1} is not a number from 0 to {LARGEST}",
        ),
    ],
    ids=["without a craft", "of no craft", "negative", "no whole number", "no number", "big"],
)
def test_a_load_that_cannot_be_is_told_in_one_line(read, small, old, new, told):
    assert refusal(read, small.replace(old, new)) == told


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("repetitions = 3\n", "", "monitor.MON_CHARGE: 'repetitions' is missing"),
        ("rearm_s = 7200\n", "", "monitor.MON_CHARGE: 'rearm_s' is missing"),
        ('parameter = "P_CHARGE"\n', "", "monitor.MON_CHARGE: 'parameter' is missing"),
        (
            "low = 250",
            "lowest = 250",
            "monitor.MON_CHARGE: 'lowest' is not known here; there are "
            "event, high, low, parameter, rearm_s, repetitions, responses, stale, status",
        ),
        (
            '"P_CHARGE"',
            '"P_DUST"',
            "monitor.MON_CHARGE.parameter: 'P_DUST' is none of the parameters: P_CHARGE, P_SUN",
        ),
        ("repetitions = 3", "repetitions = 0", "monitor.MON_CHARGE.repetitions: 0 is not a number from 1 to 255"),
        ("repetitions = 3", "repetitions = 256", "monitor.MON_CHARGE.repetitions: 256 is not a number from 1 to 255"),
        ("rearm_s = 7200", "rearm_s = 0", f"monitor.MON_CHARGE.rearm_s: 0 is not a number from 1 to {LARGEST}"),
        (
            "low = 250",
            f"low = {-LARGEST - 1}",
            f"monitor.MON_CHARGE.low: {-LARGEST - 1} is not a number from {-LARGEST} to {LARGEST}",
        ),
        (
            "low = 250",
            f"high = {LARGEST + 1}",
            f"monitor.MON_CHARGE.high: {LARGEST + 1} is not a number from {-LARGEST} to {LARGEST}",
        ),
        ("low = 250\n", "", "monitor.MON_CHARGE: an event and a limit go together"),
        ('event = "WAKE"\n', "", "monitor.MON_CHARGE: an event and a limit go together"),
        ("rearm_s = 600", "rearm_s = 600\nhigh = 1", "monitor.MON_SUN: an event and a limit go together"),
        ('event = "WAKE"', 'event = "LOW"', "monitor.MON_CHARGE: there is no event 'LOW' with one field"),
        ('event = "WAKE"', 'event = "SLEEP"', "monitor.MON_CHARGE: there is no event 'SLEEP' with one field"),
        (
            '["SHED", "GO_SAFE"]',
            '["SHED", "PRAY"]',
            "monitor.MON_CHARGE: 'PRAY' is none of the actions: NOTHING, SHED, GO_SAFE",
        ),
        (
            'stale = "GO_SAFE"',
            'stale = "PRAY"',
            "monitor.MON_SUN: 'PRAY' is none of the actions: NOTHING, SHED, GO_SAFE",
        ),
        (
            'status = "DISABLED"',
            'status = "RETIRED"',
            "monitor.MON_CHARGE.status: 'RETIRED' is none of the statuses: ENABLED, DISABLED",
        ),
    ],
    ids=[
        "without repetitions",
        "without a re-arm",
        "without a parameter",
        "key unknown",
        "parameter unknown",
        "no repetitions",
        "too many repetitions",
        "no re-arm",
        "low limit",
        "high limit",
        "event without a limit",
        "limit without an event",
        "limit and nothing but stale",
        "event unknown",
        "event without a field",
        "action unknown",
        "action unknown when stale",
        "status unknown",
    ],
)
def test_a_monitor_that_cannot_be_is_told_in_one_line(read, small, old, new, told):
    assert refusal(read, small.replace(old, new)) == told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("MON_CHARGE = 0\nMON_SUN = 1\n", "MON_SUN = 0\nMON_CHARGE = 1\n"),
        ("MON_SUN = 1\nBY_COMMAND = 2", "BY_COMMAND = 1\nMON_SUN = 2"),
        ("MON_SUN = 1\nBY_COMMAND = 2", "BY_COMMAND = 1"),
        ("[monitor.MON_SUN]", "[monitor.MON_MOON]"),
    ],
    ids=["other order", "another between", "not in the enum", "unknown"],
)
def test_monitors_that_the_enum_does_not_begin_with_are_told_in_one_line(read, small, old, new):
    assert refusal(read, small.replace(old, new)) == (
        "monitor: enum.monitor must begin with these tables, in their order"
    )


WATTS = '{ name = "watts", min = 1, max = 200, unit = "W" }'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("id = 8", "id = 7", "fault: two have the same id"),
        ("id = 8\n", "", "fault.reset: 'id' is missing"),
        ('text = "the computer restarts"\n', "", "fault.reset: 'text' is missing"),
        (
            "momentary = true",
            "once = true",
            "fault.reset: 'once' is not known here; there are arguments, group, id, momentary, text",
        ),
        ("id = 8", "id = 0", "fault.reset.id: 0 is not a number from 1 to 255"),
        ("id = 8", "id = 256", "fault.reset.id: 256 is not a number from 1 to 255"),
        (WATTS, f"{WATTS}, {WATTS}", "fault.load_draws_more: more than 2 arguments"),
        (WATTS, "{ min = 1, max = 200 }", "fault.load_draws_more: 'name' is missing"),
        (
            WATTS,
            '{ name = "watts", max = 200, step = 2 }',
            "fault.load_draws_more: 'step' is not known here; there are enum, max, min, name, scale, unit",
        ),
        (WATTS, '{ name = "watts", min = 1 }', "fault.load_draws_more.watts: 'max' is missing"),
        (WATTS, '{ name = "watts", max = 200 }', "fault.load_draws_more.watts: 'min' is missing"),
        (WATTS, '{ name = "watts" }', "fault.load_draws_more.watts: 'max' is missing"),
    ],
    ids=[
        "twins",
        "without an id",
        "without a text",
        "key unknown",
        "no id",
        "big id",
        "three arguments",
        "argument without a name",
        "key of an argument unknown",
        "without a most",
        "without a least",
        "without a range",
    ],
)
def test_a_fault_that_cannot_be_is_told_in_one_line(read, small, old, new, told):
    assert refusal(read, small.replace(old, new)) == told


def test_an_argument_of_an_unknown_enum_is_told_in_one_line(read, small):
    told = refusal(read, small.replace('enum = "load" }', 'enum = "cargo" }'))
    assert told == (
        "fault.load_draws_more.load: 'cargo' is none of the enums: "
        "mode, mode_event, refusal, parameter, monitor, monitor_status, action, sensor, resource, motion, "
        "on_failure, plan_failure, product_state, tc_failure, load, plan_activity, product, settable, "
        "event, application, instrument, failure_code, structure"
    )


# --- What a plan may ask for ---


def test_activities_are_read(read, small):
    pitches = Argument(name="pitches", least=2, most=3, unit=None, labels=None)
    distance = Argument(name="distance", least=50, most=5000, unit="m", labels=None, scale=0.01)
    limits = {"sun": (10000, 90000), "box": (-200, 450)}
    assert read(small).activities == (
        PlanActivity(
            "LOOK",
            1,
            "looks around",
            "LOAD_MAST",
            "CAMERA",
            ("HEAD",),
            ("DAY",),
            **limits,
            motion="STILL",
            unit_s=600,
            unit_kib=960,
            arguments=(pitches,),
        ),
        PlanActivity(
            "DRIVE",
            2,
            "drives so far",
            "LOAD_RADIO",
            None,
            ("WHEELS",),
            ("DAY", "NIGHT"),
            **limits | {"sun": (0, 90000)},
            motion="ANY",
            unit_s=None,
            unit_kib=0,
            arguments=(distance,),
        ),
    )


def test_activities_are_an_enumeration_too(read, small):
    assert read(small).enums["plan_activity"] == {1: "LOOK", 2: "DRIVE"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('uses = ["HEAD"]', 'uses = ["TAIL"]', "activity.LOOK.uses: 'TAIL' is none of the enum.resource: HEAD, WHEELS"),
        ('modes = ["DAY"]', 'modes = ["NOON"]', "activity.LOOK.modes: 'NOON' is none of the enum.mode: NIGHT, DAY"),
        ('motion = "STILL"', 'motion = "FAST"', "activity.LOOK.motion: 'FAST' is none of the motions: ANY, STILL"),
        (
            'load = "LOAD_MAST"',
            'load = "MAST"',
            "activity.LOOK.load: 'MAST' is none of the loads: LOAD_RADIO, LOAD_MAST",
        ),
        ("sun = [10000, 90000]", "sun = [10000]", "activity.LOOK.sun: a range is two numbers"),
        (
            "sun = [10000, 90000]",
            "sun = [90000, 10000]",
            "activity.LOOK.sun: 10000 is not a number from 90000 to 90000",
        ),
        ("unit_s = 600", "unit_s = 0", "activity.LOOK.unit_s: 0 is not a number from 1 to 65535"),
        ("unit_s = 600", "units = 600", "activity.LOOK: 'units' is not known here; there are "),
        (
            "min = 2, max = 3",
            "min = 3, max = 2",
            f"activity.LOOK.pitches.max: 2 is not a number from 3 to {LARGEST}",
        ),
        ("[route]\ndriven", "[route]\ndrove", "route: 'driven' is missing"),
        ("[3, 1630]", "[1, 1630]", "route.driven: lunar day: 1 is not a number from 2 to 420"),
        ("[3, 1630]", "[3, 1100]", "route.driven: tenths of a metre: 1100 is not a number from 1200 to 100000"),
    ],
    ids=[
        *["resource", "mode", "motion", "load", "half a range", "range", "unit", "key unknown", "argument"],
        *["route missing", "route out of order", "route back"],
    ],
)
def test_an_activity_or_a_route_that_cannot_be_is_told_in_one_line(read, small, old, new, told):
    assert refusal(read, small.replace(old, new, 1)).startswith(told)
