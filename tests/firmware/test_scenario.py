"""Scenarios: which files the firmware plays, and when what is in them happens."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rover.tables import HASH
from yutu2.dictionary.model import load

SPAN = {"start": "2020-11-12", "days": "0.5"}
OPTIONS = tuple(f"--{name}={text}" for name, text in SPAN.items())
START = datetime(2020, 11, 12, tzinfo=UTC)
FAULTS = load().faults
MONITORS = [monitor.name for monitor in load().monitors]


# --- Files ---


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no compiled scenario"),
        (b"2020-11-12T06:00:00Z reset\n", "is no compiled scenario"),
        (b"scenario 2 " + HASH.hex().encode() + b"\n", "is no compiled scenario"),
        (b"\xff\x00\x80" * 1000, "is no compiled scenario"),
        (b"scenario 1 01234567\n58860000 0 11 1 0 0\n", "was compiled for another dictionary"),
    ],
    ids=["empty", "not compiled", "another format", "binary", "another dictionary"],
)
def test_what_is_no_scenario_of_ours_is_told_in_one_line(interpreter, run_rover, tmp_path, content, told):
    path = tmp_path / "scenario"
    path.write_bytes(content)
    done = run_rover(interpreter, *OPTIONS, f"--scenario={path}")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(f"rover: scenario: {path} {told}")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_file_that_cannot_be_read_is_told_in_one_line(interpreter, run_rover, tmp_path, name):
    done = run_rover(interpreter, *OPTIONS, f"--scenario={tmp_path / name}")
    assert (done.returncode, done.stdout) == (2, b"")
    assert str(tmp_path / name) in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_a_scenario_in_which_nothing_happens_changes_nothing(interpreter, run_rover, compile_to):
    with_scenario = run_rover(interpreter, *OPTIONS, f"--scenario={compile_to()}")
    assert (with_scenario.returncode, with_scenario.stdout) == (0, run_rover(interpreter, *OPTIONS).stdout)


# --- Times ---


def utc(ms):
    return (START + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")[:23] + "Z"


@pytest.mark.sampled(1)
@pytest.mark.parametrize("turn", range(5))
@settings(max_examples=4)
@given(st.lists(st.integers(1, 43_200_000), max_size=15))
def test_each_thing_happens_at_its_millisecond(live, turn, times):
    received = live(*(f"{utc(ms)} request event=DAWN" for ms in times), **SPAN).received
    told = [(report.time - START).total_seconds() for report in received.told("MODE_REFUSED")]
    # A time of day comes down in 65536ths of a second
    assert told == pytest.approx([ms / 1000 for ms in sorted(times)], abs=0.001)


def test_what_is_to_last_begins_and_ends(live):
    received = live("2020-11-12T03:00Z sensor_dead sensor=MAST for 3h", **SPAN).received
    lost, back = received.told("SENSOR_LOST", "SENSOR_BACK")
    assert 3 * 3600 <= (lost.time - START).total_seconds() < 4 * 3600
    assert 6 * 3600 <= (back.time - START).total_seconds() < 9 * 3600


def test_what_began_before_the_run_and_lasts_is_in_effect(live):
    received = live("2020-11-10 sensor_dead sensor=SUN_AZIMUTH for 30d", "2020-11-01 dust percent=50", **SPAN).received
    assert [report.fields["sensor"] for report in received.told("SENSOR_LOST")] == ["SUN_AZIMUTH"]
    assert received.told("ARRAY_WEAK")


def test_what_was_over_before_the_run_is_not(make_rover, live):
    lines = ["2020-11-10 sensor_dead sensor=SUN_AZIMUTH for 1d", "2020-11-01 dust percent=50 for 1d"]
    assert live(*lines, **SPAN).rover.line.frames == live(**SPAN).rover.line.frames


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "fault",
    [
        *["reset", "brown_out", "clock_jump seconds=1000", "request event=FAULT"],
        "monitor monitor=MON_SUN status=DISABLED",
    ],
)
def test_what_happened_in_a_moment_before_the_run_did_not(live, fault):
    life = live(f"2020-11-11T23:59:59.999Z {fault}", **SPAN)
    assert life.rover.line.frames == live(**SPAN).rover.line.frames
    assert list(life.rover.monitors.status) == list(live(**SPAN).rover.monitors.status)


@pytest.mark.slow
def test_a_reset_does_not_stop_what_is_still_to_come(live):
    lines = ["2020-11-12T03:00Z reset", "2020-11-12T03:00:05Z reset", "2020-11-12T06:00Z request event=DAWN"]
    received = live(*lines, **SPAN).received
    assert len(received.told("CRASH_REPORT")) == 2
    assert len(received.told("MODE_REFUSED")) == 1


# --- Whatever it tells ---


def arguments(fault):
    """The arguments of a fault as text, at random."""
    each = [
        st.sampled_from(sorted(argument.labels.values()))
        if argument.labels
        else st.integers(argument.least, argument.most)
        for argument in fault.arguments
    ]
    names = [argument.name for argument in fault.arguments]
    return st.tuples(*each).map(
        lambda values: " ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
    )


def line_of(fault):
    lasting = st.just("") if fault.momentary else st.integers(1, 40).map(lambda hours: f" for {hours}h")
    return st.tuples(st.integers(-48, 23 * 24), arguments(fault), lasting).map(
        lambda parts: (
            f"{(START + timedelta(days=9, hours=parts[0])).isoformat()[:19]}Z {fault.name} {parts[1]}{parts[2]}"
        )
    )


def assert_no_end(live_through, line, craft):
    """From the last day before a night to the first after it."""
    assert live_through(line, craft=craft, start="2020-11-21", days="19.5").told("HK_COMPUTER")


@pytest.mark.slow
@settings(max_examples=2)
@given(st.sampled_from(FAULTS).flatmap(line_of), st.sampled_from(["rover", "lander"]))
def test_no_fault_with_any_argument_ends_the_run(live_through, line, craft):
    assert_no_end(live_through, line, craft)


@pytest.mark.slow  # a second for each example
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@settings(max_examples=4)
@given(st.data(), st.sampled_from(["rover", "lander"]))
def test_no_fault_of_any_kind_ends_the_run(live_through, fault, data, craft):
    assert_no_end(live_through, data.draw(line_of(fault)), craft)


@pytest.mark.parametrize("status", load().enums["monitor_status"].values())
@pytest.mark.parametrize("monitor", MONITORS)
def test_each_status_may_be_given_to_all_that_a_scenario_calls_a_monitor(live_through, monitor, status):
    assert live_through(f"2020-11-12T01:00Z monitor monitor={monitor} status={status}", start="2020-11-12", days="0.1")


@pytest.mark.parametrize("seconds", [-1_000_000, 1_000_000])
def test_a_clock_may_jump_over_its_own_beginning(live_through, seconds):
    received = live_through(f"2019-01-04 clock_jump seconds={seconds}", start="2019-01-03T22:00", days="0.5")
    assert received.told("CLOCK_JUMPED")
