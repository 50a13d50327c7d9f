"""Sends hostile file deliveries and products through the host's whole path, which must neither raise nor grow.

Each stream holds one sound file and many PDUs that disagree with it, with each other, or with the standard: sizes and
offsets up to 2**64, wrong checksums, cancelled and repeated transactions, thousands of them, truncated PDUs, names that
lead out of the folder, heads with extreme values, and damaged bits inside frames whose checksums are right. They are
encoded here from the standards (CCSDS 132.0-B-3, 133.0-B-2, 727.0-B-5), not by yutu2; the formats of heads and records
come from the dictionary.

Exit status 1: something raised, the sound file was not whole, or memory or disk grew with what was declared and not
with what arrived.
"""

import argparse
import binascii
import json
import random
import resource
import struct
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.products import atoms, dom, panorama, radargram, reflectance  # noqa: F401  with Matplotlib: idle memory
from yutu2.products.collector import ProductCollector
from yutu2.products.export import save_products
from yutu2.products.product_table import summary_line, table_lines
from yutu2.products.traverse import TraverseBuilder

SEED = 7
PICTURES_EACH = 25  # streams: they take a second each
MAX_PEAK_MIB = 300
MAX_DISK = (1 << 20, 300)  # octets, and as many more for each octet of the stream
ROVER, LANDER, GROUND = 24, 4, 1
SOUND = 60_001  # the transaction of the sound file

