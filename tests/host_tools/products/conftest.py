"""Files of products, and a sender that cuts them into packets, written from icd.md and apart from the reception."""

import struct
from functools import cache
from hashlib import sha256

import numpy as np
import pytest
from yutu2.decode.packets import Packet
from yutu2.dictionary.model import load
from yutu2.products.collector import ProductCollector
from yutu2.products.product import read_product
from yutu2.products.sparse_file import SparseFile

ROVER, GROUND = 24, 1
METADATA, END_OF_FILE = 7, 4


def pdu(number, data, is_file_data=False):
    """A PDU of class 1: version 1, no CRC, a small file, entity ids of 2 octets, transaction numbers of 4."""
    first = 1 << 5 | is_file_data << 4 | 1 << 2
    return struct.pack(">BHBHIH", first, len(data), 0x13, ROVER, number, GROUND) + data


def pdus_of(octets, name, number, piece=960):
    """Metadata, file data, end of file."""
    words = struct.unpack(f">{-(-len(octets) // 4)}I", octets + bytes(-len(octets) % 4))
    told = bytes([len(name)]) + name.encode()
    yield pdu(number, struct.pack(">BBI", METADATA, 0, len(octets)) + told + told)
    for offset in range(0, len(octets), piece):
        yield pdu(number, struct.pack(">I", offset) + octets[offset : offset + piece], is_file_data=True)
    yield pdu(number, struct.pack(">BBII", END_OF_FILE, 0, sum(words) % 2**32, len(octets)))


def packet_of(data, virtual_channel=1, apid=32):
    """The packet that a PDU travels in; its checksum is of no use to what is tested here."""
    octets = struct.pack(">HHH", apid, 0xC000, len(data) + 1) + data + b"\0\0"
    return Packet(ROVER, virtual_channel, apid, 0, False, octets)


def product_file(kind, records, reason=0, planned=None, **head):
    """The file of a product. records: for each one its raw fields, and its samples, in their order."""
    dictionary = load()
    (product,) = (product for product in dictionary.products if product.name == kind)
    begin = pack_head(product, head | {"planned": len(records) if planned is None else planned})
    result = {"records": len(records), "state": 2 if reason else 1, "reason": reason}
    end = pack_head(product, head | {"planned": len(records) if planned is None else planned} | result)
    codes = f"{product.fields_code}{product.samples.count}{product.samples.code}"
    body = b"".join(struct.pack(codes, *values) for values in records)
    octets = begin + body + end
    return octets + sha256(octets).digest()


def pack_head(product, given):
    fields = load().product_head
    usual = {field.name: 0 for field in fields}
    usual |= {"mark": 0x5932, "dictionary": load().hash, "kind": product.id, "record_size": product.record_size}
    return struct.pack(">" + "".join(field.code for field in fields), *(usual | given).values())


def name_of(octets, number):
    """As the rover calls the file: after its kind, which the head tells."""
    return f"{load().products[octets[6] - 1].name.lower()}_{number:04}.bin"


def random_records(kind, count, seed=7):
    """Raw values of so many records of that kind."""
    (product,) = (product for product in load().products if product.name == kind)
    random = np.random.default_rng(seed)
    low, high = {"B": (0, 256), "H": (0, 2**16), "b": (-128, 128)}[product.samples.code]
    return [
        [*random.integers(0, 2, len(product.fields)), *random.integers(low, high, product.samples.count)]
        for _ in range(count)
    ]


@pytest.fixture(scope="session")
def cfdp():
    """`cfdp(octets, name, number, piece=960)`: the PDUs of a file."""
    return lambda *arguments, **options: list(pdus_of(*arguments, **options))


@pytest.fixture(scope="session")
def make_pdu():
    """`make_pdu(number, data, is_file_data=False)`: one PDU of class 1."""
    return pdu


@pytest.fixture(scope="session")
def as_packet():
    """`as_packet(pdu, virtual_channel=1, apid=32)`."""
    return packet_of


