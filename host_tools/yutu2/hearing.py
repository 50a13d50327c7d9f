"""What pictures are made from: a source, where its picture goes, and all that the source tells."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from yutu2.decode.fields import Report
from yutu2.decode.live import Account
from yutu2.decode.reception import Reception
from yutu2.dictionary.model import load
from yutu2.errors import WrongUse
from yutu2.interrupt import Interrupt

KINDS = ("png", "pdf", "svg")
LAST_SEED = (1 << 30) - 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture comes from, a source of `read_source`, and where it goes. kind: one of KINDS, "" of a folder.

    seed: of the run, where a folder tells it.
    """

    source: str
    out: Path
    kind: str
    seed: int | None = None


class Maker(Protocol):
    """Takes all reports of a source, in their order."""

    def add(self, report: Report) -> None:
        """Takes one."""


class Makers:
    """Several of them, which all take all."""

    def __init__(self, *makers: Maker) -> None:
        self._makers = makers

    def add(self, report: Report) -> None:
        """Takes one."""
        for maker in self._makers:
            maker.add(report)


def picture_place(source: str, out: Path | None, name: str) -> Place:
    """The place of a picture of `source`, which may be the folder of a run: then by default the file `name` in it.

    WrongUse tells what is missing.
    """
    source, folder, seed = _source_of(source)
    if out is None and folder is not None:
        out = folder / name
    if out is None:
        raise WrongUse(f"{source}: is no folder of a run to put the picture into; give --out FILE.png")
    kind = out.suffix[1:].lower()
    if kind not in KINDS:
        raise WrongUse(f"--out: {out} should end in .png, .pdf or .svg")
    if not out.parent.is_dir():
        raise WrongUse(f"--out: there is no folder {out.parent}; make it first")
    return Place(source, out, kind, seed)


def products_place(source: str, out: Path | None) -> Place:
    """The place of what is made of the products of `source`: the folder `products` in `out`, or in that of the run.

    WrongUse tells what is missing.
    """
    source, folder, seed = _source_of(source)
    if (folder := out or folder) is None:
        raise WrongUse(f"{source}: is no folder of a run to put products into; give --out DIR")
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"--out: {folder} is a file, and a folder is wanted")
    return Place(source, folder / "products", "", seed)


def seed_of(place: Place, asked: int | None, default: int) -> int:
    """The seed of the run behind a place. WrongUse: another one is asked for than its folder tells."""
    if asked is not None and place.seed not in (None, asked):
        raise WrongUse(f"--seed: {place.source} was made with seed {place.seed}, not {asked}; leave the option out")
    return next(seed for seed in (place.seed, asked, default) if seed is not None)


def _source_of(source: str) -> tuple[str, Path | None, int | None]:
    """(source to read, the folder of a run that it is in, the run's seed). WrongUse: the folder is not of a run."""
    folder = Path(source)
    if "://" in source or not folder.is_dir():
        return source, None, None
    downlink = folder / "downlink.tm"
    if not downlink.is_file():
        raise WrongUse(f"{folder}: holds no downlink.tm; give a folder that yutu2 run --out has made, or a source")
    return str(downlink), folder, _told_seed(folder)


def _told_seed(folder: Path) -> int | None:
    """Of the run that made the folder, if its summary tells one."""
    try:
        seed = int(json.loads((folder / "summary.json").read_text(encoding="utf-8-sig"))["options"]["seed"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    return seed if 0 <= seed <= LAST_SEED else None


@dataclass(frozen=True, slots=True)
class Told:
    """What a source told.

    advice: as of LiveDecoder. foreign_hash: the rover's dictionary, when it is not ours. interrupted: by Ctrl-C.
    """

    account: Account
    advice: str | None
    foreign_hash: str | None
    interrupted: bool


def refuse_foreign(foreign_hash: str) -> None:
    """WrongUse: the rover was made with another dictionary, of this hash."""
    raise WrongUse(
        f"the rover speaks dictionary {foreign_hash}, this yutu2 has {load().hash.hex()}: names and fields were not "
        "decoded from there on; use the yutu2 that its firmware came with"
    )


def missing(source: str, told: Told, otherwise: str) -> WrongUse:
    """Why a source has nothing of what is asked for: it holds no frame of this mission, or `otherwise`."""
    return WrongUse(f"{source}: {otherwise if told.account['frames']['good'] or not told.advice else told.advice}")


def hear(octets: Iterator[bytes], maker: Maker, on_time: Callable[[datetime], None]) -> Told:
    """Decodes `octets` (of `read_source`) to their end, or to Ctrl-C. on_time is called with how far they are."""
    reception = Reception(load())
    with Interrupt() as interrupt:
        for chunk in octets:
            reports = reception.feed(chunk)
            for report in reports:
                maker.add(report)
            if reports and reports[-1].time:
                on_time(reports[-1].time)
            if interrupt.asked:
                break
        reception.finish()
    return Told(reception.account(), reception.advice(), reception.foreign_hash, interrupt.asked)
