"""What a rover says of the commands that it got, ST[01] (ECSS-E-ST-70-41C, 6.1): reports matched to what was sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct

from yutu2.decode.fields import Report, Value
from yutu2.decode.records import in_a_word
from yutu2.dictionary.model import Dictionary
from yutu2.uplink.cop1 import Transfer
from yutu2.uplink.encode import Request

_VERIFICATION = 1
_DONE = 7
COMPLETION_FAILED = 8
_FAILED = (2, 4, COMPLETION_FAILED)  # acceptance, start, completion; a step that fails does not end a command by itself
_REQUEST_ID = Struct(">HH")
_MOST_FOLLOWED = 1000


@dataclass(eq=False)
class Sent:
    """A command that was sent.

    packet: as it was sent. transfer: its way in a frame in sequence; None: it went past the sequence. reports: what the
    rover has said of it, in order.
    """

    request: Request
    packet: bytes
    transfer: Transfer | None
    reports: list[Report] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """What it asked for is done."""
        return any(report.subservice == _DONE for report in self.reports)

    @property
    def failure(self) -> Report | None:
        """The report that it is refused or has failed."""
        return next((report for report in self.reports if report.subservice in _FAILED), None)

    @property
    def is_over(self) -> bool:
        """Nothing more will be said of it."""
        return self.is_done or self.failure is not None


class Verification:
    """Follows the last commands that were sent. most: how many at once."""

    def __init__(self, most: int = _MOST_FOLLOWED) -> None:
        self._most = most
        self._sent: dict[tuple[int, int], Sent] = {}  # by request id

    def follow(self, sent: Sent) -> None:
        """From now on reports with its request id are its own."""
        key = _REQUEST_ID.unpack_from(sent.packet)
        self._sent.pop(key, None)  # an older one, before the count came round
        self._sent[key] = sent
        if len(self._sent) > self._most:
            del self._sent[next(iter(self._sent))]

    def take(self, report: Report) -> Sent | None:
        """The command that a report speaks of; None: of none that is followed."""
        if report.service != _VERIFICATION or report.raw is None:
            return None
        sent = self._sent.get((_number(report.raw, "packet_id"), _number(report.raw, "sequence_control")))
        if sent is not None:
            sent.reports.append(report)
        return sent


def line_of(report: Report, sent: Sent | None, dictionary: Dictionary, subject: str = "") -> str:
    """A report in one line: UTC, name, and what it holds but the request id; a failure of `sent` in words.

    What it holds many of goes on below, a line each. subject: stands before what a report of verification holds.
    """
    words = [line_start(report)]
    definition = next((packet for packet in dictionary.packets if packet.name == report.name), None)
    if definition is not None and definition.repeat and report.fields is not None:
        words += _lines(report.fields)
    elif report.service != _VERIFICATION:
        words += [f"{name}={in_a_word(value)}" for name, value in (report.fields or {}).items()]
    elif report.raw is not None:
        if subject:
            words.append(subject)
        if "step" in report.raw:
            words.append(f"step {report.raw['step']}")
        if sent is not None and "code" in report.raw:
            words.append(why(report, sent.request))
    return " ".join(words).rstrip()


def _lines(columns: dict[str, Value]) -> list[str]:
    """How many rows there are, and a line for each; of one row that alone."""
    rows = list(zip(*(column for column in columns.values() if isinstance(column, list)), strict=True))
    told = [" ".join(f"{name}={in_a_word(value)}" for name, value in zip(columns, row, strict=True)) for row in rows]
    return told if len(told) == 1 else ["\n    ".join([str(len(rows)), *told])]


def line_start(report: Report) -> str:
    """Its UTC and its name."""
    time = f"{report.time:%Y-%m-%d %H:%M:%S}.{report.time.microsecond // 1000:03}" if report.time else "-"
    return f"  {time:23}  {report.name:15}"


def why(report: Report, request: Request) -> str:
    """What a report of failure means: its code, and what the data say."""
    assert report.raw is not None
    assert report.fields is not None
    code, data = report.fields["code"], report.fields["data"]
    if code == "WRONG_ARGUMENT":
        names = list(_raw_values(request))
        number, low = divmod(_number(report.raw, "data"), 1 << 16)
        if 0 < number <= len(names):
            data = f"{names[number - 1]}, raw value {low}"
    label = code if isinstance(code, str) else f"failure {code}"
    return f"{label}: {data}" if data != 0 else label


def _raw_values(request: Request) -> Iterator[str]:
    """The name of each raw value in a packet, in their order."""
    arguments = request.command.placed
    for _ in request.rows if arguments == request.command.arguments else (None,):
        for argument in arguments:
            yield from [argument.name] * len(argument.ranges)


def _number(values: dict[str, Value], name: str) -> int:
    value = values[name]
    assert isinstance(value, int)
    return value
