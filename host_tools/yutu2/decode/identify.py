"""What octets without a transfer frame of this mission look like: frames of others, bare packets, text."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from struct import Struct
from typing import NamedTuple

from yutu2.decode.checksum import crc16
from yutu2.decode.frames import FRAME_LENGTH, SPACECRAFT_IDS, SYNC_MARKER

SAMPLE = 1 << 16  # octets, from the start of the stream, that are looked at
PATIENCE = 1000  # sync markers without a whole frame behind them, more than with one: then no more are looked at

_MARKER = len(SYNC_MARKER)
_SHORTEST, _LONGEST = 12, 2048  # octets of a frame: TM (132.0-B-3, 4.1.1), AOS (732.0-B-4, 4.1.1)
_REACH = _MARKER + _LONGEST + _MARKER
_REGULAR = 3  # sync markers at one distance that make a pattern
_STARTS = 2048  # offsets at which a packet or frame without a marker may first begin
_FEWEST_PACKETS, _MOST_PACKETS = 3, 64  # in a row that are looked at
_PACKET_HEADER = Struct(">HHH")
_STATUS_MASK, _STATUS = 0xF800, 0x1800
_CLTU_START, _CLTU_TAIL = b"\xeb\x90", b"\xc5" * 7 + b"\x79"  # CCSDS 231.0-B-4, section 4
_FILE_KINDS = {
    b"\x1f\x8b": "a gzip file; decompress it first",
    b"PK\x03\x04": "a zip file; unpack it first",
    b"\xfd7zXZ": "an xz file; decompress it first",
    b"BZh": "a bzip2 file; decompress it first",
    b"\x28\xb5\x2f\xfd": "a zstd file; decompress it first",
    b"PAR1": "a Parquet file; give the recording it was made from",
    b"\x89PNG": "a PNG picture; give the recording it was made from",
    b"\xd4\xc3\xb2\xa1": "a capture of network packets (pcap); take the telemetry out of it first",
    b"\x0a\x0d\x0d\x0a": "a capture of network packets (pcapng); take the telemetry out of it first",
}
_OURS = (
    f"this mission's are TM frames of {FRAME_LENGTH} octets of spacecraft {SPACECRAFT_IDS[0]} or {SPACECRAFT_IDS[1]}, "
    f"each behind the sync marker {SYNC_MARKER.hex().upper()}"
)


class Kind(NamedTuple):
    """What frames of others have in common. protocol: TM, AOS, USLP or ? (CCSDS transfer frame versions)."""

    protocol: str
    spacecraft_id: int
    length: int

    def __str__(self) -> str:
        return f"{self.protocol} frames of {self.length} octets of spacecraft {self.spacecraft_id}"


class Identifier:
    """Looks at the octets of a stream that belong to no frame of this mission.

    All of them are searched for frames of others: from a sync marker to the next one, or as long as others were,
    or as long as ours, with a right frame error control field. What holds none of ours at all is judged by its
    first 65,536 octets. Holds that much and less than a frame more.
    """

    def __init__(self) -> None:
        self._sample = bytearray()
        self._rest = b""  # of skipped octets, not decided yet
        self._end = 0  # offset of the end of `_rest` in the stream
        self._others: Counter[Kind] = Counter()
        self._lengths = {FRAME_LENGTH: None}  # of frames, the last one found first
        self._distances: Counter[int] = Counter()  # from one sync marker to the next
        self._markers = 0  # without a whole frame behind them
        self._is_over = False
        self._looked: tuple[tuple[int, int], str] | None = None  # at so many octets and markers: what was seen

    def take(self, offset: int, octets: bytes) -> None:
        """Take the next piece of skipped octets; offset: in the stream."""
        if offset == len(self._sample) < SAMPLE:
            self._sample += octets[: SAMPLE - len(self._sample)]
        if self._is_over:
            return
        if offset != self._end:
            self._search(is_end=True)
            self._rest = b""
        self._rest += octets
        self._end = offset + len(octets)
        self._search(is_end=False)

    def finish(self) -> None:
        """End of the stream."""
        self._search(is_end=True)
        self._rest = b""

    def advice(self, has_ours: bool) -> str | None:
        """One line: what came instead of, or has_ours: beside, frames of this mission; None: nothing of note."""
        others = ", ".join(f"{number:,} {kind}" for kind, number in self._others.most_common(3))
        if has_ours:
            return f"also {others}" if others else None
        return f"no transfer frame of this mission was found: {f'{others}; {_OURS}' if others else self._look()}"

    def _search(self, is_end: bool) -> None:
        """Count the frames of others in what is held; is_end: no more octets follow on it."""
        rest = self._rest
        marker = rest.find(SYNC_MARKER)
        while marker >= 0 and not self._is_over and (is_end or len(rest) - marker >= _REACH):
            following = rest.find(SYNC_MARKER, marker + 1, marker + _REACH)
            if following >= 0:
                self._distances[following - marker] += 1
            end = following if following >= 0 else len(rest)
            kind = self._frame_behind(rest, marker + _MARKER, end)
            if kind is not None:
                self._others[kind] += 1
                marker = rest.find(SYNC_MARKER, marker + _MARKER + kind.length)
                continue
            self._markers += 1
            self._is_over = self._markers > PATIENCE + self._others.total()
            marker = rest.find(SYNC_MARKER, marker + 1)
        self._rest = b"" if self._is_over else rest[marker:] if marker >= 0 else rest[-_MARKER + 1 :]

    def _frame_behind(self, octets: bytes, start: int, end: int) -> Kind | None:
        """The frame that starts there; end: where the next sync marker stands, or the octets end."""
        for length in (end - start, *reversed(self._lengths)):
            frame = octets[start : start + length]
            if _SHORTEST <= length <= _LONGEST and len(frame) == length and crc16(frame) == 0:
                # No more than a handful of lengths are tried
                self._lengths = {**dict.fromkeys([*self._lengths, length][-3:]), FRAME_LENGTH: None}
                return _kind_of(frame)
        return None

    def _look(self) -> str:
        """What the beginning of the stream looks like, and what to do."""
        known = len(self._sample), self._markers
        if self._looked is None or self._looked[0] != known:
            self._looked = known, self._look_anew()
        return self._looked[1]

    def _look_anew(self) -> str:
        sample = bytes(self._sample)
        if not sample:
            return "no octet came; is the rover awake, and the line connected?"
        return next(
            found
            for look in (
                *(_text, _file, self._regular_markers, self._some_markers, _cltus),
                *(_packets_from_the_start, _bare_frames, _packets, _unknown),
            )
            if (found := look(sample)) is not None
        )

    def _regular_markers(self, sample: bytes) -> str | None:
        distance, number = max(self._distances.items(), key=lambda item: item[1], default=(0, 0))
        if number < _REGULAR or 2 * number < self._distances.total() or distance < _MARKER + _SHORTEST:
            return None
        behind = f"{number + 1:,} sync markers at a distance of {distance:,} octets, without a right checksum"
        if distance == _MARKER + FRAME_LENGTH:
            return (
                f"{behind}: frames of this mission's length that are damaged or randomised; check the line's baud rate"
            )
        return f"{behind}: frames of {distance - _MARKER:,} octets; {_OURS}"

    def _some_markers(self, sample: bytes) -> str | None:
        if not self._markers:
            return None
        what = f"{'at least ' * self._is_over}{_number(self._markers, 'sync marker')}"
        return f"{what} and no whole frame behind; receive it for longer, or check the line's baud rate"


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _unknown(sample: bytes) -> str:
    return f"octets of an unknown kind, the first are {sample[:8].hex(' ').upper()}; {_OURS}"


def _kind_of(frame: bytes) -> Kind:
    """Protocol and spacecraft, by the frame's version number."""
    word = int.from_bytes(frame[:3], "big")
    if word >> 22 == 0:
        return Kind("TM", word >> 12 & 0x3FF, len(frame))
    if word >> 22 == 1:
        return Kind("AOS", word >> 14 & 0xFF, len(frame))
    return Kind("USLP", word >> 4 & 0xFFFF, len(frame)) if word >> 20 == 0xC else Kind("?", 0, len(frame))


