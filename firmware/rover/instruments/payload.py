"""The instruments as a plan uses them: what observes is loaded, what has observed is dropped."""

import gc

from ..kernel import unload
from ..kernel.scheduler import Task
from ..tables import (
    ASAN,
    INSTRUMENT,
    INSTRUMENT_FAULT,
    LPR,
    MEMORY_FREE,
    NO_MEMORY,
    PCAM,
    PRODUCT_PARTIAL,
    PRODUCT_READY,
    SUN_AZIMUTH,
    SUN_ELEVATION,
    VNIS,
)

# Modules, in the order of their application processes
_MODULES = ("pcam", "vnis", "asan", "lpr")
_LEAST_KIB = 58  # of free memory, for an instrument and what it looks at


class Payload:
    """All instruments of a craft.

    clock, scheduler: the kernel's. hardware: what they sense with. store: of the board. telemetry, events: the
    services. delivery: takes files to the ground. flight_state, validation, driver: of the craft.
    make_housekeeping(structure, apid, period_s, size, collect): gives reports that start() and stop().

    fail: called with instrument and fault; set by who plans observations.
    """

    def __init__(
        self,
        *,
        clock,
        scheduler,
        hardware,
        store,
        telemetry,
        events,
        delivery,
        flight_state,
        validation,
        driver,
        make_housekeeping,
    ):
        self.clock = clock
        self.scheduler = scheduler
        self.hardware = hardware
        self.store = store
        self.telemetry = telemetry
        self.flight_state = flight_state
        self.validation = validation
        self.driver = driver
        self.make_housekeeping = make_housekeeping
        self._events = events
        self._delivery = delivery
        self.fail = None
        self._at_work = [None] * len(_MODULES)  # type: list
        self._failures = []  # (instrument, fault), to be told
        self._next = Task(INSTRUMENT, self._tell_failures)

    def begin(self, step, activity, number, units, seconds):
        """An observation begins: of `number`, an APID, for `units` of the activity, which take so many seconds."""
        memory = self.validation.value(MEMORY_FREE)
        if memory is not None and memory < _LEAST_KIB:
            self.failed(number, NO_MEMORY)
            return
        gc.collect()
        try:
            self._begin(step, activity, number, units, seconds)
        except MemoryError:
            # Rather no observation than a restart
            self.hardware.power_down(number)
            self.failed(number, NO_MEMORY)

    def _begin(self, step, activity, number, units, seconds):
        from .product import Head

        hardware, validation = self.hardware, self.validation
        hardware.power_up(number)
        head = Head(
            activity,
            step,
            self.clock.onboard_s(),
            self.flight_state,
            (hardware.pitch(), hardware.roll()),
            (validation.values[SUN_ELEVATION], validation.values[SUN_AZIMUTH]),
        )
        self._at_work[number - PCAM] = _kind(number)(self, head, activity, units, seconds)

    def end(self, number, reason):
        """An observation ends, before its time if there is a reason. Returns the octets that it has brought."""
        instrument = self._at_work[number - PCAM]
        if instrument is None:
            return 0
        instrument.end(reason)
        self._at_work[number - PCAM] = None
        octets = instrument.octets
        # Nothing may hold what is to be dropped
        instrument = None
        self.hardware.power_down(number)
        unload("instruments", _MODULES[number - PCAM])
        if not any(self._at_work):
            unload("instruments", "instrument", "product")
        return octets

    def housekeeping(self, number):
        """The reports of an instrument, by its APID; None while it is off."""
        instrument = self._at_work[number - PCAM]
        return None if instrument is None else instrument.housekeeping

    # --- For the instruments ---

    def next_number(self):
        """The number of a new file; none is given twice, a restart or not."""
        flight_state = self.flight_state
        flight_state.files = (flight_state.files + 1) & 0xFFFF
        flight_state.keep()
        return flight_state.files

    def hand_over(self, product, reason):
        """A file is made."""
        if reason:
            self._events.report(PRODUCT_PARTIAL, product.kind, product.number, product.records, reason)
        else:
            self._events.report(PRODUCT_READY, product.kind, product.number, product.records, product.octets)
        self._delivery.add(product.number)

    def failed(self, number, fault):
        """An instrument has failed. What follows does so by itself: from within the instrument a board's stack ends."""
        self._events.report(INSTRUMENT_FAULT, number, fault)
        self._failures.append((number, fault))
        self.scheduler.after(self._next, 0)

    def _tell_failures(self):
        while self._failures:
            number, fault = self._failures.pop(0)
            self.fail(number, fault)  # pyright: ignore


def _kind(number):
    if number == PCAM:
        from .pcam import Pcam

        return Pcam
    if number == VNIS:
        from .vnis import Vnis

        return Vnis
    if number == ASAN:
        from .asan import Asan

        return Asan
    assert number == LPR
    from .lpr import Lpr

    return Lpr
