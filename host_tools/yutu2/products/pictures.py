"""Keeps products in a folder: their files as they came, and the pictures and FITS files that are made of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from yutu2.dictionary.model import load
from yutu2.errors import WrongUse
from yutu2.products.collection import INDEX, ROUTE, Observed, along
from yutu2.products.names import Names, is_safe, safe_name
from yutu2.products.product import AT_END, Product
from yutu2.products.result import Result
from yutu2.show.way import Way

OnStep = Callable[[str, float], None]


def save_products(
    folder: Path,
    observed: list[Observed],
    way: Way | None,
    seed: int,
    on_step: OnStep,
    is_asked: Callable[[], bool] = lambda: False,
) -> list[dict[str, Any]]:
    """Saves all that was observed, and what the index says of it, which is returned: an entry a product.

    way, seed: for the map of the route. on_step is called with what is made next, and the part of all that is done.
    is_asked: whether to stop: files are whole then, and pictures may lack. WrongUse: the folder cannot be written.
    """
    entries = [one.entry() | {"pictures": [], "facts": {}} for one in observed]
    products = [one.product for one in observed if one.product is not None]
    files = [file for one in observed for file in one.files]
    names = Names([INDEX, ROUTE, *(file.saved_as for file in files)])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        for file in files:
            if file.is_kept:
                _write(folder / file.saved_as, file.octets)
        if way is not None and not is_asked():
            on_step("route", 0)
            _write(folder / ROUTE, _route(way, seed, lambda part: on_step("route", part)))
        for number, (one, entry) in enumerate(zip(observed, entries, strict=True)):
            if is_asked():
                break
            on_step(one.name, number / len(observed))
            for product, result in _results(one.product, products):
                name = names.give(safe_name(result.name), ".png", ".fits")
                entry["pictures"].append(_save(folder, name, result, product))
                entry["facts"] |= result.facts
        _write(folder / INDEX, (json.dumps(entries, indent=2) + "\n").encode())
    except OSError as error:
        raise WrongUse(f"{folder}: cannot be written: {error.strerror}") from error
    return entries


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


def _save(folder: Path, name: str, result: Result, product: Product) -> dict[str, str]:
    from astropy.io import fits
    from matplotlib.figure import Figure

    figure, picture, data = Figure(dpi=100), BytesIO(), BytesIO()
    result.draw(figure)
    figure.savefig(picture, format="png")
    _write(folder / f"{name}.png", picture.getvalue())
    units = fits.HDUList(result.hdus())
    _sign(units[0].header, product)
    units.update_extend()
    for unit in units:
        # Left to `writeto`, its comment would be the time of day, and no two files would be equal
        unit.add_checksum(when="of this unit")
    units.writeto(data)
    _write(folder / f"{name}.fits", data.getvalue())
    return {"title": result.title, "picture": f"{name}.png", "data": f"{name}.fits"}


def _sign(header: Any, product: Product) -> None:
    """Says of what the data are, in the words of the FITS standard (4.0, 4.4.2): of several products, the first."""
    (instrument,) = (kind.instrument for kind in load().products if kind.name == product.kind)
    header["TELESCOP"] = "Yutu-2 rover emulator"
    header["INSTRUME"] = instrument
    header["DATE-OBS"] = (f"{product.head['begun']:%Y-%m-%dT%H:%M:%S}", "begin, UTC on board")
    header["PRODUCT"] = (product.name, "of the rover")
    header["PRODNUM"] = (product.number, "number of its first file")


def _route(way: Way, seed: int, on_row: Callable[[float], None]) -> bytes:
    from yutu2.show.relief import relief
    from yutu2.show.route_map import frame, route_map

    return route_map(way, relief(seed, *frame(way), on_row), seed, "png")


def _clear(folder: Path) -> None:
    """Takes away what another run has left here, as its index says."""
    try:
        entries = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        names = {file["file"] for entry in entries for file in entry["files"]}
        names |= {picture[kind] for entry in entries for picture in entry["pictures"] for kind in ("picture", "data")}
    except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
        return
    # The index may be anybody's: what is no name that we give is not touched
    for name in [name for name in names if isinstance(name, str) and is_safe(name)]:
        (folder / name).unlink(missing_ok=True)
    (folder / INDEX).unlink()


def _write(path: Path, octets: bytes) -> None:
    """Whole or not at all."""
    unfinished = path.with_name(path.name + ".part")
    try:
        unfinished.write_bytes(octets)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
