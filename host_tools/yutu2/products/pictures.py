"""Keeps products in a folder: their files as they came, and the pictures and FITS files that are made of them."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from yutu2.products.collection import INDEX, ROUTE, Observed, along
from yutu2.products.names import Names, is_safe, safe_name
from yutu2.products.product import AT_END, Product
from yutu2.products.result import Result
from yutu2.products.traverse import Way
from yutu2.system.files import cannot_write, write_whole, written

OnStep = Callable[[str, float], None]

NO_FITS = "no FITS files were written: they need astropy; pip install '.[fits]' in the repository, then yutu2 products"


def save_products(
    folder: Path,
    observed: list[Observed],
    way: Way | None,
    seed: int,
    on_step: OnStep,
    is_asked: Callable[[], bool] = lambda: False,
    computing: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> list[dict[str, Any]]:
    """Saves all that was observed, and what the index says of it, which is returned: an entry a product.

    way, seed: for the map of the route. on_step is called with what is made next, and the part of all that is done.
    is_asked: whether to stop: files are whole then, and pictures may lack. computing: is entered while a picture is
    made, where a KeyboardInterrupt stops it, if is_asked says so, too. WrongUse: the folder cannot be written.
    """
    entries = [one.entry() | {"pictures": [], "facts": {}} for one in observed]
    products = [one.product for one in observed if one.product is not None]
    files = [file for one in observed for file in one.files]
    names = Names([INDEX, ROUTE, *(file.saved_as for file in files)])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        earlier = _index(folder)
        before = _names(earlier)
        changed = [file.saved_as for file in files if file.is_kept and not _keep(folder / file.saved_as, file.octets)]
        done = 0
        try:
            if way is not None and not is_asked():
                on_step("route", 0)
                with computing():
                    octets = _route(way, seed, lambda part: on_step("route", part))
                write_whole(folder / ROUTE, octets)
            for number, (one, entry) in enumerate(zip(observed, entries, strict=True)):
                if is_asked():
                    break
                on_step(one.name, number / len(observed))
                _save_pictures(folder, names, _results(one.product, products), entry, computing)
                done = number + 1
        except (KeyboardInterrupt, Exception):
            # In the middle of a library it may come out as something else
            if not is_asked():
                raise
        if not changed:
            for entry in entries[done:]:
                _take_over_pictures(entry, earlier, folder)
        with written(folder / INDEX) as index:
            # Piece by piece: as one text it would be larger than all entries
            index.writelines(piece.encode() for piece in json.JSONEncoder(indent=2).iterencode(entries))
            index.write(b"\n")
        # Not before the new ones are whole: the disk may be full
        for name in before - _names(entries):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return entries


def lacks_fits(entries: list[dict[str, Any]]) -> bool:
    """Return whether a picture has no FITS file beside it, because astropy, of the extra `fits`, is not installed."""
    return any(picture["data"] is None for entry in entries for picture in entry["pictures"])


def _save_pictures(
    folder: Path,
    names: Names,
    results: Iterator[tuple[Product, Result]],
    entry: dict[str, Any],
    computing: Callable[[], AbstractContextManager[None]],
) -> None:
    """Saves what is made of one product, and puts it into its entry."""
    while True:
        with computing():
            made = next(results, None)
            if made is None:
                return
            product, result = made
            picture, data = _drawn(result, product)
        name = names.give(safe_name(result.name), ".png", ".fits")
        write_whole(folder / f"{name}.png", picture)
        if data is not None:
            write_whole(folder / f"{name}.fits", data)
        data_name = f"{name}.fits" if data is not None else None
        entry["pictures"].append({"title": result.title, "picture": f"{name}.png", "data": data_name})
        entry["facts"] |= result.facts


def _results(product: Product | None, products: list[Product]) -> Iterator[tuple[Product, Result]]:
    """What is made of a product, one of all, and of which: of one without samples, or a whole head, nothing."""
    if product is None or np.ma.getmaskarray(product.samples).all():
        return
    if any(value is None for name, value in product.head.items() if name not in AT_END):
        return
    for source, result in _made(product, products):
        if result is not None:
            yield source, result


def _made(product: Product, products: list[Product]) -> Iterator[tuple[Product, Result | None]]:
    match product.kind:
        case "PCAM_IMAGES":
            from yutu2.products.dom import dom
            from yutu2.products.panorama import panorama

            yield product, panorama(product)
            yield product, dom(product)
        case "VNIS_SPECTRA":
            from yutu2.products.reflectance import reflectance

            others = (other for other in products if other.kind == product.kind and other is not product)
            yield product, reflectance([product, *others])
        case "ASAN_SPECTRA":
            from yutu2.products.atoms import atoms

            yield product, atoms(product)
        case "LPR_60" | "LPR_500":
            from yutu2.products.radargram import radargram

            yield product, radargram(product)
            # Drives follow on one another, and so do their traces
            drives = [drive for drive in products if drive.kind == product.kind and _is_drive(drive)]
            drives.sort(key=lambda drive: drive.head["begun"])
            if len(drives) > 1 and product is drives[-1]:
                way = radargram(along(drives))
                yield drives[0], way and replace(way, facts={})


def _is_drive(product: Product) -> bool:
    return product.head["activity"] == "LPR_DRIVE" and product.head["begun"] is not None


def _drawn(result: Result, product: Product) -> tuple[bytes, bytes | None]:
    """Return the picture and the FITS file of a result; None in place of the file without astropy."""
    from matplotlib.figure import Figure

    figure, picture = Figure(dpi=100), BytesIO()
    result.draw(figure)
    figure.savefig(picture, format="png")
    return picture.getvalue(), _fits(result, product) if importlib.util.find_spec("astropy") else None


def _fits(result: Result, product: Product) -> bytes:
    """Return the octets of a result's FITS file, signed and with checksums."""
    from astropy.io import fits

    data = BytesIO()
    units = fits.HDUList(result.hdus())
    _sign(units[0].header, product)
    units.update_extend()
    for unit in units:
        # Left to `writeto`, its comment would be the time of day, and no two files would be equal
        unit.add_checksum(when="of this unit")
    units.writeto(data)
    return data.getvalue()


