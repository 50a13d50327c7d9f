"""What all instruments have in common: a small state machine, housekeeping, files of records."""

from struct import pack_into

from micropython import const

from ..kernel.scheduler import Task
from ..tables import (
    FAULTY,
    INSTRUMENT,
    NO_DATA,
    NO_STORE,
    OBSERVING,
    OFF,
    STANDBY,
    WARMING,
)
from .product import Product

_HOUSEKEEPING = ">HBHIi"  # structure, state, records, octets, reading: the same for all
_SIZE = const(13)
_PERIOD_S = const(60)


class Instrument:
    """One instrument from power-up to power-down: OFF, WARMING, STANDBY, OBSERVING, STANDBY again; or FAULTY.

    bench: what it works with, a Payload. number: its APID. structure: of its housekeeping. warm_ms: until it is ready.

    What each kind of instrument has of its own: `prepare` and `observe`, which give the milliseconds until they are
    called again, 0 when they are through; `reading`, what its housekeeping tells besides.

    records, octets: of this observation. housekeeping: its reports.
    """

    def __init__(self, bench, head, number, structure, warm_ms):
        self.state = OFF
        self.records = 0
        self.octets = 0
        self._bench = bench
        self._head = head
        self._scheduler = bench.scheduler
        self._hardware = bench.hardware
        self._flight_state = bench.flight_state
        self._validation = bench.validation
        self._driver = bench.driver
        self._number = number
        self._structure = structure
        self._clock = clock = bench.clock
        self._begun_s = clock.s
        self._begun_ms = clock.ms
        self._next = Task(INSTRUMENT, self._go_on)
        self.housekeeping = bench.make_housekeeping(structure, number, _PERIOD_S, _SIZE, self._collect)
        self._enter(WARMING)
        self._wait(warm_ms)

    def end(self, reason):
        """Power is gone. reason: why before its time, by the dictionary's enum `plan_failure`; 0: all is done."""
        self._scheduler.cancel(self._next)
        self.close(reason)
        self._enter(OFF)
        self.housekeeping.stop()

    def prepare(self):  # type: () -> int
        """The next piece of what is to be done before it observes."""
        return 0

    def observe(self):  # type: () -> int
        """The next piece of the observation."""
        raise NotImplementedError

    def reading(self):  # type: () -> int
        """What its housekeeping tells besides."""
        return 0

    def close(self, reason):
        """Closes the files that are open."""

    # --- For each kind ---

    def after_ms(self):
        """Milliseconds since the observation began."""
        clock = self._clock
        return (clock.s - self._begun_s) * 1000 + clock.ms - self._begun_ms

    def open_product(self, kind, part, planned):
        """A new file of a kind."""
        return Product(self._bench.store, self._head, kind, self._bench.next_number(), part, planned)

    def add(self, product, octets):
        """Adds octets to a file. Returns whether it could; else the instrument has failed."""
        self.octets += len(octets)
        if product.add(octets):
            return True
        self._fail(NO_STORE)
        return False

    def close_product(self, product, reason):
        """Ends a file; it goes to the ground."""
        product.close(reason)
        self._bench.hand_over(product, reason)

    def tell(self):
        """Reports its housekeeping at once."""
        self.housekeeping.start()

    def _go_on(self):
        if not self._hardware.answers(self._number):
            self._fail(NO_DATA)
            return
        if self.state == WARMING:
            self._enter(STANDBY)
        if self.state == STANDBY:
            left_ms = self.prepare()
            if left_ms:
                self._wait(left_ms)
                return
            self._enter(OBSERVING)
        left_ms = self.observe()
        if self.state != OBSERVING:
            # It has failed, and perhaps been switched off
            return
        if left_ms:
            self._wait(left_ms)
        else:
            self._enter(STANDBY)

    def _fail(self, fault):
        self._enter(FAULTY)
        self._bench.failed(self._number, fault)

    def _enter(self, state):
        self.state = state
        self.tell()

    def _wait(self, ms):
        self._scheduler.after(self._next, ms // 1000, ms % 1000)

    def _collect(self, buffer, at):
        pack_into(_HOUSEKEEPING, buffer, at, self._structure, self.state, self.records, self.octets, self.reading())
