"""`yutu2 run` and `yutu2 calendar`: rovers at work."""

from pathlib import Path
from typing import Annotated

import typer

from yutu2.cli.options import DEFAULT_SEED, MicroPython, PlanFile, RoverKey, ScenarioFile, UplinkFile

app = typer.Typer()


@app.command(epilog="Example: yutu2 run --start 2020-11-12T06:00:00Z --days 0.25 --out morning")
def run(
    craft: Annotated[str | None, typer.Option(help="rover or lander. [default: rover]")] = None,
    lunar_day: Annotated[
        str | None, typer.Option(metavar="N", help="Run this lunar day; 24 if no start is given.")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begin here instead, as 2020-11-09T02:00:00Z,")
    ] = None,
    days: Annotated[str | None, typer.Option(metavar="DAYS", help="and run so many Earth days, as 0.25.")] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="N", help=f"Of noise and chance. [default: {DEFAULT_SEED}]")
    ] = None,
    speed: Annotated[
        str | None,
        typer.Option(metavar="max|N", help="From event to event, or N times real time. [default: max]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Keep downlink.tm, its dictionary.toml, packets.jsonl, summary.json, products here."
        ),
    ] = None,
    target: Annotated[
        str, typer.Option(metavar="TARGET", help="unix, cpython, pico-emulated, a serial device or a URL.")
    ] = "unix",
    scenario: ScenarioFile = None,
    plan: PlanFile = None,
    uplink: UplinkFile = None,
    key: RoverKey = None,
    micropython: MicroPython = None,
) -> int:
    """Run a rover, and print its events: by default lunar day 24, as fast as the machine allows.

    With an uplink file also what became of each command. Exit status: 0 the run ended, whatever became of commands,
    2 wrong use, 130 interrupted.
    """
    from yutu2.cli.run_screen import RunScreen
    from yutu2.recordings.reading import refuse_foreign
    from yutu2.runs.run import Run, run_url

    given = {"craft": craft, "lunar_day": lunar_day, "start": start, "days": days, "seed": seed, "speed": speed}
    given |= {"scenario": scenario, "plan": plan, "uplink": uplink, "key": key}
    options = {name: value for name, value in given.items() if value is not None}
    url, options = run_url(target, options, micropython)
    with RunScreen(url, options, out is not None) as screen:
        outcome = Run(url, options, out, screen.entry, screen.time, screen.step, DEFAULT_SEED, screen.begin).live()
    screen.summary(outcome, out)
    refuse_foreign(outcome.foreign_hash, outcome.dictionary)
    return 130 if outcome.interrupted else 0


@app.command(epilog="Example: yutu2 calendar --seed 8")
def calendar(
    seed: Annotated[int, typer.Option(min=0, max=1073741823, help="Of noise and chance.")] = DEFAULT_SEED,
) -> int:
    """Simulate rover and lander for years, and compare their wakes and sleeps with the published ones."""
    from yutu2.cli.validation_screen import ValidationScreen
    from yutu2.runs.validation import calendar as live

    with ValidationScreen() as screen:
        rows = live(seed, screen.time)
    screen.table(rows)
    return 0
