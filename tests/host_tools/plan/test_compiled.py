"""What the firmware gets of a plan."""

import importlib
import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yutu2.dictionary.model import load
from yutu2.firmware import borrow_sun, to_datetime
from yutu2.mission.plan import PlanError, compile_plan, with_dictionary

HASH = load().hash.hex()
DAY_MS = 86_400_000
ACTIVITIES = load().activities
POLICIES = ("skip", "stop", "safe")
UNITS_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": DAY_MS}


def test_a_line_a_step_with_activity_arguments_time_and_policy(read):
    plan = read(
        "go:    at sunrise + 2.5d      drive bearing=315 distance=5.5",
        "radar: with go + 1500ms       lpr_drive minutes=60",
        "panel: after go + 30min       vnis_calibrate else safe",
        "ring:  at 2020-11-13T15:27:27.25  pcam_ring pitches=3 else stop",
        head=(f"dictionary {HASH}", "lunar-day 24"),
    )
    sunrise = to_datetime(borrow_sun().sunrise(24))
    ring_s = int((datetime(2020, 11, 13, 15, 27, 27, tzinfo=UTC) - sunrise).total_seconds())
    assert plan.compiled() == (
        f"plan 1 {HASH} 24\n1 315 550 0 216000 0 0\n6 60 0 1 1 500 0\n4 0 0 2 1800 0 2\n2 3 0 0 {ring_s} 250 1\n"
    )


def test_noon_lies_between_sunrise_and_sunset(read):
    sun = borrow_sun()
    length_s = sun.sunset(24) - sun.sunrise(24)
    lines = read("a: at noon + 1s vnis_detect", "b: at sunset - 1ms vnis_detect").compiled().splitlines()
    assert lines[1:] == [f"3 0 0 0 {length_s // 2 + 1} 0 0", f"3 0 0 0 {length_s - 1} 999 0"]


def test_a_plan_for_each_lunar_day_has_the_same_times_on_all(read):
    head = (f"dictionary {HASH}", "lunar-day each")
    lines = read("a: at noon - 2d vnis_detect", "b: at sunset - 3d vnis_detect", head=head).compiled().splitlines()
    assert lines == [f"plan 1 {HASH} 0", "3 0 0 0 465057 0 0", "3 0 0 0 1016513 0 0"]


def test_a_run_outside_its_lunar_day_is_warned_of(read):
    plan = read("a: at noon vnis_detect")
    start, end = datetime(2020, 11, 22, 22, tzinfo=UTC), datetime(2020, 11, 24, tzinfo=UTC)
    assert plan.warnings(start, end) == [
        "day.plan: lunar day 24 lies outside the run, 2020-11-22T22:00:00Z to 2020-11-24T00:00:00Z"
    ]
    assert plan.warnings(datetime(2020, 11, 22, tzinfo=UTC), end) == []
    each = read("a: at noon vnis_detect", head=(f"dictionary {HASH}", "lunar-day each"))
    assert each.warnings(start, end) == []


def test_a_plan_gets_the_hash_of_the_dictionary():
    text = "# of a dictionary 1\n dictionary 00000000 # old\nlunar-day each\na: at noon vnis_detect\n"
    compile_plan(with_dictionary(text, load()), "day.plan", load())
    assert with_dictionary(text, load()) == text.replace("00000000", HASH)


def argument_texts(argument):
    """(text, raw value) of an argument."""
    digits = 2 if argument.scale else 0
    return st.integers(argument.least, argument.most).map(
        lambda raw: (f"{argument.name}={raw * (argument.scale or 1):.{digits}f}", raw)
    )


@st.composite
def steps(draw, number):
    """(line, expected) of step `number`, from 1, that may wait for one before it. expected: numbers, as compiled."""
    activity = draw(st.sampled_from(ACTIVITIES))
    arguments = draw(st.tuples(*(argument_texts(argument) for argument in activity.arguments)))
    unit = draw(st.sampled_from(sorted(UNITS_MS)))
    delay_ms = draw(st.integers(0, 14 * DAY_MS // UNITS_MS[unit])) * UNITS_MS[unit]
    sign = draw(st.sampled_from(["+", "+ "]))
    delay = f" {sign}{delay_ms // UNITS_MS[unit]}{unit}" if delay_ms else ""
    other = draw(st.integers(0, number - 1))
    after = draw(st.booleans())
    when = f"{'after' if after else 'with'} s{other}" if other else "at sunrise"
    policy = draw(st.sampled_from(POLICIES))
    words = [
        f"s{number}: {when}{delay}",
        activity.name.lower(),
        *(text for text, _ in draw(st.permutations(arguments))),
    ]
    values = (*(value for _, value in arguments), 0, 0)[:2]
    origin = 2 * other - (not after) if other else 0
    expected = [activity.id, *values, origin, delay_ms // 1000, delay_ms % 1000, POLICIES.index(policy)]
    return " ".join([*words, f"else {policy}"]), expected


@st.composite
def plans(draw):
    return [draw(steps(number)) for number in range(1, draw(st.integers(1, 60)) + 1)]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("turn", range(4))
@settings(max_examples=25)
@given(plans(), st.sampled_from(["each", "1", "24", "420"]))
def test_every_good_plan_comes_back_from_its_compiled_form(turn, made, day):
    text = "\n".join([f"dictionary {HASH}", f"lunar-day {day}", *(line for line, _ in made)])
    compiled = compile_plan(text, "day.plan", load()).compiled()
    head, *lines = compiled.splitlines()
    assert head == f"plan 1 {HASH} {0 if day == 'each' else day}"
    assert [[int(word) for word in line.split(" ")] for line in lines] == [expected for _, expected in made]
    assert compiled.isascii()
    assert all(len(line) < 80 for line in lines)
    assert all(0 <= int(word) < 1 << 30 for line in lines for word in line.split(" "))


@pytest.mark.sampled(1)
@pytest.mark.parametrize("turn", range(4))
@settings(max_examples=25)
@given(plans())
def test_the_firmware_reads_it_as_it_is(turn, made):
    text = "\n".join([f"dictionary {HASH}", "lunar-day each", *(line for line, _ in made)])
    plan = importlib.import_module("rover.inputs.plan").Plan(
        "day.plan", BytesIO(compile_plan(text, "day.plan", load()).compiled().encode())
    )
    assert (plan.steps, plan.day) == (len(made), 0)
    for step, (_, expected) in enumerate(made):
        assert expected == [
            plan.activity(step), plan.argument(step, 0), plan.argument(step, 1), plan.origin(step),
            plan.delay_s(step), plan.delay_ms(step), plan.policy(step),
        ]  # fmt: skip


def accepted(text):
    """Whether a text is a plan; if not, that it is told as it should be."""
    try:
        compile_plan(text, "day.plan", load())
    except PlanError as error:
        for line in str(error).split("\n"):
            assert re.match(r"day\.plan:\d+: \S", line), line
        return False
    return True


@pytest.mark.sampled(1)
@pytest.mark.parametrize("turn", range(4))
@settings(max_examples=25)
@given(plans(), st.data())
def test_a_mutilated_plan_is_taken_or_told_and_never_more(turn, made, data):
    text = list("\n".join([f"dictionary {HASH}", "lunar-day 24", *(line for line, _ in made)]))
    characters = st.one_of(st.sampled_from("0123456789-+:.TZ =each#\n"), st.characters(codec="utf-8"))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 2))] = data.draw(st.lists(characters, max_size=2))
    accepted("".join(text))


@given(st.text())
def test_any_text_is_told(text):
    assert not accepted(text)
