"""Space packets (CCSDS 133.0-B-2) with the PUS-C telemetry header (ECSS-E-ST-70-41C), written into buffers made once.

primary header 6 | PUS header 13, but for time packets | data | packet error control 2, but for idle packets
"""

from struct import pack_into

from micropython import const

from .octets import crc16

PRIMARY_HEADER = const(6)
TM_HEADER = const(19)  # primary and PUS header together
ERROR_CONTROL = const(2)
IDLE_APID = const(2047)
IDLE_OCTET = const(0x55)
IDLE_SMALLEST = const(7)  # a packet holds one octet of data at least

_SECONDARY_HEADER = const(0x0800)
_UNSEGMENTED = const(0xC000)
_PUS_C = const(0x20)  # version 2; time status 0


def write_primary_header(buffer, apid, count, size):
    """Writes the primary header of a telemetry packet without a secondary one.

    count: modulo 2**14. size: octets of the whole packet.
    """
    pack_into(">HHH", buffer, 0, apid, _UNSEGMENTED | count, size - PRIMARY_HEADER - 1)


def write_time(buffer, at, s, ms):
    """Writes a CUC time of 4 + 2 octets (CCSDS 301.0-B-4, 3.2; P-field 0x2E left out)."""
    pack_into(">IH", buffer, at, s, ms * 65536 // 1000)


def write_tm_headers(buffer, apid, count, size, kind, type_count, s, ms):
    """Writes primary and PUS telemetry header at once, for speed.

    count, size: as of the primary header. kind: service and subservice, two octets. s, ms: on-board time.
    """
    pack_into(
        ">HHHBHHHIH",
        buffer,
        0,
        _SECONDARY_HEADER | apid,
        _UNSEGMENTED | count,
        size - PRIMARY_HEADER - 1,
        _PUS_C,
        kind,
        type_count,
        0,
        s,
        ms * 65536 // 1000,
    )


def write_error_control(buffer, size):
    """Writes the packet error control into the last two of the packet's `size` octets."""
    crc = crc16(buffer, 0, size - ERROR_CONTROL)
    buffer[size - 2] = crc >> 8
    buffer[size - 1] = crc & 0xFF
