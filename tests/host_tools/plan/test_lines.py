"""What stands in the lines of a plan, and how a wrong one is told."""

import pytest
from yutu2.dictionary.model import load

HASH = load().hash.hex()
EACH = (f"dictionary {HASH}", "lunar-day each")
SUN_24 = "on lunar day 24 the Sun is up from 2020-11-08 06:16:30.000 to 2020-11-22 21:49:10.000"
ACTIVITIES = "drive, pcam_ring, vnis_detect, vnis_calibrate, asan_observe, lpr_drive, lpr_stand"
WHEN = "write NAME: at sunrise + 2d ACTIVITY, or at noon, at sunset, at UTC, with STEP, after STEP"
DURATION = "it may be a number of ms, s, min, h or d, as 90min or 1.5h, and is 1ms at least"
RING = "pcam_ring pitches=1"


def test_a_step_is_read(read):
    (step,) = read("# a comment", "", "ring-1:  at noon - 2.5d\tpcam_ring pitches=3  else stop # near noon").steps
    assert (step.line, step.name, step.kind, step.origin, step.delay_ms) == (5, "ring-1", "at", "noon", -216_000_000)
    assert (step.activity.name, step.values, step.policy) == ("PCAM_RING", (3,), 1)
    assert step.what == "pcam_ring pitches=3"


@pytest.mark.parametrize("text", ["+ 2.5d", "+2.5d", "+ 60h", "+216000000ms"])
def test_a_delay_stands_with_or_without_a_space(read, text):
    (step,) = read(f"a: at sunrise {text} vnis_detect").steps
    assert step.delay_ms == 216_000_000


def test_arguments_are_in_units_of_the_dictionary_and_in_any_order(read):
    (step,) = read("go: at noon drive distance=5.5 bearing=315").steps
    assert step.values == (315, 550)
    assert step.what == "drive bearing=315 distance=5.5"


@pytest.mark.parametrize(("text", "policy"), [("", 0), ("else skip", 0), ("else stop", 1), ("else safe", 2)])
def test_what_follows_on_a_failure_is_skip_unless_it_is_said(read, text, policy):
    assert read(f"a: at noon vnis_detect {text}").steps[0].policy == policy


