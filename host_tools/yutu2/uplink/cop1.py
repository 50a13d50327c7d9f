"""The sending side of COP-1, FOP-1 (CCSDS 232.1-B-2, section 5): frames in sequence, sent again until they are there.

The rover tells what it has in the CLCW of each telemetry frame: lockout 0x2000, wait 0x1000, retransmit 0x0800, and in
the lowest octet N(R), the number of the frame that it awaits.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from yutu2.uplink.frame import UNLOCK, ad_frame, bc_frame, bd_frame, set_v_r

WINDOW = 10  # K, frames under way: half of the rover's window W, so that no delay of less than ten frames locks it out

_LOCKOUT, _WAIT, _RETRANSMIT = 0x2000, 0x1000, 0x0800
_NUMBERS = 0xFF


class State(Enum):
    """Of the sender, with the standard's name for it."""

    ACTIVE = "S1"
    RETRANSMITTING = "S2"
    WAITING = "S3"  # the rover has no room
    BEGINNING = "S5"  # a command that begins the sequence is under way, and the rover has not yet told that it obeys
    INITIAL = "S6"


@dataclass(slots=True, eq=False)
class Unit:
    """Data on their way in an AD frame. number: N(S), once it was sent. taken: the rover has it.

    transmissions: how often it was sent. renewed: it was taken out of one sequence into a new one. lost: why it was
    given up, None until then; whether the rover has it is not known.
    """

    data: bytes
    number: int | None = None
    taken: bool = False
    transmissions: int = 0
    renewed: bool = False
    lost: str | None = None


