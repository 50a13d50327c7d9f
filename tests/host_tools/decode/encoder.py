"""A sender for the tests, written from icd.md and apart from the decoder: packets -> frames -> octets.

Loaded by conftest.py as the fixture `encoder` (test folders are not importable in pytest's importlib mode).
"""

import binascii
import struct
from dataclasses import dataclass, field

MARKER = b"\x1a\xcf\xfc\x1d"
UNIT = 1119  # octets of a frame with its marker
DATA = 1103
IDLE_APID = 2047


def crc16(octets):
    """The same checksum by another hand: the C library of CPython."""
    return binascii.crc_hqx(octets, 0xFFFF)


def with_crc(octets):
    return octets + struct.pack(">H", crc16(octets))


def packet(apid, count, payload, secondary_header=True, version=0, packet_type=0, error_control=True):
    """A space packet; `payload` is all between primary header and packet error control."""
    length = len(payload) + (2 if error_control else 0) - 1
    word = version << 13 | packet_type << 12 | secondary_header << 11 | apid
    octets = struct.pack(">HHH", word, 0xC000 | count % 16384, length) + payload
    return with_crc(octets) if error_control else octets


def idle_packet(length, count=0):
    return packet(IDLE_APID, count, b"\x55" * (length - 6), secondary_header=False, error_control=False)


def frame(data, pointer, vc=0, count=0, master=0, spacecraft=24, clcw=0, status=0x1800, version=0, ocf=1):
    """Sync marker and frame; `data` is filled up with zeros; constant fields can be spoilt by keyword."""
    word = version << 14 | spacecraft << 4 | vc << 1 | ocf
    header = struct.pack(">HBBH", word, master % 256, count % 256, status | pointer)
    return MARKER + with_crc(header + data.ljust(DATA, b"\0") + struct.pack(">I", clcw))


@dataclass(eq=False)
class Sent:
    """A packet as it was sent; frames are named by their index in Sender.frames."""

    vc: int
    apid: int
    count: int
    octets: bytes
    frames: list = field(default_factory=list)  # frames that hold octets of it
    header_frames: list = field(default_factory=list)  # frames that hold octets of its primary header
    whole: bool = False  # its last octet has left


@dataclass
class Channel:
    """A virtual channel: octets that wait for a frame, and where packets begin in them (or began before)."""

    count: int
    waiting: bytearray = field(default_factory=bytearray)
    packets: list = field(default_factory=list)  # (Sent, place of its first octet in `waiting`)
    idle_count: int = 0


class Sender:
    """Packs packets into frames of several virtual channels, as the rover does."""

    def __init__(self, spacecraft=24, first_count=0, first_sequence=0, first_master=0):
        self.spacecraft = spacecraft
        self._first_master = first_master
        self.clcw = None  # of the frames to come; None: another in each
        self.frames = []  # octets of each frame with its marker, in the order sent
        self.frame_vc = []
        self.frame_count = []
        self.packets = []  # all but the idle ones
        self.idles = []
        self._first_count = first_count
        self._first_sequence = first_sequence
        self._channels = {}
        self._sequence = {}

    @property
    def stream(self):
        return b"".join(self.frames)

    def channel(self, vc):
        return self._channels.setdefault(vc, Channel(self._first_count + 7 * vc))

    def send(self, vc, apid, payload, **options):
        """Queue a packet; frames leave when they are full."""
        count = self._sequence.get((vc, apid), self._first_sequence)
        self._sequence[vc, apid] = count + 1
        sent = Sent(vc, apid, count % 16384, packet(apid, count, payload, **options))
        self.packets.append(sent)
        self._queue(sent)
        return sent

    def send_idle(self, vc, length):
        channel = self.channel(vc)
        channel.idle_count += 1
        sent = Sent(vc, IDLE_APID, channel.idle_count, idle_packet(length, channel.idle_count))
        self.idles.append(sent)
        self._queue(sent)

    def room(self, vc):
        """Octets that the open frame of a channel can still take, 1 to 1103."""
        return DATA - len(self.channel(vc).waiting)

    def fill(self, vc):
        """Close the open frame with an idle packet; a 7-octet one runs into the next frame."""
        if self.channel(vc).waiting:
            self.send_idle(vc, max(7, self.room(vc)))

    def idle_only(self, vc):
        """A frame that holds only idle data; never between two pieces of a packet."""
        self.fill(vc)
        if not self.channel(vc).waiting:
            self._emit(vc, b"\x55" * DATA, 0x7FE)

    def end(self):
        """The end of a run: every open frame is closed; what is left of a last 7-octet idle packet is cut."""
        for vc in sorted(self._channels):
            self.fill(vc)

    def _queue(self, sent):
        channel = self.channel(sent.vc)
        channel.packets.append((sent, len(channel.waiting)))
        channel.waiting += sent.octets
        while len(channel.waiting) >= DATA:
            self._emit_full(sent.vc, channel)

    def _emit_full(self, vc, channel):
        pointer = next((start for _, start in channel.packets if 0 <= start < DATA), 0x7FF)
        rest = []
        for sent, start in channel.packets:
            end = start + len(sent.octets)
            if start < DATA:
                sent.frames.append(len(self.frames))
                if start + 6 > 0:
                    sent.header_frames.append(len(self.frames))
            sent.whole = end <= DATA
            if not sent.whole:
                rest.append((sent, start - DATA))
        channel.packets = rest
        data = bytes(channel.waiting[:DATA])
        del channel.waiting[:DATA]
        self._emit(vc, data, pointer)

    def _emit(self, vc, data, pointer):
        channel = self.channel(vc)
        count, master = channel.count % 256, (self._first_master + len(self.frames)) % 256
        clcw = 0x01000000 | len(self.frames) if self.clcw is None else self.clcw
        self.frames.append(frame(data, pointer, vc, count, master, self.spacecraft, clcw=clcw))
        self.frame_vc.append(vc)
        self.frame_count.append(count)
        channel.count += 1
