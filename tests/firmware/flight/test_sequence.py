"""The plan of a lunar day, followed by a whole rover: when steps start, what constraints do, what follows failures."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rover.flight.sensor_validation import SensorValidation
from rover.world.sun import sunrise
from yutu2.dictionary.model import load
from yutu2.firmware import to_datetime

DICTIONARY = load()
ACTIVITIES = {activity.name: activity for activity in DICTIONARY.activities}
MODES = {name: number for number, name in DICTIONARY.enums["mode"].items()}
LOADS = {name: number for number, name in DICTIONARY.enums["load"].items()}
POLICIES = {"skip": 0, "stop": 1, "safe": 2}
# An Earth day of work, in mission time
DAY = {"start": "2020-11-11", "days": "1"}
SUNRISE = to_datetime(sunrise(24))
LOOK_S = 180
# A time of day comes down in 65536ths of a second
TICK_S = 1 / 65536


@dataclass(frozen=True)
class Step:
    """A step of a plan. at: UTC; else start, or end, is the number of the step from whose start or end it counts."""

    activity: str
    arguments: tuple[int, ...] = ()
    at: str | None = None
    start: int | None = None
    end: int | None = None
    ms: int = 0
    policy: str = "skip"

    def compiled(self):
        first, second = (*self.arguments, 0, 0)[:2]
        origin = 0 if self.at else 2 * self.start - 1 if self.start else 2 * self.end
        ms = self.ms + (time_of(self.at) - SUNRISE) // timedelta(milliseconds=1) if self.at else self.ms
        numbers = (ACTIVITIES[self.activity].id, first, second, origin, ms // 1000, ms % 1000, POLICIES[self.policy])
        return " ".join(map(str, numbers))


def time_of(text):
    return SUNRISE.fromisoformat(f"{text}+00:00")


def plan(*steps, day=24):
    """The compiled form of a plan."""
    head = f"plan 1 {DICTIONARY.hash.hex()} {day}"
    return "\n".join([head, *(step.compiled() for step in steps), ""])


def asan(minutes=10, **when):
    return Step("ASAN_OBSERVE", (minutes,), **when)


def drive(metres=4, bearing=315, **when):
    return Step("DRIVE", (bearing, metres * 100), **when)


NAMES = {"PLAN_BEGIN", "PLAN_RESUMED", "ACTIVITY_START", "ACTIVITY_DONE", "ACTIVITY_FAILED", "PLAN_END"}


def told(life):
    """What is reported of the plan: for each event its name, then its step and what else counts."""
    events = []
    for event in life.received.told(*NAMES):
        fields = event.fields
        match event.name:
            case "PLAN_BEGIN":
                events.append((event.name, fields["steps"]))
            case "PLAN_RESUMED":
                events.append((event.name, fields["left"]))
            case "PLAN_END":
                events.append((event.name, fields["done"], fields["failed"], fields["left"]))
            case "ACTIVITY_FAILED":
                events.append((event.name, fields["step"], fields["reason"]))
            case _:
                events.append((event.name, fields["step"]))
    return events


def failures(life):
    """(step, reason, raw value) of each failure."""
    failed = life.received.told("ACTIVITY_FAILED")
    return [(event.fields["step"], event.fields["reason"], event.raw["value"]) for event in failed]


def times(life, name):
    """Step -> when it was reported so."""
    return {event.fields["step"]: event.time for event in life.received.told(name)}


def seconds_between(one, other):
    return (other - one).total_seconds()


# --- When ---


@pytest.mark.slow
def test_each_step_starts_where_the_plan_puts_it_and_the_end_is_told(live):
    steps = [asan(10, at="2020-11-11T03:00:00.250"), Step("PCAM_RING", (1,), at="2020-11-11T05:00")]
    life = live(plan=plan(*steps), **DAY)
    assert told(life) == [
        ("PLAN_BEGIN", 2),
        *[("ACTIVITY_START", 1), ("ACTIVITY_DONE", 1)],
        *[("ACTIVITY_START", 2), ("ACTIVITY_DONE", 2)],
        ("PLAN_END", 2, 0, 0),
    ]
    starts, ends = times(life, "ACTIVITY_START"), times(life, "ACTIVITY_DONE")
    assert seconds_between(time_of("2020-11-11T03:00:00.250"), starts[1]) == pytest.approx(0, abs=TICK_S)
    assert seconds_between(starts[1], ends[1]) == pytest.approx(600, abs=TICK_S)
    assert starts[2] == time_of("2020-11-11T05:00")
    assert seconds_between(starts[2], ends[2]) == 600
    data = [event.fields["data"] for event in life.received.told("ACTIVITY_DONE")]
    # 190 spectra of 32 octets; 40 pictures of 3085
    assert data == [6, 121]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("turn", range(6))
@settings(max_examples=2)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 600_000)), min_size=1, max_size=8), st.integers(1, 3_600_000))
def test_a_chain_of_steps_starts_to_the_millisecond(live, turn, links, first_ms):
    """Each step counts from start or end of the one before it; those that find the instrument in use fail on time."""
    steps = [asan(3, at="2020-11-11T01:00", ms=first_ms)]
    for number, (from_end, ms) in enumerate(links, 1):
        steps.append(asan(3, **{"end" if from_end else "start": number}, ms=ms))
    life = live(plan=plan(*steps), start="2020-11-11", days="0.3")
    happened, began = {}, {}
    expected = {1: (time_of("2020-11-11T01:00") - SUNRISE) / timedelta(milliseconds=1) + first_ms}
    for name in ("ACTIVITY_START", "ACTIVITY_DONE", "ACTIVITY_FAILED"):
        for step, time in times(life, name).items():
            at_ms = (time - SUNRISE) / timedelta(milliseconds=1)
            happened[step] = at_ms
            began.setdefault(step, at_ms)
    for number, (from_end, ms) in enumerate(links, 1):
        expected[number + 1] = (happened if from_end else began)[number] + ms
    assert began == pytest.approx(expected, abs=0.5)
    assert {reason for _, reason, _ in failures(life)} <= {"IN_USE"}


@pytest.mark.slow
def test_of_those_that_are_due_at_once_ends_come_before_starts_and_starts_in_their_order(live):
    steps = [asan(10, at="2020-11-11T03:00"), asan(10, at="2020-11-11T03:10"), Step("LPR_STAND", (1,), start=2)]
    life = live(plan=plan(*steps), **DAY)
    order = [event[:2] for event in told(life)[1:-1]]
    assert order == [
        *[("ACTIVITY_START", 1), ("ACTIVITY_DONE", 1), ("ACTIVITY_START", 2)],
        *[("ACTIVITY_START", 3), ("ACTIVITY_DONE", 3), ("ACTIVITY_DONE", 2)],
    ]


def test_what_was_due_before_the_run_began_is_left_out(live):
    life = live(plan=plan(asan(at="2020-11-10T20:00"), asan(at="2020-11-11T03:00")), **DAY)
    assert told(life) == [("PLAN_BEGIN", 1), ("ACTIVITY_START", 2), ("ACTIVITY_DONE", 2), ("PLAN_END", 1, 0, 0)]


def test_what_is_due_before_the_rover_is_awake_has_been_missed(live):
    life = live(plan=plan(asan(at="2020-11-08T20:00"), asan(at="2020-11-10T03:00")), start="2020-11-08T06:00", days="3")
    woken = life.received.told("ROVER_WAKE")[0].time
    begun = life.received.told("PLAN_BEGIN")[0].time
    assert begun >= woken
    (step, reason, late_s), *others = failures(life)
    assert (step, reason, others) == (1, "MISSED", [])
    assert late_s == int(seconds_between(time_of("2020-11-08T20:00"), begun))
    assert told(life)[-1] == ("PLAN_END", 1, 1, 0)


def test_what_still_waits_when_the_rover_parks_never_comes(live):
    steps = [asan(at="2020-11-21T13:00"), asan(at="2020-11-21T18:00"), asan(end=2)]
    life = live(plan=plan(*steps), start="2020-11-21", days="1")
    assert told(life)[-1] == ("PLAN_END", 1, 0, 2)
    assert life.received.told("PLAN_END")[0].time == life.received.told("PARKING_START")[0].time


def test_a_plan_of_another_lunar_day_is_not_followed(live):
    life = live(plan=plan(asan(at="2020-11-11T03:00"), day=25), **DAY)
    assert told(life) == []


@pytest.mark.slow
def test_a_plan_for_each_lunar_day_is_followed_in_each(live):
    life = live(plan=plan(asan(at="2020-11-10T06:00"), day=0), start="2020-11-10", days="33")
    assert [event[0] for event in told(life)].count("ACTIVITY_DONE") == 2
    assert [event[0] for event in told(life)].count("PLAN_END") == 2


# --- Constraints ---


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("steps", "failure"),
    [
        ([asan(10, at="2020-11-11T03:00"), asan(10, start=1, ms=60_000)], (2, "IN_USE", 1)),
        ([drive(at="2020-11-11T03:00"), drive(start=1, ms=20_000)], (2, "IN_USE", 1)),
        ([drive(at="2020-11-11T03:00"), Step("VNIS_DETECT", start=1, ms=1000)], (2, "IS_MOVING", 1)),
        ([Step("VNIS_DETECT", at="2020-11-11T03:00"), drive(start=1, ms=1000)], (2, "IN_USE", 1)),
        ([Step("LPR_DRIVE", (5,), at="2020-11-11T03:00")], (1, "NOT_MOVING", 0)),
        # 4 MiB are the room of a lunar day; the first brings 2194 traces of 264 octets and 4335 of 520
        (
            [Step("LPR_STAND", (60,), at="2020-11-11T03:00"), Step("LPR_STAND", (30,), end=1)],
            (2, "NO_ROOM", 2767 + 30 * 48 - 4096),
        ),
        # What runs counts with what it may still bring
        (
            [Step("LPR_STAND", (84,), at="2020-11-11T03:00"), asan(65, start=1, ms=1000)],
            (2, "NO_ROOM", 84 * 48 + 65 - 4096),
        ),
    ],
    ids=[
        *("same head", "two drives", "spectrum while driving", "drive while observing", "radar at rest", "data"),
        "data to come",
    ],
)
def test_what_its_constraints_do_not_allow_does_not_start(live, steps, failure):
    life = live(plan=plan(*steps), **DAY)
    assert failures(life) == [failure]
    assert failure[0] not in times(life, "ACTIVITY_START")
    assert told(life)[-1] == ("PLAN_END", len(steps) - 1, 1, 0)


def test_under_a_low_sun_nothing_starts_that_needs_a_higher_one(live):
    """At 06:00 on 9 November it stands at 8 degrees, and the rover is awake."""
    life = live(plan=plan(asan(at="2020-11-09T06:00")), start="2020-11-08T06:00", days="2")
    ((step, reason, elevation),) = failures(life)
    assert (step, reason) == (1, "SUN_TOO_LOW")
    assert 8000 < elevation < 10_000


def test_in_the_nap_nothing_starts(live):
    life = live(plan=plan(asan(at="2020-11-16T06:00")), start="2020-11-16", days="1")
    assert failures(life) == [(1, "NOT_IN_MODE", MODES["NAP"])]


@pytest.mark.parametrize(("box", "reason"), [(451, "BOX_TOO_HOT"), (-201, "BOX_TOO_COLD")])
def test_outside_its_temperatures_nothing_starts(live, monkeypatch, box, reason):
    monkeypatch.setattr(SensorValidation, "box", lambda validation: box)
    life = live(plan=plan(asan(at="2020-11-11T00:01")), start="2020-11-11", days="0.1")
    assert failures(life) == [(1, reason, box)]


def test_a_weak_array_powers_no_observation(live):
    life = live("2020-11-11T02:00Z dust percent=70", plan=plan(asan(at="2020-11-11T03:00")), **DAY)
    ((step, reason, value),) = failures(life)
    assert (step, reason) == (1, "NO_POWER")
    needed_w, available_w = (part / 10 for part in divmod(value, 1 << 16))
    assert 0 <= available_w < needed_w < 100
    (event,) = life.received.told("ACTIVITY_FAILED")
    assert event.fields["value"] == f"needs {needed_w} W more, {available_w} W available"


# --- Failures in the middle ---

THREE = [asan(60, at="2020-11-11T03:00"), Step("VNIS_DETECT", end=1, ms=600_000), asan(at="2020-11-11T08:00")]
DEAD = "2020-11-11T03:20Z load_dead load=LOAD_ASAN for 2h"


def with_policy(policy):
    return [Step("ASAN_OBSERVE", (60,), at="2020-11-11T03:00", policy=policy), *THREE[1:]]


def test_skip_goes_on_and_what_waits_counts_from_the_failure(live):
    life = live(DEAD, plan=plan(*with_policy("skip")), **DAY)
    assert told(life) == [
        ("PLAN_BEGIN", 3),
        *[("ACTIVITY_START", 1), ("ACTIVITY_FAILED", 1, "DEAD_LOAD")],
        *[("ACTIVITY_START", 2), ("ACTIVITY_DONE", 2), ("ACTIVITY_START", 3), ("ACTIVITY_DONE", 3)],
        ("PLAN_END", 2, 1, 0),
    ]
    failed = times(life, "ACTIVITY_FAILED")[1]
    assert 0 <= seconds_between(time_of("2020-11-11T03:20"), failed) <= LOOK_S
    assert seconds_between(failed, times(life, "ACTIVITY_START")[2]) == pytest.approx(600, abs=0.001)


@pytest.mark.slow
def test_stop_ends_the_plan_and_what_runs_with_it(live):
    steps = [Step("LPR_STAND", (60,), at="2020-11-11T02:30"), *with_policy("stop")]
    steps[2] = Step("VNIS_DETECT", end=2, ms=600_000)
    life = live(DEAD, plan=plan(*steps), **DAY)
    assert told(life) == [
        ("PLAN_BEGIN", 4),
        *[("ACTIVITY_START", 1), ("ACTIVITY_START", 2), ("ACTIVITY_FAILED", 2, "DEAD_LOAD")],
        ("ACTIVITY_FAILED", 1, "STOPPED"),
        ("PLAN_END", 0, 2, 2),
    ]
    # ... and the rover is as healthy as before
    assert "SAFE_ENTER" not in life.names()
    assert life.received.housekeeping()[-1].fields["mode"] == "ACTIVE"


def test_safe_takes_the_rover_to_safe_mode(live):
    life = live(DEAD, plan=plan(*with_policy("safe")), **DAY)
    (entry,) = life.received.told("SAFE_ENTER")
    assert entry.fields["reason"] == "BY_PLAN"
    assert entry.time == times(life, "ACTIVITY_FAILED")[1]
    # The step at 08:00 comes in safe mode, and may not
    assert [failure[:2] for failure in failures(life)] == [(1, "DEAD_LOAD"), (2, "NOT_IN_MODE"), (3, "NOT_IN_MODE")]


def test_to_safe_mode_it_goes_at_once_and_nothing_begins_before(live):
    """A hazard stop comes between two looks."""
    steps = [
        Step("DRIVE", (315, 2000), at="2020-11-11T03:00", policy="safe"),
        asan(60, start=1, ms=1000),
        *[Step("VNIS_DETECT", end=1), Step("LPR_STAND", (1,), end=1, ms=10_000)],
    ]
    life = live("2020-11-11T03:02Z obstacle centimetres=60 for 3h", plan=plan(*steps), **DAY)
    assert [event[:3] for event in told(life)] == [
        ("PLAN_BEGIN", 4),
        *[("ACTIVITY_START", 1), ("ACTIVITY_START", 2), ("ACTIVITY_FAILED", 1, "HAZARD_AHEAD")],
        *[("ACTIVITY_FAILED", step, "NOT_IN_MODE") for step in (3, 2, 4)],
        ("PLAN_END", 0, 4),
    ]
    (entry,) = life.received.told("SAFE_ENTER")
    assert entry.fields["reason"] == "BY_PLAN"
    assert entry.time == times(life, "ACTIVITY_FAILED")[1] == times(life, "ACTIVITY_FAILED")[2]


def test_safe_mode_that_a_restart_asks_for_is_not_lost_by_the_next(live):
    faults = ("2020-11-11T03:20Z reset", "2020-11-11T03:21Z reset")
    life = live(*faults, plan=plan(*with_policy("safe")), **DAY)
    (step, reason, _), *_ = failures(life)
    assert (step, reason) == (1, "RESTARTED")
    first, again = life.received.told("SAFE_ENTER")
    assert first.time == times(life, "ACTIVITY_FAILED")[1] < time_of("2020-11-11T03:21")
    assert first.fields["count"] == again.fields["count"]


def test_a_load_that_is_dead_at_the_start_fails_at_once(live):
    life = live("2020-11-11T02:00Z load_dead load=LOAD_VNIS", plan=plan(*THREE), **DAY)
    assert [failure[:2] for failure in failures(life)] == [(2, "DEAD_LOAD")]
    assert told(life)[-1] == ("PLAN_END", 2, 1, 0)


def test_before_a_hazard_it_stops_and_the_rest_of_the_day_goes_on(live):
    steps = [drive(20, at="2020-11-11T03:00"), Step("LPR_DRIVE", (60,), start=1, ms=1000), asan(end=1, ms=60_000)]
    life = live("2020-11-11T03:02Z obstacle centimetres=60 for 3h", plan=plan(*steps), **DAY)
    assert [event[:3] for event in told(life)[1:]] == [
        *[("ACTIVITY_START", 1), ("ACTIVITY_START", 2)],
        *[("ACTIVITY_FAILED", 1, "HAZARD_AHEAD"), ("ACTIVITY_DONE", 2)],
        *[("ACTIVITY_START", 3), ("ACTIVITY_DONE", 3), ("PLAN_END", 2, 1)],
    ]
    (hazard,) = life.received.told("HAZARD_STOP")
    assert hazard.fields["step_height"] == pytest.approx(0.6)
    # 20 m take six minutes; after two it has gone a third of them
    assert 10 < hazard.fields["to_go"] < 17
    stop = life.received.told("HK_STOP")[-1]
    assert stop.time == hazard.time
    assert not life.rover.driver.moves()


@pytest.mark.sampled(1)
@pytest.mark.parametrize("fault", ["reset", "brown_out"])
def test_after_a_restart_what_ran_has_failed_and_the_rest_comes_in_its_time(live, fault):
    life = live(f"2020-11-11T03:20Z {fault}", plan=plan(*THREE), **DAY)
    assert told(life) == [
        ("PLAN_BEGIN", 3),
        ("ACTIVITY_START", 1),
        *[("PLAN_RESUMED", 2), ("ACTIVITY_FAILED", 1, "RESTARTED")],
        *[("ACTIVITY_START", 2), ("ACTIVITY_DONE", 2), ("ACTIVITY_START", 3), ("ACTIVITY_DONE", 3)],
        ("PLAN_END", 2, 1, 0),
    ]
    assert life.received.told("CRASH_REPORT")
    assert times(life, "ACTIVITY_START")[3] == time_of("2020-11-11T08:00")


@pytest.mark.slow
def test_a_restart_between_two_steps_costs_none(live):
    life = live("2020-11-11T07:00Z reset", plan=plan(*THREE), **DAY)
    assert failures(life) == []
    assert [event for event in told(life) if event[0] == "PLAN_RESUMED"] == [("PLAN_RESUMED", 1)]
    assert told(life)[-1] == ("PLAN_END", 3, 0, 0)


def test_a_restart_on_the_way_leaves_it_where_it_stands(live):
    life = live("2020-11-11T03:01Z reset", plan=plan(drive(20, at="2020-11-11T03:00"), drive(4, end=1)), **DAY)
    assert failures(life)[0][:2] == (1, "RESTARTED")
    assert told(life)[-1][0] == "PLAN_END"
    stops = [stop.fields for stop in life.received.told("HK_STOP")]
    way = stops[-1]["odometer"] - life.received.told("HK_DRIVE")[0].fields["odometer"]
    # In a minute it goes 3.2 m, of which it may forget 2; then 4 m more
    assert 5 < way < 8
    assert all(abs(stop[f"true_{axis}"] - stop[axis]) < 3 for stop in stops for axis in ("east", "north"))


def test_safe_mode_in_the_middle_ends_what_runs(live):
    life = live("2020-11-11T03:20Z request event=FAULT", plan=plan(*THREE), **DAY)
    safe = MODES["SAFE"]
    assert failures(life) == [(1, "NOT_IN_MODE", safe), (2, "NOT_IN_MODE", safe), (3, "NOT_IN_MODE", safe)]
    assert times(life, "ACTIVITY_FAILED")[1] == life.received.told("SAFE_ENTER")[0].time


@pytest.mark.slow
def test_after_a_failure_nothing_that_it_used_stays_on(live):
    life = live(DEAD, plan=plan(*THREE), **DAY)
    on = life.rover.equipment.on
    for activity in ACTIVITIES.values():
        assert not on & 1 << LOADS[activity.load], activity.name


# --- Whatever the plan ---

WHEN = st.one_of(
    st.integers(0, 1400).map(lambda minutes: {"at": f"2020-11-11T{minutes // 60:02}:{minutes % 60:02}"}),
    st.tuples(st.sampled_from(["start", "end"]), st.integers(1, 12), st.integers(0, 7_200_000)).map(
        lambda parts: {parts[0]: parts[1], "ms": parts[2]}
    ),
)


@st.composite
def some_steps(draw):
    """A plan in which waits may only go back, as the check makes sure."""
    steps = []
    for number in range(draw(st.integers(1, 12))):
        activity = ACTIVITIES[draw(st.sampled_from(sorted(ACTIVITIES)))]
        when = draw(WHEN)
        for origin in ("start", "end"):
            if origin in when:
                when = when | {origin: min(when[origin], number)} if number else {"at": "2020-11-11T04:00"}
        most = {"distance": 1500}
        arguments = tuple(
            draw(st.integers(argument.least, most.get(argument.name, argument.most))) for argument in activity.arguments
        )
        policy = draw(st.sampled_from(sorted(POLICIES)))
        steps.append(Step(activity.name, arguments, **when, policy=policy))
    return steps


FAULTS = st.one_of(
    st.none(),
    st.tuples(
        st.integers(0, 1400),
        st.sampled_from(["reset", "brown_out", "load_dead load=LOAD_LPR for 2h", "obstacle centimetres=60 for 2h"]),
    ).map(lambda parts: f"2020-11-11T{parts[0] // 60:02}:{parts[0] % 60:02}Z {parts[1]}"),
)


@pytest.mark.slow  # four seconds an example
@settings(max_examples=25)
@given(some_steps(), FAULTS, st.integers(0, 1000))
def test_whatever_is_planned_nothing_runs_that_may_not(live, steps, fault, seed):
    life = live(*([fault] if fault else []), plan=plan(*steps), seed=str(seed), start="2020-11-11", days="1.1")
    running, ended, kib = set(), set(), 0
    for event in life.received.events():
        number = event.fields.get("step")
        if event.name == "ACTIVITY_START":
            assert number not in running | ended
            activity = ACTIVITIES[steps[number - 1].activity]
            drives = any(steps[other - 1].activity == "DRIVE" for other in running)
            for other in running:
                there = ACTIVITIES[steps[other - 1].activity]
                assert not set(activity.uses) & set(there.uses)
                assert not (activity.name == "DRIVE" and there.motion == "STILL")
            assert drives or activity.motion != "MOVING"
            assert not drives or activity.motion != "STILL"
            running.add(number)
        elif event.name in ("ACTIVITY_DONE", "ACTIVITY_FAILED"):
            running.discard(number)
            assert number not in ended
            ended.add(number)
            kib += event.fields.get("data", 0)
        elif event.name == "PLAN_END":
            assert not running
            assert event.fields["done"] + event.fields["failed"] == len(ended)
            assert event.fields["left"] == len(steps) - len(ended)
        elif event.name == "SAFE_ENTER":
            assert any(other.name == "ACTIVITY_FAILED" for other in life.received.events())
    assert kib <= DICTIONARY.craft["rover"]["data_kib"]
