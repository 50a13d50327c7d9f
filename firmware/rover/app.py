"""Builds a rover from its parts: the only module that knows them all."""

from struct import pack_into

from micropython import const

from . import generated
from .flight.day import LunarDay
from .kernel.clock import Clock
from .kernel.noise import Noise
from .kernel.scheduler import Pace, Scheduler
from .link.frame import Downlink, VirtualChannel
from .services.events import Events
from .services.housekeeping import Housekeeping
from .services.telemetry import Telemetry
from .world.sun import sunrise, sunset

_MARGIN_S = const(3600)  # before sunrise and after sunset

# Streams of chance: one for each consumer, never used again for another.
_SUN_SENSOR_NOISE = const(1)


def span_of(settings):
    """(start, end) of a run in seconds since 2019-01-01T00:00:00 UTC."""
    if settings.lunar_day is None:
        return settings.start_s, settings.start_s + settings.length_s
    start_s = sunrise(settings.lunar_day) - _MARGIN_S
    if settings.lunar_day == 1:
        start_s = generated.CRAFTS[settings.craft].first_start_s
    return start_s, sunset(settings.lunar_day) + _MARGIN_S


class Rover:
    """A craft with all its parts.

    settings: checked. board: the port that it speaks through. resume_s: where to take up a run that was cut short, or
    None. notices: what to report as soon as it speaks, event ids and raw values.
    """

    def __init__(self, settings, board, resume_s=None, notices=()):
        craft = generated.CRAFTS[settings.craft]
        self.board = board
        start_s, self.end_s = span_of(settings)
        if resume_s is not None and start_s < resume_s < self.end_s:
            start_s = resume_s
        self.clock = Clock(start_s)
        self.pace = Pace(settings.milli_speed, board) if settings.milli_speed else None
        self.scheduler = Scheduler(self.clock, self.pace, board.watch)
        self.downlink = Downlink(craft.spacecraft, board.send)
        # A frame leaves at the latest one second of the wall after its first packet.
        hold_ms = settings.milli_speed
        self.telemetry = Telemetry(self.clock, self.scheduler, VirtualChannel(self.downlink, 0), hold_ms)
        housekeeping = Housekeeping(
            self.scheduler,
            self.telemetry,
            generated.COMPUTER,
            generated.HK_COMPUTER_PERIOD_S,
            generated.HK_COMPUTER_SIZE,
            self._collect,
        )
        self.events = Events(self.telemetry)
        sensors = board.photocell() if settings.light == "adc" else _moon(self.clock, settings.seed)
        self.day = LunarDay(craft, self.scheduler, sensors, self.events, housekeeping, self.telemetry, board)
        self.day.notices.extend(notices)

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


def _moon(clock, seed):
    # Imported on use: a board with a photocell spares the memory
    from .world.moon import Moon

    return Moon(clock, Noise(seed, _SUN_SENSOR_NOISE))
