"""Starts the rover on a desktop, from its command line."""

import gc
import sys

from micropython import const

from .app import Rover
from .board.scratch import BoardError, Scratch
from .board.unix import Line, WallClock
from .inputs import SettingError
from .inputs.settings import Settings
from .world.sun import SERIES_END

_INTERRUPTED = const(130)
_BROKEN_PIPE = const(32)

_OPTIONS = ("craft", "lunar_day", "start", "days", "seed", "speed", "link", "scenario", "plan")
_OPTIONS += ("uplink", "key")

_USAGE = """\
usage: main.py [--craft rover|lander] [--lunar-day N | --start TIME --days EARTH_DAYS]
               [--seed N] [--speed max|N] [--link PATH] [--scenario FILE] [--plan FILE] [--uplink FILE] [--key FILE]

Lives through lunar days as the Yutu-2 rover or the Chang'e-4 lander, sends CCSDS telemetry to standard output and obeys
telecommands from standard input.

  --craft NAME     rover (default) or lander
  --lunar-day N    from one hour before sunrise to one hour after sunset of lunar day N (default 24);
                   lunar day 1 begins with the landing
  --start TIME     instead: begin at this UTC time, as 2020-11-09T02:00:00Z,
  --days DAYS      and live so many Earth days, as 0.25
  --seed N         of noise and chance, 0 to 1073741823 (default 7)
  --speed N        max (default): from event to event; 1: real time; 60: a minute a second
  --link PATH      speak and listen through this pty or serial device
  --scenario FILE  faults and stimuli at their times, as `yutu2 scenario check` has compiled them
  --plan FILE      what the rover does in a lunar day, as `yutu2 plan check` has compiled it, in place of its own plan
  --uplink FILE    telecommands at their times, as `yutu2 uplink check` has compiled them
  --key FILE       takes secured telecommands alone: by the key in this file, as `yutu2 key make` has made it
"""


def options_of(arguments):
    """Option names to texts of a command line such as ["--lunar-day", "24", "--seed=3"]; else SettingError."""
    given = {}
    position = 0
    while position < len(arguments):
        option, equals, text = arguments[position].partition("=")
        name = option[2:].replace("-", "_")
        if not option.startswith("--") or name not in _OPTIONS:
            raise SettingError((name,), "%s: no such option; --help tells them" % option)
        if not equals:
            position += 1
            if position == len(arguments):
                raise SettingError((name,), "%s: needs a value" % option)
            text = arguments[position]
        given[name] = text
        position += 1
    return given


def main(arguments):
    """Runs a rover as told on the command line. Exit status: 0 done, 1 fault, 2 wrong use, 130 interrupted."""
    if "--help" in arguments or "-h" in arguments:
        print(_USAGE, end="")
        return 0
    try:
        settings = Settings(options_of(arguments), speed="max")
        line = Line(settings.link, settings.milli_speed is not None)
        rover = Rover(settings, line, Scratch(), WallClock())
        if sys.implementation.name == "micropython":
            # From here on little is taken: the collector may wait until it must
            gc.threshold(-1)
    except (SettingError, BoardError) as error:
        print("rover: %s" % error.text, file=sys.stderr)
        return 2
    if rover.end_s > SERIES_END:
        print("rover: from 2045 on the Sun's series is past its fit: its place is less sure", file=sys.stderr)
    try:
        try:
            rover.run()
        except KeyboardInterrupt:
            rover.stop()
            return _INTERRUPTED
    except OSError as error:
        if error.errno == _BROKEN_PIPE:
            # Whoever read the line has had enough, as `head` does
            return _INTERRUPTED
        print("rover: the line takes no more: error %s" % error.errno, file=sys.stderr)
        return 2
    except Exception as error:
        if sys.implementation.name == "cpython":
            raise
        # By itself the Unix port would print it to standard output, into the telemetry
        sys.print_exception(error, sys.stderr)  # pyright: ignore
        return 1
    if rover.pacer is not None and rover.pacer.late:
        told = (rover.pacer.late, rover.late_steps, rover.pacer.worst_ms)
        print("rover: %d activities were late, of them %d steps of the plan, by %d ms at most" % told, file=sys.stderr)
    return 0
