"""The timeline of a run: what the rover told, and what the Sun did meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

from yutu2.decode.fields import Report
from yutu2.dictionary.model import Dictionary
from yutu2.firmware import borrow_sun, to_datetime, to_seconds
from yutu2.mission.hibernation import Dormancy, duration, falling_asleep, is_waking
from yutu2.mission.published import published_time

LANDING = datetime(2019, 1, 3, 2, 26, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))
_JUST_NOW = timedelta(minutes=5)

HEADING = f"  {'UTC':19}  {'Beijing':19}  {'lunar':>5}  {'Earth':>6}  event"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline. name: of an event, or SUNRISE or SUNSET. published: UTC of the real one.

    dormancy: what a sleep event begins. silent: how long it was, at a wake event, where the sleep event was heard.
    """

    time: datetime
    lunar_day: int
    name: str
    text: str
    published: datetime | None
    dormancy: Dormancy | None = None
    silent: timedelta | None = None

    @property
    def earth_day(self) -> float:
        """Earth days since the landing, 2019-01-03T02:26 UTC."""
        return (self.time - LANDING) / timedelta(days=1)

    @property
    def late_s(self) -> int | None:
        """Seconds by which the event came after the real one."""
        return None if self.published is None else round((self.time - self.published).total_seconds())

    def lines(self) -> list[str]:
        """UTC, Beijing time, lunar day, Earth days since landing, event.

        Below it the dormancy that begins or ends, and the real one's time, where there is such.
        """
        utc = self.time.strftime("%Y-%m-%d %H:%M:%S")
        beijing = self.time.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        lines = [f"  {utc}  {beijing}  {self.lunar_day:5}  {self.earth_day:6.1f}  {self.name:14}  {self.text}"]
        if self.dormancy is not None:
            lines.append(f"  {'dormant':>19}  silent and deaf; {self.dormancy.outlook}")
        if self.silent is not None:
            lines.append(f"  {'was dormant':>19}  silent for {duration(self.silent)}")
        if self.published is not None and self.late_s is not None:
            hours, minutes = divmod(round(abs(self.late_s) / 60), 60)
            real = self.published.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
            side = "later" if self.late_s >= 0 else "earlier"
            lines.append(
                f"  {'as published':>19}  {real:19}  {'':14}  {'':14}  this one {hours} h {minutes:02} min {side}"
            )
        return lines


class Timeline:
    """Puts the events of a run in order with the Sun's. start: where the run begins, or None: at its first report.

    dictionary: that the reports are decoded with.

    dormancy: the one that the craft was last heard to begin, None while it is awake.
    """

    def __init__(self, start: datetime | None, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self.dormancy: Dormancy | None = None
        self._ended: tuple[datetime, timedelta] | None = None  # the last dormancy: when, after how long
        self._sun = borrow_sun()
        self._horizon = self._crossings(start) if start else None
        self._next: Entry | None = None

    def entries(self, report: Report) -> Iterator[Entry]:
        """The entries that a report adds: sunrise and sunset before it, and itself when it is an event."""
        if report.time is None:
            return
        if self._horizon is None:
            self._horizon = self._crossings(report.time)
        yield from self.until(report.time)
        if report.service == 5 and report.name is not None and report.fields is not None:
            text = (report.text or "").format(**report.fields)
            day = self._sun.lunar_day(to_seconds(report.time))
            begun = falling_asleep(report.name, report.time, self._dictionary)
            silent = self._silent_until(report.time) if is_waking(report.name, self._dictionary) else None
            self.dormancy = begun or self.dormancy
            yield Entry(report.time, day, report.name, text, published_time(day, report.name), begun, silent)
        elif report.service == 3:
            self._silent_until(report.time)

    def until(self, time: datetime) -> Iterator[Entry]:
        """The Sun's entries up to `time` that were not told yet."""
        if self._horizon is None:
            return
        while True:
            self._next = self._next or next(self._horizon)
            if self._next.time > time:
                return
            yield self._next
            self._next = None

    def _silent_until(self, time: datetime) -> timedelta | None:
        """Ends a dormancy at the first report after it; how long the one was that ended just now.

        Housekeeping comes a little before the event of waking, and alone when that was lost.
        """
        if self.dormancy is not None and time > self.dormancy.since:
            self._ended, self.dormancy = (time, time - self.dormancy.since), None
        if self._ended is None or time - self._ended[0] > _JUST_NOW:
            return None
        return self._ended[1]

    def _crossings(self, start: datetime) -> Iterator[Entry]:
        """Sunrises and sunsets after `start`, for ever."""
        for day in count(self._sun.lunar_day(to_seconds(start))):
            rise, fall = to_datetime(self._sun.sunrise(day)), to_datetime(self._sun.sunset(day))
            if rise > start:
                yield Entry(rise, day, "SUNRISE", "the Sun rises over the level horizon", None)
            if fall > start:
                yield Entry(fall, day, "SUNSET", "the Sun sinks below the level horizon", None)
