"""What a run may be told: craft, time, seed, speed and line. The same names as options and in a settings file."""

from micropython import const

CLOCK_END = 1 << 30  # s since the epoch, 2053-01-09T13:37:04Z: where a Pico's small integers end

_DAY = const(86400)
_DEFAULT_LUNAR_DAY = const(24)
_LUNAR_DAYS = const(420)  # the last whole one before the clock's end
_SEEDS = const(0x40000000)
_MILLI_SPEEDS = const(100000000)

USAGE = """\
usage: main.py [--craft rover|lander] [--lunar-day N | --start TIME --days EARTH_DAYS]
               [--seed N] [--speed max|N] [--link PATH]

Lives through lunar days as the Yutu-2 rover or the Chang'e-4 lander and sends CCSDS telemetry.

  --craft NAME     rover (default) or lander
  --lunar-day N    from one hour before sunrise to one hour after sunset of lunar day N (default 24);
                   lunar day 1 begins with the landing
  --start TIME     instead: begin at this UTC time, as 2020-11-09T02:00:00Z,
  --days DAYS      and live so many Earth days, as 0.25
  --seed N         of noise and chance, 0 to 1073741823 (default 7)
  --speed N        max (default): from event to event; 1: real time; 60: a minute a second
  --link PATH      send to this pty or serial device, not to standard output
"""


class SettingError(ValueError):
    """A setting that cannot be; the text says which, what it was and what it may be."""


class Settings:
    """Checked settings.

    craft: "rover" or "lander". lunar_day: number, or None when start_s (s since 2019-01-01T00:00:00 UTC) and length_s
    are given. seed: 0 to 2**30 - 1. milli_speed: 1000 is real time, None is max. link: path or None.
    """

    def __init__(self, given):
        """given: option names to texts, as {"lunar_day": "24"}. SettingError tells what is wrong."""
        self.craft = given.get("craft", "rover")
        if self.craft not in ("rover", "lander"):
            raise SettingError("craft: '%s' is neither rover nor lander" % self.craft)
        self.seed = _decimal("seed", given.get("seed", "7"), 0, 0, _SEEDS - 1)
        self.link = given.get("link")
        speed = given.get("speed", "max")
        self.milli_speed = None if speed == "max" else _decimal("speed", speed, 3, 1, _MILLI_SPEEDS)
        self.lunar_day = None
        self.start_s = self.length_s = 0
        if "start" in given or "days" in given:
            self._take_span(given)
        else:
            self.lunar_day = _decimal("lunar-day", given.get("lunar_day", str(_DEFAULT_LUNAR_DAY)), 0, 1, _LUNAR_DAYS)

    def _take_span(self, given):
        if "lunar_day" in given:
            raise SettingError("lunar-day: give either it or start and days, not both")
        if "start" not in given or "days" not in given:
            raise SettingError("start and days: give both, as --start 2020-11-09T02:00:00Z --days 0.25")
        self.start_s = parse_time(given["start"])
        ten_thousandths = _decimal("days", given["days"], 4, 1, (CLOCK_END // _DAY) * 10000)
        whole, part = divmod(ten_thousandths, 10000)
        self.length_s = whole * _DAY + part * _DAY // 10000
        if self.start_s + self.length_s > CLOCK_END:
            raise SettingError("days: %s go past the clock's end, 2053-01-09T13:37:04Z" % given["days"])


_NAMES = ("craft", "lunar_day", "start", "days", "seed", "speed", "link")


def from_arguments(arguments):
    """Option names to texts of a command line such as ["--lunar-day", "24", "--seed=3"]. SettingError as above."""
    given = {}
    position = 0
    while position < len(arguments):
        option, equals, text = arguments[position].partition("=")
        name = option[2:].replace("-", "_")
        if not option.startswith("--") or name not in _NAMES:
            raise SettingError("%s: no such option; --help tells them" % option)
        if not equals:
            position += 1
            if position == len(arguments):
                raise SettingError("%s: needs a value" % option)
            text = arguments[position]
        given[name] = text
        position += 1
    return given


def parse_time(text):
    """Seconds since 2019-01-01T00:00:00 UTC of an ISO 8601 time in UTC: 2020-11-09, T02:17 or T02:17:30 added, or Z."""
    date, _, clock = (text[:-1] if text.endswith("Z") else text).partition("T")
    clock = clock + ":00" if len(clock) == 5 else clock or "00:00:00"
    year, month, day = _numbers(date, "-", (4, 2, 2))
    hour, minute, second = _numbers(clock, ":", (2, 2, 2))
    if not (0 < month < 13 and 0 < day <= _month_length(year, month) and hour < 24 and minute < 60 and second < 60):
        raise SettingError("start: '%s' is not a UTC time such as 2020-11-09T02:17:00Z" % text)
    if not 2019 <= year <= 2053:
        raise SettingError("start: %s lies outside the clock, 2019-01-01 to 2053-01-09T13:37:04Z" % text)
    days = day - 1
    for earlier in range(2019, year):
        days += 366 if _is_leap(earlier) else 365
    for earlier in range(1, month):
        days += _month_length(year, earlier)
    return days * _DAY + hour * 3600 + minute * 60 + second


def _numbers(text, separator, widths):
    """The numbers that `text` is made of, each of its width; zeros where it is not made so."""
    parts = text.split(separator)
    if len(parts) != len(widths) or any(len(part) != width or not part.isdigit() for part, width in zip(parts, widths)):
        return [0] * len(widths)
    return [int(part) for part in parts]


def _is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _month_length(year, month):
    if month == 2:
        return 29 if _is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _decimal(name, text, places, least, most):
    """A decimal number in units of 10**-places, without a float on the way."""
    whole, point, part = text.partition(".")
    scale = 10**places
    good = whole.isdigit() and (part.isdigit() if point else True) and len(part) <= places and len(whole) <= 10
    value = int(whole) * scale + int((part + "0" * places)[:places] or "0") if good else -1
    if not least <= value <= most:
        if places:
            span = "%s to %d" % ("0." + "0" * (places - 1) + str(least), most // scale)
        else:
            span = "%d to %d" % (least, most)
        raise SettingError("%s: '%s' is not a number from %s" % (name, text, span))
    return value
