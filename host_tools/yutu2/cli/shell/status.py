"""How a rover is, in one line, from what it told last."""

import time
from collections.abc import Callable
from datetime import datetime

from yutu2.decode.fields import Report
from yutu2.mission.hibernation import Dormancy


class Status:
    """Keeps what the line tells: mode, on-board time, Sun, battery, and when the rover was heard."""

    def __init__(self) -> None:
        self._heard_s: float | None = None
        self._time: datetime | None = None
        self._mode = self._sun = self._battery = ""

    def take(self, report: Report) -> None:
        """Takes the next report."""
        self._heard_s = time.monotonic()
        self._time = report.time or self._time
        fields = report.fields or {}
        if "mode" in fields and "sun_elevation" in fields:
            self._mode, self._sun = str(fields["mode"]), f"Sun {fields['sun_elevation']:.1f} deg"
        if "battery_charge" in fields and "load_power" in fields:
            self._battery = f"battery {fields['battery_charge']:.1f} %"

    def line(self, dormancy: Dormancy | None, why_silent: Callable[[], str], awaited: list[str]) -> str:
        """The line. dormancy: of a rover that is known to sleep. why_silent: tells why it was not heard yet.

        awaited: commands that are not over.
        """
        if self._heard_s is None:
            parts = [why_silent()]
        elif dormancy is not None:
            parts = [f"dormant since {dormancy.since:%Y-%m-%d %H:%M} UTC", dormancy.outlook]
        else:
            told = f"{self._time:%Y-%m-%d %H:%M:%S} UTC" if self._time is not None else ""
            heard = f"heard {time.monotonic() - self._heard_s:.0f} s ago"
            parts = [self._mode, told, self._sun, self._battery, heard]
        if awaited:
            parts.append(f"waiting for {', '.join(awaited)}")
        return " | ".join(filter(None, parts))
