"""Telecommands and parameters are read whole, and what cannot be in them is told in one line."""

import pytest
from yutu2.dictionary.commands import Command, CommandArgument, Parameter
from yutu2.dictionary.model import DictionaryError, load

LARGEST = 1073741823  # a Pico's small integers end there
TC_FAILURES = {label: number for number, label in load().enums["tc_failure"].items()}


def test_commands_are_read(read, small):
    ping, go, setting, clock = read(small).commands
    assert ping == Command("PING", "are you alive?", 17, 1, None, ("NIGHT", "DAY"), (), repeat=False)
    assert (go.function, go.modes, go.code, go.repeat) == (2, ("DAY",), "BH", False)
    assert (go.reasons, ping.reasons) == ({0: "ASLEEP", 1: "AWAKE"}, None)
    assert go.arguments == (
        CommandArgument("to", 0, 1, None, {0: "NIGHT", 1: "DAY"}, type="u8"),
        CommandArgument("distance", 50, 5000, "m", None, 0.01, type="u16"),
    )
    assert (setting.repeat, setting.code) == (True, "Bi")
    parameter, value = setting.arguments
    assert parameter.labels == {1: "STEEP", 2: "PATIENCE"}
    assert (value.of, value.least, value.most) == ("parameter", -LARGEST, LARGEST)
    assert (clock.code, clock.arguments[0].ranges) == ("IH", ((0, LARGEST), (0, 65535)))


def test_parameters_are_read(read, small):
    assert read(small).parameters == (
        Parameter("STEEP", 1, "steeper is a hazard", "u16", 2000, 500, 3000, "deg", 0.01),
        Parameter("PATIENCE", 2, "how long it waits", "i16", -1, -1, 72, None, None),
    )


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [("u8", 0, 255), ("u16", 0, 65535), ("u32", 0, LARGEST), ("i16", -32768, 32767), ("i32", -LARGEST, LARGEST)],
)
def test_an_argument_goes_as_far_as_its_type_and_a_pico_do(read, small, kind, least, most):
    text = small.replace('name = "to", type = "u8", enum = "mode"', f'name = "to", type = "{kind}"')
    argument = read(text).commands[1].arguments[0]
    assert (argument.least, argument.most) == (least, most)


def test_a_command_may_speak_of_structures_and_events(read, small):
    for enum, labels in (("structure", {1: "HK"}), ("event", {1: "WAKE", 2: "SLEEP"})):
        text = small.replace('"to", type = "u8", enum = "mode"', f'"to", type = "u8", enum = "{enum}"')
        assert read(text).commands[1].arguments[0].labels == labels


def test_a_structure_that_is_not_periodic_cannot_be_asked_for(read, small):
    assert read(small.replace("period_s = 60\n", "")).enums["structure"] == {}


def test_the_rover_hears_no_command_while_it_is_dormant():
    for command in load().commands:
        assert "DORMANT" not in command.modes
    assert len(load().enums["mode"]) - 1 == max(len(command.modes) for command in load().commands)


def test_what_follows_the_arguments_of_a_fixed_place_is_for_the_service_to_read(read, small):
    text = small.replace(
        'name = "to", type = "u8", enum = "mode"', 'name = "what", type = "telecommand", max = 64'
    ).replace("[command.GO]", "[command.GO]\nrepeat = true")
    with pytest.raises(DictionaryError, match="a telecommand comes last"):
        read(text)
    by_name = {command.name: command for command in load().commands}
    insert, shift = by_name["SCHEDULE_INSERT"], by_name["SCHEDULE_SHIFT"]
    assert [argument.name for argument in insert.placed] == ["sub_schedule"]
    assert [argument.name for argument in shift.placed] == ["offset"]
    assert (insert.is_open, shift.is_open, by_name["SCHEDULE_DELETE"].is_open) == (True, True, False)
    assert insert.arguments[-1].ranges == ()


def test_what_comes_once_comes_first(read, small):
    head, command, tail = small.partition("[command.SET]")
    last = 'type = "i32", of = "parameter"'
    assert last in tail
    with pytest.raises(DictionaryError, match="what comes once stands before what repeats"):
        read(head + command + tail.replace(last, last + ", once = true", 1))
    first = '"parameter", type = "u8"'
    assert first in tail
    setting = read(head + command + tail.replace(first, first + ", once = true", 1)).commands[2]
    assert [argument.once for argument in setting.arguments] == [True, False]


