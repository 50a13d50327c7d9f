"""Which dictionary a source is decoded with: the one given, or of a file the one that its rover was made with."""

import stat
from collections.abc import Collection
from pathlib import Path

from yutu2.decode.fields import pus_type
from yutu2.decode.packets import Packet
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.cache import find_dictionary, read_dictionary
from yutu2.dictionary.model import Dictionary, load
from yutu2.errors import WrongUse
from yutu2.system.streams import report

Fields = dict[str, Collection[str]]
"""Names of fields, by the packet, event or kind of product that has them."""

_PIECE = 1 << 14
_LONGEST = 1 << 24  # octets in which the first HK_COMPUTER is looked for; an awake craft sends it each minute
_HOUSEKEEPING = (3, 25)
_HEAD = "product_head"


def dictionary_of(source: str, given: Path | None = None, needs: Fields | None = None) -> Dictionary:
    """Return the dictionary to decode a source with.

    given: the file of `--dictionary`; None: of a file, the dictionary whose hash its housekeeping reports, from the
    file's folder or the user's cache, with a note on standard error if it is not the one of this package. A line is
    not there to be read ahead, and has the dictionary of this package; so has a file whose own one is nowhere.
    needs: fields that it must have.

    Raises WrongUse: `given` cannot be read, is invalid, or the dictionary lacks a field.
    """
    dictionary = read_dictionary(given) if given is not None else _own_dictionary(source)
    refuse_without(dictionary, needs or {})
    return dictionary


def refuse_without(dictionary: Dictionary, needs: Fields) -> None:
    """Raise WrongUse where a dictionary, of an older recording, lacks a field that is needed."""
    known = _fields_of(dictionary)
    lacking = [
        f"{name}.{field}" for name, fields in needs.items() for field in fields if field not in known.get(name, ())
    ]
    if lacking:
        raise WrongUse(
            f"dictionary {dictionary.hash.hex()} has no {lacking[0]}, which this picture needs; use the yutu2 that the "
            "recording's firmware came with"
        )


def fields_in(dictionary: Dictionary, wanted: Fields) -> Fields:
    """Return of `wanted` those packets and products that a dictionary has at all."""
    known = _fields_of(dictionary)
    return {name: fields for name, fields in wanted.items() if name in known}


def fields_of_products() -> Fields:
    """Return the fields in the files of products, by the dictionary of this package."""
    return _fields_of_products(load())


def _own_dictionary(source: str) -> Dictionary:
    """Return the dictionary that a source was made with, as far as that is known; else this package's."""
    ours, path = load(), Path(source)
    rover_hash = _reported_hash(path, ours)
    if rover_hash is None or rover_hash == ours.hash.hex():
        return ours
    found = find_dictionary(rover_hash, path.parent)
    if found is None:
        return ours
    report(f"{source}: made with dictionary {rover_hash}, decoded with {found.path}")
    return found.dictionary


def _fields_of(dictionary: Dictionary) -> Fields:
    packets = {one.name: [field.name for field in one.fields] for one in dictionary.packets + dictionary.events}
    return packets | _fields_of_products(dictionary)


def _fields_of_products(dictionary: Dictionary) -> Fields:
    """Return the names of the fields in a product's head, and in the records of each kind."""
    fields = {product.name: product.fields for product in dictionary.products}
    fields[_HEAD] = dictionary.product_head
    return {name: [field.name for field in those] for name, those in fields.items()}


def _reported_hash(path: Path, ours: Dictionary) -> str | None:
    """Return the hash of the rover's dictionary that the first HK_COMPUTER in a file reports, if it is one."""
    decoder = TelemetryDecoder(ours, is_wanted=_is_housekeeping)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            while decoder.rover_hash is None and file.tell() < _LONGEST and (piece := file.read(_PIECE)):
                decoder.feed(piece)
    except (OSError, ValueError):
        return None  # who reads it tells why
    return decoder.rover_hash


def _is_housekeeping(packet: Packet) -> bool:
    return pus_type(packet) == _HOUSEKEEPING
