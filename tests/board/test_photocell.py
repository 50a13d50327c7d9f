"""A photocell on the board stands in for the Sun: dusk and dawn by hand."""

import pytest
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load

SETTINGS = {"light": "adc", "speed": "600"}
LOOKS_MS = 2000  # six looks at this speed
STEPS_MS = 15_000  # two hours and a half: the dawn sequence, and a box that cools down
WARMING_MS = 60_000  # ten hours: until the box has followed the light
NIGHT_MS = 3000  # three looks in the dark
MODES = ["ROVER_WAKE", "ACTIVE_START", "NAP_START", "NAP_END", "PARKING_START", "ROVER_SLEEP"]
# What a lunar day tells besides: what was done, planned and measured
BESIDES = {"STEP_DONE", "NIGHT_COLD", "PLAN_BEGIN", "PLAN_END", "ACTIVITY_START", "ACTIVITY_DONE", "PRODUCT_READY"}


def converter(degrees):
    """What the converter gives for a Sun at this elevation: 90 degrees are its full scale."""
    return round(degrees * 4096 / 90)


@pytest.fixture(scope="module")
def lived(make_rover, listen_to):
    """(ground, the photocell's day from noon to noon, octets that came in the night)."""
    board = make_rover(SETTINGS)
    board.set_adc(0, converter(45))
    ground = listen_to(board)
    ground.boot()
    assert ground.wait_for("HK_COMPUTER", 5000).fields["mode"] == "NAP"
    told = []

    def shine(degrees, event, limit_ms):
        board.set_adc(0, converter(degrees))
        # a frame may wait for a second before it leaves
        told.append((degrees, ground.wait_for(event, limit_ms + 1500)))

    shine(28, "NAP_END", STEPS_MS)
    shine(10.5, "PARKING_START", LOOKS_MS)
    shine(8.5, "ROVER_SLEEP", LOOKS_MS)
    ground.listen(200)
    before = len(ground.octets)
    board.set_adc(0, 0)
    ground.listen(2 * NIGHT_MS)
    in_the_night = len(ground.octets) - before
    shine(9, "ROVER_WAKE", LOOKS_MS + NIGHT_MS)
    shine(20, "ACTIVE_START", STEPS_MS)
    shine(85, "NAP_START", WARMING_MS)
    return ground, told, in_the_night


def test_the_photocell_takes_the_rover_through_the_same_events_as_the_sun(lived, day24):
    by_the_sun = TelemetryDecoder(load())
    events = [report.name for report in by_the_sun.feed(day24) if report.service == 5 and report.name not in BESIDES]
    assert events == MODES
    told = [name for name in lived[0].events() if name not in BESIDES]
    from_noon = events[3:] + events[:3]
    assert [event.name for _, event in lived[1]] == told == from_noon


def test_its_events_tell_the_elevation_that_the_photocell_showed(lived):
    for degrees, event in lived[1]:
        if "sun_elevation" in event.fields:
            assert event.fields["sun_elevation"] == pytest.approx(degrees, abs=0.1)


def test_a_sleeping_rover_is_silent(lived):
    assert lived[2] == 0


def test_all_came_whole_and_without_a_restart(lived):
    ground = lived[0]
    assert ground.account()["frames"]["damaged"] == 0
    assert ground.board.resets == []


@pytest.mark.parametrize("gap_ms", [100, 150])
def test_a_0x03_before_200_ms_of_silence_does_not_stop_the_rover(lived, gap_ms):
    """However the two fall between the moments at which the rover listens."""
    ground = lived[0]
    for phase_ms in range(0, 100, 10):
        ground.listen(300 + phase_ms)
        ground.board.send_usb(b"a")
        ground.listen(gap_ms)
        ground.board.send_usb(b"\x03")
    ground.listen(300)
    assert b"the REPL is yours" not in ground.octets
