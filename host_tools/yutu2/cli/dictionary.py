"""`yutu2 dictionary`: what the mission dictionary declares."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from yutu2.cli.options import open_output

dictionary_app = typer.Typer(
    help="List and generate what the mission dictionary declares.",
    epilog="Example: yutu2 dictionary list commands",
    no_args_is_help=True,
)


class Kind(StrEnum):
    """What `dictionary list` lists."""

    PACKETS = "packets"
    COMMANDS = "commands"
    EVENTS = "events"
    FAULTS = "faults"
    ACTIVITIES = "activities"
    PARAMETERS = "parameters"


@dictionary_app.command(epilog="Example: yutu2 dictionary generate --out tables.py")
def generate(
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Write the tables here, and nothing else.")] = None,
) -> int:
    """Make the firmware's tables from dictionary.toml, and its own plan from lunar_day.plan."""
    from yutu2.dictionary.model import load
    from yutu2.dictionary.tables import firmware_tables
    from yutu2.mission.generation import generated_files, write_files

    files = generated_files() if out is None else {out: firmware_tables(load())}
    write_files(files)
    print(*files, sep="\n", file=sys.stderr)
    return 0


@dictionary_app.command("list", epilog="Example: yutu2 dictionary list commands")
def list_entries(
    kind: Annotated[
        Kind | None, typer.Argument(metavar="KIND", help=f"{', '.join(Kind)}; else how many of each.")
    ] = None,
) -> int:
    """List what the dictionary declares of a kind: packets, commands, events, faults, activities or parameters."""
    from yutu2.dictionary.model import load
    from yutu2.show.dictionary_list import table_lines

    with open_output(None) as table:
        table.write("\n".join([*table_lines(load(), kind), ""]).encode())
    return 0
