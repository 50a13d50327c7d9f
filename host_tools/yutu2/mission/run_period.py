"""When a rover's run begins and ends, by its options."""

from datetime import UTC, datetime, timedelta

from yutu2.dictionary.model import load
from yutu2.firmware import LUNAR_DAYS, borrow_sun, to_datetime

MARGIN_S = 3600  # a lunar day of the firmware begins and ends so long before sunrise and after sunset


def span_of(options: dict[str, str]) -> tuple[datetime, datetime] | None:
    """(start, end) in UTC of the run asked for; None where the options cannot be: the rover will say so."""
    try:
        if "lunar_day" not in options:
            start = datetime.fromisoformat(options["start"]).replace(tzinfo=UTC)
            return start, start + timedelta(days=float(options["days"]))
        day = int(options["lunar_day"])
        if not 1 <= day <= LUNAR_DAYS:
            return None
        sun = borrow_sun()
        start = to_datetime(sun.sunrise(day) - MARGIN_S)
        if day == 1:
            start = load().craft[options["craft"]]["first_start"]
        return start, to_datetime(sun.sunset(day) + MARGIN_S)
    except (KeyError, ValueError, OverflowError):
        return None
