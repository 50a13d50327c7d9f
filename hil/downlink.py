"""What came down from a target since it was last started or reset."""

from yutu2.decode.fields import Report
from yutu2.decode.telemetry import Account, TelemetryDecoder
from yutu2.dictionary.model import load

_END = 3  # reports shown where a wanted one is missing
_LAST_OCTETS = 200


class Downlink:
    """Octets, and what the ground makes of them. arrivals: when each of `reports` came, s by the target's clock."""

    def __init__(self) -> None:
        self.octets = bytearray()
        self.reports: list[Report] = []
        self.arrivals: list[float] = []
        self._reception = TelemetryDecoder(load())

    def feed(self, chunk: bytes, now_s: float) -> None:
        """Takes the next octets."""
        self.octets += chunk
        reports = self._reception.feed(chunk)
        self.reports += reports
        self.arrivals += [now_s] * len(reports)

    def finish(self) -> None:
        """Nothing more will come: the account then holds for all octets."""
        self._reception.finish()

    @property
    def account(self) -> Account:
        return self._reception.account()

    @property
    def foreign_hash(self) -> str | None:
        """Hash of the rover's dictionary, once it was seen to differ from ours."""
        return self._reception.foreign_hash

    def named(self, name: str) -> list[Report]:
        """The reports of one kind, in order."""
        return [report for report in self.reports if report.name == name]

    def events(self) -> list[str | None]:
        """Names of the events, in order."""
        return [report.name for report in self.reports if report.service == 5]

    def skipped(self) -> list[bytes]:
        """The stretches between the frames."""
        return [bytes(self.octets[start : start + length]) for start, length in self.account["skipped"]]

    def frames(self) -> bytes:
        """The frames alone, without the console's text between them."""
        frames = bytearray(self.octets)
        for start, length in reversed(self.account["skipped"]):
            del frames[start : start + length]
        return bytes(frames)

    def told(self) -> str:
        """What was seen, for a test that wanted something else."""
        if not self.octets:
            return "not one octet came"
        account = self.account
        lines = [f"{len(self.octets)} octets, frames {account['frames']}, packets {account['packets']}"]
        if self.foreign_hash:
            lines.append(f"the rover's dictionary is {self.foreign_hash}, ours {load().hash.hex()}")
        lines += [f"{report.time} {report.name} {report.fields}" for report in self.reports[-_END:]]
        tail = bytes(self.octets[-_LAST_OCTETS:])
        lines.append(f"the last octets are {tail!r}")
        return "\n  ".join(lines)
