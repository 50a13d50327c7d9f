"""Makes PUS telemetry packets and puts them on a virtual channel, with the time reports of ST[09]."""

from micropython import const

from ..kernel.scheduler import Task
from ..link.packet import (
    ERROR_CONTROL,
    PRIMARY_HEADER,
    TM_HEADER,
    write_error_control,
    write_primary_header,
    write_time,
    write_tm_headers,
)
from ..tables import FRAME_FLUSH

_LARGEST = const(512)
_COUNTS = const(0x3FFF)
_TIME_APID = const(0)
_TIME_RATE = const(4)  # by default a time report each 2**4 frames
_TIME_SIZE = const(15)
_AT_MAX_MS = const(1000)  # until a CLCW that is asked for goes down, where nothing else sets a time


class Telemetry:
    """The way of all reports to the ground. Write the data at `data_at` (TM_HEADER) into `buffer`, then call `send`.

    clock, scheduler: the kernel's. channel: the virtual channel. hold_ms: mission time for which a packet may wait for
    its frame to fill; None: as long as it takes. sent: packets so far, time reports left out.
    """

    data_at = TM_HEADER

    def __init__(self, clock, scheduler, channel, hold_ms):
        self.buffer = bytearray(_LARGEST)
        self.sent = 0
        self._clock = clock
        self.scheduler = scheduler
        self._channel = channel
        self._hold_ms = hold_ms
        self._flush = Task(FRAME_FLUSH, self.flush)
        self._asked = -1  # frames that had left when a CLCW was asked for; none since
        self._time_report = bytearray(_TIME_SIZE)
        self._next_time_frame = 0
        self._time_count = 0
        self._time_rate = _TIME_RATE
        self._counts = {}  # APID: sequence count
        self._type_counts = {}  # APID, service, subservice: message type counter

    def send(self, apid, service, subservice, size):
        """Sends the `size` octets of data that lie in `buffer` as a packet of this type."""
        if self._channel.frames >= self._next_time_frame:
            self._send_time()
        buffer = self.buffer
        counts, type_counts, clock = self._counts, self._type_counts, self._clock
        kind = service << 8 | subservice
        message = apid << 16 | kind
        count = counts.get(apid, 0)
        counts[apid] = (count + 1) & _COUNTS
        type_count = type_counts.get(message, 0)
        type_counts[message] = (type_count + 1) & 0xFFFF
        size += TM_HEADER + ERROR_CONTROL
        fraction = clock.onboard_ms() * 65536 // 1000
        write_tm_headers(buffer, apid, count, size, kind, type_count, clock.onboard_s(), fraction)
        write_error_control(buffer, size)
        self.sent += 1
        if self._hold_ms is None:
            self._channel.put(buffer, size)
        else:
            self._put_and_hold(buffer, size)

    def flush(self):
        """Lets what waits go, in a frame filled up with idle data."""
        self.scheduler.cancel(self._flush)
        self._channel.flush()
        if self._channel.frames == self._asked:
            self._channel.send_idle()

    def answer(self):
        """Lets a frame go within one second of the wall, if only for its CLCW: the ground waits for it."""
        self._asked = self._channel.frames
        self._hold()

    def announce(self):
        """At a paced speed lets what waits go at once: the ground sees a craft that begins to speak without delay."""
        if self._hold_ms is not None:
            self.flush()

    def set_time_rate(self, rate=_TIME_RATE):
        """Sends a time report each 2**rate frames from now on."""
        self._time_rate = rate
        self._next_time_frame = min(self._next_time_frame, self._after_frame())

    def _after_frame(self):
        """Before which frame the next time report is due, when one has just been sent."""
        return (self._channel.frames >> self._time_rate) + 1 << self._time_rate

    def _send_time(self):
        self._next_time_frame = self._after_frame()
        buffer = self._time_report
        write_primary_header(buffer, _TIME_APID, self._time_count, _TIME_SIZE)
        self._time_count = (self._time_count + 1) & _COUNTS
        buffer[PRIMARY_HEADER] = self._time_rate
        write_time(buffer, PRIMARY_HEADER + 1, self._clock.onboard_s(), self._clock.onboard_ms())
        write_error_control(buffer, _TIME_SIZE)
        self._put_and_hold(buffer, _TIME_SIZE)

    def _put_and_hold(self, buffer, size):
        frames = self._channel.frames
        self._channel.put(buffer, size)
        if self._hold_ms is None:
            return
        if self._channel.frames != frames:
            self.scheduler.cancel(self._flush)
        if self._channel.waits() or self._channel.frames == self._asked:
            self._hold()

    def _hold(self):
        if not self._flush.waiting:
            hold_ms = self._hold_ms or _AT_MAX_MS
            self.scheduler.after(self._flush, hold_ms // 1000, hold_ms % 1000)
