"""A rover tries a plan, and what it cannot do is told with the line, the time and the numbers."""

import pytest
from yutu2.errors import WrongUse
from yutu2.mission.plan import lunar_day_of, read_plan
from yutu2.runs.dry_run import PlanRefused, rehearse

from .conftest import HASH

EACH = (f"dictionary {HASH}", "lunar-day each")
ATOMS = "asan_observe minutes"


@pytest.fixture
def tried(plan_file):
    """`tried(line, ...)`: what a rover makes of a plan; `seed`, `lunar_day`, and `head` of the file."""

    def tried(*lines, seed=7, lunar_day=None, **options):
        plan = read_plan(plan_file(*lines, **options))
        return rehearse(plan, lunar_day_of(plan, lunar_day), seed, lambda time: None)

    return tried


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["a: at sunrise + 1h pcam_ring pitches=1"],
         "3: a cannot begin at 2020-11-09 03:31:30.000: too early: it was due at 2020-11-08 07:16:30, and the rover "
         "slept"),
        (["a: at 2020-11-09T03:40 pcam_ring pitches=1"],
         "3: a cannot begin at 2020-11-09 03:40:00.000: too early: the rover's mode is WAKING, and pcam_ring works in "
         "ACTIVE alone"),
        (["a: at sunrise + 1d pcam_ring pitches=1"],
         "3: a cannot begin at 2020-11-09 06:16:30.000: the Sun stands at 8.48 deg, and pcam_ring needs it between 12 "
         "and 90"),
        (["a: at sunrise + 1.2d drive bearing=315 distance=20"],
         "3: a cannot begin at 2020-11-09 11:04:30.000: drive draws 60.0 W, 55.6 W more than the array has to spare"),
        (["a: at noon vnis_detect"],
         "3: a cannot begin at 2020-11-15 14:02:50.000: the rover's mode is NAP, and vnis_detect works in ACTIVE "
         "alone"),
        ([f"a: at noon - 1.2d {ATOMS}=600", f"b: after a + 5min {ATOMS}=60"],
         "3: a breaks off at 2020-11-14 12:58:30.000: the rover's mode is NAP, and asan_observe works in ACTIVE alone"),
        (["a: at sunset - 2d pcam_ring pitches=1", f"b: at sunset - 1h {ATOMS}=1"],
         "4: b never begins: too late: the rover parks at 2020-11-21 14:46:30.000"),
        ([f"a: at sunrise + 3d {ATOMS}=60", f"b: with a + 10min {ATOMS}=1"],
         "4: b cannot begin at 2020-11-11 06:26:30.000: a has ASAN_HEAD until it ends"),
        (["# radar", "a: at sunrise + 3d lpr_drive minutes=60"],
         "4: a cannot begin at 2020-11-11 06:16:30.000: lpr_drive works while the rover drives, and it stands"),
        (["a: at sunrise + 3d pcam_ring pitches=1", "b: with a + 1min drive bearing=1 distance=1"],
         "4: b cannot begin at 2020-11-11 06:17:30.000: a needs the rover to stand until it ends"),
        (["a: with b + 1s pcam_ring pitches=1", "b: at sunrise + 3d drive bearing=1 distance=5"],
         "3: a cannot begin at 2020-11-11 06:16:31.000: pcam_ring needs the rover to stand, and b is under way"),
        (["a: at sunrise + 3d lpr_stand minutes=60", "b: after a lpr_stand minutes=30"],
         "4: b cannot begin at 2020-11-11 07:16:30.000: with its data there are 111 KiB more than a lunar day may "
         "bring, 4096 KiB"),
    ],
    ids=["asleep", "waking", "low Sun", "power", "nap", "into the nap", "late", "in use", "radar", "still", "moving",
         "data"],
)  # fmt: skip
def test_what_cannot_be_is_told_with_line_time_and_numbers(tried, lines, told):
    with pytest.raises(PlanRefused) as error:
        tried(*lines)
    assert str(error.value).partition("day.plan:")[2] == told


def test_a_hazard_of_the_ground_is_told_as_such(tried):
    with pytest.raises(
        PlanRefused, match=r":3: a breaks off at .*: stopped before a hazard: .* m from the target; so is"
    ):
        tried("a: at sunrise + 3d drive bearing=45 distance=50", seed=5)


def test_it_is_the_ground_of_the_seed(tried):
    assert 49.9 < tried("a: at sunrise + 3d drive bearing=45 distance=50", seed=1).driven_m < 60


def test_on_lunar_day_1_nothing_is_due_before_the_rover_is_there(tried):
    with pytest.raises(
        PlanRefused, match=r":4: b is too early: due at 2019-01-01 .*, and the rover begins at 2019-01-03 "
    ):
        tried("a: after b vnis_detect", "b: at sunrise + 2d vnis_detect", head=EACH, lunar_day=1)


def test_what_was_done_is_told_in_the_order_of_the_begins(tried):
    rehearsed = tried(
        "look:  after go + 1h      pcam_ring pitches=2",
        "go:    at sunrise + 2.5d  drive bearing=315 distance=5.5",
        "radar: with go + 1500ms   lpr_drive minutes=10",
    )
    assert [done.step.name for done in rehearsed.done] == ["go", "radar", "look"]
    assert [done.data_kib for done in rehearsed.done] == [0, 77, 242]
    go, radar, look = rehearsed.done
    assert (radar.begin - go.begin).total_seconds() == 1.5
    assert radar.end == go.end
    assert (look.begin - go.end).total_seconds() == 3600
    assert (look.end - look.begin).total_seconds() == 1200
    assert 5 < rehearsed.driven_m < 6
    assert rehearsed.lines() == [
        "  begins (UTC)             ends                     step       W     KiB  what",
        "  2020-11-10 18:16:30.000  2020-11-10 18:18:12.489  go      60.0       0  drive bearing=315 distance=5.5",
        "  2020-11-10 18:16:31.500  2020-11-10 18:18:12.489  radar   10.0      77  lpr_drive minutes=10",
        "  2020-11-10 19:18:12.489  2020-11-10 19:38:12.489  look    12.0     242  pcam_ring pitches=2",
        "",
        "Lunar day 24, seed 7: 3 steps, 5.5 m driven, 319 of 4,096 KiB of data.",
    ]


def test_a_plan_for_each_is_tried_where_it_is_asked_for(tried):
    (done,) = tried("a: at sunrise + 3d vnis_detect", head=EACH, lunar_day=25).done
    assert (done.begin.year, done.begin.month) == (2020, 12)


def test_a_plan_of_one_lunar_day_is_tried_on_no_other(tried):
    with pytest.raises(WrongUse, match=r"--lunar-day: .*day.plan is for lunar day 24, not 25; leave the option out"):
        tried("a: at noon vnis_detect", lunar_day=25)
