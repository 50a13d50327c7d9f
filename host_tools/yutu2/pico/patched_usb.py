"""Patches 2 and 3: a USB host that sends nothing when idle, and that can stop reading.

rp2040py 0.3.6 answers every idle OUT buffer at once with an empty packet: the firmware arms the next one, takes an
interrupt, and so on, which makes all code three times slower and keeps the chip from sleeping. A real host without data
leaves the buffer alone. The library's host also takes every IN packet at once, so that a host which has stopped reading
has no effect; on the bus, such a packet stays in its buffer.

Source of the behaviour: USB 2.0, 5.8.4 (bulk transfers: at most nineteen 64-octet packets in a 1 ms frame) and 8.4.6
(NAK); RP2040 data sheet 4.1.2.5 (buffer control).
"""

from collections import deque
from collections.abc import Callable

from rp2040py.peripherals.usb import RPUSBController
from rp2040py.usb.cdc import USBCDC

PACKET_NS = 1_000_000 / 19
# Buffer control register of an IN endpoint: AVAILABLE, for either of its two buffers
_IN_CONTROL = 0x80
_AVAILABLE = (0x0000_0400, 0x0400_0000)
_NO_ENDPOINT = -1


class PatchedUsbController(RPUSBController):
    """Signal the end of a bulk IN packet to the firmware only when the host has taken it."""

    def __init__(self, original: RPUSBController):
        super().__init__(original.rp2040, original.name)
        self.bulk_in = _NO_ENDPOINT

    def dpram_updated(self, offset: int, value: int) -> None:
        """Process a write of the firmware; a bulk IN buffer stays available until the host has taken it."""
        super().dpram_updated(offset, value)
        if self.bulk_in > 0 and offset == _IN_CONTROL + 8 * self.bulk_in:
            self._set_available(lambda now: now | value & (_AVAILABLE[0] | _AVAILABLE[1]))

    def release_buffer(self) -> None:
        """Mark the first full buffer of the bulk IN endpoint as taken by the host."""
        self._set_available(lambda now: now & ~(_AVAILABLE[0] if now & _AVAILABLE[0] else _AVAILABLE[1]))

    def _set_available(self, change: Callable[[int], int]) -> None:
        at = _IN_CONTROL + 8 * self.bulk_in
        memory = self.rp2040.usb_dpram
        memory[at : at + 4] = change(int.from_bytes(memory[at : at + 4], "little")).to_bytes(4, "little")

    def _indicate_buffer_ready(self, endpoint: int, out: bool) -> None:
        if out or endpoint != self.bulk_in:
            super()._indicate_buffer_ready(endpoint, out)

    def complete(self, endpoint: int) -> None:
        """Signal that the host has taken every packet that was armed on this IN endpoint."""
        super()._indicate_buffer_ready(endpoint, False)


class UsbHost(USBCDC):
    """Emulate the host at the USB cable: a computer that has opened the board's serial port.

    on_octets: called with the octets of each packet as it arrives. Enumeration is done by the library.
    """

    def __init__(self, usb: PatchedUsbController, on_octets: Callable[[bytes], None]):
        super().__init__(usb)
        self._controller = usb
        self._on_octets = on_octets
        self._default_on_write, self._default_on_read = usb.on_endpoint_write, usb.on_endpoint_read
        usb.on_endpoint_write = self._packet_armed
        usb.on_endpoint_read = self._buffer_armed
        usb.on_reset = self._disconnected
        clock = usb.rp2040.clock
        self._in_alarm = clock.create_alarm(self._receive_packet)
        self._out_alarm = clock.create_alarm(self._send_packet)
        self._incoming: deque[bytes] = deque()
        self._outgoing = bytearray()
        self._buffer_size = 0
        self._is_receiving = self._is_sending = False
        self._is_held = False

    @property
    def unread_octets(self) -> int:
        """Return the octets in the USB controller that the host has not taken."""
        return sum(map(len, self._incoming))

    def hold(self) -> None:
        """Stop reading: IN packets stay in the controller (NAK) until `release`."""
        self._is_held = True

    def release(self) -> None:
        """Read again."""
        self._is_held = False
        self._schedule()

    def send(self, data: bytes) -> None:
        """Send `data` to the board as fast as bus and firmware accept it."""
        self._outgoing += data
        self._schedule()

    def _schedule(self) -> None:
        if self._incoming and not self._is_held and not self._is_receiving:
            self._is_receiving = True
            self._in_alarm.schedule(PACKET_NS)
        if self._outgoing and self._buffer_size and not self._is_sending:
            self._is_sending = True
            self._out_alarm.schedule(PACKET_NS)

    def _packet_armed(self, endpoint: int, buffer: bytes | bytearray) -> None:
        """Take over a packet that the firmware has armed for the host."""
        if endpoint > 0 and endpoint == self._controller.bulk_in:
            self._incoming.append(bytes(buffer))
            self._schedule()
            return
        assert self._default_on_write is not None
        self._default_on_write(endpoint, buffer)
        self._controller.bulk_in = self._in_endpoint  # known once the descriptors have come

    def _receive_packet(self) -> None:
        self._is_receiving = False
        self._on_octets(self._incoming.popleft())
        self._controller.release_buffer()
        if not self._incoming:
            self._controller.complete(self._controller.bulk_in)
        self._schedule()

    def _buffer_armed(self, endpoint: int, size: int) -> None:
        """Note a buffer that the firmware has armed for a packet of the host."""
        if endpoint > 0 and endpoint == self._out_endpoint:
            self._buffer_size = size
            self._schedule()
            return
        assert self._default_on_read is not None
        self._default_on_read(endpoint, size)

    def _send_packet(self) -> None:
        self._is_sending = False
        packet = bytes(self._outgoing[: self._buffer_size])
        del self._outgoing[: self._buffer_size]
        self._buffer_size = 0
        self._controller.endpoint_read_done(self._out_endpoint, packet, 0)

    def _disconnected(self) -> None:
        """Drop what is in transit after a reset of the chip."""
        self._in_alarm.cancel()
        self._out_alarm.cancel()
        self._is_receiving = self._is_sending = False
        self._incoming.clear()
        self._outgoing.clear()
        self._buffer_size = 0
        self._controller.bulk_in = _NO_ENDPOINT
        self._on_controller_reset()
