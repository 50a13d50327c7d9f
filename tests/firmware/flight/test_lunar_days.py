"""Whole lunar days of the real rover and lander, on the emulator's own Moon."""

from itertools import pairwise

import pytest
from rover.world.sun import sunrise, sunset
from yutu2.firmware import to_datetime, to_seconds

EVENTS = {
    "rover": [
        *["ROVER_WAKE", "NIGHT_COLD", *["STEP_DONE"] * 5, "ACTIVE_START"],
        *["NAP_START", "NAP_END", "PARKING_START", *["STEP_DONE"] * 6, "ROVER_SLEEP"],
    ],
    "lander": ["LANDER_WAKE", "NIGHT_COLD", *["STEP_DONE"] * 3, "ACTIVE_START", "LANDER_SLEEP"],
}
FIRST_OF_DAY_1 = {"rover": "NAP_START", "lander": "LANDER_SLEEP"}
# With how far they may be off: three looks take 9 minutes; the array's power hangs on how cold the wing is
ELEVATIONS = {
    "ROVER_WAKE": (7.5, 0.3),
    "NAP_START": (42.5, 0.15),
    "NAP_END": (30.0, 0.15),
    "PARKING_START": (11.0, 0.15),
    "ROVER_SLEEP": (9.2, 0.15),
    "LANDER_WAKE": (13.4, 0.3),
    "LANDER_SLEEP": (6.0, 0.15),
}
HOUSEKEEPING = {"rover": ["HK_COMPUTER", "HK_POWER", "HK_DRIVE"], "lander": ["HK_COMPUTER", "HK_POWER"]}
PERIODS_S = {"HK_COMPUTER": 60, "HK_POWER": 300, "HK_DRIVE": 1800}


def names(reports):
    return [report.name for report in reports]


@pytest.fixture(scope="session")
def live(unix_port, run_rover, receive_whole):
    """`live(*options)`: what a craft sends that is run with these options."""

    def live(*options):
        done = run_rover(unix_port, *options)
        assert (done.returncode, done.stderr) == (0, b"")
        return receive_whole(done.stdout)

    return live


# Each takes two to four seconds: most are slow
@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("number", "seed"),
    [
        *[(24, 7), (300, 2026)],
        *(pytest.param(*pair, marks=pytest.mark.slow) for pair in [(2, 7), (2, 2026), (24, 2026), (300, 7)]),
    ],
)
@pytest.mark.parametrize("craft", EVENTS)
def test_each_event_comes_once_and_in_its_order(live, craft, number, seed):
    received = live(f"--craft={craft}", f"--lunar-day={number}", f"--seed={seed}")
    events = received.of_the_craft()
    assert names(events) == EVENTS[craft]
    for event in events:
        if event.name in ELEVATIONS:
            elevation, within = ELEVATIONS[event.name]
            assert event.fields["sun_elevation"] == pytest.approx(elevation, abs=within)
    for name in HOUSEKEEPING[craft]:
        period_s = PERIODS_S[name]
        times = [to_seconds(report.time) for report in received.told(name)]
        assert times[0] == to_seconds(events[0].time)
        assert {later - earlier for earlier, later in pairwise(times)} == {period_s}
        assert 0 <= to_seconds(events[-1].time) - times[-1] <= period_s
        assert sunrise(number) < times[0] < times[-1] < sunset(number)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("craft", "landed_s"), [("rover", 224_520), ("lander", 181_560)])
def test_lunar_day_1_begins_awake_at_the_landing_without_a_wake_up(live, craft, landed_s):
    received = live(f"--craft={craft}", "--lunar-day=1")
    assert names(received.of_the_craft()) == EVENTS[craft][EVENTS[craft].index(FIRST_OF_DAY_1[craft]) :]
    first = received.housekeeping()[0]
    assert to_seconds(first.time) == landed_s
    assert first.fields["mode"] == "ACTIVE"


@pytest.mark.slow  # two lunar days
@pytest.mark.parametrize("craft", EVENTS)
def test_it_is_silent_from_sleep_to_wake(live, craft):
    start = to_datetime(sunrise(30) - 3600).strftime("%Y-%m-%dT%H:%M:%SZ")
    received = live(f"--craft={craft}", f"--start={start}", "--days=61")
    told = names(received.of_the_craft())
    assert told == (EVENTS[craft] * 3)[: len(told)]
    assert len(told) > 2 * len(EVENTS[craft])
    sleep = received.reports.index(received.of_the_craft()[len(EVENTS[craft]) - 1])
    wake = received.reports.index(received.of_the_craft()[len(EVENTS[craft])])
    between = received.reports[sleep + 1 : wake]
    assert [name for name in names(between) if name != "TIME"] == HOUSEKEEPING[craft]
    assert all(report.time >= received.reports[wake].time for report in between)


@pytest.mark.parametrize(
    "hours", [pytest.param(hours, marks=[] if hours in (84, 300) else pytest.mark.slow) for hours in range(12, 340, 36)]
)
def test_started_in_mid_day_it_does_what_the_day_would_have_led_it_to(live, day24, receive, hours):
    start_s = sunrise(24) + hours * 3600
    begun = live(f"--start={to_datetime(start_s).isoformat()[:19]}", "--days=0.5")
    whole = receive(day24)

    def modes(received):
        reports = {to_seconds(report.time): report.fields["mode"] for report in received.housekeeping()}
        # Not the first half hour: a rover that is started needs no warming up
        times = range(start_s + 1800, start_s + 43000)
        return [mode for time, mode in sorted(reports.items()) if time in times]

    # Moves come as the noise will have it; and where a run begins in the night, its box is warmer than others
    for mode in {*modes(begun), *modes(whole)}:
        assert modes(begun).count(mode) == pytest.approx(modes(whole).count(mode), abs=30)
