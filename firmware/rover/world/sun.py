"""Where the Sun stands over Yutu-2, in integers: the same on every machine, a 31-bit Pico included.

Angles are binary: 2**20 units a turn. Time is in seconds since 2019-01-01T00:00:00 UTC. The sub-solar point is a
series in the Moon's mean arguments (rates from Meeus, Astronomical Algorithms, chapter 47), fitted to DE421 and the
IAU rotation over 2019 to 2030: elevation within 0.03 degrees there; it holds until 2045. No intermediate reaches 2**30.
"""

import sys
from array import array

from micropython import const

SERIES_END = 820540800  # s, 2045-01-01T00:00:00 UTC: past it the series is past its fit

_TURN = const(0x100000)
_HALF = const(0x80000)
_QUARTER = const(0x40000)
_MASK = const(0xFFFFF)
_TICK = const(10)  # s: angles change little within one, and days * rate stays under 2**30
_TICKS_A_DAY = const(8640)

# The landing site in Von Karman crater (the rover stays within a kilometre of it): 45.4446 S, 177.5991 E.
_LONGITUDE = const(517295)
_SIN_LATITUDE = const(-11675)  # scaled 2**14
_COS_LATITUDE = const(11495)

_SUN = array("i", 5 * [0])  # where `sun` looks it up

# A quarter of a sine, scaled 2**14, 64 steps; and the arc tangent of 0..1 in 64 steps, in angle units.
# Made from lists, here as elsewhere: a tuple would stay in the heap beside the array.
_SINE = array(
    "h",
    [
        0, 402, 804, 1205, 1606, 2006, 2404, 2801, 3196, 3590, 3981, 4370, 4756,
        5139, 5520, 5897, 6270, 6639, 7005, 7366, 7723, 8076, 8423, 8765, 9102, 9434,
        9760, 10080, 10394, 10702, 11003, 11297, 11585, 11866, 12140, 12406, 12665, 12916, 13160,
        13395, 13623, 13842, 14053, 14256, 14449, 14635, 14811, 14978, 15137, 15286, 15426, 15557,
        15679, 15791, 15893, 15986, 16069, 16143, 16207, 16261, 16305, 16340, 16364, 16379, 16384,
    ],
)  # fmt: skip
_ARCTANGENT = array(
    "i",
    [
        0, 2607, 5213, 7817, 10417, 13012, 15600, 18181, 20753, 23315, 25867, 28406, 30932,
        33444, 35940, 38420, 40884, 43329, 45755, 48161, 50547, 52912, 55255, 57576, 59874, 62148,
        64398, 66624, 68826, 71002, 73152, 75277, 77376, 79449, 81496, 83517, 85511, 87478, 89419,
        91334, 93222, 95084, 96920, 98730, 100513, 102271, 104003, 105710, 107391, 109048, 110679, 112286,
        113869, 115428, 116963, 118474, 119963, 121428, 122871, 124292, 125690, 127068, 128423, 129758, 131072,
    ],
)  # fmt: skip


def sine_plain(angle):
    """Sine of a binary angle, scaled 2**14, linear between the steps of the table. `sine` where there is no viper."""
    angle &= _MASK
    if angle >= _HALF:
        return -sine_plain(angle - _HALF)
    if angle > _QUARTER:
        angle = _HALF - angle
    step = angle >> 12
    low = _SINE[step]
    if step == 64:
        return low
    return low + (((_SINE[step + 1] - low) * (angle & 0xFFF) + 0x800) >> 12)


if sys.implementation.name == "micropython":
    import micropython

    # To find the Sun takes 25 of them: 30 us each in bytecode on a Pico
    @micropython.viper
    def sine(angle: int) -> int:
        """Sine of a binary angle, scaled 2**14."""
        table = ptr16(_SINE)  # noqa: F821
        angle &= 0xFFFFF
        below = angle >= 0x80000
        if below:
            angle -= 0x80000
        if angle > 0x40000:
            angle = 0x80000 - angle
        step = angle >> 12
        low = int(table[step])
        if step < 64:
            low += ((int(table[step + 1]) - low) * (angle & 0xFFF) + 0x800) >> 12
        return 0 - low if below else low

else:
    sine = sine_plain


def _arcsine(value):
    """Binary angle, -quarter to quarter turn, of a sine scaled 2**14."""
    if value < 0:
        return -_arcsine(-value)
    low, high = 0, 64
    while high - low > 1:
        middle = (low + high) >> 1
        if _SINE[middle] <= value:
            low = middle
        else:
            high = middle
    span = _SINE[low + 1] - _SINE[low]
    return (low << 12) + (((value - _SINE[low]) << 12) + (span >> 1)) // span


def arctangent2(y, x):
    """Binary angle, 0 to a turn, of the direction (x, y), each at most 2**15 in size: 0 along x, a quarter along y."""
    across, along = abs(y), abs(x)
    steep = across > along
    if steep:
        across, along = along, across
    if along == 0:
        return 0
    ratio = (across << 14) // along
    step = ratio >> 8
    angle = _ARCTANGENT[step]
    if step < 64:
        angle += ((_ARCTANGENT[step + 1] - angle) * (ratio & 0xFF) + 0x80) >> 8
    if steep:
        angle = _QUARTER - angle
    if x < 0:
        angle = _HALF - angle
    return -angle & _MASK if y < 0 else angle


