"""What a silent craft is likely to be, by the time there."""

from datetime import UTC, datetime, timedelta

import pytest
from yutu2.firmware import borrow_sun, to_datetime
from yutu2.mission.hibernation import before_waking

SUN = borrow_sun()
SUNRISE, SUNSET = to_datetime(SUN.sunrise(24)), to_datetime(SUN.sunset(24))
NEXT_SUNRISE = to_datetime(SUN.sunrise(25))


@pytest.mark.parametrize(
    ("time", "sunrise"),
    [
        (SUNRISE - timedelta(hours=1), SUNRISE),
        (SUNRISE + timedelta(hours=10), SUNRISE),
        (SUNRISE + timedelta(hours=30), None),
        (SUNSET - timedelta(hours=1), None),
        (SUNSET, NEXT_SUNRISE),
        (NEXT_SUNRISE - timedelta(seconds=1), NEXT_SUNRISE),
    ],
)
def test_it_is_told_from_sunset_to_waking(time, sunrise):
    told = before_waking(time, "rover")
    if sunrise is None:
        assert told is None
    else:
        assert told is not None
        assert told.startswith(f"it is {time:%Y-%m-%d %H:%M} UTC there; sunrise {sunrise:%Y-%m-%d %H:%M} UTC, awake ")


def test_a_lander_wakes_later_than_a_rover():
    dawn = datetime(2020, 11, 8, 6, 30, tzinfo=UTC)
    hours = [int(before_waking(dawn, craft).split()[-3]) for craft in ("rover", "lander")]
    assert hours[0] < hours[1]