class Fop:
    """The sender for one virtual channel.

    transmit: takes a frame without its error control, of all that it is called for anew. clock: seconds, of any origin.
    timer_s: T1, after which all frames that the rover does not have go again; limit: how often at most.
    """

    def __init__(
        self,
        spacecraft: int,
        transmit: Callable[[bytes], None],
        clock: Callable[[], float],
        timer_s: float = 4.0,
        limit: int = 15,
    ) -> None:
        self.state = State.INITIAL
        self._spacecraft = spacecraft
        self._transmit = transmit
        self._clock = clock
        self._timer_s = timer_s
        self._limit = limit
        self._waiting: deque[Unit] = deque()
        self._sent: deque[Unit] = deque()  # and not acknowledged
        self._oldest = 0  # NN(R): the number of the first of those
        self._transmissions = 0  # of the frame that the rover awaits
        self._due: float | None = None  # when the timer runs out
        self._command = UNLOCK  # that begins the sequence
        self._first: int | None = None  # the number to begin with; None: the one that the rover tells

    def send(self, data: bytes) -> Unit:
        """Sends data in sequence, or keeps them until there is room in the window."""
        unit = Unit(data)
        self._waiting.append(unit)
        if self.state is State.INITIAL:
            self._begin(UNLOCK, None)
        else:
            self._send_waiting()
        return unit

    def begin(self, number: int | None = None) -> None:
        """Begins the sequence anew, with this number; None: with the one that the rover awaits, which is unlocked then.

        `send` does the latter by itself. A rover in lockout does not take a number.
        """
        self.give_up("the sequence has begun anew")
        self._begin(UNLOCK if number is None else set_v_r(number), number)

    def bypass(self, data: bytes) -> None:
        """Sends data past the sequence: nobody tells whether they arrive."""
        self._transmit(bd_frame(self._spacecraft, data))

    def take(self, clcw: int) -> None:
        """What the rover has just told."""
        number = clcw & _NUMBERS
        if self.state is State.INITIAL:
            return
        if self.state is State.BEGINNING:
            if not clcw & _LOCKOUT and self._first in (None, number):
                self._oldest = number
                self._go_on()
            return
        taken = number - self._oldest & _NUMBERS
        if clcw & _LOCKOUT:
            if taken <= len(self._sent):
                self._acknowledge(taken)
            self._renew("the rover was sent a number far from the one that it awaited")  # E14
        elif taken > len(self._sent):
            reason = "the rover has begun to count anew, as after a restart"  # E13
            self._renew(reason) if clcw & _RETRANSMIT else self.give_up(reason)
        else:
            self._acknowledge(taken)
            self._follow(clcw, taken > 0)

    def tick(self) -> None:
        """Sends again what has waited for too long."""
        if self._due is None or self._clock() < self._due:
            return
        if self._transmissions >= self._limit:
            self.give_up("the rover does not answer")
        elif self.state is State.BEGINNING:
            self._transmit_command()
        elif self.state is State.WAITING:
            self._transmissions += 1
            self._start_timer()
        else:
            self._send_again()

    def give_up(self, reason: str) -> None:
        """Sends nothing of what is under way any more; the next data begin anew. An alert, or the termination of AD."""
        for unit in (*self._sent, *self._waiting):
            unit.lost = reason
        self._sent.clear()
        self._waiting.clear()
        self._due = None
        self.state = State.INITIAL

    def _renew(self, reason: str) -> None:
        """Begin the sequence anew with all that is under way, which the rover has refused for its number.

        It is given up, for this reason, when some of it was sent before: that transmission may have been carried
        out before a restart, and a command must not be done twice.
        """
        if not self._sent or any(unit.renewed or unit.transmissions > 1 for unit in self._sent):
            self.give_up(reason)
            return
        for unit in self._sent:
            unit.renewed, unit.transmissions = True, 0
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()
        self._begin(UNLOCK, None)

    def _follow(self, clcw: int, advanced: bool) -> None:
        """Does what the flags ask for; what is acknowledged is off the list already."""
        if not self._sent:
            if clcw & (_RETRANSMIT | _WAIT):
                self.give_up("the rover awaits again what it has taken")  # E3, E4
            else:
                self._go_on()  # E1, E2
        elif not clcw & _RETRANSMIT:
            if clcw & _WAIT:
                self.give_up("the rover has no room and asks for nothing")  # E7
            else:
                self.state = State.ACTIVE  # E5, E6
                self._send_waiting()
        elif clcw & _WAIT:
            self.state = State.WAITING  # E9, E11
        elif advanced or self.state is not State.RETRANSMITTING:
            self.state = State.RETRANSMITTING  # E8, E10; at the limit E12, and the timer gives up
            if self._transmissions < self._limit:
                self._send_again()
            self._send_waiting()

    def _acknowledge(self, taken: int) -> None:
        for _ in range(taken):
            self._sent.popleft().taken = True
        if taken:
            self._oldest = self._oldest + taken & _NUMBERS
            self._transmissions = 1

    def _go_on(self) -> None:
        """The rover has all that was sent."""
        self.state = State.ACTIVE
        self._due = None
        self._send_waiting()

    def _send_waiting(self) -> None:
        while self._waiting and len(self._sent) < WINDOW and self.state in (State.ACTIVE, State.RETRANSMITTING):
            if not self._sent:
                self._transmissions = 1
            unit = self._waiting.popleft()
            unit.number = self._oldest + len(self._sent) & _NUMBERS
            self._sent.append(unit)
            self._transmit_unit(unit)

    def _send_again(self) -> None:
        self._transmissions += 1
        for unit in self._sent:
            self._transmit_unit(unit)

    def _transmit_unit(self, unit: Unit) -> None:
        assert unit.number is not None
        unit.transmissions += 1
        self._transmit(ad_frame(self._spacecraft, unit.number, unit.data))
        self._start_timer()

    def _begin(self, command: bytes, first: int | None) -> None:
        """To unlock does no harm if it is done twice, and changes the CLCW, so that the rover tells it soon."""
        self.state = State.BEGINNING
        self._command, self._first = command, first
        self._transmissions = 0
        self._transmit_command()

    def _transmit_command(self) -> None:
        self._transmissions += 1
        self._transmit(bc_frame(self._spacecraft, self._command))
        self._start_timer()

    def _start_timer(self) -> None:
        self._due = self._clock() + self._timer_s
