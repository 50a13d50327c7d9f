"""A thing that runs the rover's firmware, whatever it is: started, watched, typed to, and reset when it is wedged."""

import time
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TypeVar, cast

from serial import SerialBase
from yutu2.decode.fields import Report
from yutu2.line.source import open_port

from .downlink import Downlink

T = TypeVar("T")

PROMPT = b">>> "
RUN_IS_OVER = b"rover: the run is over"

_START_S = 15  # from power to the first frame: USB, 3 s of grace, and room for a board that mounts a full file system
_SIGN_OF_LIFE_S = 3  # a frame leaves each two seconds at speed 60
_PROMPT_S = 2
_SILENCE_S = 0.3  # before a 0x03 that the rover takes for a wish and not for a part of a telecommand


class NotSeen(AssertionError):
    """What was waited for did not come; the text says what came instead."""


class Wedged(Exception):
    """No reset that can be had from here makes the target speak again."""


class State(Enum):
    """What a target does, as far as is known."""

    UNKNOWN = "unknown"
    SPEAKING = "speaking"
    CONSOLE = "at its prompt"


class Target:
    """One target. Times to wait are by its own clock: that of the wall, unless it is emulated.

    cannot: what it cannot show, with the reason: settings, settings file, console, run pin. patience: how much
    longer than for a real board to wait. journal: resets that it needed, for the test log. settings: it was started
    with these.
    """

    cannot: Mapping[str, str] = {}
    patience = 1

    def __init__(self, name: str) -> None:
        self.name = name
        self.journal: list[str] = []
        self.settings: Mapping[str, str] | None = None
        self.downlink = Downlink()
        self.state = State.UNKNOWN
        self._port: SerialBase | None = None
        self._asked_at = 0  # place in the downlink where the last question was asked
        self._silent_s = 0.0  # since when nothing was sent up to what runs there now

    # --- what each kind does in its own way

    def power_on(self, settings: Mapping[str, str]) -> None:
        """Starts it with `settings`, and opens its line."""
        raise NotImplementedError

    def hard_reset(self) -> None:
        """Starts it anew with the settings that it has, whatever it does."""
        raise NotImplementedError

    def clock_s(self) -> float:
        """Its own time: that of the wall, unless it is emulated."""
        return time.monotonic()

    def ended(self) -> bool:
        """Whether it has lived its run to the end."""
        return RUN_IS_OVER in self.downlink.octets[self._asked_at :]

    def receive(self) -> bytes:
        """Octets that came; none after a short wait in vain."""
        assert self._port is not None
        return self._port.read(self._port.in_waiting or 1)

    # --- what all have in common

    def start(self, settings: Mapping[str, str]) -> None:
        """Powers it on with these settings."""
        self.stop()
        self.settings = settings
        self._listen_anew()
        self.power_on(settings)

    def stop(self) -> None:
        """Lets go of it; an emulated one ends."""
        self.state = State.UNKNOWN
        if self._port is not None:
            self._port.close()
            self._port = None

    def until(self, found: Callable[[], T], wanted: str, within_s: float) -> T:
        """Read on until `found()` is true, and return that. NotSeen after `within_s`, or when the run ends before."""
        within_s *= self.patience
        deadline = self.clock_s() + within_s
        while not (result := found()):
            if self.ended() or self.clock_s() > deadline:
                self.state = State.UNKNOWN
                why = "before the run ended" if self.ended() else f"within {within_s} s"
                raise NotSeen(f"{self.name}: no {wanted} {why}; instead:\n  {self.downlink.told()}")
            self.downlink.feed(self.receive(), self.clock_s())
        return result

    def report(self, name: str, within_s: float, number: int = 1) -> Report:
        """The first report `name`, or the `number`-th, since the start."""
        wanted = name if number == 1 else f"{name} number {number}"
        return self.until(lambda: self.downlink.named(name)[number - 1 :], wanted, within_s)[0]

    def first_words(self) -> Report:
        """The first housekeeping report after a start."""
        report = self.report("HK_COMPUTER", _START_S)
        if self.state is not State.SPEAKING:
            self.state = State.SPEAKING
            self._silent_s = self.clock_s()
        return report

    def live_to_the_end(self, within_s: float) -> Downlink:
        """Reads until the run is over; gives all that came."""
        self.until(lambda: self.ended() or None, "end of the run", within_s)
        self.state = State.UNKNOWN
        self.downlink.finish()
        return self.downlink

    def write(self, octets: bytes) -> None:
        """Sends octets up."""
        assert self._port is not None
        self._port.write(octets)
        self._silent_s = self.clock_s()

    def ask(self, octets: bytes, wanted: bytes, within_s: float = _PROMPT_S) -> bytes:
        """Sends octets up and gives the console's answer as far as `wanted`."""
        self._asked_at = len(self.downlink.octets)
        self.write(octets)

        def answer() -> bytes:
            before, found, _ = bytes(self.downlink.octets[self._asked_at :]).partition(wanted)
            return before + found if found else b""

        return self.until(answer, f"{wanted!r} on the console", within_s)

    def leave_for_console(self) -> bytes:
        """Makes the rover give the console back, as a user with a terminal does. Gives what it said."""
        while self.clock_s() < self._silent_s + _SILENCE_S:
            self.downlink.feed(self.receive(), self.clock_s())
        self.state = State.UNKNOWN
        answer = self.ask(b"\x03", PROMPT)
        self.state = State.CONSOLE
        return answer

    def run(self, line: bytes) -> None:
        """Types a line at the prompt that does not come back to it."""
        self.state = State.UNKNOWN
        self.write(line + b"\r")

    def soft_reset(self) -> None:
        """From the prompt: MicroPython anew, and with it the rover."""
        self._listen_anew()
        self.state = State.UNKNOWN
        self.write(b"\x04")

    def alive(self) -> bool:
        """Whether a frame comes now."""
        frames = self.downlink.account["frames"]["good"]
        try:
            self.until(lambda: self.downlink.account["frames"]["good"] > frames, "frame", _SIGN_OF_LIFE_S)
        except NotSeen:
            return False
        return True

    def recover(self) -> str:
        """Makes it speak again by the mildest reset that does it; gives its name. Wedged when none does."""
        if "console" not in self.cannot:
            self._log("interrupt")
            try:
                self.leave_for_console()
                self._log("it gave its prompt; soft reset")
                self.soft_reset()
                self.first_words()
            except NotSeen as silence:
                self._log(f"that did not help: {silence}")
            else:
                return self._recovered("soft reset")
        self._log("hard reset")
        self._listen_anew()
        try:
            self.hard_reset()
            self.first_words()
        except (NotSeen, Wedged) as failure:
            self._log(f"that did not help: {failure}")
            raise Wedged(f"{self.name}: no reset helps; take its power away and give it back") from failure
        return self._recovered("hard reset")

    def _recovered(self, how: str) -> str:
        self._log(f"it speaks again after a {how}")
        return how

    def _log(self, text: str) -> None:
        self.journal.append(f"{self.name}: {text}")

    def wedge(self) -> None:
        """Makes it neither speak nor obey, in a way that an interrupt ends."""
        self.leave_for_console()
        self.run(b"import time")
        # A sleep: of an emulated board that computes, each second takes a minute
        self.run(b"while True: time.sleep(1)\r\r")

    def _listen_anew(self) -> None:
        """A start sets the rover's counters to 0: what it sends from now on is another downlink."""
        self.downlink = Downlink()
        self._asked_at = 0

    def _open(self, url: str) -> None:
        self._port = cast(SerialBase, open_port(url))
