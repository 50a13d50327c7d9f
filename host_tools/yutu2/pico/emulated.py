"""The emulated Raspberry Pi Pico: real MicroPython on an emulated RP2040, driven step by step on emulated time.

Nothing runs but inside `run_ms` and `run_until`, and whatever the ground does to the chip happens at an exact
emulated time; so the same calls give the same octets at the same emulated microseconds, on any machine.

Not modelled: the second core, flash wait states (so times are lower bounds), the boot ROM's start (a few
milliseconds), PIO programs while flash is being erased, parity and framing errors, USB bus timing beyond the rate of
packets, the radio of a Pico W beyond what its driver needs to start.
"""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from yutu2.pico.errors import EmulatorError
from yutu2.pico.flash_file import initial_flash, write_flash_file
from yutu2.pico.received import Received
from yutu2.pico.uf2 import FLASH_SIZE

if TYPE_CHECKING:
    from rp2040py.gpio_pin import GPIOPin

    from yutu2.pico.patched_usb import UsbHost
    from yutu2.pico.patches import MendedChip

_ADC_CHANNELS = 5
_ADC_MAX = 4095
_PINS = 30
_CONDITION_CHECK_NS = 1e6


class Reset(NamedTuple):
    """One restart of the chip: emulated microseconds since power-on, and "watchdog" or "run pin".

    The watchdog's are its timeouts and `machine.reset()`, which on an RP2040 is a watchdog reset too.
    """

    time_us: int
    cause: str