def _text(sample: bytes) -> str | None:
    """Text: all but a few of the octets are printable, or blanks, or of UTF-8."""
    printable = sum((octet >= 0x20 and octet != 0x7F) or octet in b"\t\r\n" for octet in sample)
    try:
        text = sample[: len(sample) - 3 if len(sample) == SAMPLE else None].decode()
    except UnicodeDecodeError:
        text = "" if max(sample) > 0x7F else sample.decode("latin-1")
    if not text or printable < 0.97 * len(sample):
        return None
    if SYNC_MARKER.hex() in "".join(text.split()).lower():
        return "hexadecimal text; make octets of it first, as by xxd -r -p"
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    shown = "".join(letter if " " <= letter <= "~" else "?" for letter in line)[:40]
    return f"text, it begins with '{shown}'; {_OURS}"


def _file(sample: bytes) -> str | None:
    return next((kind for start, kind in _FILE_KINDS.items() if sample.startswith(start)), None)


def _cltus(sample: bytes) -> str | None:
    number = sample.count(_CLTU_TAIL)
    if not number or _CLTU_START not in sample:
        return None
    return f"{_number(number, 'CLTU')} of telecommands; that is the uplink, and telemetry comes the other way"


def _packets_from_the_start(sample: bytes) -> str | None:
    return _packets(sample, 1)


