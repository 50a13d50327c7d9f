"""The way of a telecommand through a rover: from the line's octets to the service that it is for."""

from micropython import const

from .. import tables
from ..kernel import unload
from ..kernel.scheduler import Task
from ..link.uplink import Uplink

_MOST = const(128)  # octets heard at once: a flood must not keep the rover from its work
_KEPT_S = const(600)  # after the last telecommand the code for them stays loaded
_ALIVE = const(17)
_UNKNOWN_SERVICE = const(4)  # as the dictionary's enum `tc_failure`, which is loaded with the router


class Commanding:
    """What hears a rover's commands and has them done. All that is not needed to hear is loaded on use.

    rover: whose. security: opens secured frames; None: they come in clear. uplink: of its frames. accepted, refused:
    telecommands so far, modulo 2**16.
    """

    def __init__(self, rover, security):
        self.accepted = self.refused = 0
        downlink = rover.downlink
        self.uplink = Uplink(
            downlink.clcw, downlink.spacecraft, security, self.take, rover.telemetry.answer, self._report_rejected
        )
        self._rover = rover
        self._octets = bytearray(_MOST)
        self._router = None
        self._service = None  # the name of the one that is loaded
        self._unload = Task(tables.UPLINK, self.unload)

    def poll(self):
        """Takes what has come in over the line."""
        size = self._rover.line.receive(self._octets)
        if size:
            self.receive(self._octets, size)

    def receive(self, octets, size):
        """Takes the next octets of the up-link; a rover that is not there to hear them loses them."""
        if self._rover.is_receiver_off():
            self.uplink.search()
        else:
            self.uplink.feed(octets, size)

    def take(self, buffer, start, end):
        """Has the telecommands done that are buffer[start:end], one behind the other."""
        accepted = self.accepted
        self._loaded().take(buffer, start, end)
        if self.accepted != accepted:
            self._rover.fault_protection.commanded()

    def execute(self, buffer, start, size):
        """Has the telecommand done that the `size` octets at buffer[start] are, one that was kept for now."""
        self._loaded().execute(buffer, start, size)

    def check(self, buffer, start, size):
        """(failure code, data) of a telecommand that is not to be done yet; (0, 0) if it is legal."""
        return self._loaded().check(buffer, start, size)

    def _report_rejected(self, reason):
        self._rover.events.report(tables.FRAME_UNSAFE, -reason, self.uplink.unauthenticated)

    def _loaded(self):
        if self._router is None:
            from .router import Router

            rover = self._rover
            self._router = Router(rover.telemetry, rover.mode, self._accept, self._refuse, self._perform)
        self._rover.scheduler.after(self._unload, _KEPT_S)
        return self._router

    def unload(self):
        """Drops what was loaded on use."""
        self._router = None
        if self._service is not None:
            unload("services", self._service)
            self._service = None
        unload("services", "router", "request")
        unload("tables", "commands")

    def _accept(self):
        self.accepted = self.accepted + 1 & 0xFFFF

    def _refuse(self):
        self.refused = self.refused + 1 & 0xFFFF

    def _perform(self, request):
        """Hands a telecommand to its service, whose code is loaded on use."""
        number = request.kind >> 8
        if number == _ALIVE:
            request.begin()
            self._rover.telemetry.send(tables.COMPUTER, _ALIVE, 2, 0)
            return
        from .router import service

        name, perform = service(number)
        if perform is None:
            request.fail(_UNKNOWN_SERVICE, number)
            return
        if name != self._service:
            if self._service is not None:
                unload("services", self._service)
            self._service = name
        perform(self._rover, request)
