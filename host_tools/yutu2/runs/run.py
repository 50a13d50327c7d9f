"""A run: lets a rover live, receives it, keeps what it sent."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from yutu2.decode.fields import Report
from yutu2.decode.frames import FRAME_LENGTH, SYNC_MARKER
from yutu2.decode.records import iso
from yutu2.decode.telemetry import Account, TelemetryDecoder, read_telemetry
from yutu2.dictionary.cache import keep_dictionary
from yutu2.dictionary.model import FILE_NAME, Dictionary, load, own_file
from yutu2.dictionary.text import suggest
from yutu2.errors import LineEnded, WrongUse
from yutu2.line.emulator import RUNTIMES
from yutu2.line.source import RoverFailed, close_port, open_port, read_until_break
from yutu2.line.url_query import options_of, query_of
from yutu2.mission.hibernation import Dormancy
from yutu2.mission.run_inputs import READERS, read_all
from yutu2.mission.run_options import as_option, as_query, check_options
from yutu2.mission.run_period import span_of
from yutu2.mission.uplink_file import read_uplink
from yutu2.products.collector import ProductCollector
from yutu2.products.traverse import Traverse, TraverseBuilder
from yutu2.recordings.writers import JsonLines
from yutu2.runs import observations
from yutu2.runs.command_outcomes import CommandOutcome, UplinkOutcomes
from yutu2.runs.observations import Observation, ObservationMaker, Together
from yutu2.runs.timeline import Entry, Timeline
from yutu2.system.files import GrowingFile, folder_in_use, write_whole
from yutu2.system.interrupts import Interrupt
from yutu2.system.streams import report as print_note

DEFAULT_LUNAR_DAY = "24"
_DEFAULTS = {"craft": "rover", "seed": "7", "speed": "max"}
_FILES = (*READERS, "key")
_IN_ORDER = ("craft", "lunar_day", "start", "days", "seed", "speed", *_FILES)  # in which a run shows its options


def is_own_line(target: str) -> bool:
    """Whether a target is a URL or a serial device: a rover that lives by options of its own, not by ours."""
    return "://" in target or "/" in target


def run_url(target: str, given: dict[str, str], micropython: str | None = None) -> tuple[str, dict[str, str]]:
    """Return the URL of a rover, and its options with their defaults; of a line of its own there are none.

    target: unix, cpython, pico-emulated, or a line of its own. given: the firmware's options by name. Raises WrongUse.
    """
    if is_own_line(target):
        _refuse_options(target, given | ({} if micropython is None else {"micropython": micropython}))
        if target.startswith("emulator://"):
            check_options(options_of(target), as_query)
        return target, {}
    options = _DEFAULTS | given
    if not options.keys() & {"lunar_day", "start", "days"}:
        options["lunar_day"] = DEFAULT_LUNAR_DAY
    options = {name: options[name] for name in _IN_ORDER if name in options}
    check_options(options)
    if target == "pico-emulated":
        # UART0 is the line that keeps exact times
        return f"emulator://pico?{query_of(options | {'link': 'uart', 'baud': '921600'})}", options
    if target not in RUNTIMES:
        targets = [*RUNTIMES, "pico-emulated", "a URL", "a serial device"]
        raise WrongUse(f"--target: unknown target '{target}'; {suggest(target, targets)}")
    chosen = {} if micropython is None else {"micropython": micropython}
    return f"emulator://{target}?{query_of(options | chosen)}", options


def _refuse_options(target: str, given: dict[str, str]) -> None:
    """Raise WrongUse for options that a rover on a line of its own would never see."""
    for name, value in given.items():
        option, is_file = as_option(name), name in _FILES
        on_board = f"image, by yutu2 image build {option} FILE" if is_file else "settings.txt"
        raise WrongUse(
            f"{option}: {target} runs by options of its own; give the {name.replace('_', ' ')} in its URL, as "
            f"emulator://unix?{name}={'FILE' if is_file else value}, or in a board's {on_board}"
        )


@dataclass
class Outcome:
    """What a run came to. `packets` counts by name of the dictionary, those that it does not know by channel/APID.

    dictionary: that decoded it. advice: as of TelemetryDecoder.
    dormancy: the one that the craft was left in, None when it was awake or had not been heard to go to sleep. traverse:
    None without a stop. products: the entries of `products.json`, without pictures where none were made.
    commands: what became of those of its uplink file; None where it has none.
    """

    dictionary: Dictionary
    account: Account
    packets: dict[str, int]
    timeline: list[Entry]
    octets: int
    sha256: str
    foreign_hash: str | None
    interrupted: bool
    dormancy: Dormancy | None = None
    traverse: Traverse | None = None
    observations: list[Observation] = field(default_factory=list)
    together: list[Together] = field(default_factory=list)
    products: list[dict[str, Any]] = field(default_factory=list)
    advice: str | None = None
    commands: list[CommandOutcome] | None = None

    def summary(self, options: dict[str, str]) -> dict[str, Any]:
        """The content of `summary.json`: depends on what came down alone, so equal runs have equal ones."""
        return {
            "options": options,
            "dictionary": self.dictionary.hash.hex(),
            "interrupted": self.interrupted,
            "downlink": {"octets": self.octets, "sha256": self.sha256},
            "timeline": [
                {
                    "time": iso(entry.time),
                    "lunar_day": entry.lunar_day,
                    "earth_day": round(entry.earth_day, 2),
                    "name": entry.name,
                    "text": entry.text,
                    "published": iso(entry.published) if entry.published else None,
                    "late_s": entry.late_s,
                    "next_sunrise": _sunrise(entry.dormancy),
                    "silent_s": round(entry.silent.total_seconds()) if entry.silent else None,
                }
                for entry in self.timeline
            ],
            "dormant": (
                {"since": iso(self.dormancy.since), "next_sunrise": _sunrise(self.dormancy)} if self.dormancy else None
            ),
            "drive": self.traverse.summary() if self.traverse else None,
            "instruments": observations.summary(self.observations, self.dictionary),
            "together": [one.summary() for one in self.together],
            "products": self.products,
            "commands": None if self.commands is None else [one.summary() for one in self.commands],
            "packets": self.packets,
            "account": self.account,
        }


def _sunrise(dormancy: Dormancy | None) -> str | None:
    return iso(dormancy.sunrise) if dormancy and dormancy.sunrise else None


class _Recorder:
    """Count the octets of a downlink, and keep them in a folder. out: the folder; None: nothing is kept.

    Files are opened when the first octet comes: a rover that refuses its options must leave an earlier run as it was.
    packets: writes packets.jsonl, once it is open.
    """

    def __init__(self, out: Path | None, stack: ExitStack) -> None:
        self.octets = 0
        self.packets: JsonLines | None = None
        self._out = out
        self._stack = stack
        self._digest = hashlib.sha256()
        self._stream: IO[bytes] | None = None

    @property
    def sha256(self) -> str:
        """The hash of the octets so far, in hexadecimal."""
        return self._digest.hexdigest()

    def open(self) -> None:
        """Open the files, where they are wanted and not open yet."""
        if self._out is not None and self._stream is None:
            write_whole(self._out / FILE_NAME, own_file().read_bytes())
            frame = len(SYNC_MARKER) + FRAME_LENGTH
            self._stream = self._stack.enter_context(GrowingFile(self._out / "downlink.tm", frame))
            self.packets = JsonLines(self._stack.enter_context(GrowingFile(self._out / "packets.jsonl")))

    def pass_on(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the chunks of a stream, once they are counted and kept."""
        for chunk in chunks:
            if chunk:
                self.open()
            self.octets += len(chunk)
            self._digest.update(chunk)
            if self._stream:
                self._stream.write(chunk)
            yield chunk


