"""Mend 4: a flash chip that takes its time, and that can lose its power in the middle of an operation.

rp2040py 0.3.6 erases and programs in no time. On a board the processor does nothing else meanwhile, since its code
lies in the same flash, and octets that arrive on a serial line are lost.

Source: Winbond W25Q16JV data sheet (the chip on a Pico), 9.6 AC characteristics, typical values, and 8.2 (the BUSY
bit of status register 1, which the boot ROM's flash_range_erase() and flash_range_program() wait for).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rp2040py.peripherals.ssi import (
    CMD_BLOCK_ERASE,
    CMD_PAGE_PROGRAM,
    CMD_READ_STATUS_1,
    CMD_SECTOR_ERASE,
    FLASH_BLOCK_SIZE,
    FLASH_PAGE_SIZE,
    FLASH_SECTOR_SIZE,
    RPSSI,
)

if TYPE_CHECKING:
    from rp2040py.rp2040 import RP2040

BUSY_NS = {CMD_PAGE_PROGRAM: 0.4e6, CMD_SECTOR_ERASE: 45e6, CMD_BLOCK_ERASE: 150e6}
_ERASES = {CMD_SECTOR_ERASE: FLASH_SECTOR_SIZE, CMD_BLOCK_ERASE: FLASH_BLOCK_SIZE}
_STATUS_BUSY = 1 << 0


class SlowFlash(RPSSI):
    """The flash chip behind the SSI, with its busy times.

    `operations` counts erases and page programs since power-on. `cut_at` is the number of the operation (from 1)
    that the power does not outlast: its first `cut_fraction` is done, then `on_cut` is called.
    """

    def __init__(self, original: RPSSI, on_cut: Callable[[], None]):
        rp2040: RP2040 = original.rp2040
        # the library's own chip must not go on listening to chip select; adding a listener again is the public way
        # to the function that removes it
        rp2040.qspi[1].add_listener(original._on_cs_pin_changed)()
        super().__init__(rp2040, original.name)
        self._on_cut = on_cut
        self.operations = 0
        self.cut_at: int | None = None
        self.cut_fraction = 0.0
        self._busy_until = 0.0

    def _apply_command(self) -> None:
        command = self._tx_buffer[0] if self._tx_buffer else None
        if command in BUSY_NS and self._write_enabled:
            self.operations += 1
            if self.operations == self.cut_at:
                self._do_a_part(command)
                self._tx_buffer = bytearray()
                self._on_cut()
                return
            self._busy_until = self.rp2040.clock.nanos + BUSY_NS[command]
        super()._apply_command()

    def _do_a_part(self, command: int) -> None:
        flash = self.rp2040.flash
        address = self._address_from_buffer()
        if command == CMD_PAGE_PROGRAM:
            data = self._tx_buffer[4 : 4 + FLASH_PAGE_SIZE]
            for at, octet in enumerate(data[: int(len(data) * self.cut_fraction)], address):
                flash[at] &= octet
        else:
            size = _ERASES[command]
            erased = int(size * self.cut_fraction)
            address &= ~(size - 1)
            flash[address : address + erased] = b"\xff" * erased

    def _shift_byte(self, byte_out: int) -> int:
        answer = super()._shift_byte(byte_out)
        if self._tx_buffer[0] == CMD_READ_STATUS_1 and len(self._tx_buffer) > 1 and self._still_busy():
            answer |= _STATUS_BUSY
        return answer

    def _still_busy(self) -> bool:
        """Whether an operation is underway, after moving the clock on to its end or to whatever happens before.

        The processor does nothing but ask for the status, for 45 ms a sector. Emulating that would take most of a
        second each time, and nothing of it can be seen from outside.
        """
        clock = self.rp2040.clock
        left = self._busy_until - clock.nanos
        if left <= 0:
            return False
        clock.tick(min(left, clock.nanos_to_next_alarm) if clock.has_scheduled_alarm else left)
        return clock.nanos < self._busy_until
