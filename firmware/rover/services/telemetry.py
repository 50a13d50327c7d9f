"""Makes PUS telemetry packets and puts them on a virtual channel, with the time reports of ST[09]."""

from micropython import const

from ..generated import FRAME_FLUSH
from ..kernel.scheduler import Activity
from ..link.packet import (
    ERROR_CONTROL,
    PRIMARY_HEADER,
    TM_HEADER,
    write_error_control,
    write_primary_header,
    write_time,
    write_tm_header,
)

_LARGEST = const(512)
_COUNTS = const(0x3FFF)
_TIME_APID = const(0)
_TIME_RATE = const(4)  # a time report each 2**4 frames
_TIME_SIZE = const(15)


class Telemetry:
    """The way of all reports to the ground. Write the data at TM_HEADER into `buffer`, then call `send`.

    clock, scheduler: the kernel's. channel: the virtual channel. hold_ms: mission time for which a packet may wait for
    its frame to fill; None: as long as it takes. sent: packets so far, time reports left out.
    """

    def __init__(self, clock, scheduler, channel, hold_ms):
        self.buffer = bytearray(_LARGEST)
        self.sent = 0
        self._clock = clock
        self._scheduler = scheduler
        self._channel = channel
        self._hold_ms = hold_ms
        self._flush = Activity(FRAME_FLUSH, self.flush)
        self._time_report = bytearray(_TIME_SIZE)
        self._next_time_frame = 0
        self._counts = {}  # APID: sequence count
        self._type_counts = {}  # APID, service, subservice: message type counter

    def send(self, apid, service, subservice, size):
        """Sends the `size` octets of data that lie in `buffer` as a packet of this type."""
        if self._channel.frames >= self._next_time_frame:
            self._send_time()
        buffer = self.buffer
        kind = apid << 16 | service << 8 | subservice
        type_count = self._type_counts.get(kind, 0)
        self._type_counts[kind] = (type_count + 1) & 0xFFFF
        size += TM_HEADER + ERROR_CONTROL
        write_primary_header(buffer, 0, apid, True, self._count(apid), size)
        write_tm_header(buffer, service, subservice, type_count, self._clock.onboard_s(), self._clock.onboard_ms())
        write_error_control(buffer, size)
        self.sent += 1
        self._put(buffer, size)

    def flush(self):
        """Lets what waits go, in a frame filled up with idle data."""
        self._scheduler.cancel(self._flush)
        self._channel.flush()

    def announce(self):
        """At a paced speed lets what waits go at once: the ground sees a craft that begins to speak without delay."""
        if self._hold_ms is not None:
            self.flush()

    def _count(self, apid):
        count = self._counts.get(apid, 0)
        self._counts[apid] = (count + 1) & _COUNTS
        return count

    def _send_time(self):
        self._next_time_frame = (self._channel.frames >> _TIME_RATE) + 1 << _TIME_RATE
        buffer = self._time_report
        write_primary_header(buffer, 0, _TIME_APID, False, self._count(_TIME_APID), _TIME_SIZE)
        buffer[PRIMARY_HEADER] = _TIME_RATE
        write_time(buffer, PRIMARY_HEADER + 1, self._clock.onboard_s(), self._clock.onboard_ms())
        write_error_control(buffer, _TIME_SIZE)
        self._put(buffer, _TIME_SIZE)

    def _put(self, buffer, size):
        frames = self._channel.frames
        self._channel.put(buffer, size)
        if self._hold_ms is None:
            return
        if self._channel.frames != frames:
            self._scheduler.cancel(self._flush)
        if self._channel.waits() and not self._flush.waiting:
            self._scheduler.after(self._flush, self._hold_ms // 1000, self._hold_ms % 1000)