def test_a_step_may_wait_for_one_that_stands_below_it(read):
    plan = read("b: after a vnis_detect", "a: at noon vnis_detect")
    assert [(step.name, step.origin) for step in plan.steps] == [("b", "a"), ("a", "noon")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ring", "'ring' begins no line; it may be dictionary, lunar-day, or a step's name, of letters, digits, "),
        ("a:b at noon vnis_detect", "'a:b' begins no line; "),
        ("a: vnis_detect", f"a does not say when; {WHEN}"),
        ("a: on noon vnis_detect", f"a does not say when; {WHEN}"),
        ("a: at", f"a does not say when; {WHEN}"),
        ("a: at noon", f"a time and no activity; choose from {ACTIVITIES}"),
        ("a: at none vnis_detect", "there is no moment 'none'; it may be sunrise, noon, sunset, or a UTC time as "),
        ("a: at 2020-11-32 vnis_detect", "'2020-11-32' is not a UTC time; it may be 2020-11-12, "),
        ("a: at noon + vnis_detect", f"'vnis_detect' is not a duration; {DURATION}"),
        ("a: at noon +", f"'+' stands without a duration; {DURATION}"),
        ("a: at noon + 0s vnis_detect", f"'0s' is not a duration; {DURATION}"),
        ("a: at sunrise + 31d vnis_detect", "+ 31d is longer than a lunar day; it may be 30d at most"),
        ("a: at noon vnis_detct", "unknown activity 'vnis_detct'; did you mean vnis_detect?"),
        ("a: at noon dig", f"unknown activity 'dig'; choose from {ACTIVITIES}"),
        ("a: at noon drive bearing=3", "drive lacks distance; write drive bearing=... distance=..."),
        ("a: at noon pcam_ring pitch=3", "unknown argument 'pitch' of pcam_ring; did you mean pitches?"),
        ("a: at noon pcam_ring pitches=4", "pitches: '4' is not a whole number in range; it may be from 1 to 3"),
        ("a: at noon drive bearing=3 distance=0.499", "distance: '0.499' is not a number of steps of 0.01 in range; it "
         "may be from 0.5 to 50 (m)"),
        ("a: at noon vnis_detect now", "'now' is no argument; write vnis_detect"),
        ("a: at noon vnis_detect else", "'else' stands alone; it may be else skip, else stop, else safe"),
        ("a: at noon vnis_detect else die", "else 'die' is not known; it may be else skip, else stop, else safe"),
        ("a: at noon vnis_detect else stop it", "'it' stands after else stop, which is the last in a line"),
        ("a: with b vnis_detect", "unknown step 'b'; there is no other"),
        ("a: with a vnis_detect", "a waits for itself; let it count from sunrise, noon, sunset or another step"),
        ("a: with noon vnis_detect", "'with noon': noon is no step; write at noon"),
        ("a: at sunrise - 1min vnis_detect", f"a comes before sunrise; {SUN_24}"),
        ("a: at sunset + 1ms vnis_detect", f"a comes after sunset; {SUN_24}"),
        ("a: at 2020-11-08T06:16 vnis_detect", f"a comes before sunrise; {SUN_24}"),
        ("a: at 2020-12-13 vnis_detect", f"a comes after sunset; {SUN_24}"),
    ],
    ids=lambda value: value[:40],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_what_may_be(wrong, line, told):
    (error,) = wrong("# a comment", line)
    assert error.startswith(f"day.plan:4: {told}")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((f"ring: at noon {RING}", f"rung: after rong {RING}"), "4: unknown step 'rong'; did you mean ring?"),
        ((f"a: at noon {RING}", f"a: at noon {RING}"), "4: a is the name of line 3 already; give it another"),
        ((f"a: at noon {RING}", f"b: with a - 5min {RING}"),
         "4: with a - 5min: nobody knows before when a comes; write + or at"),
        ((f"a: with c {RING}", f"b: at noon {RING}", f"c: after d {RING}", f"d: after a {RING}", f"e: with a {RING}"),
         "6: each waits for another, a for c, c for d, d for a; let one count from sunrise, noon or sunset"),
        (("# nothing",), "2: there is no step; write one, as ring: at noon - 2d pcam_ring pitches=3"),
        ((f"a: at noon {RING}", "lunar-day 24"), "4: lunar-day stands in line 2 already; write it once"),
        ([f"a{number}: at noon {RING}" for number in range(61)], "63: a step too many; there may be 60"),
    ],
    ids=["unknown", "twice", "before", "cycle", "empty", "header", "many"],
)  # fmt: skip
def test_what_is_wrong_between_lines_is_told(wrong, lines, told):
    assert wrong(*lines) == [f"day.plan:{told}"]


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (["lunar-day 24"], [f"1: there is no line 'dictionary'; write dictionary {HASH} before the steps"]),
        ([EACH[0]], ["1: there is no line 'lunar-day'; write lunar-day 24 or lunar-day each before the steps"]),
        (["dictionary", EACH[1]], [f"1: dictionary is followed by its hash, eight digits; write dictionary {HASH}"]),
        (["dictionary 00000000", EACH[1]],
         [f"1: the plan was written for dictionary 00000000, which is not in the cache, and here is {HASH}: compare "
          "them by yutu2 plan check with --dictionary FILE, or see whether the activities are what they were, "
          f"and write dictionary {HASH}"]),
        ([EACH[0], "lunar-day 421"], ["2: lunar-day is followed by a number from 1 to 420, or each"]),
        ([EACH[0], "lunar-day"], ["2: lunar-day is followed by a number from 1 to 420, or each"]),
        ([EACH[0], "b: at noon vnis_detect", EACH[1]], ["3: lunar-day stands after a step; write it before the first"]),
    ],
    ids=lambda value: value[-1][:40],
)  # fmt: skip
def test_a_wrong_head_is_told(wrong, head, told):
    assert wrong("a: at noon vnis_detect", head=head) == [f"day.plan:{line}" for line in told]


def test_a_plan_for_each_lunar_day_knows_no_utc(wrong):
    assert wrong("a: at 2020-11-12 vnis_detect", "b: at noon + 8d vnis_detect", head=EACH) == [
        "day.plan:3: a time in UTC, and the plan is for each lunar day; write at sunrise, or lunar-day and its number",
        "day.plan:4: b comes after sunset; a plan's work lies between both",
    ]


def test_every_wrong_line_is_told_in_the_order_of_the_file(wrong):
    told = wrong("a: at noon dig", "b: with a vnis_detect", "a: at noon vnis_detect", "b", head=["lunar-day 0"])
    assert [line.split(":")[1] for line in told] == ["1", "1", "2", "4", "5"]


def test_a_plan_of_nothing_is_told(wrong):
    assert [line.partition(";")[0] for line in wrong(head=())] == [
        "day.plan:1: there is no line 'dictionary'",
        "day.plan:1: there is no line 'lunar-day'",
        "day.plan:1: there is no step",
    ]
