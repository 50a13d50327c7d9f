"""Patch 4: a flash chip with busy times, which can lose its power during an operation.

rp2040py 0.3.6 erases and programs in no time. On a board the processor stops meanwhile, because its code is in the same
flash, and octets that arrive on a serial line are lost.

Source: Winbond W25Q16JV data sheet (the chip on a Pico), 9.6 AC characteristics, typical values, and 8.2 (the BUSY bit
of status register 1, for which the boot ROM's flash_range_erase() and flash_range_program() wait).
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


class TimedFlash(RPSSI):
    """Emulate the flash chip on the SSI with its busy times.

    operations: erases and page programs since power-on. cut_at: number of the operation, from 1, at which the power
    fails. cut_fraction: of this operation that is done before `on_cut` is called.
    """

    def __init__(self, original: RPSSI, on_cut: Callable[[], None]):
        rp2040: RP2040 = original.rp2040
        # Detach the library's own chip from chip select: adding a listener returns the function that removes it
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
        """Return whether an operation is in progress, after advancing the clock to its end or to the next event.

        The processor only polls the status meanwhile, for 45 ms a sector. Emulating this would take most of a second,
        without any effect outside.
        """
        clock = self.rp2040.clock
        left = self._busy_until - clock.nanos
        if left <= 0:
            return False
        clock.tick(min(left, clock.nanos_to_next_alarm) if clock.has_scheduled_alarm else left)
        return clock.nanos < self._busy_until
