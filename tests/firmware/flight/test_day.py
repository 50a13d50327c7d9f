"""The wake and sleep scheduler on a Sun sensor that reads what the test says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rover import generated
from rover.app import Rover
from rover.settings import Settings
from yutu2.firmware import to_seconds

START_S = 58_665_600
EAST, WEST = 90_000, 270_000  # azimuths
LOOK_S = 60

# Elevation and azimuth at which the rover stays in its mode
STEADY = {
    "dormant before sunrise": (0, 0),
    "dormant at dawn": (5_000, EAST),
    "active in the morning": (20_000, EAST),
    "napping before noon": (44_000, 10_000),
    "napping after noon": (40_000, 330_000),
    "active in the afternoon": (20_000, WEST),
    "parking": (10_000, WEST),
    "dormant at dusk": (5_000, WEST),
}


class Script:
    """A Sun sensor that reads these one after the other, and the last one for ever."""

    def __init__(self, readings):
        self._readings = list(readings)
        self._now = None

    def sun_elevation(self):
        if self._readings:
            self._now = self._readings.pop(0)
        return self._now[0]

    def sun_azimuth(self):
        return self._now[1]


@pytest.fixture(scope="session")
def live(make_line, receive_whole):
    """`live(craft, readings)`: what a craft sends in six hours that looks at these readings, minute after minute.

    notices: as Rover has them. to_the_end: so that also what still waits is sent.
    """

    def live(craft, readings, notices=(), to_the_end=True):
        line = make_line()
        line.photocell = lambda: Script(readings)
        given = {"craft": craft, "light": "adc", "start": "2020-11-10", "days": "0.25"}
        rover = Rover(Settings(given, speed="max"), line, notices=notices)
        if to_the_end:
            rover.run()
        else:
            rover.day.start()
            rover.scheduler.run(rover.end_s)
        return receive_whole(b"".join(line.frames))

    return live


def third_in_a_row(asked):
    """Where in a list of booleans three are true in a row for the first time, or None."""
    return next((at for at in range(2, len(asked)) if all(asked[at - 2 : at + 1])), None)


@given(st.lists(st.booleans(), max_size=12))
def test_three_looks_in_a_row_wake_it_and_fewer_do_not(live, bright):
    readings = [(5_000, EAST), *((8_000 if is_bright else 5_000, EAST) for is_bright in bright), (5_000, EAST)]
    received = live("rover", readings)
    woken = third_in_a_row(bright)
    if woken is None:
        assert received.reports == []
        return
    first, second = received.events()[0], received.housekeeping()[0]
    assert first.name == "ROVER_WAKE"
    assert first.fields == {"sun_elevation": 8.0}
    assert to_seconds(first.time) == to_seconds(second.time) == START_S + (woken + 1) * LOOK_S


@given(st.lists(st.booleans(), max_size=12))
def test_three_looks_in_a_row_put_it_to_sleep_and_fewer_do_not(live, low):
    readings = [(7_000, WEST), *((6_000 if is_low else 7_000, WEST) for is_low in low), (7_000, WEST)]
    events = live("lander", readings).events()
    asleep = third_in_a_row(low)
    assert [event.name for event in events] == ([] if asleep is None else ["LANDER_SLEEP"])
    if events:
        assert to_seconds(events[0].time) == START_S + (asleep + 1) * LOOK_S


@given(
    steady=st.sampled_from(sorted(STEADY)),
    noise=st.lists(st.tuples(st.integers(0, 90_000), st.integers(0, 359_999)), min_size=1, max_size=2),
)
def test_one_or_two_wild_readings_move_nothing(live, steady, noise):
    received = live("rover", [*[STEADY[steady]] * 3, *noise, STEADY[steady]])
    assert received.events() == []
    assert len({report.fields["mode"] for report in received.housekeeping()}) <= 1


@pytest.mark.parametrize("steady", STEADY)
def test_it_speaks_in_mid_day_and_is_silent_in_its_sleep(live, steady):
    modes = {report.fields["mode"] for report in live("rover", [STEADY[steady]]).housekeeping()}
    mode = steady.split()[0]
    assert modes == ({{"napping": "NAP"}.get(mode, mode.upper())} if mode != "dormant" else set())


def test_all_is_sent_before_it_falls_silent(live):
    received = live("rover", [STEADY["parking"]] * 3 + [STEADY["dormant at dusk"]], to_the_end=False)
    assert received.reports[-1].name == "ROVER_SLEEP"


def test_equipment_is_on_twenty_minutes_after_the_wake_up(live):
    wake, ready = live("rover", [STEADY["dormant at dawn"], (8_000, EAST)]).events()
    assert (wake.name, ready.name) == ("ROVER_WAKE", "ACTIVE_START")
    assert to_seconds(ready.time) - to_seconds(wake.time) == 1200


@pytest.mark.parametrize(
    ("readings", "names"),
    [
        ([STEADY["active in the morning"]], ["SETTING_REFUSED"]),
        ([STEADY["dormant at dawn"], (8_000, EAST)], ["ROVER_WAKE", "SETTING_REFUSED", "ACTIVE_START"]),
        ([STEADY["dormant at dawn"]], []),
        # over two wake-ups
        (
            [(8_000, EAST)] * 4 + [(5_000, WEST)] * 30 + [(8_000, EAST)],
            ["SETTING_REFUSED", "PARKING_START", "ROVER_SLEEP", "ROVER_WAKE", "ACTIVE_START"],
        ),
    ],
)
def test_a_notice_is_told_once_and_as_soon_as_it_speaks(live, readings, names):
    notices = [(generated.SETTING_REFUSED, generated.SETTING_SEED)]
    assert [event.name for event in live("rover", readings, notices).events()] == names
