"""Commands for the rover's schedule, ST[11]: at times, in packets with many of them each."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from yutu2.dictionary.model import load
from yutu2.dictionary.text import WrongLine, read_duration, read_time
from yutu2.errors import WrongUse
from yutu2.firmware import to_datetime
from yutu2.mission.uplink_file import UplinkError, UplinkFile
from yutu2.uplink.encode import Request, as_words, packet, read_request

if TYPE_CHECKING:
    from yutu2.runs.client import Rover

Entry = tuple[int, Request]
"""An on-board time, in ms since 2019-01-01T00:00:00 UTC, and a command."""

_FRAMING = 15  # octets of a packet that inserts beside its entries: headers, sub-schedule, N, error control
_TIME = 6
_MOST = 128  # commands in the rover's schedule


def insertions(entries: Sequence[Entry], max_octets: int) -> Iterator[tuple[Request, int]]:
    """Requests that insert all of `entries` in few packets of up to `max_octets`; and how many each inserts.

    WrongLine: a command is too long for a schedule.
    """
    batch: list[Entry] = []
    size = _FRAMING
    for entry in entries:
        length = _TIME + len(packet(entry[1], 0, 0))
        if batch and size + length > max_octets:
            yield _insertion(batch), len(batch)
            batch, size = [], _FRAMING
        batch.append(entry)
        size += length
    if batch:
        yield _insertion(batch), len(batch)


def _insertion(entries: Sequence[Entry]) -> Request:
    times = [to_datetime(*divmod(time_ms, 1000)) for time_ms, _ in entries]
    arguments = {"sub_schedule": 0, "time": times, "command": [request for _, request in entries]}
    return read_request(["SCHEDULE_INSERT", *as_words(arguments)], load())


class When:
    """A time as one gives it: UTC, as 2020-11-12T06:00:30.250Z, or +90s, by the rover's own clock from now.

    WrongUse: it is neither.
    """

    def __init__(self, time: str | datetime) -> None:
        self._text = time if isinstance(time, str) else as_words({"at": time})[0].removeprefix("at=")
        self._is_relative = self._text.startswith("+")
        try:
            self._ms = read_duration([self._text[1:]], "+") if self._is_relative else read_time(self._text)
        except WrongLine as error:
            told = f"{error}" if self._is_relative else f"{error}; or after now, as +90s"
            raise WrongUse(f"at: {told}") from error

    def entry(self, request: Request, now: datetime) -> Entry:
        """`request` for this time; now: the rover's time."""
        now_ms = (now - to_datetime(0)) // timedelta(milliseconds=1)
        return (now_ms + self._ms if self._is_relative else self._ms, request)


def check_loadable(uplink: UplinkFile) -> None:
    """UplinkError: commands that a schedule cannot hold, by their lines; or there are too many, or none."""
    wrong = []
    for command in uplink.commands:
        try:
            _insertion([(command.time_ms, command.request)])
        except WrongLine as error:
            wrong.append(f"{uplink.name}:{command.line}: {error}")
    if wrong:
        raise UplinkError("\n".join(wrong))
    if not 0 < len(uplink.commands) <= _MOST:
        raise WrongUse(f"{uplink.name}: {len(uplink.commands)} commands; a schedule holds 1 to {_MOST} at once")


def load_schedule(rover: "Rover", uplink: UplinkFile, timeout_s: float | None, step: Callable[[int], None]) -> None:
    """Puts all commands of a file into the rover's schedule, which it enables. step: gets how many are in.

    CommandFailed: the rover refuses some of them; those of the steps before are in. NoAnswer: as of Rover.send.
    """
    rover.send("SCHEDULE_ENABLE", timeout_s=timeout_s)
    done = 0
    entries = [(command.time_ms, command.request) for command in uplink.commands]
    for request, count in insertions(entries, rover.max_octets):
        rover.send(request, timeout_s=timeout_s)
        done += count
        step(done)
