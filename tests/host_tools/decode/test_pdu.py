"""Packets of file delivery have the name and the fields of their PDU, and none where they are not laid out as one."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacepackets.cfdp import ChecksumType, ConditionCode, DirectiveType, TransmissionMode
from spacepackets.cfdp.conf import PduConfig
from spacepackets.cfdp.defs import CrcFlag, DeliveryCode, FileStatus, LargeFileFlag
from spacepackets.cfdp.pdu import (
    AckPdu,
    EofPdu,
    FileDataPdu,
    FinishedPdu,
    KeepAlivePdu,
    MetadataParams,
    MetadataPdu,
    NakPdu,
    PromptPdu,
    TransactionStatus,
)
from spacepackets.cfdp.pdu.file_data import FileDataParams, RecordContinuationState, SegmentMetadata
from spacepackets.cfdp.pdu.finished import FinishedParams
from spacepackets.cfdp.pdu.prompt import ResponseRequired
from spacepackets.cfdp.tlv import MessageToUserTlv
from spacepackets.util import ByteFieldU8, ByteFieldU16, ByteFieldU32, ByteFieldU64
from yutu2.decode.fields import FieldDecoder
from yutu2.decode.packets import Packet
from yutu2.dictionary.model import load

FILES = load().apids["FILES"]
HEADER = 12  # octets of a PDU's, with ids of 2, 4 and 2


def conf(source=24, number=None, destination=None, **more):
    """By default the ids have the lengths of this mission."""
    ids = ByteFieldU16(source), destination or ByteFieldU16(1), number or ByteFieldU32(7)
    return PduConfig(*ids, TransmissionMode.UNACKNOWLEDGED, **more)


def packet_of(encoder, octets, error_control=True):
    return Packet(24, 1, FILES, 5, False, encoder.packet(FILES, 5, octets, False, error_control=error_control))


def report_of(encoder, octets, error_control=True):
    return FieldDecoder(load()).decode(packet_of(encoder, octets, error_control))


def metadata(name="pcam.bin", options=None):
    return MetadataPdu(conf(), MetadataParams(False, ChecksumType.MODULAR, 4711, name, name), options)


PDUS = {
    "file data": (FileDataPdu(conf(), FileDataParams(b"abcde", 960)), "CFDP_FILE_DATA", {"offset": 960, "length": 5}),
    "segment metadata": (
        FileDataPdu(conf(), FileDataParams(b"abc", 4, SegmentMetadata(RecordContinuationState.START_AND_END, b"xyz"))),
        *("CFDP_FILE_DATA", {"offset": 4, "length": 3}),
    ),
    "end": (
        EofPdu(conf(), b"\x01\x02\xab\xcd", 4711),
        *("CFDP_EOF", {"condition": "NO_ERROR", "checksum": "0102abcd", "size": 4711}),
    ),
    "cancelled": (
        EofPdu(conf(), b"\0\0\0\1", 3, condition_code=ConditionCode.CANCEL_REQUEST_RECEIVED),
        *("CFDP_EOF", {"condition": "CANCELLED", "checksum": "00000001", "size": 3}),
    ),
    "finished": (
        FinishedPdu(
            conf(),
            FinishedParams(ConditionCode.FILE_CHECKSUM_FAILURE, DeliveryCode.DATA_INCOMPLETE, FileStatus.FILE_RETAINED),
        ),
        *("CFDP_FINISHED", {"condition": "CHECKSUM_FAILURE", "delivery": "INCOMPLETE", "file_status": "RETAINED"}),
    ),
    "acknowledged": (
        AckPdu(conf(), DirectiveType.FINISHED_PDU, ConditionCode.NO_ERROR, TransactionStatus.TERMINATED),
        *("CFDP_ACK", {"of": "CFDP_FINISHED", "condition": "NO_ERROR", "status": "TERMINATED"}),
    ),
    "metadata": (metadata(), "CFDP_METADATA", {"size": 4711, "name": "pcam.bin"}),
    "options": (
        metadata(options=[MessageToUserTlv(b"hello"), MessageToUserTlv(b"you")]),
        *("CFDP_METADATA", {"size": 4711, "name": "pcam.bin"}),
    ),
    "missing": (NakPdu(conf(), 0, 4711, [(0, 5), (960, 1920)]), "CFDP_NAK", {"start": 0, "end": 4711, "gaps": 2}),
    "prompt": (PromptPdu(conf(), ResponseRequired.KEEP_ALIVE), "CFDP_PROMPT", {"response": "KEEP_ALIVE"}),
    "keep alive": (KeepAlivePdu(conf(), 1234), "CFDP_KEEP_ALIVE", {"progress": 1234}),
}
EACH = pytest.mark.parametrize(("pdu", "name", "fields"), PDUS.values(), ids=PDUS)


def test_each_directive_is_there():
    assert {name for _, name, _ in PDUS.values()} == {one.name for one in load().packets if one.pdu is not None}


@EACH
def test_a_pdu_has_a_name_and_its_fields(encoder, pdu, name, fields):
    report = report_of(encoder, pdu.pack())
    assert (report.name, report.fields) == (name, {"source": 24, "transaction": 7} | fields)
    assert (report.time, report.service, report.text) == (None, None, None)
    assert list(report.raw) == list(report.fields)


@EACH
def test_a_pdu_that_is_cut_or_goes_on_has_none(encoder, pdu, name, fields):
    octets = pdu.pack()
    for wrong in (*(octets[:length] for length in range(len(octets))), octets + b"\0"):
        report = report_of(encoder, wrong)
        assert (report.name, report.fields, report.raw) == (None, None, None)


@EACH
def test_a_field_that_is_cut_has_none_either(encoder, pdu, name, fields):
    """The PDU says that it is so short, and its last field is not there."""
    octets = pdu.pack()
    least = {"file data": 4, "segment metadata": 8, "end": 10, "finished": 2}
    shortest = next((length for what, length in least.items() if PDUS[what][0] is pdu), len(octets) - HEADER)
    for length in range(shortest):
        cut = octets[:1] + struct.pack(">H", length) + octets[3 : HEADER + length]
        if name == "CFDP_NAK" and length in (9, 17):
            continue  # with fewer gaps
        if pdu is PDUS["options"][0] and length in (24, 31):
            continue  # with fewer options
        assert report_of(encoder, cut).name is None, length


@pytest.mark.parametrize(
    ("source", "number"), [(ByteFieldU8(200), ByteFieldU16(65535)), (ByteFieldU64(200), ByteFieldU64(65535))]
)
def test_ids_may_have_other_lengths(encoder, source, number):
    pdu = EofPdu(PduConfig(source, source, number, TransmissionMode.UNACKNOWLEDGED), bytes(4), 9)
    fields = report_of(encoder, pdu.pack()).fields
    assert (fields["source"], fields["transaction"], fields["size"]) == (200, 65535, 9)


LARGE = conf(file_flag=LargeFileFlag.LARGE)


@pytest.mark.parametrize(
    "pdu",
    [
        FileDataPdu(LARGE, FileDataParams(b"abcde", 960)),
        KeepAlivePdu(LARGE, 960),
        EofPdu(conf(number=ByteFieldU64(2**32)), bytes(4), 9),
        EofPdu(conf(number=ByteFieldU64(2**63)), bytes(4), 9),
    ],
    ids=["large file", "progress in a large file", "large number", "beyond 63 bits"],
)
def test_what_the_fields_cannot_hold_is_not_read(encoder, pdu):
    assert report_of(encoder, pdu.pack()).name is None


def test_a_pdu_with_a_checksum_of_its_own_has_no_other_behind_it(encoder):
    octets = EofPdu(conf(crc_flag=CrcFlag.WITH_CRC), b"\1\2\3\4", 4711).pack()
    report = report_of(encoder, octets, error_control=False)
    assert (report.name, report.fields["checksum"], report.fields["size"]) == ("CFDP_EOF", "01020304", 4711)
    assert report_of(encoder, octets).name is None


@pytest.mark.parametrize("name", ["", "\u00fc.bin", "a" * 255])
def test_a_file_may_have_any_name(encoder, name):
    assert report_of(encoder, metadata(name).pack()).fields["name"] == name


def test_a_name_that_is_no_utf_8_is_told_all_the_same(encoder):
    octets = metadata().pack().replace(b"pcam", b"\xffcam")
    assert report_of(encoder, octets).fields["name"] == "\\xffcam.bin"


@pytest.mark.parametrize(("place", "octet"), [(0, 0x44), (0, 0x04), (HEADER, 0), (HEADER, 11), (HEADER, 255)])
def test_another_version_or_directive_is_not_read(encoder, place, octet):
    octets = bytearray(metadata().pack())
    octets[place] = octet
    assert report_of(encoder, bytes(octets)).name is None


def test_a_condition_without_a_name_is_a_number(encoder):
    octets = bytearray(PDUS["end"][0].pack())
    octets[HEADER + 1] = 0xD0
    report = report_of(encoder, bytes(octets))
    assert report.fields["condition"] == report.raw["condition"] == 13


@given(st.binary(max_size=60))
def test_any_octets_give_a_report(encoder, octets):
    report = report_of(encoder, octets)
    assert (report.name is None) == (report.fields is None) == (report.raw is None)


@given(st.binary(max_size=40), st.integers(0, 12), st.booleans())
def test_any_data_field_gives_a_report(encoder, data, directive, is_data):
    head = struct.pack(">BHBHIH", 0x34 if is_data else 0x24, len(data) + 1, 0x13, 24, 7, 1)
    report = report_of(encoder, head + bytes([directive]) + data)
    assert (report.name is None) == (report.fields is None) == (report.raw is None)
    assert report.fields is None or None not in report.fields.values()


def test_a_rover_of_another_dictionary_has_no_names(encoder):
    decoder = FieldDecoder(load())
    decoder.foreign_hash = "deadbeef"
    assert decoder.decode(packet_of(encoder, metadata().pack())).name is None
