"""`yutu2 decode`: telemetry as text, CSV, JSON lines or Parquet."""

import json
import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from yutu2.cli.options import DictionaryFile, open_output
from yutu2.errors import WrongUse

app = typer.Typer()


class Format(StrEnum):
    """How `decode` prints."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


def _packet_names() -> list[str]:
    """Return what a shell may complete a packet's name to."""
    from yutu2.dictionary.model import load

    return [packet.name for packet in load().packets + load().events]


@app.command(epilog="Example: yutu2 decode day24/downlink.tm --packet HK_POWER")
def decode(
    source: Annotated[
        str,
        typer.Argument(help="A file, the folder of a run, - for standard input, a serial device or a URL."),
    ],
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,  # noqa: A002
    packet: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only packets of this name; may be repeated. Of one name CSV and Parquet have a column a field.",
            autocompletion=_packet_names,
        ),
    ] = None,
    account: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the account of the line here, as JSON.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Add raw values and the packet in hexadecimal.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Write here, not to standard output.")] = None,
    dictionary: DictionaryFile = None,
) -> int:
    """Decode telemetry. Damage is no error: what was lost stands in the account."""
    from yutu2.decode.telemetry import TelemetryDecoder
    from yutu2.line.source import read_source
    from yutu2.recordings.dictionaries import dictionary_of
    from yutu2.recordings.reading import definitions_named, only, read_reports, refuse_as_output, refuse_foreign
    from yutu2.recordings.run_folder import telemetry_of
    from yutu2.recordings.writers import make_writer
    from yutu2.show.reception_statistics import account_line

    if format == Format.PARQUET and out is None and sys.stdout.isatty():
        raise WrongUse("--format parquet is not for a terminal: give --out PATH")
    source = telemetry_of(source)
    refuse_as_output(source, out, account)
    known = dictionary_of(source, dictionary)
    definitions = definitions_named(packet or [], known)
    octets, decoder = read_source(source), TelemetryDecoder(known)
    with ExitStack() as stack:
        account_file = stack.enter_context(open_output(account)) if account is not None else None
        grows = format != Format.PARQUET and not Path(source).is_file()
        file = stack.enter_context(open_output(out, grows))
        writer = make_writer(format.value, file, definitions[0] if len(definitions) == 1 else None, raw)
        # What has come is there to read while a line is silent
        is_interrupted = read_reports(
            octets, decoder, only(definitions, writer.write), on_chunk=lambda reports: reports or file.flush()
        )
        writer.close()
        if account_file is not None:
            account_file.write(json.dumps(decoder.account(), indent=2).encode() + b"\n")
    print(account_line(decoder.account(), decoder.advice()), file=sys.stderr)
    refuse_foreign(decoder.foreign_hash, known)
    return 130 if is_interrupted else 0
