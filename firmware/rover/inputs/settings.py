"""What a run may be told: craft, time, seed, speed and line. The same names as options and in a settings file."""

from micropython import const

from . import SettingError

CLOCK_END = const(0x40000000)  # s since the epoch, 2053-01-09T13:37:04Z: where a Pico's small integers end

_DAY = const(86400)
_DEFAULT_LUNAR_DAY = const(24)
_LUNAR_DAYS = const(420)  # the last but one within the clock: the sunrise after it can still be computed
_SEEDS = const(0x40000000)
_MILLI_SPEEDS = const(100000000)
_MARK = b"\xef\xbb\xbf"  # of octets as UTF-8

# In the order of the dictionary's enum `setting`, from 1
NAMES = ("craft", "lunar_day", "start", "days", "seed", "speed", "link", "baud", "light", "led", "scenario", "plan")
NAMES += ("uplink", "key")


class Settings:
    """Checked settings.

    craft: "rover" or "lander". lunar_day: number, or None when start_s (s since 2019-01-01T00:00:00 UTC) and length_s
    are given. seed: 0 to 2**30 - 1. milli_speed: 1000 is real time, None is max. link: on a desktop a path or None, on
    a board "usb" or "uart". For a board alone: baud of the UART; light, "world" or "adc" for a photocell; led, "on" or
    "off". scenario, plan, uplink: compiled files, or None. key: the file that holds the key of the up-link, or None.
    """

    def __init__(self, given, speed, on_board=False):
        """given: names to texts, as {"lunar_day": "24"}; speed: the default. SettingError tells what is wrong."""
        self.craft = _one_of("craft", given.get("craft", "rover"), ("rover", "lander"))
        self.seed = _decimal("seed", given.get("seed", "7"), 0, 0, _SEEDS - 1)
        speed = given.get("speed", speed)
        self.milli_speed = None if speed == "max" else _decimal("speed", speed, 3, 1, _MILLI_SPEEDS, " nor max")
        self.link = given.get("link")
        if on_board:
            self.link = _one_of("link", given.get("link", "usb"), ("usb", "uart"))
        self.baud = _decimal("baud", given.get("baud", "115200"), 0, 1200, 921600)
        self.light = _one_of("light", given.get("light", "world"), ("world", "adc"))
        self.led = _one_of("led", given.get("led", "on"), ("on", "off"))
        self.scenario = given.get("scenario")
        self.plan = given.get("plan")
        self.uplink = given.get("uplink")
        self.key = given.get("key")
        self.lunar_day = None
        self.start_s = self.length_s = 0
        if "start" in given or "days" in given:
            self._take_span(given)
        else:
            self.lunar_day = _decimal("lunar_day", given.get("lunar_day", str(_DEFAULT_LUNAR_DAY)), 0, 1, _LUNAR_DAYS)

    def _take_span(self, given):
        if "lunar_day" in given:
            raise SettingError(("lunar_day",), "lunar-day: give either it or start and days, not both")
        if "start" not in given or "days" not in given:
            raise SettingError(("start", "days"), "start and days: give both, as 2020-11-09T02:00:00Z and 0.25")
        self.start_s = parse_time(given["start"])
        ten_thousandths = _decimal("days", given["days"], 4, 1, (CLOCK_END // _DAY) * 10000)
        whole, part = divmod(ten_thousandths, 10000)
        self.length_s = whole * _DAY + part * _DAY // 10000
        if self.start_s + self.length_s > CLOCK_END:
            raise SettingError(("days",), "days: %s go past the clock's end, 2053-01-09T13:37:04Z" % given["days"])


def read_settings(lines):
    """(settings, refused) of a settings file on a board: octets of lines such as b"speed = 60  # a minute a second".

    What cannot be is left out, so that its default holds; refused: its numbers, as the dictionary's enum `setting`,
    each once. A byte order mark before the first line is passed over.
    """
    given = {}
    refused = []
    mark = _MARK
    for line in lines:
        if line.startswith(mark):
            line = line[len(mark) :]
        mark = b""
        name, equals, text = _plain(line).partition("=")
        name = name.strip().replace("-", "_")
        if name in NAMES and equals:
            given[name] = text.strip()
        elif (name or equals) and not refused:
            refused.append(0)
    while True:
        try:
            return Settings(given, speed="1", on_board=True), refused
        except SettingError as error:
            for name in error.names:
                if given.pop(name, None) is not None:
                    refused.append(NAMES.index(name) + 1)


def _plain(line):
    """A line's text without comment and edges; what is no text comes out as a name that no setting has.

    A comment may hold any octets.
    """
    try:
        return line.split(b"#")[0].decode().strip()
    except UnicodeError:
        return "?"


def parse_time(text):
    """Seconds since 2019-01-01T00:00:00 UTC of an ISO 8601 time in UTC: 2020-11-09, T02:17 or T02:17:30 added, or Z."""
    date, marker, clock = (text[:-1] if text.endswith("Z") else text).partition("T")
    clock = clock + ":00" if len(clock) == 5 else clock if marker else "00:00:00"
    year, month, day, hour, minute, second = _numbers(date, "-", (4, 2, 2)) + _numbers(clock, ":", (2, 2, 2))
    in_day = 0 <= hour < 24 and minute < 60 and second < 60
    if not (0 < month < 13 and 0 < day <= _month_length(year, month) and in_day):
        raise SettingError(("start",), "start: '%s' is not a UTC time such as 2020-11-09T02:17:00Z" % text)
    if not 2019 <= year <= 2053:
        raise SettingError(("start",), "start: %s lies outside the clock, 2019-01-01 to 2053-01-09T13:37:04Z" % text)
    days = day - 1
    for earlier in range(2019, year):
        days += 366 if _is_leap(earlier) else 365
    for earlier in range(1, month):
        days += _month_length(year, earlier)
    return days * _DAY + hour * 3600 + minute * 60 + second


def _numbers(text, separator, widths):
    """The numbers that `text` is made of, each of its width; -1 for each where it is not made so."""
    parts = text.split(separator)
    if [len(part) for part in parts] != list(widths) or not all(_is_digits(part) for part in parts):
        return [-1] * len(widths)
    return [int(part) for part in parts]


def _is_digits(text):
    # Not isdigit(): on CPython that takes digits of other scripts for such
    return text != "" and all(octet in "0123456789" for octet in text)


def _is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _month_length(year, month):
    if month == 2:
        return 29 if _is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _one_of(name, text, choices):
    if text not in choices:
        raise SettingError((name,), "%s: '%s' is neither %s nor %s" % (name, text, choices[0], choices[1]))
    return text


def _decimal(name, text, places, least, most, also=""):
    """A decimal number in units of 10**-places, without a float on the way."""
    whole, point, part = text.partition(".")
    scale = 10**places
    good = _is_digits(whole) and (_is_digits(part) or not point) and len(part) <= places and len(whole) <= 10
    value = int(whole) * scale + int((part + "0" * places)[:places] or "0") if good else -1
    if not least <= value <= most:
        if places:
            span = "%s to %d" % ("0." + "0" * (places - 1) + str(least), most // scale)
        else:
            span = "%d to %d" % (least, most)
        raise SettingError((name,), "%s: '%s' is not a number from %s%s" % (name.replace("_", "-"), text, span, also))
    return value