@dataclass
class Run:
    """One run from a URL to an Outcome.

    on_entry is called with each line of the timeline as it comes, on_time with the time of each report and the number
    of files that have begun to come, on_step with what is made of them at the end, and how much of it is done.
    out: folder for downlink.tm, dictionary.toml, packets.jsonl, summary.json and products/, made if it is not there;
    None: nothing is kept. default_seed: of the ground under the map, where the URL tells none. on_begin is called when
    the line is open.
    """

    url: str
    options: dict[str, str]
    out: Path | None
    on_entry: Callable[[Entry], None]
    on_time: Callable[[datetime, int], None]
    on_step: Callable[[str, float], None]
    default_seed: int
    on_begin: Callable[[], None] = lambda: None
    _entries: list[Entry] = field(default_factory=list)
    _packets: Counter[str] = field(default_factory=Counter)
    _traverse: TraverseBuilder = field(default_factory=TraverseBuilder)
    _failure: RoverFailed | None = None

    def __post_init__(self) -> None:
        self._dictionary = load()
        self._observations = ObservationMaker(self._dictionary)
        self._collector = ProductCollector(self._dictionary)

    def live(self) -> Outcome:
        """Runs to the end. Ctrl-C ends the rover in good order: all that it sent is received and kept.

        RoverFailed: it failed in the middle; all that it sent is kept as well.
        """
        span = span_of(self.options) if self.url.startswith("emulator://") else None
        self._timeline = Timeline(span[0] if span else None, self._dictionary)
        if span:
            for handed_over in read_all(self.options).values():
                for warning in handed_over.warnings(*span):
                    print_note(warning)
        uplink = options_of(self.url).get("uplink") if self.url.startswith("emulator://") else None
        self._commands = UplinkOutcomes(read_uplink(uplink), self._dictionary) if uplink is not None else None
        self._make_folder()
        keep_dictionary()
        with folder_in_use(self.out) if self.out is not None else nullcontext():
            return self._receive(span)

    def _receive(self, span: tuple[datetime, datetime] | None) -> Outcome:
        """Run, and make the products of what came. span: of the run, UTC; None where nobody knows it."""
        decoder = TelemetryDecoder(self._dictionary)
        with ExitStack() as stack:
            port = open_port(self.url)
            self.on_begin()
            stack.callback(close_port, port)
            # An emulated rover that is asked to end sends what it has; from any other line we just turn away.
            end_rover = getattr(port, "interrupt", None)
            interrupt = stack.enter_context(Interrupt(end_rover) if end_rover else Interrupt())
            recorder = _Recorder(self.out, stack)
            octets = recorder.pass_on(read_until_break(port, self._note_break))
            for reports in read_telemetry(octets, decoder, lambda: interrupt.asked and not end_rover):
                self._take(reports, recorder.packets)
            recorder.open()
        if span and not interrupt.asked:
            self._tell(self._timeline.until(span[1]))
        products, stopped = self._keep_products(interrupt.asked)
        outcome = Outcome(
            dictionary=self._dictionary,
            account=decoder.account(),
            packets=dict(sorted(self._packets.items())),
            timeline=self._entries,
            octets=recorder.octets,
            sha256=recorder.sha256,
            foreign_hash=decoder.foreign_hash,
            interrupted=interrupt.asked or stopped,
            advice=decoder.advice(),
            dormancy=self._timeline.dormancy,
            traverse=self._traverse.build(),
            observations=self._observations.observations(),
            together=self._observations.together(),
            products=products,
            commands=self._commands.outcomes(span) if self._commands is not None else None,
        )
        if self.out is not None:
            text = json.dumps(outcome.summary(self.options), indent=2) + "\n"
            write_whole(self.out / "summary.json", text.encode())
        if self._failure is not None:
            raise self._failure
        return outcome

    def _note_break(self, error: RoverFailed | LineEnded) -> None:
        """A rover that fails ends the run as an error once all is kept; a line that breaks is its end."""
        if isinstance(error, RoverFailed):
            self._failure = error
        else:
            print_note(str(error))

    def _keep_products(self, interrupted: bool) -> tuple[list[dict[str, Any]], bool]:
        """(an entry a product, whether Ctrl-C came meanwhile). An interrupted run leaves the pictures for later."""
        product_sets, traverse = self._collector.product_sets(), self._traverse.build()
        if self.out is None or not (product_sets or traverse):
            return [product_set.entry() for product_set in product_sets], False
        from yutu2.products.export import NO_FITS, lacks_fits, save_products  # Matplotlib takes its time

        told = options_of(self.url).get("seed", "")
        seed = int(told) if told.isdecimal() else self.default_seed
        with Interrupt() as interrupt:
            entries = save_products(
                *(self.out / "products", product_sets, traverse, seed, self.on_step),
                is_stopped=lambda: interrupted or interrupt.asked,
                computing=interrupt.at_once,
            )
        if lacks_fits(entries):
            print_note(f"{NO_FITS} {self.out}")
        return entries, interrupt.asked

    def _make_folder(self) -> None:
        if self.out is None:
            return
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise WrongUse(f"--out: {self.out} is a file, and a folder is wanted") from error
        except OSError as error:
            raise WrongUse(f"--out: cannot make {self.out}: {error.strerror}") from error
        if not os.access(self.out, os.W_OK):
            raise WrongUse(f"--out: cannot write in {self.out}: permission denied")

    def _take(self, reports: list[Report], writer: JsonLines | None) -> None:
        for report in reports:
            packet = report.packet
            self._packets[report.name or f"{packet.virtual_channel}/{packet.apid}"] += 1
            if writer:
                writer.write(report)
            for maker in (self._traverse, self._observations, self._collector):
                maker.add(report)
            if self._commands is not None:
                self._commands.take(report)
            self._tell(self._timeline.entries(report))
        if reports and reports[-1].time:
            self.on_time(reports[-1].time, self._collector.files.count)

    def _tell(self, entries: Iterator[Entry]) -> None:
        for entry in entries:
            self._entries.append(entry)
            self.on_entry(entry)
