"""The up-link: octets as they come -> CLTUs -> TC frames -> FARM-1 -> security -> the data of a frame."""

from micropython import const

from .cltu import CltuDecoder
from .farm import Farm
from .tc_frame import BC, DATA, check, data_end, frame_type

_SPI = const(1)  # as link.security, which is loaded with a key
_OVERHEAD = const(30)  # octets that security adds to the data
_NO_KEY = const(-7)  # as the dictionary's enum `unsafe`


class Uplink:
    """All of a spacecraft's.

    clcw: 4 octets, in which FARM-1 tells its state. spacecraft: id. security: opens secured frames, by `open` as that
    of link.security; None: they come in clear, and a secured one is refused. use: gets buffer, start and end of the
    data of each frame that is taken; it must be done with them when it returns. answer: called when the ground wants a
    CLCW. unsafe: gets the reason for which security refuses a frame, below 0: the dictionary's enum `unsafe`, negated.

    Counters, modulo 65536. accepted: frames passed on. rejected: frames that failed length, checksum or header.
    unauthenticated: frames refused by security.
    """

    def __init__(self, clcw, spacecraft, security, use, answer, unsafe):
        self.accepted = self.rejected = self.unauthenticated = 0
        self._decoder = CltuDecoder(self._take)
        self.feed = self._decoder.feed
        self.search = self._decoder.search
        self._farm = Farm(clcw)
        self._spacecraft = spacecraft
        self._security = security
        self._use = use
        self._answer = answer
        self._unsafe = unsafe

    def _take(self, frame, size):
        if check(frame, size, self._spacecraft):
            self.rejected = self.rejected + 1 & 0xFFFF
            return
        taken = self._farm.accepts(frame, True)
        # Also when nothing has changed: the ground sends again until it knows
        self._answer()
        if not taken or frame_type(frame) == BC:
            return
        end = data_end(frame)
        if self._security is not None:
            end = self._security.open(frame, DATA, end, 0)
        elif frame[DATA] == 0 and frame[DATA + 1] == _SPI and end - DATA > _OVERHEAD:
            # No telecommand packet begins with 0
            end = _NO_KEY
        if end < 0:
            self.unauthenticated = self.unauthenticated + 1 & 0xFFFF
            self._unsafe(end)
            return
        self.accepted = self.accepted + 1 & 0xFFFF
        self._use(frame, DATA, end)