def test_a_parameter_begins_with_what_the_rover_was_made_with():
    dictionary = load()
    defaults = {parameter.name: parameter.default for parameter in dictionary.parameters}
    rover = dictionary.craft["rover"]
    (loss,) = (monitor for monitor in dictionary.monitors if monitor.parameter == "P_NO_COMMAND")
    assert defaults["NAP_START_ELEVATION"] == rover["nap_start_elevation"]
    assert defaults["PARK_ELEVATION"] == rover["park_elevation"]
    assert defaults["COMMAND_LOSS_H"] == loss.high


def test_no_setting_of_parameters_turns_the_rover_s_rules_round():
    dictionary = load()
    ranges = {parameter.name: (parameter.least, parameter.most) for parameter in dictionary.parameters}
    rover = dictionary.craft["rover"]
    assert ranges["HEATER_ON"][1] < ranges["HEATER_OFF"][0]
    assert ranges["NAP_START_ELEVATION"][0] > rover["nap_end_elevation"]
    assert ranges["PARK_ELEVATION"][0] > rover["sleep_elevation"]
    assert ranges["PARK_ELEVATION"][1] < ranges["NAP_START_ELEVATION"][0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("service = 17\nsubservice = 1\n", "service = 17\n", "command.PING: 'subservice' is missing"),
        ("service = 17\nsubservice = 1\n", "service = 0\nsubservice = 1\n", "command.PING.service: 0 is not a number"),
        (
            "service = 17\nsubservice = 1\n",
            "service = 9\nsubservice = 128\n",
            "command.CLOCK cannot be told from PING",
        ),
        ("function = 2", "function = 0", "command.GO.function: 0 is not a number from 1 to 65535"),
        ("function = 2\n", "", "command.GO: a function and service 8 go together"),
        (
            "subservice = 128",
            "subservice = 128\nfunction = 2",
            "command.CLOCK: a function and service 8 go together",
        ),
        (
            'reasons = "refusal"',
            'reasons = "mood"',
            "command.GO.reasons: 'mood' is none of the enums of [fa",
        ),
        ('modes = ["DAY"]\nrea', 'modes = ["NOON"]\nrea', "command.GO.modes: 'NOON' is none of the modes that hear"),
        ('name = "to", ', "", "command.GO.an argument: 'name' is missing"),
        ('name = "to"', 'name = "distance"', "command.GO.distance: stands there twice"),
        ('"to", type = "u8"', '"to", type = "hash4"', "command.GO.to.type: 'hash4' is none of the types: u8, u16, u32"),
        ('"to", type = "u8", enum = "mode"', '"to", type = "u8", enum = "mood"', "command.GO.to: 'mood' is none of"),
        (
            '"to", type = "u8", enum = "mode"',
            '"to", type = "u8", enum = "mode", scale = 2',
            "command.GO.to: 'scale' is not known here",
        ),
        ("min = 50, max = 5000", "min = 50, max = 70000", "command.GO.distance.max: 70000 is not a number from"),
        ("min = 50, max = 5000", "min = -1, max = 5000", "command.GO.distance.min: -1 is not a number from 0"),
        (
            'min = 50, max = 5000, scale = 0.01, unit = "m" },\n]',
            "min = 50, max = 49 },\n]",
            "command.GO.distance.min: 50 is not a number from 0 to 49",
        ),
        ('type = "cuc"', 'type = "cuc", min = 3', "command.CLOCK.time: 'min' is not known here"),
        (
            '"i32", of = "parameter" }]\n\n[command',
            '"i32", of = "value" }]\n\n[command',
            "command.SET.value.of: 'value'",
        ),
        (
            '"i32", of = "parameter" }]\n\n[command',
            '"i32", of = "parameter", unit = "m" }]\n\n[command',
            "command.SET.value: 'unit' is not known here",
        ),
        ("subservice = 1\n\n[command.GO", "subservice = 1\nrepeat = true\n[command.GO", "command.PING: without argum"),
        ("id = 2\ntext", "id = 3\ntext", "parameter.PATIENCE.id: 3 is not 2: they count from 1, in order"),
        ("default = -1\n", "", "parameter.PATIENCE: 'default' is missing"),
        ("default = -1\n", "default = 73\n", "parameter.PATIENCE.default: 73 is not a number from -1 to 72"),
        ("max = 72\n", "max = 32768\n", "parameter.PATIENCE.max: 32768 is not a number from -32768 to 32767"),
        ('type = "i16"\ndefault', 'type = "cuc"\ndefault', "parameter.PATIENCE.type: 'cuc' is none of the types"),
        ("parameter.STEEP]", "parameter.WAKE]", "WAKE is a label of enum 'settable' and an event too"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(read, small, old, new, told):
    assert old in small
    with pytest.raises(DictionaryError) as error:
        read(small.replace(old, new))
    place, _, text = str(error.value).partition(".toml: ")
    assert place
    assert text.startswith(told)
