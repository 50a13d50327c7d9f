"""Space packets (CCSDS 133.0-B-2) with the PUS-C telemetry header (ECSS-E-ST-70-41C), written into buffers made once.

primary header 6 | PUS header 13, but for time packets | data | packet error control 2, but for idle packets
"""

import sys
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


def write_tm_headers_plain(buffer, apid, count, size, kind, type_count, s, fraction):
    """Writes primary and PUS telemetry header at once. `write_tm_headers` where there is no viper.

    count, size: as of the primary header. kind: service and subservice, two octets. s, fraction: on-board time, in
    seconds and 65536ths.
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
        fraction,
    )


if sys.implementation.name == "micropython":
    import micropython

    # Every report goes this way: by pack_into 0.1 ms more on a Pico
    @micropython.viper
    def write_tm_headers(buffer, apid: int, count: int, size: int, kind: int, type_count: int, s: int, fraction: int):
        """Writes primary and PUS telemetry header at once."""
        put = ptr8(buffer)  # noqa: F821
        put[0] = 0x08 | apid >> 8
        put[1] = apid
        put[2] = 0xC0 | count >> 8
        put[3] = count
        put[4] = (size - 7) >> 8
        put[5] = size - 7
        put[6] = 0x20
        put[7] = kind >> 8
        put[8] = kind
        put[9] = type_count >> 8
        put[10] = type_count
        put[11] = 0
        put[12] = 0
        put[13] = s >> 24
        put[14] = s >> 16
        put[15] = s >> 8
        put[16] = s
        put[17] = fraction >> 8
        put[18] = fraction

else:
    write_tm_headers = write_tm_headers_plain


def write_error_control(buffer, size):
    """Writes the packet error control into the last two of the packet's `size` octets."""
    crc = crc16(buffer, 0, size - ERROR_CONTROL)
    buffer[size - 2] = crc >> 8
    buffer[size - 1] = crc & 0xFF
