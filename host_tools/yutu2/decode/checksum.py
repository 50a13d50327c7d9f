"""The one checksum of the downlink."""

import crcmod

# CRC-16 of the frame error control field (CCSDS 132.0-B-3, 4.1.6) and of the packet error control
# (ECSS-E-ST-70-41C, annex B): generator x^16 + x^12 + x^5 + 1, register starting as all ones. Over octets
# that end in their own right checksum it gives 0. 300 to 400 MB/s with crcmod's C extension, 16 without.
crc16 = crcmod.mkCrcFun(0x11021, initCrc=0xFFFF, rev=False, xorOut=0)
