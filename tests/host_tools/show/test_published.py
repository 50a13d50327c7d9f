"""The published events, and which of them are told beside ours."""

import csv
from datetime import datetime, timedelta
from importlib.resources import files

import pytest
from yutu2.mission.published import published_events, published_time

ROWS = list(csv.DictReader(files("yutu2.mission").joinpath("published.csv").read_text(encoding="utf-8").splitlines()))
OURS = {
    ("rover", "wake"): "ROVER_WAKE",
    ("rover", "sleep"): "ROVER_SLEEP",
    ("lander", "wake"): "LANDER_WAKE",
    ("lander", "sleep"): "LANDER_SLEEP",
}


def test_beijing_time_is_eight_hours_ahead_of_utc():
    for row in ROWS:
        if row["time_utc"]:
            utc = datetime.fromisoformat(row["time_utc"]).replace(tzinfo=None)
            assert datetime.fromisoformat(row["time_beijing"]) - utc == timedelta(hours=8)


def test_every_row_with_a_time_is_read_and_no_other():
    known = [(event.lunar_day, event.craft, event.event, event.trusted) for event in published_events()]
    assert known == [
        (int(row["lunar_day"]), row["craft"], row["event"], row["use_for_fit"] == "1")
        for row in ROWS
        if row["time_utc"]
    ]
    assert all(event.time.utcoffset() == timedelta() for event in published_events())


@pytest.mark.parametrize(("craft", "event"), OURS)
def test_the_trusted_row_of_a_lunar_day_is_told(craft, event):
    for day in range(1, 40):
        trusted = [
            datetime.fromisoformat(row["time_utc"])
            for row in ROWS
            if (int(row["lunar_day"]), row["craft"], row["event"], row["use_for_fit"]) == (day, craft, event, "1")
        ]
        assert len(trusted) <= 1
        assert published_time(day, OURS[craft, event]) == (trusted[0] if trusted else None)


def test_a_doubtful_row_is_passed_over():
    assert published_time(2, "ROVER_SLEEP") == datetime.fromisoformat("2019-02-11T12:00Z")
    assert published_time(13, "LANDER_WAKE") == datetime.fromisoformat("2019-12-20T21:14Z")
    assert published_time(9, "ROVER_WAKE") is None


def test_what_was_never_published_has_no_time():
    assert published_time(24, "NAP_START") is None
    assert published_time(24, "SUNRISE") is None
    assert published_time(400, "ROVER_WAKE") is None