def _sign(header: Any, product: Product) -> None:
    """Says of what the data are, in the words of the FITS standard (4.0, 4.4.2): of several products, the first."""
    (instrument,) = (kind.instrument for kind in product.dictionary.products if kind.name == product.kind)
    header["TELESCOP"] = "Yutu-2 rover emulator"
    header["INSTRUME"] = instrument
    header["DATE-OBS"] = (f"{product.head['begun']:%Y-%m-%dT%H:%M:%S}", "begin, UTC on board")
    header["PRODUCT"] = (product.name, "of the rover")
    header["PRODNUM"] = (product.number, "number of its first file")


def _route(way: Way, seed: int, on_row: Callable[[float], None]) -> bytes:
    from yutu2.products.relief import relief
    from yutu2.products.traverse_map import frame, route_map

    return route_map(way, relief(seed, *frame(way), on_row), seed, "png")


def _index(folder: Path) -> Any:
    """Return what the index in a folder says: of the last run, if there is an index; else an empty list."""
    try:
        return json.loads((folder / INDEX).read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, ValueError, RecursionError):
        return []


def _names(entries: Any) -> set[str]:
    """Return the names of the files in an index."""
    try:
        names = {file["file"] for entry in entries for file in entry["files"]}
        names |= {picture[kind] for entry in entries for picture in entry["pictures"] for kind in ("picture", "data")}
    except (KeyError, TypeError):
        return set()
    # The index may be anybody's: what is no name that we give is not touched
    return {name for name in names if isinstance(name, str) and is_safe(name)}


def _keep(path: Path, octets: bytes) -> bool:
    """Write a file, and return whether it was there with the same octets before."""
    if path.is_file() and path.read_bytes() == octets:
        return True
    write_whole(path, octets)
    return False


def _take_over_pictures(entry: dict[str, Any], earlier: Any, folder: Path) -> None:
    """Give an entry whose pictures were not made the ones that an earlier call made of the very same files."""
    for before in earlier if _names(earlier) else []:
        if before["files"] == entry["files"] and all((folder / name).is_file() for name in _names([before])):
            entry["pictures"], entry["facts"] = before["pictures"], before.get("facts", {})
