"""A photocell on the board stands in for the Sun: dusk and dawn by hand."""

import pytest
from yutu2.decode.reception import Reception
from yutu2.dictionary.model import load

SETTINGS = {"light": "adc", "speed": "7200"}  # two hours a second
LOOKS_MS = 1000  # forty looks at this speed
WARMING_MS = 20_000  # until the box has followed the light: hours
NIGHT_MS = 1500  # eighteen looks in the dark
# What a lunar day tells besides: what was done and measured
STEPS = {"STEP_DONE", "NIGHT_COLD"}


def converter(degrees):
    """What the converter gives for a Sun at this elevation: 90 degrees are its full scale."""
    return round(degrees * 4096 / 90)


@pytest.fixture(scope="module")
def night(make_rover, listen_to):
    """A board in the dark, and what it sends there: nothing."""
    board = make_rover(SETTINGS)
    board.set_adc(0, 0)
    ground = listen_to(board)
    ground.boot()
    ground.listen(3000 + NIGHT_MS)
    assert b"\x1a\xcf\xfc\x1d" not in ground.octets
    return ground


@pytest.fixture(scope="module")
def lived(night):
    """(ground, the photocell's day, octets that came in the night after it)."""
    board = night.board
    day = (
        (9, "ROVER_WAKE", 2 * LOOKS_MS + NIGHT_MS),
        (20, "ACTIVE_START", WARMING_MS),
        (45, "NAP_START", WARMING_MS),
        (28, "NAP_END", WARMING_MS),
        (10.5, "PARKING_START", LOOKS_MS),
        (8.5, "ROVER_SLEEP", LOOKS_MS),
    )
    told = []
    for degrees, event, limit_ms in day:
        board.set_adc(0, converter(degrees))
        # a frame may wait for a second before it leaves
        told.append((degrees, night.wait_for(event, limit_ms + 1500)))
    night.listen(200)
    before = len(night.octets)
    board.set_adc(0, 0)
    night.listen(NIGHT_MS)
    return night, told, len(night.octets) - before


def test_the_photocell_takes_the_rover_through_the_same_events_as_the_sun(lived, day24):
    by_the_sun = Reception(load())
    events = [report.name for report in by_the_sun.feed(day24) if report.service == 5 and report.name not in STEPS]
    assert events == ["ROVER_WAKE", "ACTIVE_START", "NAP_START", "NAP_END", "PARKING_START", "ROVER_SLEEP"]
    told = [name for name in lived[0].events() if name not in STEPS]
    assert [event.name for _, event in lived[1]] == told[: len(events)] == events


def test_its_events_tell_the_elevation_that_the_photocell_showed(lived):
    for degrees, event in lived[1]:
        if "sun_elevation" in event.fields:
            assert event.fields["sun_elevation"] == pytest.approx(degrees, abs=0.1)


def test_a_sleeping_rover_is_silent(lived):
    assert lived[2] == 0


def test_dawn_wakes_it_again(lived):
    ground = lived[0]
    ground.board.set_adc(0, converter(9))
    ground.wait_for("ROVER_WAKE", 2 * LOOKS_MS + NIGHT_MS)
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
