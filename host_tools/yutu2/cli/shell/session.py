"""Lines that are commands, obeyed one after the other; what the rover says of them, and what befalls it, is shown."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from yutu2.cli.shell.help import help_on, overview
from yutu2.cli.shell.status import Status
from yutu2.decode.fields import Report
from yutu2.dictionary.model import load
from yutu2.dictionary.text import WrongLine
from yutu2.errors import CommandFailed, LineEnded, NoAnswer, WrongUse
from yutu2.mission.hibernation import falling_asleep
from yutu2.runs.client import Rover, answers, request_of
from yutu2.uplink.verification import Sent, line_of, line_start

DONE, FAILED, WRONG, NO_ANSWER = range(4)
"""What became of a line: an exit status."""

_EVENT = 5
_ALARMS = (3, 4)  # medium and high severity, as subservices


class Style(Enum):
    """What a line is."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"
    QUIET = "quiet"
    ERROR = "error"
    """A line was not done, and the rover did not say why."""


Show = Callable[[str, Style], None]


@dataclass(frozen=True, slots=True)
class _Awaited:
    sent: Sent
    until_s: float


class Session:
    """A rover, and those of its commands that are not over.

    show: prints a line of a Style. outcome: DONE, until a line is not done; then what became of the first such one.
    line_number: of the last one obeyed, from 1. is_line_over: whether the line to the rover has ended. timeout_s: after
    which a command is not waited for any more. All but `cancel` and what only tells is for one thread.
    """

    def __init__(self, url: str, craft: str | None, key: str | None, timeout_s: float | None, show: Show) -> None:
        self.outcome = DONE
        self.line_number = 0
        self.is_line_over = False
        self._dictionary = load()
        self._show = show
        self._status = Status()
        self._awaited: list[_Awaited] = []
        self._cancelled = False
        self._ended = False
        self._rover = Rover(url, craft, key, self._hear)
        self._timeout_s = self._rover.timeout_s if timeout_s is None else timeout_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rover.__exit__(kind, error, trace)

    @property
    def craft(self) -> str:
        """To which commands go."""
        return self._rover.craft

    @property
    def awaited(self) -> list[str]:
        """The commands that are not over, by name."""
        return [one.sent.request.command.name for one in self._awaited]

    @property
    def status_line(self) -> str:
        """How the rover is."""
        return self._status.line(self._rover.dormancy, self._rover.why_silent, self.awaited)

    def live(self, lines: "SimpleQueue[str | None]", one_by_one: bool) -> int:
        """Obeys lines as they come, until None or `quit`; listens meanwhile. Gives an exit status.

        one_by_one: each is over before the next is sent, and the first that is not done is the last, and the status.
        """
        try:
            while not (self._ended or (one_by_one and self.outcome)):
                if not (one_by_one and self._awaited):
                    try:
                        line = lines.get_nowait()
                    except Empty:
                        pass
                    else:
                        if line is None:
                            break
                        self.obey(line)
                self.listen()
        except LineEnded as end:
            where = f"; at line {self.line_number} of the commands" if one_by_one and self.line_number else ""
            self._show(f"{end}{where}", Style.ERROR)
            self.is_line_over = True
            return end.status
        return self.outcome if one_by_one else DONE

    def obey(self, line: str) -> None:
        """Does what a line says, and sends it if it is a command."""
        self.line_number += 1
        words = line.partition("#")[0].split()
        try:
            match [word.lower() for word in words[:1]], words[1:]:
                case [], _:
                    pass
                case ["quit" | "exit"], _:
                    self._ended = True
                case ["help"], names:
                    for told in help_on(names[0], self._dictionary) if names else overview(self._dictionary):
                        self._show(told, Style.PLAIN)
                case _:
                    self._send(words)
        except (WrongUse, WrongLine) as error:
            self._fail(WRONG, str(error))

    def listen(self) -> None:
        """Takes what comes for a moment, and gives up what is overdue."""
        if self._cancelled:
            self._cancelled = False
            self._show(f"not waited for any more: {', '.join(self.awaited)}", Style.QUIET)
            self._awaited.clear()
        self._rover.poll()
        for one in list(self._awaited):
            try:
                self._rover.expect(one.sent, one.until_s, self._timeout_s)
            except (NoAnswer, CommandFailed) as error:
                self._awaited.remove(one)
                self._fail(FAILED if isinstance(error, CommandFailed) else NO_ANSWER, str(error))
                continue
            if one.sent.is_over:
                self._awaited.remove(one)
                if one.sent.failure is not None:
                    self.outcome = self.outcome or FAILED

    def cancel(self) -> None:
        """Lets the next `listen` wait for no command any more; what the rover says of them is shown as ever."""
        self._cancelled = True

    def _send(self, words: list[str]) -> None:
        request = request_of(words)
        try:
            sent = self._rover.post(request)
        except LineEnded:
            raise
        except NoAnswer as error:
            self._fail(NO_ANSWER, str(error))
        else:
            self._awaited.append(_Awaited(sent, time.monotonic() + self._timeout_s))

    def _fail(self, outcome: int, why: str) -> None:
        self.outcome = self.outcome or outcome
        self._show(why, Style.ERROR)

    def _hear(self, report: Report, sent: Sent | None) -> None:
        """Shows a report on a command, one that a command asked for, or an event; of the others the status tells."""
        self._status.take(report)
        if sent is not None:
            style = Style.BAD if report is sent.failure else Style.GOOD if sent.is_done else Style.PLAIN
            self._show(line_of(report, sent, self._dictionary, sent.request.command.name), style)
        elif report.service == _EVENT and report.name is not None and report.fields is not None:
            self._show_event(report, report.name, (report.text or "").format(**report.fields))
        elif any(answers(report, one.sent) for one in self._awaited):
            self._show(line_of(report, None, self._dictionary), Style.PLAIN)

    def _show_event(self, report: Report, name: str, text: str) -> None:
        assert report.time is not None
        style = Style.BAD if report.subservice in _ALARMS else Style.QUIET
        self._show(f"{line_start(report)} {text}", style)
        if (dormancy := falling_asleep(name, report.time, self._dictionary)) is not None:
            self._show(f"  silent and deaf; {dormancy.outlook}", style)
