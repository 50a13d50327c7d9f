"""Commands a rover over a line: sends, listens to what it says of each, and gives its reports."""

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from yutu2.decode.fields import Report
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.cache import keep_dictionary
from yutu2.dictionary.model import load
from yutu2.dictionary.text import WrongLine, suggest
from yutu2.errors import CommandFailed, LineEnded, NoAnswer, WrongUse
from yutu2.firmware import awake_by_default
from yutu2.line.emulator import RoverEnded
from yutu2.line.socket_port import SocketClosed
from yutu2.line.source import RoverFailed, close_port, open_port, port_in_use, read_port
from yutu2.line.url_query import options_of
from yutu2.mission.hibernation import Dormancy, before_waking, falling_asleep, minute
from yutu2.mission.run_period import span_of
from yutu2.recordings.reading import refuse_foreign
from yutu2.runs.schedule_load import When, insertions
from yutu2.uplink.cltu import cltu
from yutu2.uplink.cop1 import Fop1
from yutu2.uplink.encode import SEQUENCE_COUNTS, Request, as_words, packet, read_request
from yutu2.uplink.frame import MAX_DATA, with_error_control
from yutu2.uplink.security import MAX_DATA as MAX_SECURED_DATA
from yutu2.uplink.security import protection_with
from yutu2.uplink.verification import COMPLETION_FAILED, Sent, Verification, line_of, why

_TIMEOUT_S = 60.0
_PICO_TIMEOUT_S = 300.0  # its image is built and MicroPython starts, which takes a minute before the first frame
_MOST_KEPT = 10_000  # reports that nobody has waited for
_HOUSEKEEPING, _EVENT = 3, 5
_UNSAFE = "FRAME_UNSAFE"
# Labels of enum `unsafe`
_HAS_KEY = "the rover has a key: it refuses clear frames; give the key with --key"
_WHY_UNSAFE = {
    "FRAME_TOO_SHORT": _HAS_KEY,
    "OTHER_SPI": _HAS_KEY,
    "REPLAYED": "the counter beside the key is behind; it is not the one that was used last",
    "IV_TOO_FAR": "the counter beside the key is far ahead; it is not the one that was used last, so load a new key",
    "FORGED": "the rover has another key",
    "IV_NOT_STORED": "the rover's store takes nothing, and the frame would be taken again after a restart; "
    "send it again when the store works",
    "NO_KEY": "the rover has no key: it refuses secured frames; leave --key out or load the key with `yutu2 key load`",
}
_UNSAFE_GRACE_S = 1.0  # a frame of another sender may be the one that was dropped: then ours is answered
_CATCH_UP_S = 1.0

Tell = Callable[[str], None]


