"""Control of time: how often it is reported, and what the rover takes it for."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.firmware import to_datetime

SET = "TIME_SET time=2020-11-11T06:00:30.250Z"
LARGEST = (1 << 30) - 1


def names(reports):
    return [report.name for report in reports]


# --- Its rate ---


def time_reports(frames):
    """(number of the frame of virtual channel 0 in which it begins, rate) of each time report."""
    reception, reports = TelemetryDecoder(load()), []
    for number, frame in enumerate(frames):
        reports += [(number, report.fields["rate"]) for report in reception.feed(frame) if report.name == "TIME"]
    return reports


def fill(ground, count):
    """Lets so many frames go down."""
    frames = ground.rover.downlink.frames
    while ground.rover.downlink.frames < frames + count:
        ground.run(600)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("rate", range(9))
def test_the_time_comes_each_so_many_frames(ground, rate):
    fill(ground, 3)
    assert names(ground.send(f"TIME_RATE rate={rate}")) == ["TC_ACCEPTED", "TC_STARTED", "TC_DONE"]
    fill(ground, 600)
    every = 1 << rate
    reports = [frame for frame, told in time_reports(ground.rover.line.frames) if told == rate and frame > 16]
    assert len(reports) > 1
    assert {second - first for first, second in pairwise(reports)} == {every}
    assert not any(frame % every for frame in reports[1:])


def test_by_default_it_is_4_and_a_restart_brings_that_back(make_ground):
    ground = make_ground("2020-11-11T07:00:00Z reset")
    fill(ground, 1)
    ground.send("TIME_RATE rate=0")
    fill(ground, 40)
    rates = [rate for _, rate in time_reports(ground.rover.line.frames)]
    assert (rates[0], rates[-1]) == (4, 4)
    assert 0 in rates


def test_a_rate_out_of_range_is_refused(ground):
    (report,) = ground.send_data(9, 1, bytes([9]))
    assert (report.name, report.fields["code"], report.raw["data"]) == ("TC_REFUSED", "WRONG_ARGUMENT", 1 << 16 | 9)


# --- On-board time ---


def test_stamps_are_of_the_old_time_until_it_is_set_and_of_the_new_one_from_then_on(ground):
    old = datetime(2020, 11, 11, 6, tzinfo=UTC)
    reports = ground.send("TIME_SET time=2021-01-01T00:00:00.125Z")
    new = datetime(2021, 1, 1, microsecond=125_000, tzinfo=UTC)
    assert [(report.name, report.time) for report in reports] == [
        ("TC_ACCEPTED", old),
        ("TC_STARTED", old),
        ("TC_DONE", new),
    ]
    assert [report.time for report in ground.run(60) if report.name == "HK_COMPUTER"] == [new + timedelta(seconds=60)]


@given(s=st.integers(0, LARGEST), ms=st.integers(0, 999), now_ms=st.integers(0, 999))
def test_it_is_set_to_the_millisecond(ground_for_all, s, ms, now_ms):
    ground = ground_for_all
    clock = ground.rover.clock
    clock.ms = now_ms
    clock.set_onboard(1000, 0)
    ground.send(f"TIME_SET time={to_datetime(s, ms).isoformat(timespec='milliseconds')}".replace("+00:00", "Z"))
    assert (clock.onboard_s(), clock.onboard_ms()) == (s, ms)


@given(fraction=st.integers(0, 65535))
def test_any_fraction_comes_within_half_a_millisecond(ground_for_all, fraction):
    ground = ground_for_all
    ground.send_data(9, 128, (1000).to_bytes(4) + fraction.to_bytes(2))
    clock = ground.rover.clock
    told_ms = (clock.onboard_s() - 1000) * 1000 + clock.onboard_ms()
    assert 0 <= clock.onboard_ms() <= 999
    assert abs(told_ms - fraction * 1000 / 65536) <= 0.5


@pytest.fixture(scope="module")
def ground_for_all(make_ground):
    """One rover for many examples: each sets the time anew."""
    return make_ground()


@pytest.mark.parametrize("by", [timedelta(days=400), timedelta(seconds=-30), timedelta(days=-500)])
def test_no_monitor_takes_it_for_a_jump(ground, by):
    ground.run(400)
    now = to_datetime(ground.rover.clock.s, ground.rover.clock.ms)
    ground.send(f"TIME_SET time={(now + by).isoformat(timespec='milliseconds')}".replace("+00:00", "Z"))
    reports = ground.run(3600)
    assert "CLOCK_JUMPED" not in names(reports)
    assert to_datetime(ground.rover.clock.onboard_s(), 0) == now + timedelta(seconds=3600) + by


def test_a_jump_after_it_is_still_one_and_is_taken_back(make_ground):
    ground = make_ground("2020-11-11T06:10:00Z clock_jump seconds=100")
    ground.run(400)
    ground.send("TIME_SET time=2021-01-01T00:00:00Z")
    set_s = ground.rover.clock.s
    reports = ground.run(1000)
    assert [report.fields["clock_step"] for report in reports if report.name == "CLOCK_JUMPED"] == [100]
    assert to_datetime(ground.rover.clock.onboard_s() - ground.rover.clock.s + set_s, 0) == datetime(
        2021, 1, 1, tzinfo=UTC
    )


def test_a_jump_before_it_is_none_any_more(make_ground):
    ground = make_ground("2020-11-11T06:07:00Z clock_jump seconds=100")
    ground.run(420)
    assert ground.rover.clock.onboard_s() - ground.rover.clock.s == 100
    ground.send(SET)
    reports = ground.run(1000)
    assert "CLOCK_JUMPED" not in names(reports)


@pytest.mark.slow
def test_world_time_and_what_was_asked_for_go_on_as_they_were(make_ground):
    """Housekeeping, looks, the plan and the Sun: all come when they would have come."""

    def life(*, is_set):
        ground = make_ground(plan="atoms: at 2020-11-11T07:00:00Z asan_observe minutes=10")
        if is_set:
            ground.send("TIME_SET time=2030-01-01T00:00:00Z")
        begun_s = ground.rover.clock.s
        onboard = to_datetime(ground.rover.clock.onboard_s(), 0)
        reports = [report for report in ground.run(3 * 86400) if report.service in (3, 5)]
        assert ground.rover.clock.s - begun_s == 3 * 86400
        hidden = ("packets_sent", "commands_accepted", "frames_sent")
        return [
            (report.name, report.time - onboard, {key: it for key, it in report.fields.items() if key not in hidden})
            for report in reports
        ]

    assert life(is_set=True) == life(is_set=False)


def test_it_lives_on_over_a_restart(make_ground):
    ground = make_ground("2020-11-11T07:00:00Z reset")
    ground.send("TIME_SET time=2021-01-01T00:00:00Z")
    reports = ground.run(7200)
    assert "CRASH_REPORT" in names(reports)
    assert reports[-1].time > datetime(2021, 1, 1, 1, 59, tzinfo=UTC)


def test_a_time_past_the_end_of_the_clock_is_refused(ground):
    (report,) = ground.send_data(9, 128, (1 << 30).to_bytes(4) + bytes(2))
    assert (report.name, report.fields["code"]) == ("TC_REFUSED", "WRONG_ARGUMENT")
