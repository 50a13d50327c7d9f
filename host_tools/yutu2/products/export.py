"""Save products in a folder: their files as received, and the pictures and FITS files derived from them."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from yutu2.products.derived_product import DerivedProduct
from yutu2.products.file_names import UniqueNames, is_safe, safe_name
from yutu2.products.product import AT_END, Product
from yutu2.products.product_set import INDEX, TRAVERSE_MAP, ProductSet, concatenate
from yutu2.products.traverse import Traverse
from yutu2.system.files import cannot_write, write_whole, written

OnStep = Callable[[str, float], None]

NO_FITS = "no FITS files were written: they need astropy; pip install '.[fits]' in the repository, then yutu2 products"


def save_products(
    folder: Path,
    product_sets: list[ProductSet],
    traverse: Traverse | None,
    seed: int,
    on_step: OnStep,
    is_stopped: Callable[[], bool] = lambda: False,
    computing: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> list[dict[str, Any]]:
    """Save all product sets and their index; return the index, one entry per product set.

    traverse, seed: for the traverse map; None: no map. on_step: called with the name of the next step and the fraction
    done. is_stopped: returns whether to stop; the files are complete then, and pictures may be missing. computing:
    context in which pictures are made; a KeyboardInterrupt within it stops the export if `is_stopped` returns True.
    Raises WrongUse if the folder cannot be written.
    """
    entries = [product_set.entry() | {"pictures": [], "facts": {}} for product_set in product_sets]
    products = [product_set.product for product_set in product_sets if product_set.product is not None]
    files = [file for product_set in product_sets for file in product_set.files]
    names = UniqueNames([INDEX, TRAVERSE_MAP, *(file.saved_as for file in files)])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        previous = _index(folder)
        before = _names(previous)
        changed = [file.saved_as for file in files if file.is_kept and not _store(folder / file.saved_as, file.octets)]
        done = 0
        try:
            if traverse is not None and not is_stopped():
                on_step("route", 0)
                with computing():
                    octets = _traverse_map(traverse, seed, lambda part: on_step("route", part))
                write_whole(folder / TRAVERSE_MAP, octets)
            for number, (product_set, entry) in enumerate(zip(product_sets, entries, strict=True)):
                if is_stopped():
                    break
                on_step(product_set.name, number / len(product_sets))
                _save_pictures(folder, names, _derived_products(product_set.product, products), entry, computing)
                done = number + 1
        except (KeyboardInterrupt, Exception):
            # Libraries may turn a KeyboardInterrupt into another exception
            if not is_stopped():
                raise
        if not changed:
            for entry in entries[done:]:
                _reuse_pictures(entry, previous, folder)
        with written(folder / INDEX) as index:
            # Written in pieces, because the whole text would need more memory than all entries
            index.writelines(piece.encode() for piece in json.JSONEncoder(indent=2).iterencode(entries))
            index.write(b"\n")
        # Only after the new files are complete, because the disk may be full
        for name in before - _names(entries):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return entries


def lacks_fits(entries: list[dict[str, Any]]) -> bool:
    """Return whether a picture has no FITS file, because astropy, of the extra `fits`, is not installed."""
    return any(picture["data"] is None for entry in entries for picture in entry["pictures"])


def _save_pictures(
    folder: Path,
    names: UniqueNames,
    derived_products: Iterator[tuple[Product, DerivedProduct]],
    entry: dict[str, Any],
    computing: Callable[[], AbstractContextManager[None]],
) -> None:
    """Save the derived products of one product, and add them to its entry."""
    while True:
        with computing():
            made = next(derived_products, None)
            if made is None:
                return
            product, derived = made
            picture, data = _render(derived, product)
        name = names.assign(safe_name(derived.name), ".png", ".fits")
        write_whole(folder / f"{name}.png", picture)
        if data is not None:
            write_whole(folder / f"{name}.fits", data)
        data_name = f"{name}.fits" if data is not None else None
        entry["pictures"].append({"title": derived.title, "picture": f"{name}.png", "data": data_name})
        entry["facts"] |= derived.facts


def _derived_products(product: Product | None, products: list[Product]) -> Iterator[tuple[Product, DerivedProduct]]:
    """Yield (source, derived product); nothing for a product without samples or without a complete header."""
    if product is None or np.ma.getmaskarray(product.samples).all():
        return
    if any(value is None for name, value in product.head.items() if name not in AT_END):
        return
    for source, derived in _derive(product, products):
        if derived is not None:
            yield source, derived


def _derive(product: Product, products: list[Product]) -> Iterator[tuple[Product, DerivedProduct | None]]:
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
            from yutu2.products.atoms import atom_spectrum

            yield product, atom_spectrum(product)
        case "LPR_60" | "LPR_500":
            from yutu2.products.radargram import radargram

            yield product, radargram(product)
            # Drives follow each other, so their traces form one radargram of the whole traverse
            drives = [drive for drive in products if drive.kind == product.kind and _is_drive(drive)]
            drives.sort(key=lambda drive: drive.head["begun"])
            if len(drives) > 1 and product is drives[-1]:
                combined = radargram(concatenate(drives))
                yield drives[0], combined and replace(combined, facts={})


def _is_drive(product: Product) -> bool:
    return product.head["activity"] == "LPR_DRIVE" and product.head["begun"] is not None


def _render(derived: DerivedProduct, product: Product) -> tuple[bytes, bytes | None]:
    """Return a derived product as (PNG, FITS); None for FITS without astropy."""
    from matplotlib.figure import Figure

    figure, picture = Figure(dpi=100), BytesIO()
    derived.draw(figure)
    figure.savefig(picture, format="png")
    return picture.getvalue(), _fits(derived, product) if importlib.util.find_spec("astropy") else None


def _fits(derived: DerivedProduct, product: Product) -> bytes:
    """Return a derived product as a FITS file, with keywords and checksums."""
    from astropy.io import fits

    data = BytesIO()
    units = fits.HDUList(derived.hdus())
    _add_keywords(units[0].header, product)
    units.update_extend()
    for unit in units:
        # Added here, because `writeto` puts the time into the comment, and equal data would give different files
        unit.add_checksum(when="of this unit")
    units.writeto(data)
    return data.getvalue()


def _add_keywords(header: Any, product: Product) -> None:
    """Add keywords that identify the source (FITS standard 4.0, 4.4.2); for several products, the first."""
    (instrument,) = (kind.instrument for kind in product.dictionary.products if kind.name == product.kind)
    header["TELESCOP"] = "Yutu-2 rover emulator"
    header["INSTRUME"] = instrument
    header["DATE-OBS"] = (f"{product.head['begun']:%Y-%m-%dT%H:%M:%S}", "begin, UTC on board")
    header["PRODUCT"] = (product.name, "of the rover")
    header["PRODNUM"] = (product.number, "number of its first file")


def _traverse_map(traverse: Traverse, seed: int, on_row: Callable[[float], None]) -> bytes:
    from yutu2.products.elevation_model import elevation_model
    from yutu2.products.traverse_map import draw_traverse_map, map_bounds

    return draw_traverse_map(traverse, elevation_model(seed, *map_bounds(traverse), on_row), seed, "png")


def _index(folder: Path) -> Any:
    """Return the index of an earlier export into a folder; an empty list without a valid one."""
    try:
        return json.loads((folder / INDEX).read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, ValueError, RecursionError):
        return []


def _names(entries: Any) -> set[str]:
    """Return the file names in an index."""
    try:
        names = {file["file"] for entry in entries for file in entry["files"]}
        names |= {picture[kind] for entry in entries for picture in entry["pictures"] for kind in ("picture", "data")}
    except (KeyError, TypeError):
        return set()
    # An index may be forged: only names as `safe_name` makes them are touched
    return {name for name in names if isinstance(name, str) and is_safe(name)}


def _store(path: Path, octets: bytes) -> bool:
    """Write a file; return whether it had the same content before."""
    if path.is_file() and path.read_bytes() == octets:
        return True
    write_whole(path, octets)
    return False


def _reuse_pictures(entry: dict[str, Any], previous: Any, folder: Path) -> None:
    """Give an entry without pictures those that an earlier export made of the same files."""
    for before in previous if _names(previous) else []:
        if before["files"] == entry["files"] and all((folder / name).is_file() for name in _names([before])):
            entry["pictures"], entry["facts"] = before["pictures"], before.get("facts", {})
