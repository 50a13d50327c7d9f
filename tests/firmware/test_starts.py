"""The starts of flight software are counted, over resets, restarts and runs; by them the ground sees a restart."""

import pytest
from rover.app import Rover
from rover.inputs.settings import Settings
from rover.store.redundant_record import RedundantRecord

START = "2020-11-11T00:00:00Z"
AT_WORK = {"start": START, "days": "0.1"}


def starts(received):
    """As housekeeping tells them, each once, in the order told."""
    return list(dict.fromkeys(report.fields["starts"] for report in received.told("HK_COMPUTER")))


def another(rover, resume_s=None):
    """Another rover on the board of this one, as after a start of the board; it has run."""
    rover = Rover(Settings(AT_WORK, speed="max"), rover.line, rover.store, rover.wall_clock, resume_s)
    rover.run()
    return rover


@pytest.mark.parametrize("craft", ["rover", "lander"])
def test_a_run_without_a_reset_has_one(live, craft):
    assert starts(live(craft=craft, **AT_WORK).received) == [1]


@pytest.mark.slow
def test_each_reset_of_the_computer_is_one(live):
    received = live(
        f"{START[:11]}00:30Z reset", f"{START[:11]}01:00Z brown_out", f"{START[:11]}01:30Z reset", **AT_WORK
    )
    assert starts(received.received) == [1, 2, 3, 4]


def test_each_start_of_the_board_is_one(make_rover):
    rover = make_rover(**AT_WORK)
    assert rover.starts == 1
    assert another(rover).starts == 2
    # One that takes up the run, and one that begins anew
    assert another(rover, rover.clock.s + 600).starts == 3
    assert another(rover).starts == 4


@pytest.mark.slow
def test_a_store_that_takes_nothing_stops_no_count(live):
    life = live(
        f"{START[:11]}00:10Z flash_error for 1h",
        *(f"{START[:11]}00:{minute}Z reset" for minute in (20, 40)),
        f"{START[:11]}01:30Z reset",
        **AT_WORK,
    )
    assert starts(life.received) == [1, 2, 3, 4]
    assert another(life.rover).starts == 5


@pytest.mark.parametrize("octets", [b"", b"\1", b"\1\2\3"])
def test_a_record_of_another_length_counts_as_none(make_rover, octets):
    rover = make_rover(**AT_WORK)
    slots = RedundantRecord(rover.store, "starts")
    slots.load()
    slots.save(octets)
    assert another(rover).starts == 1


def test_after_the_last_number_it_goes_on_from_zero(make_rover):
    rover = make_rover(**AT_WORK)
    slots = RedundantRecord(rover.store, "starts")
    slots.load()
    slots.save(b"\xff\xfe")
    assert [another(rover).starts for _ in range(3)] == [0xFFFF, 0, 1]


def test_one_of_the_two_records_may_be_broken(make_rover):
    rover = make_rover(**AT_WORK)
    another(rover)
    records = rover.store.records
    newest = max((("starts", part) for part in (0, 1)), key=lambda part: records[part][4:8])
    records[newest] = records[newest][:-1]
    assert another(rover).starts == 2
