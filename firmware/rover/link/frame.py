"""TM transfer frames of 1115 octets (CCSDS 132.0-B-3): packets go in, frames with their sync marker come out.

marker 4 | primary header 6 | data field 1103 | operational control field 4 (CLCW) | frame error control 2
"""

from struct import pack_into

from micropython import const

from .octets import copy, crc16
from .packet import IDLE_APID, IDLE_OCTET, IDLE_SMALLEST, PRIMARY_HEADER, write_primary_header

FRAME = const(1119)  # octets on the wire, marker included

_HEADER = const(4)
_DATA = const(10)
_CONTROL = const(1113)
_ERROR_CONTROL = const(1117)
_NO_PACKET_STARTS = const(0x7FF)
_ONLY_IDLE_DATA = const(0x7FE)
_STATUS = const(0x1800)  # no secondary header, no synch, segment length id 11
_OCF_FOLLOWS = const(1)
_IDLE = const(64)  # octets of an idle packet that are kept: its header, and a piece of what follows it


class Downlink:
    """What all virtual channels of a spacecraft share: the master channel's count and the way out.

    send: takes a memoryview of one frame with its marker; it must be done with it when it returns.
    """

    def __init__(self, spacecraft, send):
        self.spacecraft = spacecraft
        self.send = send
        self.frames = 0  # in all
        # CLCW (CCSDS 232.1-B-2, 4.2): type 0, version 0, COP-1, virtual channel 0, nothing received
        self.clcw = bytearray(b"\x01\x00\x00\x00")
        self.idle = bytearray(bytes([IDLE_OCTET]) * _IDLE)  # header of the last idle packet, and idle octets
        self._idle_count = 0

    def idle_packet(self, size):
        """A buffer with the begin of an idle packet of `size` octets; it lives until the next call."""
        write_primary_header(self.idle, IDLE_APID, self._idle_count, size)
        self._idle_count = (self._idle_count + 1) & 0x3FFF
        return self.idle


class VirtualChannel:
    """One virtual channel: fills its frame with packets and sends it when it is full.

    frames: how many have left.
    """

    def __init__(self, downlink, number):
        self._downlink = downlink
        self._identification = (downlink.spacecraft << 4) | (number << 1) | _OCF_FOLLOWS
        self._frame = bytearray(FRAME)
        self._frame[:_HEADER] = b"\x1a\xcf\xfc\x1d"
        self._view = memoryview(self._frame)
        self._fill = _DATA
        self._first_header = _NO_PACKET_STARTS
        self._only_idle = True
        self._at_work = False
        self.frames = 0

    def waits(self):
        """Whether the open frame holds a packet, or a part of one, that is not idle."""
        return not self._only_idle

    def put(self, packet, size):
        """Adds the first `size` octets of `packet`; full frames leave."""
        fill = self._fill
        if fill + size >= _CONTROL:
            self._add(packet, size, False)
            return
        # Most packets fit in: the short way
        self._at_work = True
        if self._first_header == _NO_PACKET_STARTS:
            self._first_header = fill - _DATA
        self._only_idle = False
        copy(packet, 0, self._frame, fill, size)
        self._fill = fill + size
        self._at_work = False

    def flush(self):
        """Sends the open frame, filled up with an idle packet, if a packet waits in it.

        Not a frame at which an interrupt has struck: it is half made.
        """
        if self._only_idle or self._at_work:
            return
        self._fill_up()

    def send_idle(self):
        """Sends a frame for its CLCW's sake when no packet waits: one that holds idle data alone."""
        if self._at_work:
            return
        if self._fill > _DATA:  # it has begun with the tail of an idle packet
            self._fill_up()
            return
        self._at_work = True
        while self._fill < _CONTROL:
            piece = min(_CONTROL - self._fill, _IDLE - PRIMARY_HEADER)
            copy(self._downlink.idle, PRIMARY_HEADER, self._frame, self._fill, piece)
            self._fill += piece
        self._first_header = _ONLY_IDLE_DATA
        self._release()
        self._at_work = False

    def _fill_up(self):
        # Less room than an idle packet needs: its tail runs over into the next frame, which then waits for packets.
        size = max(_CONTROL - self._fill, IDLE_SMALLEST)
        self._add(self._downlink.idle_packet(size), size, True)

    def _add(self, packet, size, idle):
        self._at_work = True
        if self._first_header == _NO_PACKET_STARTS:
            self._first_header = self._fill - _DATA
        done = 0
        while done < size:
            self._only_idle = self._only_idle and idle
            piece = min(size - done, _CONTROL - self._fill)
            at = done
            if idle:
                # What follows its header is the same all along
                at = min(done, PRIMARY_HEADER)
                piece = min(piece, _IDLE - at)
            copy(packet, at, self._frame, self._fill, piece)
            self._fill += piece
            done += piece
            if self._fill == _CONTROL:
                self._release()
        self._at_work = False

    def _release(self):
        frame = self._frame
        downlink = self._downlink
        counts = ((downlink.frames & 0xFF) << 8) | (self.frames & 0xFF)
        pack_into(">HHH", frame, _HEADER, self._identification, counts, _STATUS | self._first_header)
        copy(downlink.clcw, 0, frame, _CONTROL, 4)
        crc = crc16(frame, _HEADER, _ERROR_CONTROL)
        frame[_ERROR_CONTROL] = crc >> 8
        frame[_ERROR_CONTROL + 1] = crc & 0xFF
        downlink.frames += 1
        self.frames += 1
        self._fill = _DATA
        self._first_header = _NO_PACKET_STARTS
        self._only_idle = True
        downlink.send(self._view)