SIZES = (0, 1, 959, 960, 961, 1 << 16, 1 << 24, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
LARGE_SIZES = (*SIZES, 1 << 32, 1 << 48, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
NAMES = (
    *(b"", b".", b"..", b"../../outside.bin", b"/etc/outside.bin", b"C:\\outside.bin", b"a/b.bin", b"nul.bin", b"CON"),
    *(b"x\0y.bin", b"\xff\xfe\x80.bin", b"\xc3\xa4.bin", b"x" * 255, b"products.json", b"Route.PNG", b"-rf", b"a."),
    *(
        b"lpr_60_0001.bin",
        b"LPR_60_0001.BIN",
        b"lpr_60_0001.bin.part",
        b"radargram_lpr_60_0001.png",
        b"\x1b[31mred.bin",
    ),
)

Packet = tuple[int, int, bool, bytes]  # virtual channel, APID, whether a secondary header follows, data


# --- The link: frames and packets ---


def checked(octets: bytes) -> bytes:
    """With its CRC-16 behind it."""
    return octets + struct.pack(">H", binascii.crc_hqx(octets, 0xFFFF))


def framed(packets: list[Packet]) -> bytes:
    """The packets in frames of their virtual channels, one behind another, the last filled with an idle packet."""
    counts: dict[tuple[int, int], int] = {}
    data: dict[int, bytearray] = {}
    starts: dict[int, list[int]] = {}
    for channel, apid, has_header, content in packets:
        count = counts[channel, apid] = counts.get((channel, apid), -1) + 1
        header = struct.pack(">HHH", has_header << 11 | apid, 0xC000 | count & 0x3FFF, len(content) + 1)
        octets = data.setdefault(channel, bytearray())
        starts.setdefault(channel, []).append(len(octets))
        octets += checked(header + content)
    stream, master = bytearray(), 0
    for channel, octets in data.items():
        rest = -len(octets) % 1103
        rest += 1103 * (0 < rest < 7)
        if rest:
            starts[channel].append(len(octets))
            octets += struct.pack(">HHH", 2047, 0xC000, rest - 7) + b"\x55" * (rest - 6)
        first = {start // 1103: start % 1103 for start in reversed(starts[channel])}
        for number in range(len(octets) // 1103):
            status = 0x1800 | first.get(number, 0x7FF)
            header = struct.pack(">HBBH", ROVER << 4 | channel << 1 | 1, master & 255, number & 255, status)
            content = header + octets[number * 1103 : number * 1103 + 1103] + struct.pack(">I", 0x01000000)
            stream += b"\x1a\xcf\xfc\x1d" + checked(content)
            master += 1
    return bytes(stream)


# --- CFDP ---


def pdu(kind: int, number: int, body: bytes, *, entity: int = ROVER, large: bool = False, ids: Any = (2, 4)) -> bytes:
    """kind: 0 a directive, 1 file data. ids: octets of an entity, and of a transaction number."""
    first = 1 << 5 | kind << 4 | 1 << 2 | large
    header = struct.pack(">BHB", first, len(body), (ids[0] - 1) << 4 | ids[1] - 1)
    width, other = ids
    return header + entity.to_bytes(width) + number.to_bytes(other) + GROUND.to_bytes(width) + body


def metadata(number: int, size: int, name: bytes, checksum_type: int = 0, tail: bytes = b"", **options: Any) -> bytes:
    """As long a name as goes."""
    names = bytes([len(name)]) + name
    body = struct.pack(">BBQ" if options.get("large") else ">BBI", 7, checksum_type, size) + names + names + tail
    return pdu(0, number, body, **options)


def file_data(number: int, offset: int, octets: bytes, **options: Any) -> bytes:
    return pdu(1, number, struct.pack(">Q" if options.get("large") else ">I", offset) + octets, **options)


def end(number: int, size: int, checksum: int, condition: int = 0, tail: bytes = b"", **options: Any) -> bytes:
    layout = ">BBIQ" if options.get("large") else ">BBII"
    return pdu(0, number, struct.pack(layout, 4, condition << 4, checksum, size) + tail, **options)


def modular(octets: bytes) -> int:
    octets += bytes(-len(octets) % 4)
    return sum(struct.unpack(f">{len(octets) // 4}I", octets)) & 0xFFFFFFFF


def delivered(number: int, octets: bytes, name: bytes, piece: int = 960, **options: Any) -> list[bytes]:
    """All PDUs of a file."""
    pieces = [file_data(number, at, octets[at : at + piece], **options) for at in range(0, len(octets), piece)]
    size = len(octets)
    return [metadata(number, size, name, **options), *pieces, end(number, size, modular(octets), **options)]


# --- Products ---


@dataclass
class Maker:
    """Makes hostile things out of random numbers, and keeps what it has made as packets."""

    random: random.Random
    packets: list[Packet] = field(default_factory=list)

    def number(self) -> int:
        """Of a transaction: often one that is there already."""
        return self.random.choice((1, 2, 3, self.random.randrange(1 << 16)))

    def value(self, code: str) -> int:
        """Of a field: an extreme one, or any."""
        bits = 8 * struct.calcsize(">" + code)
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if code.islower() else (0, (1 << bits) - 1)
        return self.random.choice((low, high, 0, 1, high // 2, self.random.randint(low, high)))

    def head(self, product: Any, planned: int, wild: bool, **given: Any) -> bytes:
        """Of a product; wild: with any values in about a third of its fields."""
        values: dict[str, Any] = {each.name: 0 for each in load().product_head}
        values |= {"mark": 0x5932, "dictionary": load().hash, "kind": product.id, "record_size": product.record_size}
        values |= {"begun": 59_000_000, "planned": planned, "activity": 6, "stop": 3} | given
        if wild:
            for each in load().product_head[2:]:
                if self.random.random() < 0.3:
                    values[each.name] = self.value(each.code)
            if self.random.random() < 0.1:
                values["dictionary"] = self.random.randbytes(4)
        codes = ">" + "".join(each.code for each in load().product_head)
        return struct.pack(codes, *values.values())

    def product(self, wild: bool, count: int | None = None) -> bytes:
        """The file of a product, small; wild: with heads and records of any values, or a wrong hash."""
        product = self.random.choice(load().products)
        records = self.random.choice((0, 1, 2, 3, 8)) if count is None else count
        body = b""
        for place in range(records):
            fields = [self.value(each.code) if wild else place for each in product.fields]
            body += struct.pack(product.fields_code, *fields)
            body += self.random.randbytes(product.record_size - struct.calcsize(product.fields_code))
        begun = self.random.choice((59_000_000, 59_000_100))
        octets = self.head(product, records, wild, begun=begun) + body
        octets += self.head(product, records, wild, begun=begun, records=records, state=1)
        digest = sha256(octets).digest()
        return octets + (self.random.randbytes(32) if wild and self.random.random() < 0.2 else digest)

    def name(self) -> bytes:
        return self.random.choice(NAMES) if self.random.random() < 0.5 else f"lpr_60_{self.number():04}.bin".encode()

    def send(self, *pdus: bytes) -> None:
        self.packets += [(1, 32, False, one) for one in pdus]

    def send_report(self, service: int, subservice: int, apid: int, source: bytes) -> None:
        """A report with a PUS-C header, at an ordinary time."""
        header = struct.pack(">BBBHHIH", 0x20, service, subservice, 0, 0, 59_000_000, 0)
        self.packets.append((0, apid, True, header + source))


# --- What is sent ---


def sizes(maker: Maker) -> None:
    """Metadata and ends that declare any size."""
    choose, number, octets = maker.random.choice, maker.number(), maker.product(False)
    large = choose((False, True))
    for _ in range(choose((1, 1, 2, 5))):
        maker.send(metadata(number, choose(LARGE_SIZES if large else SIZES), maker.name(), large=large))
    maker.send(*delivered(number, octets, maker.name(), large=large)[1:-1])
    maker.send(end(number, choose((len(octets), choose(SIZES))), modular(octets)))


def offsets(maker: Maker) -> None:
    """Data far out, with metadata or without."""
    choose, number = maker.random.choice, maker.number()
    pdus = delivered(number, maker.product(False), maker.name())
    large = choose((False, True))
    for _ in range(choose((1, 3))):
        at = choose(LARGE_SIZES if large else SIZES)
        pdus.insert(maker.random.randrange(len(pdus) + 1), file_data(number, at, b"x" * choose((1, 960)), large=large))
    maker.send(*pdus[choose((0, 0, 1)) : choose((None, None, -1))])


def overlaps(maker: Maker) -> None:
    """Segments that lie over each other with other content; in any order."""
    number, octets = maker.number(), maker.product(False)
    pdus = delivered(number, octets, maker.name(), piece=maker.random.choice((16, 200, 960)))
    for _ in range(maker.random.randrange(1, 6)):
        at = maker.random.randrange(len(octets))
        pdus.insert(maker.random.randrange(len(pdus) + 1), file_data(number, at, maker.random.randbytes(300)))
    if maker.random.random() < 0.3:
        maker.random.shuffle(pdus)
    maker.send(*pdus)


def checksums(maker: Maker) -> None:
    """Checksums of any type, mostly wrong."""
    number, octets = maker.number(), maker.product(False)
    kind = maker.random.choice((0, 1, 2, 3, 15, maker.random.randrange(16)))
    pdus = delivered(number, octets, maker.name())
    maker.send(metadata(number, len(octets), maker.name(), checksum_type=kind), *pdus[1:-1])
    maker.send(end(number, len(octets), maker.value("I")))


def cancelled(maker: Maker) -> None:
    """An end with any condition, anywhere, with a fault location or what looks like one."""
    number = maker.number()
    pdus = delivered(number, maker.product(False), maker.name())
    tail = maker.random.choice((b"", b"\x06\x02\x00\x18", b"\x06\xff", b"\x00\x01x", maker.random.randbytes(5)))
    size = maker.random.choice(SIZES)
    cancel = end(number, size, maker.value("I"), condition=maker.random.randrange(16), tail=tail)
    pdus.insert(maker.random.randrange(len(pdus) + 1), cancel)
    maker.send(*pdus)


def out_of_order(maker: Maker) -> None:
    """The end first, or the whole file twice, or backwards, or in part."""
    number = maker.number()
    pdus = delivered(number, maker.product(False), maker.name())
    again = delivered(number, maker.product(False), maker.name())
    orders = (pdus[::-1], [pdus[-1], *pdus[:-1]], pdus + pdus, pdus + again, pdus[:2] + again, pdus[:2] + again[1:])
    maker.send(*maker.random.choice(orders))


def many(maker: Maker) -> None:
    """Hundreds of transactions, of which hardly anything comes."""
    size = maker.random.choice(SIZES)
    for number in range(maker.random.choice((100, 300))):
        maker.send(metadata(number, size, maker.random.choice((b"x.bin", f"lpr_500_{number:04}.bin".encode()))))
        if maker.random.random() < 0.1:
            maker.send(file_data(number, maker.random.randrange(1 << 18), b"x"))


def others(maker: Maker) -> None:
    """Entities and transactions of any length of number, and large files."""
    ids = maker.random.randint(1, 8), maker.random.randint(1, 8)
    entity = maker.random.choice((0, LANDER, ROVER, (1 << 8 * ids[0]) - 1))
    number = maker.random.randrange(1 << 8 * ids[1])
    options = {"ids": ids, "entity": entity, "large": maker.random.choice((False, True))}
    maker.send(*delivered(number, maker.product(False), maker.name(), **options))


def truncated(maker: Maker) -> None:
    """PDUs cut short, or with another length than they have, or with nothing in them."""
    number = maker.number()
    for one in delivered(number, maker.product(False), maker.name()):
        cut = one[: maker.random.randrange(len(one) + 1)]
        length = struct.pack(">H", maker.random.choice((0, 1, len(one), 0xFFFF)))
        maker.send(maker.random.choice((one, cut, one[:1] + length + one[3:], one + b"\0", b"")))
    maker.send(file_data(number, maker.random.choice(SIZES), b""))


def directives(maker: Maker) -> None:
    """Directives that a receiver has no use for, and versions that are none."""
    for _ in range(10):
        code = maker.random.choice((0, 4, 5, 6, 7, 8, 9, 12, 255, maker.random.randrange(256)))
        one = bytearray(pdu(0, maker.number(), bytes([code]) + maker.random.randbytes(maker.random.randrange(40))))
        if maker.random.random() < 0.3:
            one[0] = maker.random.randrange(256)
        maker.send(bytes(one))


def wild_products(maker: Maker) -> None:
    """Files that are delivered well, and hold anything."""
    for _ in range(3):
        number, octets = maker.number(), maker.product(True)
        pdus = delivered(number, octets, maker.name())
        if maker.random.random() < 0.3:
            del pdus[maker.random.randrange(len(pdus))]
        maker.send(*pdus)


def far_parts(maker: Maker) -> None:
    """Heads alone, of parts and records without end."""
    for _ in range(20):
        product = maker.random.choice(load().products)
        part = maker.random.choice((0, 1, 0x7FFF, 0xFFFF, maker.random.randrange(1 << 16)))
        head = maker.head(product, 0xFFFF, False, part=part)
        size = 2 * len(head) + 0xFFFF * product.record_size + 32
        number = maker.random.randrange(1 << 16)
        maker.send(metadata(number, size, b"x"), file_data(number, 0, head + bytes(30)))


def events(maker: Maker) -> None:
    """Announcements of products, and stops, with any values."""
    reports = {one.name: one for one in (*load().events, *load().packets)}
    for name in ("PRODUCT_READY", "PRODUCT_PARTIAL", "HK_STOP", "HK_DRIVE"):
        one = reports[name]
        values = b"".join(struct.pack(">" + each.code, maker.value(each.code)) for each in one.fields)
        maker.send_report(one.service, one.subservice, one.apid, struct.pack(">H", one.selector) + values)


MUTATIONS: tuple[Callable[[Maker], None], ...] = (
    *(sizes, offsets, overlaps, checksums, cancelled, out_of_order, many, others, truncated, directives),
    *(wild_products, far_parts, events),
)


def damaged(packets: list[Packet], chance: random.Random) -> list[Packet]:
    """Some of the packets of files with a few bits changed: their checksums are made afterwards, and are right."""
    result = []
    for channel, apid, has_header, content in packets:
        octets = bytearray(content)
        if octets and chance.random() < 0.05:
            for _ in range(chance.choice((1, 1, 3))):
                octets[min(int(chance.expovariate(0.05)), len(octets) - 1)] ^= 1 << chance.randrange(8)
        result.append((channel, apid, has_header, bytes(octets)))
    return result


def hostile_stream(seed: int, number: int) -> bytes:
    """One stream: the sound file lies in the middle of what is hostile."""
    chance = random.Random(f"{seed}/{number}")
    maker = Maker(chance)
    for mutation in chance.choices(MUTATIONS, k=chance.randint(1, 6)):
        mutation(maker)
    if chance.random() < 0.3:
        chance.shuffle(maker.packets)
    packets = damaged(maker.packets, chance)
    sound = Maker(random.Random(0))
    sound.send(*delivered(SOUND, sound.product(False, count=3), b"sound.bin", entity=99))
    at = chance.randrange(len(packets) + 1)
    return framed([*packets[:at], *sound.packets, *packets[at:]])


# --- The way through the host ---


def receive(stream: bytes, folder: Path, with_pictures: bool) -> list[dict[str, Any]]:
    """Decode, collect, save and list; returns the entries of products.json."""
    reception, collector, way = TelemetryDecoder(load()), ProductCollector(load()), TraverseBuilder()
    for at in range(0, len(stream), 1 << 16):
        for report in reception.feed(stream[at : at + (1 << 16)]):
            collector.add(report)
            way.add(report)
    reception.finish()
    observed = collector.product_sets()
    route = way.build() if with_pictures else None
    save_products(folder, observed, route, SEED, lambda name, part: None, lambda: not with_pictures)
    entries: list[dict[str, Any]] = json.loads((folder / "products.json").read_text(encoding="utf-8"))
    table_lines(entries)
    summary_line(entries)
    return entries


def faults(stream: bytes, folder: Path, with_pictures: bool) -> Iterator[str]:
    """What is wrong with how a stream was received."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of NumPy, for values that nobody can draw
            entries = receive(stream, folder, with_pictures)
    except Exception:  # that is what is looked for
        yield traceback.format_exc()
        return
    if not any(
        one["cfdp_name"] == "sound.bin" and one["state"] == "WHOLE" for entry in entries for one in entry["files"]
    ):
        yield "the sound file is not whole\n"
    saved = [path for path in folder.rglob("*") if path.suffix not in (".png", ".fits", ".json")]
    if any(path.parent != folder for path in saved) or any(folder.parent.glob("outside*")):
        yield "a file lies outside of the folder\n"
    octets = sum(path.stat().st_size for path in saved)
    if octets > MAX_DISK[0] + MAX_DISK[1] * len(stream):
        yield f"{len(stream)} octets became {octets} on disk\n"


def peak_mib() -> float:
    """The most memory that this process has held."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--streams", type=int, default=1000, metavar="N", help="how many (default: 1000)")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"of the streams (default: {SEED})")
    parser.add_argument("--only", type=int, metavar="N", help="only the stream of this number, with pictures")
    options = parser.parse_args()
    chosen = range(options.streams) if options.only is None else [options.only]
    raised = wrong = octets = pictures = 0
    idle = peak_mib()
    for number in chosen:
        stream = hostile_stream(options.seed, number)
        octets += len(stream)
        with_pictures = options.only is not None or number % PICTURES_EACH == 0
        pictures += with_pictures
        before = peak_mib()
        with tempfile.TemporaryDirectory() as folder:
            for fault in faults(stream, Path(folder) / "in" / "products", with_pictures):
                print(f"stream {number}: {fault}", end="")
                raised, wrong = raised + fault.startswith("Traceback"), wrong + (not fault.startswith("Traceback"))
        if peak_mib() - before > 20:
            print(f"stream {number}: {len(stream):,} octets, {peak_mib() - before:.0f} MiB more than all before")
        if sys.stderr.isatty():
            print(f"\r{number:>6,} of {len(chosen):,}", end="\r", file=sys.stderr, flush=True)
    peak = peak_mib() - idle
    print(f"{len(chosen):,} streams of {octets / 1e6:.1f} MB in all, {pictures} of them with pictures")
    print(f"tracebacks {raised}, otherwise wrong {wrong}")
    print(f"peak memory above the idle process ({idle:.0f} MiB): {peak:.0f} MiB, allowed {MAX_PEAK_MIB} MiB")
    return 1 if raised or wrong or peak > MAX_PEAK_MIB else 0


if __name__ == "__main__":
    sys.exit(main())