@pytest.fixture(scope="session")
def make_file():
    """`make_file(kind, records, reason=0, planned=None, **raw fields of the head)`: the octets of a product's file."""
    return product_file


@pytest.fixture(scope="session")
def make_records():
    """`make_records(kind, count, seed=7)`."""
    return random_records


@pytest.fixture
def send_file(craft):
    """`send_file(octets, number, lost=())`: sends a file by `craft`, but for the PDUs `lost`; 0 is its metadata."""

    def send(octets, number, name=None, lost=()):
        for place, data in enumerate(pdus_of(octets, name or name_of(octets, number), number)):
            if place not in lost:
                craft.send(1, 32, data)

    return send


@pytest.fixture
def collect(craft):
    """`collect()`: all that was observed, as `craft` has sent it."""

    def collect():
        collector = ProductCollector(load())
        for report in craft.reports:
            collector.add(report)
        return collector.product_sets()

    return collect


RING = """
from rover.world.ground import Ground
from rover.world.scene import COLUMNS, ROWS, Scene

WIDTH, HEIGHT = 57380, 42234

def binary(millidegrees):
    return (millidegrees << 20) // 360000

scene = Scene(Ground(%(seed)d), %(x)d, %(y)d, binary(%(sun_azimuth)d), binary(%(sun_elevation)d))
while scene.survey():
    pass
pixels = bytearray(ROWS * COLUMNS)
with open(%(path)r, "wb") as file:
    for pitch in (-4000, -17000, -30000):
        for number in range(20):
            azimuth = binary(number * 18000)
            scene.face(azimuth, binary(pitch), WIDTH, HEIGHT)
            for eye in (0, 1):
                for column in range(COLUMNS):
                    angle = azimuth + (2 * column + 1 - COLUMNS) * WIDTH // (2 * COLUMNS)
                    aside = 135 if eye else -135
                    scene.column(pixels, column * ROWS, angle, aside, %(gain)d, (pitch & 0x3FFF) + 7 * number + eye)
                file.write(pixels)
"""


@pytest.fixture(scope="session")
def take_ring(on_unix_port, tmp_path_factory):
    """`take_ring(sun_azimuth, sun_elevation, gain, lost=(), place=(x, y), seed=7)`: PCAM_IMAGES of what is seen there.

    Angles in degrees, place in mm. lost: numbers of records that did not come; they go by pitch, azimuth, eye.
    """
    folder = tmp_path_factory.mktemp("rings")

    @cache
    def pixels(**options):
        path = folder / "ring"
        on_unix_port(RING % (options | {"path": str(path)}))
        return np.frombuffer(path.read_bytes(), np.uint8).reshape(120, 3072)

    def take_ring(sun_azimuth, sun_elevation, gain, lost=(), place=(-403_000, 403_000), seed=7):
        sun = {"sun_azimuth": round(1000 * sun_azimuth), "sun_elevation": round(1000 * sun_elevation)}
        seen = pixels(seed=seed, x=place[0], y=place[1], gain=gain, **sun)
        order = [(pitch, azimuth, eye) for pitch in (-400, -1700, -3000) for azimuth in range(20) for eye in (0, 1)]
        records = [
            [number * 14_000, azimuth * 18_000, pitch, eye, gain, *picture]
            for number, ((pitch, azimuth, eye), picture) in enumerate(zip(order, seen, strict=True))
        ]
        head = {"number": 7, "stop": 1, "begun": 58_600_000, "east": place[0], "north": place[1]}
        octets = product_file("PCAM_IMAGES", records, **head, **sun)
        size = (len(octets) - len(product_file("PCAM_IMAGES", []))) // 120
        begin = (len(product_file("PCAM_IMAGES", [])) - 32) // 2
        missing = [(begin + number * size, size) for number in lost]
        return read_product(load(), SparseFile.of(octets, missing), len(octets), "pcam_images_0007.bin", 7)

    return take_ring
