"""What the Raspberry Pi Pico does before a rover is made: the way to the REPL, the settings file, marks of a crash."""

import os
import time

import machine
from micropython import const

_SETTINGS_FILE = const("settings.txt")
_KEY_FILE = const("key.txt")
_LARGEST_SETTINGS = const(2048)
_FOLDER = const(0x4000)  # in the mode of a path
_GRACE_MS = const(3000)
_REPL_PIN = const(22)  # held to ground at start keeps the REPL

# The marks that pico.py leaves in the scratch registers of the watchdog
_SCRATCH = const(0x4005800C)
_RUNNING = const(0x2A000000)
_MARK = const(0x3F000000)
_WATCHDOG = const(1)  # as the dictionary's enum `crash`


def last_crash():
    """Return (reason, activity, crashes in a row, mission time in s) of the crash that led to this start, or None."""
    word = machine.mem32[_SCRATCH]
    if word & _MARK != _RUNNING:
        return None
    return (word >> 16) & 0xFF or _WATCHDOG, word & 0xFF, ((word >> 8) & 0xFF) + 1, machine.mem32[_SCRATCH + 4]


def settings_lines():
    """The lines of the settings file, as octets; none if there is no such file.

    Of a larger file the lines that are whole within _LARGEST_SETTINGS, and one that is refused.
    """
    try:
        with open(_SETTINGS_FILE, "rb") as file:
            octets = file.read(_LARGEST_SETTINGS + 1)
    except OSError:
        return []
    lines = octets.split(b"\n")
    if len(octets) > _LARGEST_SETTINGS:
        # The last one may be cut: `speed = 60` would become 6
        lines[-1] = b"?"
    return lines


def key_file():
    """The name of the file that holds the key of the up-link; None when the board has none, "" when it is a folder."""
    try:
        return "" if os.stat(_KEY_FILE)[0] & _FOLDER else _KEY_FILE
    except OSError:
        return None


def repl_pin_is_held():
    """Whether the pin that keeps the REPL is held to ground."""
    return not machine.Pin(_REPL_PIN, machine.Pin.IN, machine.Pin.PULL_UP).value()


def wants_repl(light):
    """Gives the user a moment, with the light on. True when Ctrl-C came."""
    light.blink(1000, 0)
    print("rover: starts in 3 s; Ctrl-C keeps the REPL, as does GP22 held to ground")
    try:
        time.sleep_ms(_GRACE_MS)
    except KeyboardInterrupt:
        return True
    return False
