"""Decodes a source into records."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from yutu2.decode.live import Account
from yutu2.decode.reception import Reception
from yutu2.dictionary.model import Packet, load
from yutu2.errors import WrongUse
from yutu2.interrupt import Interrupt
from yutu2.show.records import make_writer
from yutu2.text_line import suggest


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of a source.

    advice: as of LiveDecoder. foreign_hash: the rover's dictionary, when it is not ours. interrupted: by Ctrl-C.
    """

    account: Account
    advice: str | None
    foreign_hash: str | None
    interrupted: bool


def decode_to(octets: Iterator[bytes], file: IO[bytes], kind: str, definition: Packet | None, raw: bool) -> Decoded:
    """Decodes `octets` (of `read_source`) to their end, or to Ctrl-C, and writes records of format `kind` into `file`.

    definition: of the packets to write, None for all.
    """
    reception = Reception(load())
    writer = make_writer(kind, file, definition, raw)
    with Interrupt() as interrupt:
        for chunk in octets:
            reports = reception.feed(chunk)
            for report in reports:
                if definition is None or report.name == definition.name:
                    writer.write(report)
            if not chunk:
                file.flush()
            if interrupt.asked:
                break
        reception.finish()
        writer.close()
    return Decoded(reception.account(), reception.advice(), reception.foreign_hash, interrupt.asked)


def refuse_as_output(source: str, *outputs: Path | None) -> None:
    """WrongUse when an output is the source itself, which opening it would empty, or the place of another output."""
    taken = set()
    for path in outputs:
        if path is None or (path.exists() and not path.is_file()):
            continue
        if path.exists() and Path(source).exists() and path.samefile(source):
            raise WrongUse(f"{path}: is the source itself; write somewhere else")
        if (place := os.path.realpath(path)) in taken:
            raise WrongUse(f"{path}: is given for two outputs; write one of them somewhere else")
        taken.add(place)


def definition_named(name: str) -> Packet:
    """The packet or event of the dictionary with that name. WrongUse tells which there are."""
    definitions = {definition.name: definition for definition in load().packets + load().events}
    if name in definitions:
        return definitions[name]
    raise WrongUse(f"--packet: unknown packet '{name}'; {suggest(name, list(definitions))}")
