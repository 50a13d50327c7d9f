"""The emulated Raspberry Pi Pico: real MicroPython on an emulated RP2040, run step by step in emulated time.

The chip runs only inside `run_ms` and `run_until`, and every external action on it takes place at an exact emulated
time. So the same calls give the same octets at the same emulated microseconds, on any machine.

Not modelled: the second core, flash wait states (so times are lower bounds), the boot ROM's start (a few milliseconds),
PIO programs during a flash erase, parity and framing errors, USB bus timing beyond the packet rate, the radio of a Pico
W beyond what its driver needs to start.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from yutu2.pico.errors import EmulatorError
from yutu2.pico.flash_file import initial_flash, write_flash_file
from yutu2.pico.receive_buffer import ReceiveBuffer
from yutu2.pico.uf2 import FLASH_SIZE

if TYPE_CHECKING:
    from rp2040py.gpio_pin import GPIOPin

    from yutu2.pico.patched_usb import UsbHost
    from yutu2.pico.patches import PatchedChip

_ADC_CHANNELS = 5
_ADC_MAX = 4095
_PINS = 30
_CONDITION_CHECK_NS = 1e6


class Reset(NamedTuple):
    """Describe one restart of the chip.

    time_us: emulated microseconds since power-on. cause: "watchdog" (a timeout, or `machine.reset()`) or "run pin".
    """

    time_us: int
    cause: str


class EmulatedPico:
    """Emulate one board with MicroPython, powered on at construction.

    image: a UF2, as one would copy to a new board. board: the hardware, "pico" or "pico_w" (with its radio, which
    drives the LED); MicroPython's Pico W image runs on both. flash_file: keeps the flash (2 MiB) across runs; if it
    exists, the board starts from it and `image` is not used; it is written by `power_cut` and `close`. usb: a computer
    is connected and has opened the port.

    Raises EmulatorError for a missing file, extra, or both image and flash file; ImageError for an invalid UF2.
    """

    def __init__(
        self, image: Path | None = None, *, board: str = "pico", flash_file: Path | None = None, usb: bool = True
    ):
        self._board = board
        self._has_usb = usb
        self._flash_file = flash_file
        self._flash = initial_flash(image, flash_file)
        self._chip: PatchedChip | None = None
        self.uart_received = ReceiveBuffer()
        """Octets that the board sent on UART0's TX (GP0)."""
        self.usb_received = ReceiveBuffer()
        """Octets that the board sent on its USB serial port."""
        self.resets: list[Reset] = []
        """Restarts since power-on, without the first start."""
        self._uart_to_send: deque[int] = deque()
        self._condition: Callable[[], bool] | None = None
        self._is_met = False
        self._failure: BaseException | None = None
        self._cut = False
        self.power_on()

    # --- power

    @property
    def powered(self) -> bool:
        """Return whether the board has power. Without it, `run_ms` and most other methods raise EmulatorError."""
        return self._chip is not None

    def power_on(self) -> None:
        """Power the board on again: empty RAM, flash as it was, emulated time 0, receive buffers empty."""
        if self._chip is not None:
            raise EmulatorError("the emulated Pico has power already: cut it first")
        from yutu2.pico.patches import patched_chip

        self._chip = chip = patched_chip(
            self._board,
            self._flash,
            on_uart=self._uart_octet,
            on_usb=self._usb_packet if self._has_usb else None,
            on_power_cut=self._on_power_cut,
        )
        chip.rp2040.watchdog.on_watchdog_trigger = self._watchdog_expires
        self._uart_alarm = chip.rp2040.clock.create_alarm(self._uart_octet_arrives)
        self._check_alarm = chip.rp2040.clock.create_alarm(self._check_periodically)
        self._cut = False
        self._uart_to_send.clear()
        self.uart_received.clear()
        self.usb_received.clear()
        self.resets.clear()

    def power_cut(self) -> None:
        """Cut the power now. Received octets can still be read; the flash file, if any, is written.

        An erase or page program that has started counts as done; see `cut_power_at_flash_operation`.
        """
        self._flash = self.flash
        self._chip = None
        if self._flash_file is not None:
            write_flash_file(self._flash_file, self._flash)

    def cut_power_at_flash_operation(self, number: int, fraction: float = 0.0) -> None:
        """Cut the power during an erase or page program.

        number: of the operation from now on, 1 for the next. fraction (0 to 1): of its octets that are done. `run_ms`
        and `run_until` return at that moment with `powered` False.
        """
        flash = self._running_chip().flash
        flash.cut_at, flash.cut_fraction = flash.operations + number, fraction

    @property
    def flash_operations(self) -> int:
        """Return the number of sector erases and page programs since power-on."""
        return self._running_chip().flash.operations

    @property
    def flash(self) -> bytes:
        """Return the current 2 MiB of flash, with or without power (see `filesystem.read_filesystem`)."""
        return self._flash if self._chip is None else bytes(self._chip.rp2040.flash[:FLASH_SIZE])

    def reset(self) -> None:
        """Pulse the RUN pin low: the chip restarts, RAM and flash stay."""
        self._running_chip().restart(from_watchdog=False)
        self.resets.append(Reset(self.now_us, "run pin"))

    def close(self) -> None:
        """Cut the power if it is on, which writes the flash file."""
        if self._chip is not None:
            self.power_cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- time

    @property
    def now_us(self) -> int:
        """Return the emulated microseconds since power-on; 0 without power."""
        return 0 if self._chip is None else int(self._chip.rp2040.clock.nanos / 1000)

    def run_ms(self, milliseconds: float) -> None:
        """Run this many emulated milliseconds (exact to an instruction), or until the power is cut."""
        self._run(milliseconds)

    def run_until(self, what: bytes | Callable[[], bool], limit_ms: float, link: str = "usb") -> bool:
        """Run until octets have been received or a condition is met. Return whether that was within the limit.

        what: octets, searched in those received on `link` ("usb" or "uart") and not taken yet; or a condition, checked
        when octets arrive on either link, and every emulated millisecond. limit_ms: emulated milliseconds.
        """
        condition = self.stream(link).arrival_of(what) if isinstance(what, bytes) else what
        if condition():
            return True
        self._condition, self._is_met = condition, False
        self._check_alarm.schedule(_CONDITION_CHECK_NS)
        try:
            self._run(limit_ms)
        finally:
            self._condition = None
            self._check_alarm.cancel()
        return self._is_met or (self.powered and condition())

    def _run(self, milliseconds: float) -> None:
        from rp2040py.execute_batch import execute_batch

        chip = self._running_chip()
        simulator = chip.simulator
        alarm = chip.rp2040.clock.create_alarm(simulator.stop)
        alarm.schedule(milliseconds * 1e6)
        simulator.stopped = False
        try:
            while not simulator.stopped:
                # 1: advance the clock with each instruction, regardless of RP2040PY_CLOCK_TICK_BATCH
                execute_batch(simulator, 1)
        finally:
            alarm.cancel()
        if self._cut:
            self.power_cut()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _check(self) -> None:
        """Check the condition of `run_until`; the library would swallow its exception, so it is kept for `_run`."""
        if self._condition is None or self._chip is None or self._is_met:
            return
        try:
            self._is_met = self._condition()
        except BaseException as failure:
            self._failure = failure
        if self._is_met or self._failure is not None:
            self._chip.simulator.stop()

    def _check_periodically(self) -> None:
        self._check()
        self._check_alarm.schedule(_CONDITION_CHECK_NS)

    # --- serial lines

    def send_uart(self, data: bytes) -> None:
        """Send on UART0's RX (GP1), at the rate set by the board, after what is still being sent.

        Octets without room in the receive FIFO are lost and counted in `uart_overruns`; octets that arrive while the
        UART is off are lost.
        """
        chip = self._running_chip()
        idle = not self._uart_to_send
        self._uart_to_send.extend(data)
        if idle and data:
            self._uart_alarm.schedule(chip.uart.octet_ns)

    @property
    def uart_overruns(self) -> int:
        """Return the number of octets since power-on that were lost because the receive FIFO was full."""
        return self._running_chip().uart.overruns

    def send_usb(self, data: bytes) -> None:
        """Send to the USB serial port. Data wait until the board has enumerated and has a free buffer."""
        self._usb_host().send(data)

    def hold_usb(self) -> None:
        """Stop reading the USB serial port, as a host that hangs; packets stay in the board's controller.

        The buffers of an operating system (4 KiB and more) are not modelled, so the board is affected at once.
        """
        self._usb_host().hold()

    def release_usb(self) -> None:
        """Read the USB serial port again."""
        self._usb_host().release()

    def stream(self, link: str) -> ReceiveBuffer:
        """Return `usb_received` or `uart_received`. link: "usb" or "uart"."""
        try:
            return {"usb": self.usb_received, "uart": self.uart_received}[link]
        except KeyError:
            raise EmulatorError(f"unknown link '{link}': usb or uart") from None

    def _uart_octet_arrives(self) -> None:
        chip = self._running_chip()
        chip.uart.feed_byte(self._uart_to_send.popleft())
        if self._uart_to_send:
            self._uart_alarm.schedule(chip.uart.octet_ns)

    def _uart_octet(self, octet: int) -> None:
        self.uart_received.add(self.now_us, bytes((octet,)))
        self._check()

    def _usb_packet(self, octets: bytes) -> None:
        if octets:  # a transfer of whole packets ends with an empty one
            self.usb_received.add(self.now_us, octets)
            self._check()

    # --- pins

    def set_adc(self, channel: int, value: int) -> None:
        """Apply a voltage to an ADC channel.

        channel: 0 to 2 for GP26 to GP28, 3 for VSYS/3, 4 for the temperature sensor. value: of the converter, 0 to 4095
        (12 bits; `ADC.read_u16` scales it to 16).
        """
        if not (0 <= channel < _ADC_CHANNELS and 0 <= value <= _ADC_MAX):
            raise EmulatorError(f"ADC channel {channel}, value {value}: channels 0 to 4, values 0 to {_ADC_MAX}")
        self._running_chip().rp2040.adc.channel_values[channel] = value

    def set_pin(self, number: int, level: bool) -> None:
        """Drive pin GP`number` from outside."""
        self._gpio(number).set_input_value(level)

    def pin(self, number: int) -> bool | None:
        """Return the level that the board drives on GP`number`; None if the pin is not an output.

        GP25 is the LED of a Pico. On a Pico W it selects the radio; the LED of that board is not visible.
        """
        pin = self._gpio(number)
        return bool(pin.output_value) if pin.output_enable else None

    def _gpio(self, number: int) -> "GPIOPin":
        if not 0 <= number < _PINS:
            raise EmulatorError(f"no pin GP{number}: GP0 to GP{_PINS - 1}")
        return self._running_chip().rp2040.gpio[number]

    # --- inside

    def _running_chip(self) -> "PatchedChip":
        if self._chip is None:
            raise EmulatorError("the emulated Pico has no power: power_on() first")
        return self._chip

    def _usb_host(self) -> "UsbHost":
        host = self._running_chip().usb_host
        if host is None:
            raise EmulatorError("this emulated Pico was made with its USB socket empty (usb=False)")
        return host

    def _watchdog_expires(self) -> None:
        self.resets.append(Reset(self.now_us, "watchdog"))
        self._running_chip().restart(from_watchdog=True)

    def _on_power_cut(self) -> None:
        self._cut = True
        self._running_chip().simulator.stop()
