"""`yutu2 plan`, `scenario` and `uplink`: text files that a person writes."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yutu2.cli.options import PlanDictionary, RoverKey, SenderKey, SendTo, Timeout, open_output, reported_failures

if TYPE_CHECKING:
    from yutu2.mission.plan import Plan

plan_app = typer.Typer(
    help="Check and load plans: what a rover does in a lunar day.",
    epilog="Example: yutu2 plan check mine.plan",
    no_args_is_help=True,
)
scenario_app = typer.Typer(
    help="Check scenarios: what befalls a rover, and when.",
    epilog="Example: yutu2 scenario check trouble.txt",
    no_args_is_help=True,
)
uplink_app = typer.Typer(
    help="Check uplink files: commands at mission times.",
    epilog="Example: yutu2 uplink check day.uplink",
    no_args_is_help=True,
)


@scenario_app.command(epilog="Example: yutu2 scenario check trouble.txt --out compiled.txt")
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The scenario, a text file.")],
    out: Annotated[
        Path | None, typer.Option(metavar="COMPILED", help="Write here what the firmware takes: its --scenario.")
    ] = None,
) -> int:
    """Check a scenario, and tell what will happen and when."""
    from yutu2.mission.scenario import read_scenario
    from yutu2.recordings.reading import refuse_as_output

    scenario = read_scenario(file)
    refuse_as_output(file, out)
    if out is not None:
        with open_output(out) as compiled:
            compiled.write(scenario.compiled().encode())
        print(out, file=sys.stderr)
    with open_output(None) as table:
        table.write("\n".join([*scenario.lines(), ""]).encode())
    return 0


@plan_app.command("check", epilog="Example: yutu2 plan check mine.plan")
def check_plan(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The plan, a text file.")],
    out: Annotated[
        Path | None, typer.Option(metavar="COMPILED", help="Write here what the firmware takes: its --plan.")
    ] = None,
    lunar_day: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=420, help="Where a plan for each is tried; 24 if not given.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, max=1073741823, help="Of noise, chance and ground.")] = 7,
    dictionary: PlanDictionary = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run/--no-dry-run", help="Let a rover follow it; without, check text, Sun and instruments alone."
        ),
    ] = True,
) -> int:
    """Check a plan: let a rover follow it, and tell what it does when, or the first that cannot be."""
    from yutu2.dictionary.cache import read_dictionary
    from yutu2.mission.plan import lunar_day_of, read_plan
    from yutu2.recordings.reading import refuse_as_output

    plan = read_plan(file, read_dictionary(dictionary) if dictionary is not None else None)
    refuse_as_output(file, out)
    day = lunar_day_of(plan, lunar_day)
    found = _dry_run_lines(plan, day, seed) if dry_run else _constraint_lines(plan, day)
    if out is not None:
        with open_output(out) as compiled:
            compiled.write(plan.compiled().encode())
        print(out, file=sys.stderr)
    with open_output(None) as table:
        table.write("\n".join([*found, ""]).encode())
    return 0


def _dry_run_lines(plan: "Plan", lunar_day: int, seed: int) -> list[str]:
    """Return what a rover does that follows a plan."""
    from yutu2.cli.progress import PlanScreen
    from yutu2.runs.dry_run import rehearse

    with PlanScreen() as screen:
        return rehearse(plan, lunar_day, seed, screen.time).lines()


def _constraint_lines(plan: "Plan", lunar_day: int) -> list[str]:
    """Return when the steps of a plan are due."""
    from yutu2.dictionary.model import load
    from yutu2.mission.plan_constraints import check_constraints, lines

    return lines(check_constraints(plan, lunar_day, load()), lunar_day)


@plan_app.command("load", epilog="Example: yutu2 plan load mine.plan --to emulator://unix?speed=60")
def load_plan(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The plan, a text file.")],
    to: Annotated[str, typer.Option(metavar="URL", help=SendTo)],
    start: Annotated[bool, typer.Option("--start", help="Begin it at once.")] = False,
    key: SenderKey = None,
    timeout: Timeout = None,
    dictionary: PlanDictionary = None,
) -> int:
    """Load a plan into a rover; PLAN_START begins it. Exit status as of send."""
    from yutu2.cli.progress import SendScreen
    from yutu2.dictionary.cache import read_dictionary
    from yutu2.mission.plan import read_plan
    from yutu2.runs import plan_load
    from yutu2.runs.client import Rover

    plan = read_plan(file, read_dictionary(dictionary) if dictionary is not None else None)
    with reported_failures() as outcome, SendScreen() as screen, Rover(to, key=key) as rover:
        plan_load.load_plan(rover, plan, screen.loaded, timeout)
        if start:
            rover.wait(rover.post("PLAN_START"), timeout, screen.print)
    return outcome.status


@uplink_app.command("check", epilog="Example: yutu2 uplink check day.uplink --out compiled.txt")
def check_uplink(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The uplink file, a text file.")],
    out: Annotated[
        Path | None, typer.Option(metavar="COMPILED", help="Write here what the firmware takes: its --uplink.")
    ] = None,
    key: RoverKey = None,
) -> int:
    """Check an uplink file, and tell which commands are sent and when."""
    from yutu2.mission.uplink_file import read_uplink
    from yutu2.recordings.reading import refuse_as_output

    uplink = read_uplink(file, key)
    refuse_as_output(file, out)
    if out is not None:
        with open_output(out) as compiled:
            compiled.write(uplink.compiled().encode())
        print(out, file=sys.stderr)
    with open_output(None) as table:
        table.write("\n".join([*uplink.lines(), ""]).encode())
    return 0
