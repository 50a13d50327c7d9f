"""Starts the rover on a board, and again after a crash."""

import gc
import sys

from micropython import const

from .app import Rover
from .board import pico
from .board.flash_store import FlashStore
from .inputs import SettingError
from .kernel import unload
from .tables import CRASH_REPORT, SETTING_KEY, SETTING_PLAN, SETTING_REFUSED, SETTING_SCENARIO, SETTING_UPLINK

_MOST_CRASHES = const(3)
_FILES = {"scenario": SETTING_SCENARIO, "plan": SETTING_PLAN, "uplink": SETTING_UPLINK}


def main():
    """Runs the rover as the settings file tells, unless the user or a row of crashes wants the REPL."""
    # Only to start with: its code is unloaded then
    from .board import startup

    crash = startup.last_crash()
    crashes = crash[2] if crash is not None else 0
    if crashes >= _MOST_CRASHES:
        pico.forget_crashes()
        print("rover: crashed %d times in a row, so it stays here; Ctrl-D tries again" % crashes)
        return
    lines = startup.settings_lines()
    if not lines:
        print("rover: there is no settings.txt, so it begins before sunrise and is silent until it wakes")
    settings, refused = read_settings(lines)
    if settings.key is None:
        key = startup.key_file()
        if key == "":
            refused.append(SETTING_KEY)
        settings.key = key or None
    notices = []
    if crash is not None:
        notices.append((CRASH_REPORT,) + crash)  # noqa: RUF005 - MicroPython has no * in a tuple
    for number in refused:
        notices.append((SETTING_REFUSED, number))
    wall_clock = line = None
    last_words = "the REPL is yours; Ctrl-D starts the rover"
    try:
        light = pico.Light(settings.led == "on")
        if not startup.wants_repl(light):
            startup = None
            unload("board", "startup")
            wall_clock = pico.WallClock(light, crashes)
            line = pico.Line(settings, wall_clock.tick)
            store = FlashStore(wall_clock.feed)
            rover = _rover(settings, line, store, wall_clock, crash[3] if crash is not None else None, notices)
            # From here on nobody looks at them, nor at the code that has read them
            settings = None
            unload("inputs", "settings")
            # Little is taken any more: the collector may wait until it must
            gc.threshold(-1)
            rover.run()
            last_words = "the run is over; Ctrl-D starts it again"
    except KeyboardInterrupt:
        pass
    except SettingError as error:
        # Another start would find the same; and a rover must not go without its key
        last_words = error.text
    except Exception as error:
        if wall_clock is None:
            raise
        if isinstance(error, ImportError):
            # Another start would not find the file either
            _close(line, wall_clock)
            raise
        sys.print_exception(error)
        pico.restart_after(pico.MEMORY if isinstance(error, MemoryError) else pico.EXCEPTION)
    if wall_clock is not None:
        _close(line, wall_clock)
    print("rover: " + last_words)


def read_settings(lines):
    """(settings, refused) of a settings file. What reads it is loaded on use."""
    from .inputs.settings import read_settings as read

    return read(lines)


def _close(line, wall_clock):
    """Stop the watchdog and give the REPL back, after the frame that is on its way."""
    if line is not None:
        line.close()
    wall_clock.close()


def _rover(settings, line, store, wall_clock, resume_s, notices):
    """The rover; without one of its files, if that cannot be used. SettingError when that is its key."""
    while True:
        try:
            return Rover(settings, line, store, wall_clock, resume_s, notices)
        except (SettingError, OSError) as error:
            name = error.names[0] if isinstance(error, SettingError) else error.args[-1]
            if name == "key" and not isinstance(error, SettingError):
                raise SettingError(("key",), "key: cannot open %s" % settings.key)
            if name not in _FILES or getattr(settings, name) is None:
                raise
            setattr(settings, name, None)
            notices.append((SETTING_REFUSED, _FILES[name]))
