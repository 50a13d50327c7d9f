"""Mends 2 and 3: a USB host that waits when it has nothing to say, and that can stop reading.

rp2040py 0.3.6 answers every idle OUT buffer at once with an empty packet: the firmware arms the next one, takes an
interrupt, and so on for ever, which makes all code three times slower and keeps the chip from sleeping. A host that
has nothing to send leaves the buffer alone. And the library's host takes every IN packet in no time, so that a ground
which has stopped reading is never felt; on the bus such a packet stays in its buffer.

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


class PatientUsbController(RPUSBController):
    """A controller that tells the firmware of a bulk IN packet's end when the host has taken it, not before."""

    def __init__(self, original: RPUSBController):
        super().__init__(original.rp2040, original.name)
        self.bulk_in = _NO_ENDPOINT

    def dpram_updated(self, offset: int, value: int) -> None:
        """The firmware has written into the controller's memory. A bulk IN buffer stays its own until it is taken."""
        super().dpram_updated(offset, value)
        if self.bulk_in > 0 and offset == _IN_CONTROL + 8 * self.bulk_in:
            self._set_available(lambda now: now | value & (_AVAILABLE[0] | _AVAILABLE[1]))

    def release_buffer(self) -> None:
        """The host has taken the packet of the bulk IN endpoint's first buffer that holds one."""
        self._set_available(lambda now: now & ~(_AVAILABLE[0] if now & _AVAILABLE[0] else _AVAILABLE[1]))

    def _set_available(self, change: Callable[[int], int]) -> None:
        at = _IN_CONTROL + 8 * self.bulk_in
        memory = self.rp2040.usb_dpram
        memory[at : at + 4] = change(int.from_bytes(memory[at : at + 4], "little")).to_bytes(4, "little")

    def _indicate_buffer_ready(self, endpoint: int, out: bool) -> None:
        if out or endpoint != self.bulk_in:
            super()._indicate_buffer_ready(endpoint, out)

    def taken(self, endpoint: int) -> None:
        """The host has taken every packet that the firmware had armed on this IN endpoint."""
        super()._indicate_buffer_ready(endpoint, False)


class UsbHost(USBCDC):
    """The ground's end of the USB cable: a computer that has opened the board's serial port.

    `on_octets` gets the octets of each packet as it arrives. Enumeration is the library's.
    """

    def __init__(self, usb: PatientUsbController, on_octets: Callable[[bytes], None]):
        super().__init__(usb)
        self._controller = usb
        self._on_octets = on_octets
        self._library_takes, self._library_gives = usb.on_endpoint_write, usb.on_endpoint_read
        usb.on_endpoint_write = self._packet_armed
        usb.on_endpoint_read = self._buffer_armed
        usb.on_reset = self._unplugged
        clock = usb.rp2040.clock
        self._take_alarm = clock.create_alarm(self._take)
        self._give_alarm = clock.create_alarm(self._give)
        self._to_take: deque[bytes] = deque()
        self._to_give = bytearray()
        self._room = 0
        self._taking = self._giving = False
        self._held = False

    @property
    def untaken(self) -> int:
        """Octets that the firmware has given to its USB controller and the host has not taken."""
        return sum(map(len, self._to_take))

    def hold(self) -> None:
        """Stop reading: IN packets stay where they are (the bus says NAK) until `release`."""
        self._held = True

    def release(self) -> None:
        """Read again."""
        self._held = False
        self._schedule()

    def send(self, data: bytes) -> None:
        """Send `data` to the board as fast as the bus and the firmware take it."""
        self._to_give += data
        self._schedule()

    def _schedule(self) -> None:
        if self._to_take and not self._held and not self._taking:
            self._taking = True
            self._take_alarm.schedule(PACKET_NS)
        if self._to_give and self._room and not self._giving:
            self._giving = True
            self._give_alarm.schedule(PACKET_NS)

    def _packet_armed(self, endpoint: int, buffer: bytes | bytearray) -> None:
        """The firmware has a packet for the host."""
        if endpoint > 0 and endpoint == self._controller.bulk_in:
            self._to_take.append(bytes(buffer))
            self._schedule()
            return
        assert self._library_takes is not None
        self._library_takes(endpoint, buffer)
        self._controller.bulk_in = self._in_endpoint  # known once the descriptors have come

    def _take(self) -> None:
        self._taking = False
        self._on_octets(self._to_take.popleft())
        self._controller.release_buffer()
        if not self._to_take:
            self._controller.taken(self._controller.bulk_in)
        self._schedule()

    def _buffer_armed(self, endpoint: int, size: int) -> None:
        """The firmware has room for a packet from the host."""
        if endpoint > 0 and endpoint == self._out_endpoint:
            self._room = size
            self._schedule()
            return
        assert self._library_gives is not None
        self._library_gives(endpoint, size)

    def _give(self) -> None:
        self._giving = False
        packet = bytes(self._to_give[: self._room])
        del self._to_give[: self._room]
        self._room = 0
        self._controller.endpoint_read_done(self._out_endpoint, packet, 0)

    def _unplugged(self) -> None:
        """The chip was reset and has dropped off the bus: what was underway is gone."""
        self._take_alarm.cancel()
        self._give_alarm.cancel()
        self._taking = self._giving = False
        self._to_take.clear()
        self._to_give.clear()
        self._room = 0
        self._controller.bulk_in = _NO_ENDPOINT
        self._on_controller_reset()
