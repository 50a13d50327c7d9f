"""Where a picture comes from and where it goes: the folder that `yutu2 run --out` has made, or any other source."""

import json
from dataclasses import dataclass
from pathlib import Path

from yutu2.errors import WrongUse

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


def picture_place(source: str, out: Path | None, name: str | None) -> Place:
    """Return the place of a picture of `source`, which may be the folder of a run: then by default a file in it.

    name: of that file; None: there is no default. Raises WrongUse, which tells what is missing.
    """
    source, folder, seed = _source_of(source)
    if out is None and name is None:
        raise WrongUse("--out: a picture of several fields has no name of its own; give --out FILE.png")
    if out is None and folder is not None and name is not None:
        out = folder / name
    if out is None:
        raise WrongUse(f"{source}: {_what_it_is(source)}; give the folder of a run, or --out FILE.png")
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
        raise WrongUse(f"{source}: {_what_it_is(source)}; give the folder of a run, or --out DIR")
    if folder.exists() and not folder.is_dir():
        raise WrongUse(f"--out: {folder} is a file, and a folder is wanted")
    return Place(source, folder / "products", "", seed)


def seed_of(place: Place, asked: int | None, default: int) -> int:
    """The seed of the run behind a place. WrongUse: another one is asked for than its folder tells."""
    if asked is not None and place.seed not in (None, asked):
        raise WrongUse(f"--seed: {place.source} was made with seed {place.seed}, not {asked}; leave the option out")
    return next(seed for seed in (place.seed, asked, default) if seed is not None)


def telemetry_of(source: str) -> str:
    """Return the source to read: of the folder of a run its downlink.tm. Raises WrongUse for another folder."""
    return _source_of(source)[0]


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


def _what_it_is(source: str) -> str:
    """Return why nothing can be put beside a source."""
    is_line = "://" in source or source == "-" or Path(source).exists()
    return "is no folder of a run" if is_line else "no such file or folder"
