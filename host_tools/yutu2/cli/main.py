"""The command `yutu2`: assembles its commands, and turns errors that a user can cause into a line and a status."""

import sys
from typing import Annotated, Any

import typer

from yutu2.cli import board, commanding, decode, dictionary, mission, pictures, run
from yutu2.errors import CommandFailed, NoAnswer, WrongUse
from yutu2.system.streams import OutputEnded, prepare_streams, report

app = typer.Typer(
    name="yutu2",
    epilog="Example: yutu2 run --lunar-day 24 --out day24",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _commands in (run, decode, commanding, pictures, board):
    app.add_typer(_commands.app)
for _name, _group in {
    "plan": mission.plan_app,
    "scenario": mission.scenario_app,
    "uplink": mission.uplink_app,
    "schedule": commanding.schedule_app,
    "key": board.key_app,
    "image": board.image_app,
    "dictionary": dictionary.dictionary_app,
}.items():
    app.add_typer(_group, name=_name)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        import yutu2

        print(f"yutu2 {yutu2.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Run the Yutu-2 rover emulator, command it, and decode what it sends."""


def main() -> None:
    """Runs the command line; an error that a user can cause is a line on standard error, and the exit status."""
    from yutu2.system import interrupts as interrupt

    prepare_streams()
    interrupt.end_in_good_order()
    interrupt.raise_interrupts()
    try:
        try:
            status = _run()
        finally:
            interrupt.ignore_interrupts()
    except KeyboardInterrupt:
        status = interrupt.INTERRUPTED
    except Exception:
        # Ctrl-C in the middle of a library may come out of it as something else
        if not interrupt.is_raised():
            raise
        status = interrupt.INTERRUPTED
    if interrupt.is_raised():
        report("interrupted")
        status = interrupt.INTERRUPTED
    sys.exit(status)


def _run() -> int:
    """The exit status of the command line."""
    try:
        status: Any = app(prog_name="yutu2", standalone_mode=False)
        sys.stdout.flush()
    except OutputEnded:
        return 0
    except (WrongUse, CommandFailed, NoAnswer) as error:
        report(str(error))
        return error.status
    except typer.TyperException as error:
        _report_usage(error)
        return 2
    except typer.Abort:
        return 130
    except OSError as error:
        report(f"{error.filename or 'yutu2'}: {error.strerror or error}")
        return 2
    return status or 0


def _report_usage(error: typer.TyperException) -> None:
    """Print what is wrong with a command line, and whose help shows what is right; without a command, that help."""
    context = getattr(error, "ctx", None)
    text, path = error.format_message(), context.command_path if context else "yutu2"
    if context and text == context.get_help():
        print(text)
    elif text:
        report(f"{text} (see {path} --help)".replace("\n", " "))
