"""FOP-1, the sending side of COP-1 (CCSDS 232.1-B-2, section 5): frames in sequence, repeated until acknowledged.

The rover reports its state in the CLCW of each telemetry frame: lockout 0x2000, wait 0x1000, retransmit 0x0800, and in
the lowest octet N(R), the number of the frame that it expects next.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from yutu2.uplink.frame import UNLOCK, ad_frame, bc_frame, bd_frame, set_v_r

WINDOW = 10  # K, frames in transit: half of the rover's window W, so that a delay of up to ten frames causes no lockout

_LOCKOUT, _WAIT, _RETRANSMIT = 0x2000, 0x1000, 0x0800
_NUMBERS = 0xFF


class State(Enum):
    """State of the sender, with its name in the standard."""

    ACTIVE = "S1"
    RETRANSMITTING = "S2"
    WAITING = "S3"  # the rover has no free buffer
    INITIALISING = "S5"  # with a BC frame, which the rover has not confirmed yet
    INITIAL = "S6"


@dataclass(slots=True, eq=False)
class Transfer:
    """One unit of data in transit in an AD frame.

    number: N(S), once it was sent. acknowledged: the rover has accepted it. transmissions: how often it was sent.
    restarted: it was moved from one sequence into a new one. lost: why it was given up, None until then; the rover may
    have accepted it all the same.
    """

    data: bytes
    number: int | None = None
    acknowledged: bool = False
    transmissions: int = 0
    restarted: bool = False
    lost: str | None = None


class Fop1:
    """Sender for one virtual channel.

    transmit: called with each frame to send, without its error control. clock: returns seconds, of any origin.
    timer_s: T1, after which all frames that are not acknowledged are sent again. limit: the maximum number of
    transmissions of a frame.
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
        self._waiting: deque[Transfer] = deque()
        self._sent: deque[Transfer] = deque()  # not acknowledged yet
        self._oldest = 0  # NN(R): the number of the first of those
        self._transmissions = 0  # of the frame that the rover expects
        self._due: float | None = None  # when the timer runs out
        self._command = UNLOCK  # the BC command that starts the sequence
        self._first: int | None = None  # the number to start with; None: the one that the rover reports

    def send(self, data: bytes) -> Transfer:
        """Send data in sequence, or queue them until there is room in the window."""
        transfer = Transfer(data)
        self._waiting.append(transfer)
        if self.state is State.INITIAL:
            self._initialise(UNLOCK, None)
        else:
            self._send_waiting()
        return transfer

    def begin(self, number: int | None = None) -> None:
        """Start a new sequence with this number; None: unlock the rover, and start with the number that it expects.

        `send` does the latter by itself. A rover in lockout accepts no number.
        """
        self.give_up("a new sequence was started")
        self._initialise(UNLOCK if number is None else set_v_r(number), number)

    def bypass(self, data: bytes) -> None:
        """Send data in a BD frame, outside the sequence and without acknowledgement."""
        self._transmit(bd_frame(self._spacecraft, data))

    def take(self, clcw: int) -> None:
        """Take the CLCW of the latest telemetry frame."""
        number = clcw & _NUMBERS
        if self.state is State.INITIAL:
            return
        if self.state is State.INITIALISING:
            if not clcw & _LOCKOUT and self._first in (None, number):
                self._oldest = number
                self._proceed()
            return
        taken = number - self._oldest & _NUMBERS
        if clcw & _LOCKOUT:
            if taken <= len(self._sent):
                self._acknowledge(taken)
            self._restart("the rover was sent a number far from the one that it expected")  # E14
        elif taken > len(self._sent):
            reason = "the rover counts from 0 again, as after a restart"  # E13
            self._restart(reason) if clcw & _RETRANSMIT else self.give_up(reason)
        else:
            self._acknowledge(taken)
            self._follow(clcw, taken > 0)

    def tick(self) -> None:
        """Send again what was not acknowledged in time."""
        if self._due is None or self._clock() < self._due:
            return
        if self._transmissions >= self._limit:
            self.give_up("the rover does not answer")
        elif self.state is State.INITIALISING:
            self._transmit_command()
        elif self.state is State.WAITING:
            self._transmissions += 1
            self._start_timer()
        else:
            self._send_again()

    def give_up(self, reason: str) -> None:
        """Give up all data in transit for this reason (an alert); the next data start a new sequence."""
        for transfer in (*self._sent, *self._waiting):
            transfer.lost = reason
        self._sent.clear()
        self._waiting.clear()
        self._due = None
        self.state = State.INITIAL

    def _restart(self, reason: str) -> None:
        """Start a new sequence with all data in transit, after the rover rejected them for their numbers.

        They are given up, for this reason, if some were sent more than once: an earlier transmission may have been
        executed before a restart, and no command may be executed twice.
        """
        if not self._sent or any(transfer.restarted or transfer.transmissions > 1 for transfer in self._sent):
            self.give_up(reason)
            return
        for transfer in self._sent:
            transfer.restarted, transfer.transmissions = True, 0
        self._waiting.extendleft(reversed(self._sent))
        self._sent.clear()
        self._initialise(UNLOCK, None)

    def _follow(self, clcw: int, advanced: bool) -> None:
        """Act on the flags of a CLCW, whose N(R) is already processed."""
        if not self._sent:
            if clcw & (_RETRANSMIT | _WAIT):
                self.give_up("the rover expects again what it has acknowledged")  # E3, E4
            else:
                self._proceed()  # E1, E2
        elif not clcw & _RETRANSMIT:
            if clcw & _WAIT:
                self.give_up("the rover has no free buffer and requests no retransmission")  # E7
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
            self._sent.popleft().acknowledged = True
        if taken:
            self._oldest = self._oldest + taken & _NUMBERS
            self._transmissions = 1

    def _proceed(self) -> None:
        """Send more: all that was sent is acknowledged."""
        self.state = State.ACTIVE
        self._due = None
        self._send_waiting()

    def _send_waiting(self) -> None:
        while self._waiting and len(self._sent) < WINDOW and self.state in (State.ACTIVE, State.RETRANSMITTING):
            if not self._sent:
                self._transmissions = 1
            transfer = self._waiting.popleft()
            transfer.number = self._oldest + len(self._sent) & _NUMBERS
            self._sent.append(transfer)
            self._transmit_transfer(transfer)

    def _send_again(self) -> None:
        self._transmissions += 1
        for transfer in self._sent:
            self._transmit_transfer(transfer)

    def _transmit_transfer(self, transfer: Transfer) -> None:
        assert transfer.number is not None
        transfer.transmissions += 1
        self._transmit(ad_frame(self._spacecraft, transfer.number, transfer.data))
        self._start_timer()

    def _initialise(self, command: bytes, first: int | None) -> None:
        """Send the BC command that starts a sequence. A repeated UNLOCK does no harm."""
        self.state = State.INITIALISING
        self._command, self._first = command, first
        self._transmissions = 0
        self._transmit_command()

    def _transmit_command(self) -> None:
        self._transmissions += 1
        self._transmit(bc_frame(self._spacecraft, self._command))
        self._start_timer()

    def _start_timer(self) -> None:
        self._due = self._clock() + self._timer_s
