"""Makes the chart of a source: from where, to where, and all that it tells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yutu2.decode.live import Account
from yutu2.decode.reception import Reception
from yutu2.dictionary.model import load
from yutu2.errors import WrongUse
from yutu2.interrupt import Interrupt
from yutu2.show.chart import Chart, ChartMaker

KINDS = ("png", "pdf", "svg")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chart comes from, a source of `read_source`, and where it goes. kind: of the picture, one of KINDS."""

    source: str
    out: Path
    kind: str


def chart_place(source: str, out: Path | None) -> Place:
    """The place of a chart of `source`, which may be the folder of a run. WrongUse tells what is missing."""
    folder = Path(source)
    if "://" not in source and folder.is_dir():
        source = str(folder / "downlink.tm")
        if not Path(source).is_file():
            raise WrongUse(f"{folder}: holds no downlink.tm; give a folder that yutu2 run --out has made, or a source")
        out = out or folder / "chart.png"
    if out is None:
        raise WrongUse(f"{source}: is no folder of a run to put the chart into; give --out FILE.png")
    kind = out.suffix[1:].lower()
    if kind not in KINDS:
        raise WrongUse(f"--out: {out} should end in .png, .pdf or .svg")
    if not out.parent.is_dir():
        raise WrongUse(f"--out: there is no folder {out.parent}; make it first")
    return Place(source, out, kind)


@dataclass(frozen=True, slots=True)
class Told:
    """What a source told. foreign_hash: the rover's dictionary, when it is not ours. interrupted: by Ctrl-C."""

    source: str
    maker: ChartMaker
    account: Account
    foreign_hash: str | None
    interrupted: bool

    def chart(self) -> Chart:
        """WrongUse when there is nothing to draw."""
        if not self.maker.has_power:
            raise WrongUse(
                f"{self.source}: has no HK_POWER, the report of power and heat that a chart is made of; an awake craft "
                "sends it every 5 minutes: receive it for longer"
            )
        return self.maker.chart()


def hear(source: str, octets: Iterator[bytes], on_time: Callable[[datetime], None]) -> Told:
    """Decodes `octets` (of `read_source`) to their end, or to Ctrl-C. on_time is called with how far they are."""
    reception, maker = Reception(load()), ChartMaker()
    with Interrupt() as interrupt:
        for chunk in octets:
            reports = reception.feed(chunk)
            for report in reports:
                maker.add(report)
            if reports and reports[-1].time:
                on_time(reports[-1].time)
            if interrupt.asked:
                break
        reception.finish()
    return Told(source, maker, reception.account(), reception.foreign_hash, interrupt.asked)
