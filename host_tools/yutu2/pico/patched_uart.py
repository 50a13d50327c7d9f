"""Patch 1: a UART with FIFOs and baud rate.

rp2040py 0.3.6 passes each octet on at once and raises the transmit interrupt again at every write of the interrupt
clear register, so that MicroPython's interrupt handler never ends and `machine.UART(0)` never returns. Its receive FIFO
drops octets silently when it is full.

Source of the behaviour: ARM PL011 technical reference manual (DDI 0183G) 2.4 and 3.3; RP2040 data sheet 4.2.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from rp2040py.peripherals.uart import RPUART, RXFE, RXFF, TXFE, UARTDR, UARTICR, UARTIMSC, UARTRXINTR, UARTTXINTR
from rp2040py.utils.fifo import FIFO

if TYPE_CHECKING:
    from rp2040py.rp2040 import RP2040

UARTIFLS = 0x34  # interrupt FIFO level select
UARTRTINTR = 1 << 6  # receive timeout
BUSY = 1 << 3
TXFF = 1 << 5
_FIFO_DEPTH = 32
_TRIGGERS = (4, 8, 16, 24, 28)  # 1/8, 1/4, 1/2, 3/4, 7/8 of the FIFO: UARTIFLS 0 to 4
_IFLS_AT_RESET = 0x12
_LCR_PARITY, _LCR_TWO_STOPS = 1 << 1, 1 << 3
_TIMEOUT_BITS = 32
_IDLE_BYTE_NS = 10e9 / 115_200  # before the chip has set a rate


class FifoUart(RPUART):
    """Emulate a PL011 that sends at its baud rate and loses octets when its receive FIFO is full.

    on_octet: called with each octet sent, at the end of its stop bit. overruns: number of octets lost on reception.
    """

    def __init__(self, original: RPUART, on_octet: Callable[[int], None]):
        rp2040: RP2040 = original.rp2040
        super().__init__(rp2040, original.name, original.irq, original.dreq)
        self._on_octet = on_octet
        self.overruns = 0
        self._levels = _IFLS_AT_RESET
        self._transmit: deque[int] = deque()
        self._shifting: int | None = None
        self._sent_alarm = rp2040.clock.create_alarm(self._sent)
        self._receive_timeout = rp2040.clock.create_alarm(self._receive_timed_out)

    @property
    def octet_ns(self) -> float:
        """Return the nanoseconds of one character on the line, with start and stop bits."""
        if not self.baud_divider:
            return _IDLE_BYTE_NS
        line = self._line_ctrl_register
        bits = 1 + self.word_length + bool(line & _LCR_PARITY) + (2 if line & _LCR_TWO_STOPS else 1)
        return self._bit_ns * bits

    @property
    def _bit_ns(self) -> float:
        return 16e9 * self.baud_divider / self.rp2040.clk_peri

    @property
    def _depth(self) -> int:
        return _FIFO_DEPTH if self.fifos_enabled else 1

    @property
    def _receive_trigger(self) -> int:
        """Return the level of the receive FIFO at which its interrupt is raised."""
        return _TRIGGERS[min(self._levels >> 3, 4)] if self.fifos_enabled else 1

    @property
    def _transmit_trigger(self) -> int:
        """Return the level to which the transmit FIFO must fall for its interrupt."""
        return _TRIGGERS[min(self._levels & 7, 4)] if self.fifos_enabled else 0

    # --- Reception

    def feed_byte(self, value: int) -> None:
        """Receive one character on the RX line, at the end of its stop bit."""
        if not (self.enabled and self.rx_enabled):
            return
        if self.rx_fifo.item_count >= self._depth:
            self.overruns += 1
            return
        self.rx_fifo.push(value)
        if self.rx_fifo.item_count >= self._receive_trigger:
            self._interrupt_status |= UARTRXINTR
        self._receive_timeout.schedule(_TIMEOUT_BITS * self._bit_ns)
        self.check_interrupts()

    def _receive_timed_out(self) -> None:
        if not self.rx_fifo.empty:
            self._interrupt_status |= UARTRTINTR
            self.check_interrupts()

    def _read_data(self) -> int:
        value = self.rx_fifo.pull()
        if self.rx_fifo.item_count < self._receive_trigger:
            self._interrupt_status &= ~UARTRXINTR
        if self.rx_fifo.empty:
            self._interrupt_status &= ~UARTRTINTR
        self.check_interrupts()
        return value

    # --- Transmission

    def _write_data(self, value: int) -> None:
        if self._shifting is None:
            self._shift(value)
        elif len(self._transmit) < self._depth:
            self._transmit.append(value)
            if len(self._transmit) > self._transmit_trigger:
                self._interrupt_status &= ~UARTTXINTR
                self.check_interrupts()

    def _shift(self, value: int) -> None:
        self._shifting = value
        self._sent_alarm.schedule(self.octet_ns)

    def _sent(self) -> None:
        value, self._shifting = self._shifting, None
        if self._transmit:
            level = len(self._transmit)
            self._shift(self._transmit.popleft())
            # PL011 2.4.2: the interrupt is raised when the level passes the trigger, not while it is below
            if level > self._transmit_trigger >= level - 1:
                self._interrupt_status |= UARTTXINTR
                self.check_interrupts()
        if value is not None:
            self._on_octet(value)

    # --- Registers

    @property
    def flags(self) -> int:
        """Return the flag register, UARTFR."""
        return (
            (RXFF if self.rx_fifo.item_count >= self._depth else 0)
            | (RXFE if self.rx_fifo.empty else 0)
            | (TXFF if len(self._transmit) >= self._depth else 0)
            | (0 if self._transmit else TXFE)
            | (0 if self._shifting is None else BUSY)
        )

    def check_interrupts(self) -> None:
        """Set the interrupt line by the registers."""
        self.rp2040.set_interrupt(self.irq, bool(self._interrupt_status & self._interrupt_mask))

    def read_uint32(self, offset: int) -> int:
        """Read a register."""
        if offset == UARTDR:
            return self._read_data()
        if offset == UARTIFLS:
            return self._levels
        return super().read_uint32(offset)

    def write_uint32(self, offset: int, value: int) -> None:
        """Write a register."""
        if offset == UARTDR:
            self._write_data(value & 0xFF)
        elif offset == UARTIFLS:
            self._levels = value & 0x3F
        elif offset == UARTIMSC:
            self._interrupt_mask = value & 0x7FF
            self.check_interrupts()
        elif offset == UARTICR:
            self._interrupt_status &= ~(self.raw_write_value & 0x7FF)
            self.check_interrupts()
        else:
            super().write_uint32(offset, value)

    def reset(self) -> None:
        """Reset registers and FIFOs as at power-on; a character in transmission is cut off."""
        self._sent_alarm.cancel()
        self._receive_timeout.cancel()
        self._transmit.clear()
        self._shifting = None
        self._levels = _IFLS_AT_RESET
        self.rx_fifo = FIFO(_FIFO_DEPTH)
        super().reset()
