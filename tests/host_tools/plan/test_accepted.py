"""What the check accepts, the rover does: each step in its time, and no constraint is violated by any account."""

import subprocess
from datetime import timedelta

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.firmware import borrow_sun, to_datetime, to_seconds
from yutu2.line.runtime import find_micropython, firmware_command
from yutu2.mission.plan import compile_plan
from yutu2.runs.dry_run import PlanRefused, rehearse

DICTIONARY = load()
SUN = borrow_sun()
SUNRISE = to_datetime(SUN.sunrise(24))
MS = timedelta(milliseconds=1)
# Groups of steps with a place for their name, their moment and two numbers
GROUPS = (
    ("{n}: {at} drive bearing={bearing} distance={metres}", "{n}r: with {n} + 1s lpr_drive minutes=10"),
    ("{n}: {at} vnis_detect", "{n}a: with {n} + {s}s asan_observe minutes={minutes}"),
    ("{n}: {at} vnis_calibrate", "{n}d: after {n} + {s}ms vnis_detect"),
    ("{n}: {at} pcam_ring pitches=2",),
    ("{n}: {at} asan_observe minutes={minutes}", "{n}l: with {n} + {s}s lpr_stand minutes=5"),
)
SLOT = st.tuples(
    st.integers(0, 30),
    st.sampled_from(GROUPS),
    st.integers(0, 14_000_000),
    st.integers(0, 359),
    st.integers(1, 12),
    st.integers(1, 200),
)


def text_of(slots):
    """A plan of groups of steps, each beginning within four hours of its own."""
    lines = [f"dictionary {DICTIONARY.hash.hex()}", "lunar-day 24"]
    for number, (slot, group, ms, bearing, metres, minutes) in enumerate(slots):
        at = f"at sunrise + {(2.3 * 24 + 4 * slot) * 3_600_000 + ms:.0f}ms"
        numbers = {"n": f"s{number}", "at": at, "bearing": bearing, "metres": metres, "minutes": minutes, "s": minutes}
        lines += [line.format(**numbers) for line in group]
    return "\n".join(lines) + "\n"


def lived(plan, seed, folder):
    """What a rover sends of lunar day 24 that follows a plan."""
    path = folder / "compiled.txt"
    path.write_text(plan.compiled(), encoding="ascii")
    options = {"lunar_day": "24", "seed": str(seed), "plan": str(path)}
    done = subprocess.run(firmware_command(find_micropython(), options), capture_output=True, check=True)
    return TelemetryDecoder(DICTIONARY).feed(done.stdout)


def last_before(reports, name, time):
    return [report for report in reports if report.name == name and report.time <= time][-1].fields


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(5))
@settings(max_examples=4)
@given(st.lists(SLOT, min_size=1, max_size=7, unique_by=lambda slot: slot[0]), st.integers(0, 1000))
@example([(0, GROUPS[0], 0, 315, 5, 10), (9, GROUPS[2], 1, 0, 1, 999), (4, GROUPS[1], 7, 0, 1, 90)], 7)
def test_what_the_check_accepts_is_done_and_violates_nothing(micropython, turn, tmp_path_factory, slots, seed):
    folder = tmp_path_factory.mktemp("accepted")
    path = folder / "a.plan"
    path.write_text(text_of(slots), encoding="utf-8")
    plan = compile_plan(path.read_text(), str(path), DICTIONARY)
    try:
        rehearsed = rehearse(plan, 24, seed, lambda time: None)
    except PlanRefused:
        event("refused")
        return
    event("accepted")
    reports = lived(plan, seed, folder)
    assert [report.name for report in reports if report.name in ("ACTIVITY_FAILED", "SAFE_ENTER")] == []
    check_times(plan, rehearsed.done)
    for done in rehearsed.done:
        check_constraints(done, reports)
        for other in rehearsed.done:
            if other is not done and done.begin <= other.begin < done.end:
                check_together(done.step.activity, other.step.activity)
    assert sum(done.data_kib for done in rehearsed.done) <= DICTIONARY.craft["rover"]["data_kib"]


def check_times(plan, dones):
    """Each step begins within a millisecond of where the plan puts it."""
    by_name = {done.step.name: done for done in dones}
    assert by_name.keys() == {step.name for step in plan.steps}
    for done in dones:
        step = done.step
        origin = SUNRISE
        if step.kind != "at":
            other = by_name[step.origin]
            origin = other.begin if step.kind == "with" else other.end
        assert abs(done.begin - origin - step.delay_ms * MS) <= MS


def check_constraints(done, reports):
    """Mode, Sun and power, as other reports and the Sun's own series tell them."""
    activity = done.step.activity
    mode = last_before(reports, "HK_COMPUTER", done.end)["mode"]
    assert mode in activity.modes
    for time in (done.begin, done.end):
        elevation = SUN.millidegrees(SUN.sun(to_seconds(time))[0])
        assert activity.sun[0] - 1000 <= elevation <= activity.sun[1] + 1000
    within = [report.fields for report in reports if report.name == "HK_POWER" and done.begin < report.time < done.end]
    for power in within:
        assert activity.load in power["loads_on"]
        assert power["array_power"] >= power["load_power"] - 2
        assert power["limits_broken"] == []
        assert activity.box[0] <= 10 * power["box_temperature"] <= activity.box[1]


def check_together(one, other):
    """Two activities, the second begun while the first ran."""
    assert not set(one.uses) & set(other.uses)
    assert {one.motion, other.name} != {"STILL", "DRIVE"}
    assert {other.motion, one.name} != {"STILL", "DRIVE"}
    if other.motion == "MOVING":
        assert one.name == "DRIVE"
