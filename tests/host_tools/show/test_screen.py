"""What is told of the line in one line, and of a run while it goes."""

from datetime import UTC, datetime, timedelta

import pytest
from yutu2.cli.run_screen import RunScreen
from yutu2.dictionary.model import load
from yutu2.mission.hibernation import falling_asleep
from yutu2.runs.run import Outcome
from yutu2.runs.timeline import Entry
from yutu2.show.reception_statistics import account_line

CLEAN = {
    "octets": {"total": 2238, "in_frames": 2238, "skipped": 0},
    "skipped": [],
    "frames": {"received": 2, "good": 2, "duplicate": 0, "damaged": 0},
    "channels": {"0": {"good": 2, "duplicate": 0, "lost": 0}},
    "packets": {"good": 40, "damaged": 0, "incomplete": 0, "idle": 1},
    "apids": {"0/0": {"good": 1, "duplicate": 0, "lost": 0}, "0/1": {"good": 39, "duplicate": 0, "lost": 0}},
    "runs": [{"offset": 0, "time": "2020-11-09T03:31:30.000Z"}],
}
BAD = {
    "octets": {"total": 9000, "in_frames": 5595, "skipped": 3405},
    "skipped": [[0, 3405]],
    "frames": {"received": 7, "good": 4, "duplicate": 1, "damaged": 2},
    "channels": {"0": {"good": 3, "duplicate": 1, "lost": 5}, "2": {"good": 1, "duplicate": 0, "lost": 6}},
    "packets": {"good": 70, "damaged": 3, "incomplete": 1, "idle": 1},
    "apids": {"0/0": {"good": 1, "duplicate": 0, "lost": 20}, "2/1": {"good": 69, "duplicate": 0, "lost": 80}},
    "runs": [{"offset": 0, "time": None}],
}


def test_a_clean_line():
    assert account_line(CLEAN) == (
        "40 packets in 2 frames; damaged 0 frames, 0 packets; 0 duplicate frames; 0 octets skipped; nothing lost"
    )


def test_a_bad_line_adds_up_what_was_lost_on_all_channels():
    assert account_line(BAD) == (
        "70 packets in 4 frames; damaged 2 frames, 3 packets; 1 duplicate frames; 3405 octets skipped; "
        "lost 11 frames, 100 packets"
    )


def test_restarts_are_named_the_first_three_of_them():
    restart = {"offset": 1119000, "time": "2020-11-09T03:31:30.000Z"}
    untimed = {"offset": 2238, "time": None}
    once = account_line(CLEAN | {"runs": [*CLEAN["runs"], restart]})
    assert once.endswith("; nothing lost; 2 runs: the rover was restarted at octet 1,119,000, 2020-11-09T03:31:30.000Z")
    often = account_line(CLEAN | {"runs": [*CLEAN["runs"], untimed, restart, untimed, restart], "runs_unlisted": 2})
    assert "; 7 runs: the rover was restarted at octet 2,238 and at octet 1,119,000, 2020" in often
    assert often.endswith(" and at octet 2,238 and at 3 more places")


def test_joined_extents_and_other_frames_are_named():
    line = account_line(BAD | {"skipped_joined": 1234}, "also 3 TM frames of 1115 octets of spacecraft 77")
    assert line.endswith(
        "; 1,234 extents of skipped octets are joined to the last one listed; "
        "also 3 TM frames of 1115 octets of spacecraft 77"
    )


def test_without_a_frame_of_this_mission_nothing_lost_is_not_said():
    nothing = {"frames": {"received": 2, "good": 0, "duplicate": 0, "damaged": 2}, "channels": {}, "apids": {}}
    assert account_line(CLEAN | nothing, "it is text") == "2,238 octets: it is text"
    assert account_line(CLEAN | nothing) == "2,238 octets: no transfer frame of this mission was found"


EVENING = datetime(2020, 11, 21, 19, 49, 30, tzinfo=UTC)
DORMANT = "dormant since 2020-11-21 19:49 UTC; next sunrise 2020-12-07 18:49 UTC"
SLEEP = Entry(EVENING, 24, "ROVER_SLEEP", "asleep", None, falling_asleep("ROVER_SLEEP", EVENING, load()))


def progress(screen):
    """The words of the progress line."""
    return screen._progress.tasks[0].description


def test_the_progress_line_says_dormant_until_the_craft_is_heard_again():
    screen = RunScreen("", {})
    assert progress(screen) == "waiting for the rover"
    screen.time(EVENING - timedelta(minutes=1), 0)
    assert progress(screen) == "mission time 2020-11-21 19:48 UTC"
    screen.entry(SLEEP)
    screen.time(EVENING, 0)
    assert progress(screen) == DORMANT
    screen.time(EVENING + timedelta(days=17), 0)
    assert progress(screen) == "mission time 2020-12-08 19:49 UTC"
    screen.time(EVENING + timedelta(days=17), 12)
    assert progress(screen) == "mission time 2020-12-08 19:49 UTC, 12 files"


def test_a_run_that_begins_in_the_night_waits_for_the_sun():
    screen = RunScreen("", {"start": "2020-12-01", "days": "10"})
    assert progress(screen) == "waiting for the rover: it is night, next sunrise 2020-12-07 18:49 UTC"


@pytest.mark.parametrize(("dormancy", "told"), [(SLEEP.dormancy, True), (None, False)])
def test_the_summary_says_that_the_craft_was_left_dormant(capsys, dormancy, told):
    outcome = Outcome(load(), CLEAN, {}, [], 2238, "", None, False, dormancy)
    RunScreen("", {}).summary(outcome, None)
    assert (f"The craft is {DORMANT}.\n" in capsys.readouterr().out) == told
    kept = outcome.summary({})["dormant"]
    assert kept == ({"since": "2020-11-21T19:49:30.000Z", "next_sunrise": "2020-12-07T18:49:30.000Z"} if told else None)


def test_the_summary_file_tells_dormancy_in_the_timeline():
    outcome = Outcome(load(), CLEAN, {}, [SLEEP], 2238, "", None, False)
    (entry,) = outcome.summary({})["timeline"]
    assert (entry["next_sunrise"], entry["silent_s"]) == ("2020-12-07T18:49:30.000Z", None)
