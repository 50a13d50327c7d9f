"""What the shell tells of the dictionary: help, and what a word may become."""

import pytest
from yutu2.cli.shell.completion import choices
from yutu2.cli.shell.help import help_on, overview
from yutu2.dictionary.model import load
from yutu2.dictionary.text import WrongLine


def texts(line):
    return [choice.text for choice in choices(line, load())]


@pytest.mark.parametrize(
    ("line", "texts_of"),
    [
        ("pin", ["PING"]),
        ("h", ["HK_ENABLE", "HK_DISABLE", "HK_ONE_SHOT", "HK_PERIOD", "help"]),
        ("DRIVE ", ["bearing=", "distance="]),
        ("drive bearing=315 ", ["distance="]),
        ("drive bearing=315 d", ["distance="]),
        ("DRIVE bearing=3", []),
        ("STOP_OBSERVING instrument=a", ["ASAN"]),
        ("HK_ONE_SHOT structure=HK_POWER,hk_d", ["HK_DRIVE"]),
        ("STOP_OBSERVING instrument=PCAM,a", []),
        ("SCHEDULE_INSERT command=(PING),(dri", ["DRIVE"]),
        ("SCHEDULE_INSERT command=(DRIVE bearing=3 d", ["distance="]),
        ("SCHEDULE_INSERT command=(DRIVE bearing=3) su", ["sub_schedule="]),
        ("PONG ", []),
        ("PING ", []),
        ("help hazard_", ["HAZARD_HEIGHT", "HAZARD_SLOPE", "HAZARD_STOP"]),
        ("help PING ", []),
    ],
)
def test_a_word_may_become_what_fits(line, texts_of):
    assert texts(line) == texts_of


def test_an_empty_line_may_become_any_command():
    assert texts("") == [*(command.name for command in load().commands), "help", "quit"]


def test_a_choice_takes_the_place_of_what_is_typed_and_tells_what_it_is():
    (choice,) = choices("HK_ONE_SHOT structure=HK_LPR,hk_pow", load())
    assert (choice.replaced, choice.told) == (6, "Power and heat: what the craft senses of itself")
    (choice,) = choices("DRIVE bearing=315 ", load())
    assert (choice.replaced, choice.told) == (0, "0.5 to 50 m, in steps of 0.01")


def test_a_value_is_told_in_the_range_of_its_parameter():
    (choice,) = choices("PARAMETER_SET parameter=HEATER_ON ", load())
    assert (choice.text, choice.told) == ("value=", "-30 to -13 degC, in steps of 0.1")
    assert choices("PARAMETER_SET ", load())[1].told == "in the range of its parameter"


def test_every_name_has_help_and_every_command_stands_in_the_overview():
    dictionary = load()
    for one in (*dictionary.commands, *dictionary.parameters, *dictionary.packets, *dictionary.events):
        assert help_on(one.name, dictionary)[:2] == help_on(one.name.lower(), dictionary)[:2]
        assert one.text in "\n".join(help_on(one.name, dictionary))
    assert [line.split()[0] for line in overview(dictionary)[:-1]] == [command.name for command in dictionary.commands]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "drive",
            [
                "DRIVE bearing=... distance=...",
                "  bearing   0 to 359 deg",
                "  distance  0.5 to 50 m, in steps of 0.01",
                f"  May be refused or fail: {', '.join(load().enums['plan_failure'].values())}",
                "  In mode ACTIVE.",
            ],
        ),
        (
            "STOP_OBSERVING",
            [
                "STOP_OBSERVING instrument=...",
                "  instrument  PCAM, VNIS, ASAN, LPR",
                "  In mode WAKING, ACTIVE, NAP, PARKING, SAFE.",
            ],
        ),
        (
            "heater_on",
            [
                "HEATER_ON",
                "  -30 to -13 degC, in steps of 0.1; -15 if not set",
            ],
        ),
        (
            "HK_PERIOD",
            [
                "HK_PERIOD structure=... period=...",
                "  structure  HK_COMPUTER, HK_POWER, HK_DRIVE, HK_PCAM, HK_VNIS, HK_ASAN, HK_LPR",
                "  period     1 to 65535 s",
                "  Of several at once: structure=A,B,C period=A,B,C",
                "  In mode WAKING, ACTIVE, NAP, PARKING, SAFE.",
            ],
        ),
        (
            "HK_NIGHT",
            [
                "HK_NIGHT",
                "  measured_at         (UTC) mission time",
                "  box_temperature     (degC)",
                "  wing_temperature    (degC)",
                "  ground_temperature  (degC)",
                "  battery_charge      (%)",
            ],
        ),
        (
            "LOAD_DEAD",
            ["LOAD_DEAD", "  load"],
        ),
    ],
)
def test_help_tells_what_the_dictionary_does(name, told):
    first, _, *rest = help_on(name, load())
    assert [first, *rest] == told


def test_help_tells_what_comes_once_and_what_a_command_in_a_command_is():
    lines = help_on("SCHEDULE_INSERT", load())
    assert "  command       a command of up to 128 octets, as (DRIVE bearing=315 distance=5.5)" in lines
    assert "  Of several at once: time=A,B,C command=A,B,C" in lines
    assert "  octets  octets, two hex digits each" in help_on("PLAN_LOAD", load())


def test_help_tells_which_bits_a_field_has():
    lines = help_on("HK_POWER", load())
    assert f"  loads_on            (any of {', '.join(load().loads)})" in lines
    assert "  ended      (true or false)" in help_on("HK_PLAN", load())


def test_help_on_nothing_tells_what_is_near():
    with pytest.raises(WrongLine, match=r"unknown name 'PINGS'; did you mean PING\?"):
        help_on("pings", load())
