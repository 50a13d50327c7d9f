"""Builds a rover from its parts and runs it: the only module that knows them all."""

import sys
from struct import pack_into

from . import generated
from .board.unix import Board, BoardError
from .flight.day import LunarDay
from .kernel.clock import Clock
from .kernel.noise import Noise
from .kernel.scheduler import Pace, Scheduler
from .link.frame import Downlink, VirtualChannel
from .services.events import Events
from .services.housekeeping import Housekeeping
from .services.telemetry import Telemetry
from .settings import USAGE, SettingError, Settings, from_arguments
from .world.moon import Moon
from .world.sun import SERIES_END, sunrise, sunset

_MARGIN_S = 3600  # before sunrise and after sunset

# Streams of chance: one for each consumer, never used again for another.
_SUN_SENSOR_NOISE = 1


def span_of(settings):
    """(start, end) of a run in seconds since 2019-01-01T00:00:00 UTC."""
    if settings.lunar_day is None:
        return settings.start_s, settings.start_s + settings.length_s
    start_s = sunrise(settings.lunar_day) - _MARGIN_S
    if settings.lunar_day == 1:
        start_s = generated.CRAFTS[settings.craft].first_start_s
    return start_s, sunset(settings.lunar_day) + _MARGIN_S


class Rover:
    """A craft with all its parts. settings: checked. board: the port that it speaks through."""

    def __init__(self, settings, board):
        craft = generated.CRAFTS[settings.craft]
        self.board = board
        self.start_s, self.end_s = span_of(settings)
        self.clock = Clock(self.start_s)
        self.pace = Pace(settings.milli_speed, board) if settings.milli_speed else None
        self.scheduler = Scheduler(self.clock, self.pace)
        self.downlink = Downlink(craft.spacecraft, board.send)
        moon = Moon(self.clock, Noise(settings.seed, _SUN_SENSOR_NOISE))
        # A frame leaves at the latest one second of the wall after its first packet.
        self.telemetry = Telemetry(self.clock, self.scheduler, VirtualChannel(self.downlink, 0), settings.milli_speed)
        housekeeping = Housekeeping(
            self.scheduler,
            self.telemetry,
            generated.COMPUTER,
            generated.HK_COMPUTER_PERIOD_S,
            generated.HK_COMPUTER_SIZE,
            self._collect,
        )
        self.day = LunarDay(craft, self.scheduler, moon, Events(self.telemetry), housekeeping, self.telemetry)

    def run(self):
        """Lives from start to end, then lets the last frame go."""
        self.day.start()
        self.scheduler.run(self.end_s)
        self.stop()

    def stop(self):
        """Sends what waits."""
        self.telemetry.flush()
        self.board.drain()

    def _collect(self, buffer, at):
        pack_into(
            generated.HK_COMPUTER_FIELDS,
            buffer,
            at,
            generated.HK_COMPUTER,
            generated.HASH,
            self.day.mode,
            self.day.elevation,
            self.day.azimuth,
            self.telemetry.sent,
            self.downlink.frames,
            self.board.dropped(),
        )


def main(arguments):
    """Runs a rover as told on the command line. Returns the exit status: 0 done, 2 wrong use, 130 interrupted."""
    if "--help" in arguments or "-h" in arguments:
        print(USAGE, end="")
        return 0
    try:
        settings = Settings(from_arguments(arguments))
        rover = Rover(settings, Board(settings.link, settings.milli_speed is not None))
    except (SettingError, BoardError) as error:
        print("rover: %s" % error, file=sys.stderr)
        return 2
    if rover.end_s > SERIES_END:
        print("rover: from 2045 on the Sun's series is past its fit: its place is less sure", file=sys.stderr)
    try:
        rover.run()
    except KeyboardInterrupt:
        rover.stop()
        return 130
    if rover.pace is not None and rover.pace.late:
        print(
            "rover: %d activities were late, by %d ms at most" % (rover.pace.late, rover.pace.worst_ms), file=sys.stderr
        )
    return 0
