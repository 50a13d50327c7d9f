"""The command `yutu2`: parses, calls, prints."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from yutu2.errors import WrongUse

app = typer.Typer(
    name="yutu2",
    help="Ground tools of the Yutu-2 rover emulator.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
dictionary_app = typer.Typer(help="The mission dictionary.", no_args_is_help=True)
app.add_typer(dictionary_app, name="dictionary")


class Format(StrEnum):
    """How `decode` prints."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


MicroPython = Annotated[
    str | None, typer.Option(metavar="PATH", help="The Unix port of MicroPython to use, not the one installed.")
]


@app.command()
def run(
    craft: Annotated[str, typer.Option(help="rover or lander.")] = "rover",
    lunar_day: Annotated[
        str | None, typer.Option(metavar="N", help="Lunar day to live; 24 if no start is given.")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begin here instead, as 2020-11-09T02:00:00Z,")
    ] = None,
    days: Annotated[str | None, typer.Option(metavar="DAYS", help="and live so many Earth days, as 0.25.")] = None,
    seed: Annotated[str, typer.Option(metavar="N", help="Of noise and chance.")] = "7",
    speed: Annotated[str, typer.Option(metavar="max|N", help="From event to event, or N times real time.")] = "max",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep downlink.tm, packets.jsonl, summary.json here.")
    ] = None,
    target: Annotated[str, typer.Option(metavar="TARGET", help="unix, cpython, a serial device or a URL.")] = "unix",
    micropython: MicroPython = None,
) -> int:
    """Let a rover live, and show what it tells: by default lunar day 24, as fast as it goes."""
    from yutu2.run import DEFAULT_LUNAR_DAY, Run, run_url
    from yutu2.show.screen import RunScreen

    given = {"craft": craft, "lunar_day": lunar_day, "start": start, "days": days, "seed": seed, "speed": speed}
    if start is None and days is None:
        given["lunar_day"] = lunar_day or DEFAULT_LUNAR_DAY
    options = {name: value for name, value in given.items() if value is not None}
    url = run_url(target, options, micropython)
    with RunScreen(url, options) as screen:
        outcome = Run(url, options, out, screen.entry, screen.time).live()
    screen.summary(outcome, out)
    _refuse_foreign(outcome.foreign_hash)
    return 130 if outcome.interrupted else 0


@app.command()
def decode(
    source: Annotated[str, typer.Argument(help="A file, - for standard input, a serial device, or a URL of pyserial.")],
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,  # noqa: A002
    packet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only packets of this name; CSV: a column a field.")
    ] = None,
    account: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the account of the line here, as JSON.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Add raw values and the packet in hexadecimal.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Write here, not to standard output.")] = None,
) -> int:
    """Decode telemetry. Damage is no error: what was lost stands in the account."""
    from yutu2.decoding import decode_to, definition_named
    from yutu2.show.screen import account_line

    if format == Format.PARQUET and out is None and sys.stdout.isatty():
        raise WrongUse("--format parquet is not for a terminal: give --out PATH")
    definition = definition_named(packet) if packet is not None else None
    with _output(out) as file:
        result = decode_to(source, file, format.value, definition, raw)
    if account is not None:
        with _output(account) as file:
            file.write(json.dumps(result.account, indent=2).encode() + b"\n")
    print(account_line(result.account), file=sys.stderr)
    _refuse_foreign(result.foreign_hash)
    return 130 if result.interrupted else 0


@app.command()
def calendar(
    seed: Annotated[str, typer.Option(metavar="N", help="Of noise and chance.")] = "7",
) -> int:
    """Let rover and lander live for years, and hold their wakes and sleeps against the published ones."""
    from yutu2.calendar import calendar as live
    from yutu2.show.screen import CalendarScreen

    with CalendarScreen() as screen:
        rows = live(seed, screen.time)
    screen.table(rows)
    return 0


@dictionary_app.command()
def generate(
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Write here, not to the firmware.")] = None,
) -> int:
    """Make the firmware's tables from dictionary.toml."""
    from yutu2.dictionary.model import load
    from yutu2.dictionary.tables import firmware_tables
    from yutu2.firmware import firmware_dir

    path = out or firmware_dir() / "rover" / "generated.py"
    with _output(path) as file:
        file.write(firmware_tables(load()).encode())
    print(path, file=sys.stderr)
    return 0


@contextmanager
def _output(path: Path | None) -> Iterator[IO[bytes]]:
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        file = path.open("wb")
    except OSError as error:
        raise WrongUse(f"{path}: cannot be written: {error.strerror}") from error
    with file:
        yield file


def _refuse_foreign(foreign_hash: str | None) -> None:
    if foreign_hash is None:
        return
    from yutu2.dictionary.model import load

    raise WrongUse(
        f"the rover speaks dictionary {foreign_hash}, this yutu2 has {load().hash.hex()}: names and fields were not "
        "decoded from there on; use the yutu2 that its firmware came with"
    )


def main() -> None:
    """Runs the command line; every error that a user can cause is one line on standard error and exit status 2."""
    try:
        status: Any = app(standalone_mode=False)
    except WrongUse as error:
        # An emulated rover has said itself, on standard error, what was wrong
        status = getattr(error, "status", None)
        if status is None:
            print(f"yutu2: {error}", file=sys.stderr)
            status = 2
    except typer.TyperException as error:
        print(f"yutu2: {error.format_message()} (yutu2 --help tells how)".replace("\n", " "), file=sys.stderr)
        status = 2
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except BrokenPipeError:
        # Whoever read our output has had enough, as `head` does
        sys.stderr.close()
        status = 0
    sys.exit(status or 0)
