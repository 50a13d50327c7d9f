"""Files of products, and a sender that cuts them into packets, written from icd.md and apart from the reception."""

import struct
from hashlib import sha256

import numpy as np
import pytest
from yutu2.decode.packets import Packet
from yutu2.dictionary.model import load
from yutu2.products.collection import Collector

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
        for place, data in enumerate(pdus_of(octets, name or f"product_{number:04}.bin", number)):
            if place not in lost:
                craft.send(1, 32, data)

    return send


@pytest.fixture
def collect(craft):
    """`collect()`: all that was observed, as `craft` has sent it."""

    def collect():
        collector = Collector()
        for report in craft.reports:
            collector.add(report)
        return collector.observed()

    return collect