def _packets(sample: bytes, starts: int = _STARTS) -> str | None:
    """Space packets one behind another, without frames."""
    for start in range(min(starts, len(sample))):
        packets = list(islice(_walk(sample, start), _MOST_PACKETS))
        if _is_sequence(packets):
            apids = sorted({_PACKET_HEADER.unpack_from(packet)[0] & 0x7FF for packet in packets})
            shown = ", ".join(map(str, apids[:5])) + (", ..." if len(apids) > 5 else "")
            what = "telecommands" if packets[0][0] & 0x10 else "telemetry"
            return (
                f"space packets without frames, {what} of APID{'s' * (len(apids) > 1)} {shown}; put them into "
                f"transfer frames: {_OURS}"
            )
    return None


def _walk(sample: bytes, start: int) -> Iterator[bytes]:
    """The packets from there, to the sample's end or a header that is none."""
    while start + _PACKET_HEADER.size <= len(sample):
        identification, _, length = _PACKET_HEADER.unpack_from(sample, start)
        if identification >> 13:
            return
        end = start + _PACKET_HEADER.size + 1 + length
        if end > len(sample):
            return
        yield sample[start:end]
        start = end


def _is_sequence(packets: list[bytes]) -> bool:
    """Whether their counts go on by one by APID as a rule, or all their checksums are right."""
    if len(packets) >= _FEWEST_PACKETS:
        last: dict[int, int] = {}
        pairs = in_order = 0
        for packet in packets:
            identification, control, _ = _PACKET_HEADER.unpack_from(packet)
            count = control & 0x3FFF
            if identification in last:
                pairs += 1
                in_order += count == last[identification] + 1 & 0x3FFF
            last[identification] = count
        if pairs >= _FEWEST_PACKETS - 1 and 3 * in_order >= 2 * pairs:
            return True
    checked = [packet for packet in packets if len(packet) > _PACKET_HEADER.size + 2]
    return len(checked) > len(packets) // 2 and all(crc16(packet) == 0 for packet in checked)


def _bare_frames(sample: bytes) -> str | None:
    """Transfer frames one behind another, without sync markers: at the start of any length, later of ours."""
    register = 0xFFFF
    for length in range(1, min(_LONGEST, len(sample) // 2) + 1):
        register = crc16(sample[length - 1 : length], register)
        if register == 0 and length >= _SHORTEST and crc16(sample[length : 2 * length]) == 0:
            return _without_markers(sample[:length])
    for start in range(min(_STARTS, len(sample) - FRAME_LENGTH + 1)):
        status = sample[start + 4] << 8 | sample[start + 5]
        frame = sample[start : start + FRAME_LENGTH]
        if status & _STATUS_MASK == _STATUS and crc16(frame) == 0:
            return _without_markers(frame)
    return None


def _without_markers(frame: bytes) -> str:
    return f"{_kind_of(frame)} without sync markers; {_OURS}"
