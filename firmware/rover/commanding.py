"""The way of a telecommand through a rover: from the line's octets to the service that it is for."""

from micropython import const

from . import generated
from .kernel.modules import drop
from .link.uplink import Uplink
from .services.router import Router

_SERVICES = __name__.rsplit(".", 1)[0] + ".services"
_MOST = const(128)  # octets heard at once: a flood must not keep the rover from its work
_ALIVE = const(17)


class Commanding:
    """What hears a rover's commands and has them done.

    rover: whose. security: opens secured frames; None: they come in clear. router: of its telecommands. uplink: of its
    frames.
    """

    def __init__(self, rover, security):
        self.router = Router(rover.telemetry, rover.mode, self._perform, rover.heard)
        downlink = rover.downlink
        self.uplink = Uplink(
            downlink.clcw,
            downlink.spacecraft,
            security,
            self.router.take,
            rover.telemetry.answer,
            self._tell_unsafe,
        )
        self._rover = rover
        self._octets = bytearray(_MOST)

    def listen(self):
        """Takes what has come in over the line."""
        size = self._rover.board.receive(self._octets)
        if size:
            self.hear(self._octets, size)

    def hear(self, octets, size):
        """Takes the next octets of the up-link; a rover that is not there to hear them loses them."""
        if self._rover.is_deaf():
            self.uplink.search()
        else:
            self.uplink.feed(octets, size)

    def _tell_unsafe(self, reason):
        self._rover.voice.events.report(generated.FRAME_UNSAFE, -reason, self.uplink.refused)

    def _perform(self, request):
        """Hands a telecommand to its service, whose code is loaded on use."""
        number = request.kind >> 8
        if number == _ALIVE:
            request.begin()
            self._rover.telemetry.send(generated.COMPUTER, _ALIVE, 2, 0)
            return
        service = _service(number)
        service.perform(self._rover, request)
        drop(_SERVICES, service.__name__.rsplit(".", 1)[1])


def _service(number):
    """The module of a service that the dictionary has, with `perform(rover, request)`."""
    from .services import functions

    return functions