def _argument(epoch, rate, fraction, day, tick):
    """Mean argument after `day` days and `tick` ticks: at the epoch, and a day in whole units and 4096ths."""
    return epoch + day * rate + ((day * fraction) >> 12) + tick * rate // _TICKS_A_DAY


def subsolar(time_s):
    """(longitude, latitude) of the sub-solar point, binary angles, east and north positive, latitude signed."""
    tick = time_s // _TICK
    day = tick // _TICKS_A_DAY
    tick -= day * _TICKS_A_DAY
    d = _argument(860891, 35508, 534, day, tick)  # Moon's mean elongation
    m = _argument(1040138, 2870, 3149, day, tick)  # Sun's mean anomaly
    mm = _argument(231539, 38054, 2254, day, tick)  # Moon's mean anomaly
    f = _argument(286490, 38533, 1128, day, tick)  # Moon's argument of latitude
    longitude = (
        5499 * sine(m)
        - 425 * sine(d)
        + 58 * sine(2 * m)
        - 30 * sine(2 * (f - d))
        + 25 * sine(d - mm)
        + 14 * sine(mm)
        + 13 * sine(2 * (f - mm))
        - 12 * sine(d + mm)
        - 12 * sine(d - m)
        + 9 * sine(2 * (d - mm))
    )
    latitude = 4495 * sine(f - d) - 81 * sine(f - d - mm) + 75 * sine(f - d + m) - 75 * sine(f - d - m) - 44 * sine(f)
    # 27 units are the 0.0092 degrees of the series' constant term
    return (_HALF - d - 27 + (longitude >> 14)) & _MASK, latitude >> 14


def find(time_s, sun):
    """Puts into `sun` where it stands at the site: elevation, azimuth as below; east, north, up, scaled 2**14.

    Into an array that the caller has: a tuple of three costs a full heap of a Pico up to 2.5 ms.
    """
    longitude, latitude = subsolar(time_s)
    hour = longitude - _LONGITUDE
    sin_declination, cos_declination = sine(latitude), sine(latitude + _QUARTER)
    meridian = (cos_declination * sine(hour + _QUARTER)) >> 14
    east = (cos_declination * sine(hour)) >> 14
    up = (_SIN_LATITUDE * sin_declination + _COS_LATITUDE * meridian) >> 14
    north = (_COS_LATITUDE * sin_declination - _SIN_LATITUDE * meridian) >> 14
    sun[0] = _arcsine(up)
    sun[1] = arctangent2(east, north)
    sun[2] = east
    sun[3] = north
    sun[4] = up


def point(elevation, azimuth, sun):
    """Puts into `sun` what `find` does, of a Sun that stands there."""
    level = sine(elevation + _QUARTER)
    sun[0] = elevation
    sun[1] = azimuth
    sun[2] = (level * sine(azimuth)) >> 14
    sun[3] = (level * sine(azimuth + _QUARTER)) >> 14
    sun[4] = sine(elevation)


def sun(time_s):
    """(elevation, azimuth) of the Sun's centre at the site: binary angles, signed, and from north by east."""
    find(time_s, _SUN)
    return _SUN[0], _SUN[1]


def millidegrees(angle):
    """A binary angle, signed or up to a turn, in thousandths of a degree, rounded down."""
    angle *= 360
    return (angle >> 20) * 1000 + (((angle & _MASK) * 1000) >> 20)


def _crossing(low, high):
    """The 10 s tick, in seconds, within (low, high] at which the Sun's side of the horizon changes."""
    side = sun(low)[0] > 0
    low, high = low // _TICK, high // _TICK
    while high - low > 1:
        middle = (low + high) >> 1
        if (sun(middle * _TICK)[0] > 0) == side:
            low = middle
        else:
            high = middle
    return high * _TICK


_FIRST_NOON = const(473790)  # s: mean noon of lunar day 1, the day of the landing; the true one is up to 5 h off
_LUNAR_DAY = const(2551442)  # s: mean length of a lunar day, 29.530589 Earth days ...
_LUNAR_DAY_EIGHTHS = const(7)  # ... and 7/8 s
_HALF_LUNAR_DAY = const(1275721)  # s


def _mean_noon(number):
    return _FIRST_NOON + (number - 1) * _LUNAR_DAY + (((number - 1) * _LUNAR_DAY_EIGHTHS) >> 3)


def sunrise(number):
    """Time (s) at which the Sun's centre rises over the level horizon on lunar day `number`; 1: that of the landing."""
    noon = _mean_noon(number)
    return _crossing(noon - _HALF_LUNAR_DAY, noon)


def sunset(number):
    """Time (s) at which the Sun's centre sets on lunar day `number`."""
    noon = _mean_noon(number)
    return _crossing(noon, noon + _HALF_LUNAR_DAY)


def lunar_day(time_s):
    """Number of the lunar day whose sunrise came last before `time_s`."""
    number = (time_s - _FIRST_NOON) // _LUNAR_DAY + 1
    while sunrise(number + 1) <= time_s:
        number += 1
    while sunrise(number) > time_s:
        number -= 1
    return number
