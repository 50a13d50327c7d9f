"""Layout of a product file: head, records, head again, SHA-256; big-endian."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from yutu2.dictionary.model import Dictionary, Field

DIGEST_LENGTH = 32  # SHA-256 of all octets before it, at the end of a file
MARK = 0x5932

_NUMPY = {"u8": "u1", "u16": ">u2", "u32": ">u4", "i8": "i1", "i16": ">i2", "i32": ">i4", "hash4": "V4"}


@dataclass(frozen=True)
class Layout:
    """How one kind of product lies in its file. samples: type of each and how many a record has."""

    kind: str
    head: tuple[Field, ...]
    record: tuple[Field, ...]
    samples: tuple[str, int]

    @cached_property
    def head_type(self) -> np.dtype[np.void]:
        """Of a head."""
        return np.dtype([(field.name, _NUMPY[field.type]) for field in self.head])

    @cached_property
    def record_type(self) -> np.dtype[np.void]:
        """Of a record: its fields, and `samples`."""
        code, count = self.samples
        fields = [(field.name, _NUMPY[field.type]) for field in self.record]
        return np.dtype([*fields, ("samples", _NUMPY[code], (count,))])

    def length(self, records: int) -> int:
        """Octets of a file with so many records."""
        return 2 * self.head_type.itemsize + records * self.record_type.itemsize + DIGEST_LENGTH


def layouts(dictionary: Dictionary) -> dict[int, Layout]:
    """The layouts by the number of their kind, as it stands in a head."""
    enums = dictionary.enums

    def field(name: str, code: str, scale: float | None = None, unit: str | None = None, enum: str = "") -> Field:
        labels = _ENUMS.get(enum) or enums.get(enum)
        return Field(name, code, scale, unit, labels, "")

    head = (
        field("mark", "u16"),
        field("dictionary", "hash4"),
        field("kind", "u8", enum="product"),
        field("activity", "u8", enum="plan_activity"),
        field("number", "u16"),
        field("step", "u8"),
        field("stop", "u16"),
        field("begun", "u32", unit="s"),
        field("east", "i32", 0.001, "m"),
        field("north", "i32", 0.001, "m"),
        field("heading", "u32", 0.001, "deg"),
        field("pitch", "i16", 0.01, "deg"),
        field("roll", "i16", 0.01, "deg"),
        field("sun_elevation", "i32", 0.001, "deg"),
        field("sun_azimuth", "u32", 0.001, "deg"),
        field("record_size", "u16"),
        field("planned", "u16"),
        field("records", "u16"),
        field("state", "u8", enum="product_state"),
        field("reason", "u8", enum="plan_failure"),
    )
    after = field("after", "u32", unit="ms")
    sun = field("sun_elevation", "i32", 0.001, "deg")
    distance = field("distance", "u32", 0.001, "m")
    pcam = (
        after,
        field("azimuth", "u32", 0.001, "deg"),
        field("pitch", "i16", 0.01, "deg"),
        field("eye", "u8", enum="eye"),
        field("gain", "u16"),
    )
    vnis = (after, field("scan", "u8", enum="scan"), field("detector", "i16", 0.1, "degC"), sun)
    return {
        1: Layout("PCAM_IMAGES", head, pcam, ("u8", 3072)),
        2: Layout("VNIS_SPECTRA", head, vnis, ("u16", 391)),
        3: Layout("ASAN_SPECTRA", head, (after, sun), ("u8", 24)),
        4: Layout("LPR_60", head, (after, distance), ("i8", 256)),
        5: Layout("LPR_500", head, (after, distance), ("i8", 512)),
    }


_ENUMS = {
    "product": {1: "PCAM_IMAGES", 2: "VNIS_SPECTRA", 3: "ASAN_SPECTRA", 4: "LPR_60", 5: "LPR_500"},
    "product_state": {0: "OPEN", 1: "WHOLE", 2: "PARTIAL"},
    "eye": {0: "LEFT", 1: "RIGHT"},
    "scan": {0: "DARK", 1: "TARGET", 2: "PANEL"},
}
