"""Read a recording or a line to its end, and check what is asked of it."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from yutu2.decode.fields import Report
from yutu2.decode.telemetry import TelemetryDecoder, read_telemetry
from yutu2.dictionary.cache import find_dictionary
from yutu2.dictionary.model import Dictionary, Packet
from yutu2.dictionary.text import suggest
from yutu2.errors import WrongUse
from yutu2.system.interrupts import Interrupt


def read_reports(
    octets: Iterable[bytes],
    decoder: TelemetryDecoder,
    *consumers: Callable[[Report], None],
    on_chunk: Callable[[list[Report]], object] = lambda reports: None,
) -> bool:
    """Decode `octets` (of `read_source`) to their end or to Ctrl-C; return whether Ctrl-C came.

    consumers: each takes every report, in their order. on_chunk: called with the reports of each chunk, after them.
    """
    with Interrupt() as interrupt:
        for reports in read_telemetry(octets, decoder, lambda: interrupt.asked):
            for report in reports:
                for consume in consumers:
                    consume(report)
            on_chunk(reports)
    return interrupt.asked


def progress(on_time: Callable[[datetime], None]) -> Callable[[list[Report]], None]:
    """Return an `on_chunk` of `read_reports` that calls `on_time` with the UTC that the stream has reached."""

    def on_chunk(reports: list[Report]) -> None:
        if reports and reports[-1].time:
            on_time(reports[-1].time)

    return on_chunk


def refuse_foreign(foreign_hash: str | None, dictionary: Dictionary) -> None:
    """Raise WrongUse where a rover was made with another dictionary than the one that decodes.

    foreign_hash: of TelemetryDecoder.
    """
    if foreign_hash is None:
        return
    raise WrongUse(
        f"the rover speaks dictionary {foreign_hash}, and was decoded with {dictionary.hash.hex()}: names and fields "
        f"were not decoded from there on; {_where_it_is(foreign_hash)}"
    )


def _where_it_is(dictionary_hash: str) -> str:
    """Return how to decode with the dictionary of a hash."""
    if (found := find_dictionary(dictionary_hash)) is not None:
        return f"give its dictionary to yutu2 decode, chart, route or products: --dictionary {found.path}"
    return (
        "give yutu2 decode, chart, route or products the dictionary.toml of its firmware with --dictionary FILE, or "
        "use the yutu2 that its firmware came with"
    )


def missing(source: str, decoder: TelemetryDecoder, otherwise: str) -> WrongUse:
    """Return why a source has nothing of what is asked for: it holds no frame of this mission, or `otherwise`."""
    advice = None if decoder.account()["frames"]["good"] else decoder.advice()
    return WrongUse(f"{source}: {advice or otherwise}")


def refuse_as_output(source: str, *outputs: Path | None) -> None:
    """Raise WrongUse when an output is the source itself, which opening it would empty, or the place of another one."""
    taken = set()
    for path in outputs:
        if path is None or (path.exists() and not path.is_file()):
            continue
        if path.exists() and Path(source).exists() and path.samefile(source):
            raise WrongUse(f"{path}: is the source itself; write somewhere else")
        if (place := os.path.realpath(path)) in taken:
            raise WrongUse(f"{path}: is given for two outputs; write one of them somewhere else")
        taken.add(place)


def definitions_named(names: Sequence[str], dictionary: Dictionary) -> list[Packet]:
    """Return the packets and events of a dictionary with these names. Raises WrongUse for an unknown one."""
    known = {definition.name: definition for definition in dictionary.packets + dictionary.events}
    for name in names:
        if name not in known:
            raise WrongUse(f"--packet: unknown packet '{name}'; {suggest(name, list(known))}")
    return [known[name] for name in dict.fromkeys(names)]


def only(definitions: Sequence[Packet], consume: Callable[[Report], None]) -> Callable[[Report], None]:
    """Return a consumer that passes on the packets of these definitions alone; of none: every packet."""
    names = {definition.name for definition in definitions}
    if not names:
        return consume
    return lambda report: consume(report) if report.name in names else None
