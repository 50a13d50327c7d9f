"""What flight software and instruments sense with and act on: the sensors, and the Moon as far as a craft changes it.

What an instrument looks at is made up when it is powered up, and dropped with its code when it is powered down.
"""

from micropython import const

from ..kernel import unload
from ..kernel.random_stream import RandomStream
from ..tables import ASAN, LPR, PCAM, VNIS
from .sun import sine

_SIGHTS = const(("scene", "minerals", "atoms", "layers"))  # modules, in the order of the instruments
_QUARTER = const(0x40000)
_TURN = const(360000)

# PCAM, as published: a field of 19.7 by 14.5 degrees; an eye stands 135 mm from the middle
_FIELD_WIDTH = const(57380)
_FIELD_HEIGHT = const(42234)
_ASIDE = const(135)
_COLUMNS = const(64)
_ROWS = const(48)
_AHEAD_OF_VNIS = const(1200)  # mm from the middle of the rover to the ground that it looks at


class Hardware:
    """The hardware of a craft. moon, sensors: of the world. mute: flags of instruments that give no data."""

    def __init__(self, moon, sensors, mute):
        self.read = sensors.read
        self.switch = moon.switch
        self.isolate = moon.isolate
        self.drawn_by = moon.drawn_by
        self.open_wing = moon.open_wing
        self.park = moon.park
        self.drive_off = moon.drive_off
        self._moon = moon
        self._mute = mute
        self._chassis = self._ground = None
        self._streams = ()  # type: tuple
        self._sights = [None] * len(_SIGHTS)  # type: list
        self._azimuth = 0  # to which PCAM looks, a binary angle
        self._salt = 0  # of its picture

    def put_on_wheels(self, chassis, ground, seed, stream):
        """Gives a craft that drives its instruments; their streams of chance begin at `stream`."""
        self._chassis = chassis
        self._ground = ground
        self._streams = tuple(RandomStream(seed, stream + number) for number in range(len(_SIGHTS)))

    def power_up(self, number):
        """An instrument, by its APID, begins to look at what is there now."""
        chassis, ground = self._chassis, self._ground
        if number == PCAM:
            from .scene import Scene

            self._moon.see()
            sun = self._moon.sun
            sight = Scene(ground, chassis.x, chassis.y, sun[1], sun[0])
        elif number == VNIS:
            from .minerals import Minerals

            sin, cos = _direction(chassis.heading)
            x = chassis.x + (_AHEAD_OF_VNIS * sin >> 14)
            sight = Minerals(ground, x, chassis.y + (_AHEAD_OF_VNIS * cos >> 14))
        elif number == ASAN:
            from . import atoms

            sight = atoms
        else:
            from .layers import Layers

            sight = Layers(ground)
        self._sights[number - PCAM] = sight

    def power_down(self, number):
        """An instrument is off."""
        self._sights[number - PCAM] = None
        unload("world", _SIGHTS[number - PCAM])

    def all_down(self):
        """The computer restarts, and has let go of all instruments."""
        for number in range(len(_SIGHTS)):
            if self._sights[number] is not None:
                self.power_down(PCAM + number)

    def answers(self, number):
        """Whether an instrument gives data."""
        return not self._mute[number - PCAM]

    def pitch(self):
        """Nose up, in hundredths of a degree."""
        return self._chassis.pitch

    def roll(self):
        """Left side up, in hundredths of a degree."""
        return self._chassis.roll

    # --- PCAM ---

    def survey(self):
        """Lets a part of the scene come into being. Returns whether there is more to do."""
        return self._sights[0].survey()

    def face(self, turned, pitch):
        """Turns the head: millidegrees from the rover's nose, hundredths of a degree up. A picture begins."""
        self._azimuth = _angle(self._chassis.heading + turned)
        self._salt = self._streams[0].below(0x8000)
        self._sights[0].face(self._azimuth, pitch * 2912 // 100, _FIELD_WIDTH, _FIELD_HEIGHT)

    def expose(self, eye, first, count, gain, pixels):
        """Reads `count` columns from the `first` on into `pixels`, each from the lowest pixel; eye: 0 left, 1 right."""
        scene, azimuth = self._sights[0], self._azimuth - (_FIELD_WIDTH >> 1)
        aside = _ASIDE if eye else -_ASIDE
        for column in range(count):
            angle = azimuth + (2 * (first + column) + 1) * _FIELD_WIDTH // (2 * _COLUMNS)
            scene.column(pixels, column * _ROWS, angle, aside, gain, self._salt + (first + column) * 67 + eye)

    # --- The others ---

    def scan(self, kind, detector, octets, at):
        """A scan of VNIS into octets[at:]. detector: its temperature in tenths of a degree C."""
        self._moon.see()
        self._sights[VNIS - PCAM].scan(kind, self._moon.sun[4], detector, self._streams[1], octets, at)

    def count(self, octets, at):
        """A spectrum of ASAN into octets[at:]."""
        self._moon.see()
        self._sights[ASAN - PCAM].count(self._moon.sun[4], self._streams[2], octets, at)

    def trace(self, channel, ahead, octets, at):
        """A trace of LPR into octets[at:]. ahead: mm that the rover has gone since its place was taken."""
        chassis = self._chassis
        sin, cos = _direction(chassis.heading)
        x = chassis.x + (ahead * sin >> 14)
        self._sights[LPR - PCAM].trace(channel, x, chassis.y + (ahead * cos >> 14), self._streams[3], octets, at)


def _angle(millidegrees):
    """As a binary angle."""
    millidegrees %= _TURN
    # 2**20 units are 360,000 millidegrees; in two steps, under 2**30
    return millidegrees * 2912 // 1000 + millidegrees * 711 // 1000000


def _direction(millidegrees):
    """(sine, cosine), scaled 2**14."""
    angle = _angle(millidegrees)
    return sine(angle), sine(angle + _QUARTER)