class EmulatedPico:
    """One board with MicroPython. It is powered on when made.

    `image` is a UF2, as one would copy to a board fresh from the factory. With `flash_file` the flash lives on in that
    file (2 MiB): where it exists the board starts from it and `image` is not used; it is written when the power goes,
    by `power_cut` or `close`. `board` is the hardware, "pico" or "pico_w" (with its radio, on which the LED sits):
    MicroPython's Pico W image runs on both. With `usb` a computer is on the USB socket and has opened the port.

    Raises EmulatorError: file missing, extra not installed, neither image nor flash file. ImageError: not a UF2.
    """

    def __init__(
        self, image: Path | None = None, *, board: str = "pico", flash_file: Path | None = None, usb: bool = True
    ):
        self._board = board
        self._has_usb = usb
        self._flash_file = flash_file
        self._flash = initial_flash(image, flash_file)
        self._chip: MendedChip | None = None
        self.uart_received = Received()
        """What the board has sent on UART0's TX (GP0)."""
        self.usb_received = Received()
        """What the board has sent on its USB serial port."""
        self.resets: list[Reset] = []
        """Restarts since power-on, the first start not among them."""
        self._uart_to_send: deque[int] = deque()
        self._condition: Callable[[], bool] | None = None
        self._fulfilled = False
        self._failure: BaseException | None = None
        self._cut = False
        self.power_on()

    # --- power

    @property
    def powered(self) -> bool:
        """Whether the board has power. Without it `run_ms` and the rest raise EmulatorError."""
        return self._chip is not None

    def power_on(self) -> None:
        """Give the board power again: RAM empty, flash as it was, emulated time from 0, nothing received."""
        if self._chip is not None:
            raise EmulatorError("the emulated Pico has power already: cut it first")
        from yutu2.pico.patches import mended_chip

        self._chip = chip = mended_chip(
            self._board,
            self._flash,
            on_uart=self._uart_octet,
            on_usb=self._usb_packet if self._has_usb else None,
            on_power_cut=self._power_fails,
        )
        chip.rp2040.watchdog.on_watchdog_trigger = self._watchdog_bites
        self._uart_alarm = chip.rp2040.clock.create_alarm(self._uart_octet_arrives)
        self._check_alarm = chip.rp2040.clock.create_alarm(self._check_periodically)
        self._cut = False
        self._uart_to_send.clear()
        self.uart_received.clear()
        self.usb_received.clear()
        self.resets.clear()

    def power_cut(self) -> None:
        """Take the power away now. What was received stays to be read; the flash file, if any, is written.

        An erase or page program counts as done from its start: to cut one short, `cut_power_at_flash_operation`.
        """
        self._flash = self.flash
        self._chip = None
        if self._flash_file is not None:
            write_flash_file(self._flash_file, self._flash)

    def cut_power_at_flash_operation(self, number: int, fraction: float = 0.0) -> None:
        """Cut the power in the middle of an erase or page program: the `number`-th from now on (1 is the next).

        `fraction` (0 to 1) of its octets are done. `run_ms` and `run_until` return at that moment with `powered` False.
        """
        flash = self._running_chip().flash
        flash.cut_at, flash.cut_fraction = flash.operations + number, fraction

    @property
    def flash_operations(self) -> int:
        """Sector erases and page programs since power-on."""
        return self._running_chip().flash.operations

    @property
    def flash(self) -> bytes:
        """The 2 MiB of flash as they are now, with or without power (see `filesystem.read_filesystem`)."""
        return self._flash if self._chip is None else bytes(self._chip.rp2040.flash[:FLASH_SIZE])

    def reset(self) -> None:
        """Pull the RUN pin low for a moment: the chip starts again, RAM and flash stay."""
        self._running_chip().restart(from_watchdog=False)
        self.resets.append(Reset(self.now_us, "run pin"))

    def close(self) -> None:
        """Cut the power if there is any; the flash file is then up to date."""
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
        """Emulated microseconds since power-on; while the power is off, 0."""
        return 0 if self._chip is None else int(self._chip.rp2040.clock.nanos / 1000)

    def run_ms(self, milliseconds: float) -> None:
        """Run that much emulated time (exact to an instruction), or until the power is cut."""
        self._run(milliseconds)

    def run_until(self, what: bytes | Callable[[], bool], limit_ms: float, link: str = "usb") -> bool:
        """Run until octets have been received or a condition holds; False if neither within `limit_ms` emulated.

        Octets are looked for in what was received on `link` ("usb" or "uart") and not taken yet. A condition is asked
        whenever octets have arrived on either link, and every emulated millisecond.
        """
        condition = self.stream(link).arrival_of(what) if isinstance(what, bytes) else what
        if condition():
            return True
        self._condition, self._fulfilled = condition, False
        self._check_alarm.schedule(_CONDITION_CHECK_NS)
        try:
            self._run(limit_ms)
        finally:
            self._condition = None
            self._check_alarm.cancel()
        return self._fulfilled or (self.powered and condition())

    def _run(self, milliseconds: float) -> None:
        from rp2040py.execute_batch import execute_batch

        chip = self._running_chip()
        simulator = chip.simulator
        alarm = chip.rp2040.clock.create_alarm(simulator.stop)
        alarm.schedule(milliseconds * 1e6)
        simulator.stopped = False
        try:
            while not simulator.stopped:
                # 1: the clock moves with each instruction, whatever RP2040PY_CLOCK_TICK_BATCH says
                execute_batch(simulator, 1)
        finally:
            alarm.cancel()
        if self._cut:
            self.power_cut()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def _check(self) -> None:
        """Ask the condition of `run_until`. What it raises must not get lost among the library's callbacks."""
        if self._condition is None or self._chip is None or self._fulfilled:
            return
        try:
            self._fulfilled = self._condition()
        except BaseException as failure:
            self._failure = failure
        if self._fulfilled or self._failure is not None:
            self._chip.simulator.stop()

    def _check_periodically(self) -> None:
        self._check()
        self._check_alarm.schedule(_CONDITION_CHECK_NS)

    # --- serial lines

    def send_uart(self, data: bytes) -> None:
        """Send on UART0's RX (GP1), at the rate the board has set, from now on and behind what is still being sent.

        Octets for which the board's FIFO has no room are lost and counted in `uart_overruns`; octets that arrive
        while its UART is switched off are lost, as on any wire.
        """
        chip = self._running_chip()
        idle = not self._uart_to_send
        self._uart_to_send.extend(data)
        if idle and data:
            self._uart_alarm.schedule(chip.uart.octet_ns)

    @property
    def uart_overruns(self) -> int:
        """Octets sent to the board since power-on that its full receive FIFO has lost."""
        return self._running_chip().uart.overruns

    def send_usb(self, data: bytes) -> None:
        """Send to the board's USB serial port. Data wait until the board has enumerated and makes room."""
        self._usb_host().send(data)

    def hold_usb(self) -> None:
        """Stop reading the USB serial port, as a ground that hangs: packets stay in the board's controller.

        An operating system's own buffers (4 KiB and more on a real computer) are not modelled: this is felt at once.
        """
        self._usb_host().hold()

    def release_usb(self) -> None:
        """Read the USB serial port again."""
        self._usb_host().release()

    def stream(self, link: str) -> Received:
        """`usb_received` or `uart_received`, by the name of the link."""
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
        """Put a voltage on an ADC channel: 0 to 2 are GP26 to GP28, 3 is VSYS/3, 4 the temperature sensor.

        `value` is what the converter gives, 0 to 4095 (12 bits; `ADC.read_u16` scales it to 16).
        """
        if not (0 <= channel < _ADC_CHANNELS and 0 <= value <= _ADC_MAX):
            raise EmulatorError(f"ADC channel {channel}, value {value}: channels 0 to 4, values 0 to {_ADC_MAX}")
        self._running_chip().rp2040.adc.channel_values[channel] = value

    def set_pin(self, number: int, level: bool) -> None:
        """Drive pin GP`number` from outside."""
        self._gpio(number).set_input_value(level)

    def pin(self, number: int) -> bool | None:
        """Level that the board drives on GP`number`; None while it does not drive it.

        GP25 is the LED of a Pico. On a Pico W it selects the radio; that board's LED cannot be seen here.
        """
        pin = self._gpio(number)
        return bool(pin.output_value) if pin.output_enable else None

    def _gpio(self, number: int) -> "GPIOPin":
        if not 0 <= number < _PINS:
            raise EmulatorError(f"no pin GP{number}: GP0 to GP{_PINS - 1}")
        return self._running_chip().rp2040.gpio[number]

    # --- inside

    def _running_chip(self) -> "MendedChip":
        if self._chip is None:
            raise EmulatorError("the emulated Pico has no power: power_on() first")
        return self._chip

    def _usb_host(self) -> "UsbHost":
        host = self._running_chip().usb_host
        if host is None:
            raise EmulatorError("this emulated Pico was made with its USB socket empty (usb=False)")
        return host

    def _watchdog_bites(self) -> None:
        self.resets.append(Reset(self.now_us, "watchdog"))
        self._running_chip().restart(from_watchdog=True)

    def _power_fails(self) -> None:
        self._cut = True
        self._running_chip().simulator.stop()