class Rover:
    """A rover at the other end of a line, of which this is the only user.

    url: a serial device or a URL of pyserial. craft: to which commands are addressed; None: the one that the URL names,
    else the rover. key: path of the key that secures frames, each transmission anew; None: the one that the URL names,
    else frames go in clear. listener: is called with each report as it comes, and the command that it speaks of.
    dormancy: the one that it was heard to begin; None while it is awake, as far as one knows.
    timeout_s: how long calls wait if they are told nothing else: 60 s, of an emulated Pico, which takes a minute to
    start, 300 s. All waiting is in seconds of the wall. WrongUse: the line cannot be opened, or a command cannot be.
    LineEnded, from any call: the line ends or breaks; its text says why.
    """

    def __init__(
        self,
        url: str,
        craft: str | None = None,
        key: str | Path | None = None,
        listener: Callable[[Report, Sent | None], None] = lambda report, sent: None,
    ) -> None:
        self._dictionary = load()
        self._options = _options_of(url)
        self.craft = craft or self._options.get("craft", "rover")
        if self.craft not in self._dictionary.craft:
            raise WrongUse(f"unknown craft '{self.craft}'; {suggest(self.craft, list(self._dictionary.craft))}")
        self._run = 0  # of the rover: how often it was switched off and on
        self._spacecraft: int = self._dictionary.craft[self.craft]["spacecraft"]
        key = key or self._options.get("key")
        self._apply_security = protection_with(Path(key)) if key is not None else None
        self._listener = listener
        self._decoder = TelemetryDecoder(self._dictionary)
        self._verification = Verification()
        self._fop = Fop1(self._spacecraft, self._transmit, time.monotonic)
        # Reports on what another sender has sent before are not taken for answers to ours
        self._count = secrets.randbelow(SEQUENCE_COUNTS)
        self._reports: deque[Report] = deque(maxlen=_MOST_KEPT)
        self._time: datetime | None = None  # of the last report
        self._unsafe: tuple[Report, float] | None = None  # the first since a command was sent, and when it came
        self.dormancy: Dormancy | None = None
        self._is_heard = False
        self._end: LineEnded | None = None
        self._port = open_port(url)
        keep_dictionary()
        self._octets = read_port(self._port)
        self._opened_s = time.monotonic()
        self.timeout_s = _PICO_TIMEOUT_S if url.startswith("emulator://pico") else _TIMEOUT_S

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            # What has gone wrong already is the error to know of
            close_port(self._port)

    def close(self) -> None:
        """Closes the line; an emulated rover ends with it."""
        with port_in_use():
            self._port.close()

    def post(self, command: str | Request, /, *, bypass: bool = False, **arguments: object) -> Sent:
        """Sends a command, and waits for nothing. See `send`."""
        request = command if isinstance(command, Request) else request_of([command, *as_words(arguments)])
        self._catch_up()
        if self.dormancy is not None:
            raise NoAnswer(f"{request.what} is not sent: {_told(self.dormancy)}")
        self._reports.clear()
        self._unsafe = None
        octets = packet(request, self._dictionary.apids["COMPUTER"], self._count)
        if self._apply_security is not None and len(octets) > MAX_SECURED_DATA:
            raise WrongUse(f"{request.command.name}: does not fit a secured frame; send some of it later")
        self._count += request.packets
        transfer = None
        if bypass:
            self._fop.bypass(octets)
        else:
            transfer = self._fop.send(octets)
        sent = Sent(request, octets, transfer)
        self._verification.follow(sent)
        return sent

    def send(
        self,
        command: str | Request,
        /,
        *,
        bypass: bool = False,
        timeout_s: float | None = None,
        at: str | datetime | When | None = None,
        **arguments: object,
    ) -> Sent:
        """Sends a command, by its name as a rule, and waits until it is done. Gives what was said of it.

        arguments: by name, in the dictionary's units; numbers, labels, UTC times, or lists of them where the command
        repeats; a command in a command by its text, as "DRIVE bearing=315 distance=5.5". bypass: past the sequence of
        frames, as in an emergency. at: not now, but at this on-board time, UTC or as "+90s": it goes into the rover's
        schedule, which is enabled, and done is the insertion. CommandFailed: the rover refuses it, or cannot do it;
        NoAnswer: it does not say in time that it has.
        timeout_s: None: as `timeout_s` of the rover.
        """
        if at is not None:
            request = command if isinstance(command, Request) else request_of([command, *as_words(arguments)])
            command, arguments = self.scheduled(request, at, timeout_s), {}
        return self.wait(self.post(command, bypass=bypass, **arguments), timeout_s)

    def scheduled(
        self,
        request: Request,
        at: str | datetime | When,
        timeout_s: float | None = None,
        tell: Tell = lambda line: None,
    ) -> Request:
        """The request that puts another one into the rover's schedule, which this enables. See `send` and `wait`."""
        when = at if isinstance(at, When) else When(at)
        tell("SCHEDULE_ENABLE")
        self.wait(self.post("SCHEDULE_ENABLE"), timeout_s, tell)
        assert self._time is not None  # of what it has just said
        try:
            return next(insertions([when.entry(request, self._time)], self.max_octets))[0]
        except WrongLine as error:
            raise WrongUse(str(error)) from error

    @property
    def max_octets(self) -> int:
        """Of a packet that a frame holds."""
        return MAX_DATA if self._apply_security is None else MAX_SECURED_DATA

    def begin(self, number: int | None = None) -> None:
        """Begins the sequence of frames anew, with this number; None: unlocks the rover, which tells the number.

        The first command does the latter by itself.
        """
        self._fop.begin(number)

    def wait(self, sent: Sent, timeout_s: float | None = None, tell: Tell = lambda line: None) -> Sent:
        """Waits until a command is done. tell: gets a line for each stage, and for each report that answers it."""
        timeout_s = self.timeout_s if timeout_s is None else timeout_s
        until_s = time.monotonic() + timeout_s
        transfer = sent.transfer
        is_under_way = transfer is not None
        while not sent.is_over:
            try:
                reports = self.poll()
            except LineEnded:
                if (unsafe := self._why_unsafe(sent, 0.0)) is not None:
                    raise CommandFailed(f"{sent.request.what}: {unsafe}") from None
                raise
            if transfer is not None and is_under_way and transfer.acknowledged:
                is_under_way = False
                tell(f"  taken in frame {transfer.number}")
            for report in reports:
                if report in sent.reports or answers(report, sent):
                    tell(line_of(report, sent, self._dictionary))
            self.expect(sent, until_s, timeout_s)
        if sent.failure is not None:
            outcome = "failed" if sent.failure.subservice == COMPLETION_FAILED else "refused"
            raise CommandFailed(f"{sent.request.command.name} {outcome}: {why(sent.failure, sent.request)}")
        return sent

    def wait_for(self, name: str, timeout_s: float | None = None) -> Report:
        """The next report of that name since the last command was sent; each is given once. NoAnswer: none in time."""
        names = [one.name for one in (*self._dictionary.packets, *self._dictionary.events)]
        if name not in names:
            raise WrongUse(f"unknown report '{name}'; {suggest(name, names)}")
        timeout_s = self.timeout_s if timeout_s is None else timeout_s
        until_s = time.monotonic() + timeout_s
        while True:
            for report in self._reports:
                if report.name == name:
                    self._reports.remove(report)
                    return report
            if time.monotonic() >= until_s:
                raise NoAnswer(f"no {name} in {timeout_s:g} s: {self._reason('it tells other things')}")
            self.poll()

    def poll(self) -> list[Report]:
        """Listens for a moment, up to 0.2 s, and sends again what is due. Gives the reports that have come.

        All that waits here does so by this; who does something else for long should call it meanwhile, or the line's
        buffer may run over.
        """
        with self._in_use():
            octets = next(self._octets)
        reports = self._decoder.feed(octets)
        refuse_foreign(self._decoder.foreign_hash, self._dictionary)
        clcw = self._decoder.take_clcw(self._spacecraft)
        if clcw is not None:
            self._is_heard = True
            self._fop.take(clcw)
        self._fop.tick()
        for report in reports:
            self._notice_sleep(report)
            if report.name == _UNSAFE and self._unsafe is None:
                self._unsafe = report, time.monotonic()
            self._listener(report, self._verification.take(report))
        self._reports.extend(reports)
        return reports

    def expect(self, sent: Sent, until_s: float, timeout_s: float) -> None:
        """NoAnswer or CommandFailed when there is no use in waiting for a command any longer.

        until_s: of time.monotonic(), after a wait of timeout_s. What the rover does not have yet is given up then: it
        might be done much later, when nobody expects it any more.
        """
        if sent.is_over:
            return
        what, transfer = sent.request.what, sent.transfer
        if transfer is not None and transfer.lost is not None:
            raise NoAnswer(f"{what} is lost: {self._reason(transfer.lost)}")
        unsafe = self._why_unsafe(sent, until_s)
        if unsafe is None and self.dormancy is None and time.monotonic() < until_s:
            return
        if transfer is not None and not transfer.acknowledged:
            self._fop.give_up("the one before was waited for too long")
        if unsafe is not None:
            raise CommandFailed(f"{what}: {unsafe}")
        if self.dormancy is not None:
            raise NoAnswer(f"{what} is not over: {_told(self.dormancy)}")
        if sent.reports:
            stage = f"{sent.reports[-1].name} was the last that the rover said of it"
        elif transfer is not None and transfer.acknowledged:
            stage = "the rover has taken it and says nothing of it"
        else:
            stage = "the rover is heard, and does not take it"
        raise NoAnswer(f"{what} is not over after {timeout_s:g} s: {self._reason(stage)}")

    def _why_unsafe(self, sent: Sent, until_s: float) -> str | None:
        """Why the rover drops the frame of a command, None while that is not known; until_s: of the wait."""
        if self._unsafe is None or sent.reports:
            return None
        report, came_s = self._unsafe
        if time.monotonic() < min(until_s, came_s + _UNSAFE_GRACE_S):
            return None
        reason = str((report.fields or {}).get("reason"))
        return f"{reason}: {_WHY_UNSAFE.get(reason, 'its security is not valid')}"

    def why_silent(self) -> str:
        """What is known of a rover that was not heard yet."""
        time_there = self._time_there()
        night = before_waking(time_there, self.craft) if time_there is not None else None
        return f"nothing is heard from the rover: {night or self._not_ours() or 'it is dormant, or not there'}"

    def _not_ours(self) -> str | None:
        """What else came from the line than frames of this mission; None: nothing."""
        return self._decoder.advice() if self._decoder.account()["octets"]["total"] else None

    def _transmit(self, frame: bytes) -> None:
        secured = self._apply_security(frame) if self._apply_security is not None else frame
        with self._in_use(), port_in_use():
            self._port.write(cltu(with_error_control(secured)))

    def _catch_up(self) -> None:
        """Listens to what has come already; at most a second, as a rover in a hurry never ends."""
        until_s = time.monotonic() + _CATCH_UP_S
        while self._has_octets() and time.monotonic() < until_s:
            self.poll()

    def _has_octets(self) -> bool:
        with self._in_use(), port_in_use():
            return bool(self._port.in_waiting)

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """What uses the line raises LineEnded for each end of it, and after an end at once, with the same text."""
        if self._end is not None:
            raise LineEnded(str(self._end), self._end.status)
        try:
            yield
        except LineEnded as end:
            self._end = end
            raise
        except RoverFailed as failure:
            refused = failure.status == WrongUse.status
            self._end = LineEnded(f"the line has ended: {failure}", WrongUse.status if refused else NoAnswer.status)
            raise self._end from failure
        except (StopIteration, RoverEnded, SocketClosed) as end:
            self._end = LineEnded(f"the line has ended: {end}")
            raise self._end from end

    def _notice_sleep(self, report: Report) -> None:
        if report.time is None:
            return
        if report.run != self._run and report.packet.spacecraft_id == self._spacecraft:
            self._run, self.dormancy = report.run, None
        self._time = report.time
        if report.service == _EVENT and report.name is not None:
            self.dormancy = falling_asleep(report.name, report.time, self._dictionary) or self.dormancy
        if self.dormancy is not None and report.time > self.dormancy.since:
            self.dormancy = None

    def _reason(self, otherwise: str) -> str:
        """Why a rover does not answer: it is dormant, as far as one knows, or `otherwise`."""
        if self.dormancy is not None:
            return _told(self.dormancy)
        if self._is_heard:
            return otherwise
        return self.why_silent()

    def _time_there(self) -> datetime | None:
        """The mission time of an emulated rover that says nothing, as far as its URL tells it."""
        span = span_of(self._options)
        try:
            speed = float(self._options.get("speed", "1"))
        except ValueError:  # max
            return None
        return span[0] + timedelta(seconds=(time.monotonic() - self._opened_s) * speed) if span else None


def request_of(words: list[str]) -> Request:
    """The request that words such as DRIVE bearing=315 distance=5.5 are. WrongUse tells what they may be."""
    try:
        return read_request(words, load())
    except WrongLine as error:
        raise WrongUse(str(error)) from error


def _told(dormancy: Dormancy) -> str:
    return f"the rover is dormant since {minute(dormancy.since)}, silent and deaf; {dormancy.outlook}"


def _options_of(url: str) -> dict[str, str]:
    """The options of an emulated rover; empty for any other line."""
    return awake_by_default(options_of(url)) if url.startswith("emulator://") else {}


def answers(report: Report, sent: Sent) -> bool:
    """Whether a report is what a command asks for; of periodic ones and events, if it speaks of them.

    Or tells that a frame was dropped: as a rule its own.
    """
    if report.name == _UNSAFE:
        return True
    command = sent.request.command
    if command.answer is not None:
        return report.name == command.answer
    if report.service != command.service or report.name is None:
        return False
    named = {name for text in sent.request.texts for name in text.split(",")}
    return report.service not in (_HOUSEKEEPING, _EVENT) or report.name in named
