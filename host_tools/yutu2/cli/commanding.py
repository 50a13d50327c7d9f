"""`yutu2 send`, `shell` and `schedule load`: commands to a rover."""

import sys
from typing import Annotated

import typer

from yutu2.cli.options import SendCraft, SenderKey, SendTo, Timeout, reported_failures
from yutu2.system.streams import takes_escapes

app = typer.Typer()
schedule_app = typer.Typer(
    help="Load the rover's schedule: commands that wait on board.",
    epilog="Example: yutu2 schedule load day.uplink --to emulator://unix?speed=60",
    no_args_is_help=True,
)


def _command_names() -> list[str]:
    """Return what a shell may complete a command's name to."""
    from yutu2.dictionary.model import load

    return [command.name for command in load().commands]


@app.command(epilog="Example: yutu2 send DRIVE bearing=315 distance=5.5 --to emulator://unix?speed=60")
def send(
    command: Annotated[str, typer.Argument(help="As PING or DRIVE.", autocompletion=_command_names)],
    to: Annotated[str, typer.Option(metavar="URL", help=SendTo)],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="As bearing=315 distance=5.5; lists as 1,2.")
    ] = None,
    bypass: Annotated[bool, typer.Option("--bypass", help="Past the sequence of frames, as in an emergency.")] = False,
    craft: SendCraft = None,
    key: SenderKey = None,
    timeout: Timeout = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Into the rover's schedule, which this enables, for 2020-11-12T06:00:30.250Z or, by its clock, +90s.",
        ),
    ] = None,
) -> int:
    """Send a command to a rover, and show what the rover says of it.

    Commands and their arguments are told by help in yutu2 shell.

    Exit status: 0 done, 1 refused or failed, 2 wrong use, 3 no answer.
    """
    from yutu2.cli.progress import SendScreen
    from yutu2.runs.client import Rover, request_of
    from yutu2.runs.schedule_load import When

    request = request_of([command, *(arguments or [])])
    when = When(at) if at is not None else None
    with reported_failures() as outcome, SendScreen() as screen, Rover(to, craft, key) as rover:
        if when is not None:
            request = rover.scheduled(request, when, timeout, screen.print)
        screen.print(request.what, "bold")
        rover.wait(rover.post(request, bypass=bypass), timeout, screen.print)
    return outcome.status


@app.command(epilog="Example: echo PING | yutu2 shell emulator://unix?speed=60")
def shell(
    url: Annotated[str, typer.Argument(metavar="URL", help=SendTo)],
    craft: SendCraft = None,
    key: SenderKey = None,
    timeout: Timeout = None,
) -> int:
    """Command a rover at a prompt, with its telemetry beside it; from a pipe, a command a line.

    From a pipe each is done before the next is sent, and the first that is not is the last; exit status as of send.
    """
    from yutu2.cli.shell import script
    from yutu2.cli.shell.session import Session

    if sys.stdin is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        with Session(url, craft, key, timeout, script.show) as session:
            return script.obey_all(session, sys.stdin)
    if not takes_escapes():
        from yutu2.cli.shell import plain

        with Session(url, craft, key, timeout, plain.show) as session:
            return plain.talk(session)
    from yutu2.cli.shell import prompt

    with Session(url, craft, key, timeout, prompt.show) as session:
        return prompt.talk(session)


@schedule_app.command("load", epilog="Example: yutu2 schedule load day.uplink --to emulator://unix?speed=60")
def load_schedule(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Commands at mission times, an uplink file.")],
    to: Annotated[str, typer.Option(metavar="URL", help=SendTo)],
    key: SenderKey = None,
    timeout: Timeout = None,
) -> int:
    """Put the commands of a file into the rover's schedule, and enable it. Exit status as of send."""
    from yutu2.cli.progress import ScheduleScreen
    from yutu2.mission.uplink_file import read_uplink
    from yutu2.runs import schedule_load as schedule
    from yutu2.runs.client import Rover

    uplink = read_uplink(file)
    schedule.check_loadable(uplink)
    with (
        reported_failures() as outcome,
        ScheduleScreen(len(uplink.commands)) as screen,
        Rover(to, uplink.craft, key) as rover,
    ):
        schedule.load_schedule(rover, uplink, timeout, screen.loaded)
    return outcome.status
