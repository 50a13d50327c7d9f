"""The command `yutu2`: parses, calls, prints."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from yutu2.errors import CommandFailed, NoAnswer, WrongUse
from yutu2.system.streams import OutputEnded, prepare_streams, report, takes_escapes

app = typer.Typer(
    name="yutu2",
    epilog="Example: yutu2 run --lunar-day 24 --out day24",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
dictionary_app = typer.Typer(
    help="List and generate what the mission dictionary declares.",
    epilog="Example: yutu2 dictionary list commands",
    no_args_is_help=True,
)
app.add_typer(dictionary_app, name="dictionary")
image_app = typer.Typer(
    help="Build images for a Raspberry Pi Pico.",
    epilog="Example: yutu2 image build --out yutu2.uf2",
    no_args_is_help=True,
)
app.add_typer(image_app, name="image")
scenario_app = typer.Typer(
    help="Check scenarios: what befalls a rover, and when.",
    epilog="Example: yutu2 scenario check trouble.txt",
    no_args_is_help=True,
)
app.add_typer(scenario_app, name="scenario")
plan_app = typer.Typer(
    help="Check and load plans: what a rover does in a lunar day.",
    epilog="Example: yutu2 plan check mine.plan",
    no_args_is_help=True,
)
app.add_typer(plan_app, name="plan")
schedule_app = typer.Typer(
    help="Load the rover's schedule: commands that wait on board.",
    epilog="Example: yutu2 schedule load day.uplink --to emulator://unix?speed=60",
    no_args_is_help=True,
)
app.add_typer(schedule_app, name="schedule")
uplink_app = typer.Typer(
    help="Check uplink files: commands at mission times.",
    epilog="Example: yutu2 uplink check day.uplink",
    no_args_is_help=True,
)
app.add_typer(uplink_app, name="uplink")
key_app = typer.Typer(
    help="Make, load and export keys, which secure commands.",
    epilog="Example: yutu2 key make rover.key",
    no_args_is_help=True,
)
app.add_typer(key_app, name="key")


PICTURE_SOURCE = "A folder that yutu2 run --out has made, or a source as of decode."
DEFAULT_SEED = 7


class Format(StrEnum):
    """How `decode` prints."""

    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


def _command_names() -> list[str]:
    """Return what a shell may complete a command's name to."""
    from yutu2.dictionary.model import load

    return [command.name for command in load().commands]


def _packet_names() -> list[str]:
    """Return what a shell may complete a packet's name to."""
    from yutu2.dictionary.model import load

    return [packet.name for packet in load().packets + load().events]


MicroPython = Annotated[
    str | None, typer.Option(metavar="PATH", help="The Unix port of MicroPython to use, not the one installed.")
]
ScenarioFile = Annotated[str | None, typer.Option(metavar="FILE", help="What befalls the rover, a text file.")]
PlanFile = Annotated[str | None, typer.Option(metavar="FILE", help="What the rover does, a text file; else its own.")]
Timeout = Annotated[float, typer.Option(metavar="S", min=0, help="Wait so many seconds until it is done.")]
UplinkFile = Annotated[str | None, typer.Option(metavar="FILE", help="Commands at mission times, a text file.")]
RoverKey = Annotated[str | None, typer.Option(metavar="FILE", help="The rover's key: it takes secured commands alone.")]
SenderKey = Annotated[
    str | None, typer.Option(metavar="FILE", help="Secure commands with this key; by default as the URL says.")
]
SendTo = "The rover's line: a serial device or a URL, as emulator://unix?speed=60."
SendCraft = Annotated[str | None, typer.Option(help="rover or lander; by default as the URL says, else rover.")]


class Kind(StrEnum):
    """What `dictionary list` lists."""

    PACKETS = "packets"
    COMMANDS = "commands"
    EVENTS = "events"
    FAULTS = "faults"
    ACTIVITIES = "activities"
    PARAMETERS = "parameters"


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


@app.command(epilog="Example: yutu2 run --start 2020-11-12T06:00:00Z --days 0.25 --out morning")
def run(
    craft: Annotated[str, typer.Option(help="rover or lander.")] = "rover",
    lunar_day: Annotated[
        str | None, typer.Option(metavar="N", help="Run this lunar day; 24 if no start is given.")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begin here instead, as 2020-11-09T02:00:00Z,")
    ] = None,
    days: Annotated[str | None, typer.Option(metavar="DAYS", help="and run so many Earth days, as 0.25.")] = None,
    seed: Annotated[str, typer.Option(metavar="N", help="Of noise and chance.")] = str(DEFAULT_SEED),
    speed: Annotated[str, typer.Option(metavar="max|N", help="From event to event, or N times real time.")] = "max",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep downlink.tm, packets.jsonl, summary.json, products here.")
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
    from yutu2.cli.screens import RunScreen
    from yutu2.runs.run import DEFAULT_LUNAR_DAY, Run, is_own_line, run_url

    given = {"craft": craft, "lunar_day": lunar_day, "start": start, "days": days, "seed": seed, "speed": speed}
    given |= {"scenario": scenario, "plan": plan, "uplink": uplink, "key": key}
    if start is None and days is None:
        given["lunar_day"] = lunar_day or DEFAULT_LUNAR_DAY
    options = {name: value for name, value in given.items() if value is not None}
    url = run_url(target, options, micropython)
    if is_own_line(target):
        options = {}
    with RunScreen(url, options, out is not None) as screen:
        outcome = Run(url, options, out, screen.entry, screen.time, screen.step, DEFAULT_SEED, screen.begin).live()
    screen.summary(outcome, out)
    _refuse_foreign(outcome.foreign_hash)
    return 130 if outcome.interrupted else 0


@app.command(epilog="Example: yutu2 decode day24/downlink.tm --packet HK_POWER")
def decode(
    source: Annotated[str, typer.Argument(help="A file, - for standard input, a serial device, or a URL of pyserial.")],
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,  # noqa: A002
    packet: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Only packets of this name; CSV: a column a field.", autocompletion=_packet_names
        ),
    ] = None,
    account: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the account of the line here, as JSON.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Add raw values and the packet in hexadecimal.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Write here, not to standard output.")] = None,
) -> int:
    """Decode telemetry. Damage is no error: what was lost stands in the account."""
    from yutu2.cli.screens import account_line
    from yutu2.line.source import read_source
    from yutu2.recordings.decoding import decode_to, definition_named, refuse_as_output

    if format == Format.PARQUET and out is None and sys.stdout.isatty():
        raise WrongUse("--format parquet is not for a terminal: give --out PATH")
    definition = definition_named(packet) if packet is not None else None
    refuse_as_output(source, out, account)
    octets = read_source(source)
    with ExitStack() as stack:
        account_file = stack.enter_context(_output(account)) if account is not None else None
        grows = format != Format.PARQUET and not Path(source).is_file()
        file = stack.enter_context(_output(out, grows))
        result = decode_to(octets, file, format.value, definition, raw)
        if account_file is not None:
            account_file.write(json.dumps(result.account, indent=2).encode() + b"\n")
    print(account_line(result.account, result.advice), file=sys.stderr)
    _refuse_foreign(result.foreign_hash)
    return 130 if result.interrupted else 0


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
    timeout: Timeout = 60,
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
    from yutu2.cli.screens import SendScreen
    from yutu2.runs.client import Rover, request_of
    from yutu2.runs.schedule_load import When

    request = request_of([command, *(arguments or [])])
    when = When(at) if at is not None else None
    with _told() as outcome, SendScreen() as screen, Rover(to, craft, key) as rover:
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
    timeout: Annotated[float, typer.Option(metavar="S", min=0, help="Wait so many seconds for each command.")] = 60,
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


@app.command(epilog="Example: yutu2 chart day24")
def chart(
    source: Annotated[str, typer.Argument(help=PICTURE_SOURCE)],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A .png, .pdf or .svg; of a folder by default its chart.png.")
    ] = None,
) -> int:
    """Draw a run: Sun, power, charge, temperatures, modes and events over time."""
    from yutu2.cli.screens import PictureScreen
    from yutu2.line.source import read_source
    from yutu2.recordings.decoding import refuse_as_output
    from yutu2.recordings.hearing import hear, missing, picture_place
    from yutu2.show.chart import ChartMaker

    place = picture_place(source, out, "chart.png")
    refuse_as_output(place.source, place.out)
    maker = ChartMaker()
    with PictureScreen() as screen:
        told = hear(read_source(place.source), maker, screen.time)
        _refuse_foreign(told.foreign_hash)
        if not maker.has_power:
            raise missing(
                place.source,
                told,
                "has no HK_POWER, the report of power and heat that a chart is made of; an awake craft sends it every "
                "5 minutes: receive it for longer",
            )
        screen.drawing()
        from yutu2.show.picture import picture  # with Matplotlib, which takes its time

        octets = picture(maker.chart(), place.kind)
    with _output(place.out) as file:
        file.write(octets)
    others = [f"{maker.others:,} reports of another craft are not shown"] if maker.others else []
    screen.summary(told, place.out, others)
    return 130 if told.interrupted else 0


@app.command(epilog="Example: yutu2 route day24")
def route(
    source: Annotated[str, typer.Argument(help=PICTURE_SOURCE)],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A .png, .pdf or .svg; of a folder by default its route.png.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=1073741823, help="Of the ground; a folder knows its own. [default: 7]")
    ] = None,
) -> int:
    """Draw where a rover drove: its way and its stops over the relief of the ground."""
    from yutu2.cli.screens import PictureScreen
    from yutu2.line.source import read_source
    from yutu2.products.traverse import WayMaker
    from yutu2.recordings.decoding import refuse_as_output
    from yutu2.recordings.hearing import hear, missing, picture_place, seed_of

    place = picture_place(source, out, "route.png")
    refuse_as_output(place.source, place.out)
    ground = seed_of(place, seed, DEFAULT_SEED)
    maker = WayMaker()
    with PictureScreen() as screen:
        told = hear(read_source(place.source), maker, screen.time)
        _refuse_foreign(told.foreign_hash)
        way = maker.way()
        if way is None:
            raise missing(
                place.source,
                told,
                "has no HK_STOP, the report of a stop: nothing was driven; a rover drives on the third Earth day of a "
                "lunar day, by its own plan",
            )
        from yutu2.products.relief import relief
        from yutu2.products.traverse_map import frame, route_map  # with Matplotlib, which takes its time

        heights = relief(ground, *frame(way), screen.computing)
        screen.drawing()
        octets = route_map(way, heights, ground, place.kind)
    with _output(place.out) as file:
        file.write(octets)
    screen.summary(told, place.out, way.lines())
    return 130 if told.interrupted else 0


@app.command(epilog="Example: yutu2 products day24")
def products(
    source: Annotated[str, typer.Argument(help=PICTURE_SOURCE)],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Put products/ here; by default into the folder that is the source."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=1073741823, help="Of the ground; a folder knows its own. [default: 7]")
    ] = None,
) -> int:
    """Put the instruments' products together, and make pictures and FITS files of them."""
    from yutu2.cli.screens import PictureScreen
    from yutu2.line.source import read_source
    from yutu2.products.collection import Collector
    from yutu2.products.listing import lines
    from yutu2.products.pictures import save_products
    from yutu2.products.traverse import WayMaker
    from yutu2.recordings.hearing import Makers, hear, missing, products_place, seed_of
    from yutu2.system.interrupts import Interrupt

    place = products_place(source, out)
    ground = seed_of(place, seed, DEFAULT_SEED)
    collector, way = Collector(), WayMaker()
    with PictureScreen() as screen:
        told = hear(read_source(place.source), Makers(collector, way), screen.time)
        _refuse_foreign(told.foreign_hash)
        observed = collector.observed()
        if not observed:
            raise missing(
                place.source,
                told,
                "holds no product; a rover's instruments observe as its plan says, and their files follow at once: "
                "receive it for longer",
            )
        with Interrupt() as interrupt:
            is_asked, at_once = lambda: interrupt.asked, interrupt.at_once
            entries = save_products(place.out, observed, way.way(), ground, screen.step, is_asked, at_once)
    screen.summary(told, place.out, lines(entries, collector.files.damaged))
    return 130 if told.interrupted or interrupt.asked else 0


@app.command(epilog="Example: yutu2 calendar --seed 8")
def calendar(
    seed: Annotated[int, typer.Option(min=0, max=1073741823, help="Of noise and chance.")] = DEFAULT_SEED,
) -> int:
    """Simulate rover and lander for years, and compare their wakes and sleeps with the published ones."""
    from yutu2.cli.screens import CalendarScreen
    from yutu2.runs.validation import calendar as live

    with CalendarScreen() as screen:
        rows = live(seed, screen.time)
    screen.table(rows)
    return 0


@image_app.command(epilog="Example: yutu2 image build --out yutu2.uf2")
def build(
    out: Annotated[Path, typer.Option(metavar="FILE", help="The UF2 to write.")] = Path("yutu2.uf2"),
    board: Annotated[str, typer.Option(help="pico or pico_w: where MicroPython keeps its files.")] = "pico_w",
    base: Annotated[
        Path | None, typer.Option(metavar="FILE", help="MicroPython's UF2; else fetched, and cached.")
    ] = None,
    fs_only: Annotated[
        bool, typer.Option("--fs-only", help="Only the files, for a board that runs MicroPython.")
    ] = False,
    settings: Annotated[Path | None, typer.Option(metavar="FILE", help="The board's settings file, not ours.")] = None,
    scenario: ScenarioFile = None,
    plan: PlanFile = None,
    uplink: UplinkFile = None,
    key: RoverKey = None,
) -> int:
    """Make one UF2 to copy onto a Raspberry Pi Pico: MicroPython with the rover in its file system."""
    from yutu2.cli.screens import print_image
    from yutu2.firmware import firmware_dir
    from yutu2.mission.run_inputs import read_all
    from yutu2.pico.image import build_image, key_file, settings_file, with_texts

    texts = read_all({"scenario": scenario, "plan": plan, "uplink": uplink, "key": key})
    files = with_texts(settings_file(settings), texts) | key_file(key)
    print_image(build_image(firmware_dir(), out, board=board, base=base, fs_only=fs_only, extra_files=files))
    return 0


@app.command(epilog="Example: yutu2 flash /dev/ttyACM0")
def flash(
    port: Annotated[str, typer.Argument(help="The serial device of a board that runs MicroPython.")],
    settings: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write this settings file.")] = None,
) -> int:
    """Put the rover on a connected board, through mpremote. Its settings file stays, if it has one."""
    from yutu2.firmware import firmware_dir
    from yutu2.pico.flash import flash_board
    from yutu2.pico.image import board_files, settings_file

    files = board_files(firmware_dir())
    print(f"{len(files)} files, {sum(map(len, files.values())):,} octets, to {port}", file=sys.stderr)
    flash_board(port, files, settings_file(settings), keep_settings=settings is None)
    print(f"{port}: done, the rover starts; yutu2 run --target {port} listens to it", file=sys.stderr)
    return 0


@app.command(epilog="Example: yutu2 ports")
def ports() -> int:
    """List the serial ports of this machine, with advice on those that you may not open."""
    from yutu2.line.ports import lines

    with _output(None) as table:
        table.write("\n".join([*lines(), ""]).encode())
    return 0


@key_app.command("make", epilog="Example: yutu2 key make rover.key")
def make_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, for nobody's eyes.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a key that is there; it is lost.")] = False,
) -> int:
    """Make a key for one rover, in a file that you alone may read."""
    from yutu2.uplink.counter import counter_of
    from yutu2.uplink.security import make_key as make

    make(file, force)
    print(f"{file}: the key; {counter_of(file)} beside it counts what it secures: keep the two together")
    return 0


@key_app.command("export", epilog="Example: yutu2 key export rover.key --yamcs --out yamcs.key")
def export_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The key, as made by yutu2 key make.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write, a new one.")],
    yamcs: Annotated[bool, typer.Option("--yamcs", help="As Yamcs reads it; the only form, so the default.")] = True,
) -> int:
    """Hand a key over to Yamcs, as 32 raw octets, with numbers for its frames that yutu2 never uses."""
    from yutu2.cli.screens import key_export_lines
    from yutu2.uplink.security import export_key as export

    first = export(file, out)
    print(*key_export_lines(file, out, first), sep="\n")
    return 0


@key_app.command("load", epilog="Example: yutu2 key load rover.key --port /dev/ttyACM0")
def load_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The key, as made by yutu2 key make.")],
    port: Annotated[str, typer.Option(metavar="DEVICE", help="The serial device of a board with the rover on it.")],
) -> int:
    """Put a key on a connected board, through mpremote: from then on it takes secured commands alone."""
    from yutu2.pico.flash import load_key as load

    load(port, file)
    print(f"{port}: has the key, the rover starts; yutu2 send PING --to {port} --key {file}", file=sys.stderr)
    return 0


@dictionary_app.command(epilog="Example: yutu2 dictionary generate --out tables.py")
def generate(
    out: Annotated[Path | None, typer.Option(metavar="PATH", help="Write the tables here, and nothing else.")] = None,
) -> int:
    """Make the firmware's tables from dictionary.toml, and its own plan from lunar_day.plan."""
    from yutu2.dictionary.model import load
    from yutu2.dictionary.tables import firmware_tables
    from yutu2.mission.generation import generated_files, write_files

    files = generated_files() if out is None else {out: firmware_tables(load())}
    write_files(files)
    print(*files, sep="\n", file=sys.stderr)
    return 0


@dictionary_app.command("list", epilog="Example: yutu2 dictionary list commands")
def list_entries(
    kind: Annotated[
        Kind | None, typer.Argument(metavar="KIND", help=f"{', '.join(Kind)}; else how many of each.")
    ] = None,
) -> int:
    """List what the dictionary declares of a kind: packets, commands, events, faults, activities or parameters."""
    from yutu2.dictionary.model import load
    from yutu2.show.dictionary_list import lines

    with _output(None) as table:
        table.write("\n".join([*lines(load(), kind), ""]).encode())
    return 0


@scenario_app.command(epilog="Example: yutu2 scenario check trouble.txt --out compiled.txt")
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The scenario, a text file.")],
    out: Annotated[
        Path | None, typer.Option(metavar="COMPILED", help="Write here what the firmware takes: its --scenario.")
    ] = None,
) -> int:
    """Check a scenario, and tell what will happen and when."""
    from yutu2.mission.scenario import read_scenario
    from yutu2.recordings.decoding import refuse_as_output

    scenario = read_scenario(file)
    refuse_as_output(file, out)
    if out is not None:
        with _output(out) as compiled:
            compiled.write(scenario.compiled().encode())
        print(out, file=sys.stderr)
    with _output(None) as table:
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
) -> int:
    """Check a plan: let a rover follow it, and tell what it does when, or the first that cannot be."""
    from yutu2.cli.screens import PlanScreen
    from yutu2.mission.plan import read_plan
    from yutu2.recordings.decoding import refuse_as_output
    from yutu2.runs.dry_run import lunar_day_of, rehearse

    plan = read_plan(file)
    refuse_as_output(file, out)
    with PlanScreen() as screen:
        rehearsed = rehearse(plan, lunar_day_of(plan, lunar_day), seed, screen.time)
    if out is not None:
        with _output(out) as compiled:
            compiled.write(plan.compiled().encode())
        print(out, file=sys.stderr)
    with _output(None) as table:
        table.write("\n".join([*rehearsed.lines(), ""]).encode())
    return 0


@plan_app.command("load", epilog="Example: yutu2 plan load mine.plan --to emulator://unix?speed=60")
def load_plan(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The plan, a text file.")],
    to: Annotated[str, typer.Option(metavar="URL", help=SendTo)],
    start: Annotated[bool, typer.Option("--start", help="Begin it at once.")] = False,
    key: SenderKey = None,
    timeout: Timeout = 60,
) -> int:
    """Load a plan into a rover; PLAN_START begins it. Exit status as of send."""
    from yutu2.cli.screens import SendScreen
    from yutu2.mission.plan import read_plan
    from yutu2.runs import plan_load
    from yutu2.runs.client import Rover

    plan = read_plan(file)
    with _told() as outcome, SendScreen() as screen, Rover(to, key=key) as rover:
        plan_load.load_plan(rover, plan, screen.loaded, timeout)
        if start:
            rover.wait(rover.post("PLAN_START"), timeout, screen.print)
    return outcome.status


@schedule_app.command("load", epilog="Example: yutu2 schedule load day.uplink --to emulator://unix?speed=60")
def load_schedule(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Commands at mission times, an uplink file.")],
    to: Annotated[str, typer.Option(metavar="URL", help=SendTo)],
    key: SenderKey = None,
    timeout: Timeout = 60,
) -> int:
    """Put the commands of a file into the rover's schedule, and enable it. Exit status as of send."""
    from yutu2.cli.screens import ScheduleScreen
    from yutu2.mission.uplink_file import read_uplink
    from yutu2.runs import schedule_load as schedule
    from yutu2.runs.client import Rover

    uplink = read_uplink(file)
    schedule.check_loadable(uplink)
    with _told() as outcome, ScheduleScreen(len(uplink.commands)) as screen, Rover(to, uplink.craft, key) as rover:
        schedule.load_schedule(rover, uplink, timeout, screen.loaded)
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
    from yutu2.recordings.decoding import refuse_as_output

    uplink = read_uplink(file, key)
    refuse_as_output(file, out)
    if out is not None:
        with _output(out) as compiled:
            compiled.write(uplink.compiled().encode())
        print(out, file=sys.stderr)
    with _output(None) as table:
        table.write("\n".join([*uplink.lines(), ""]).encode())
    return 0


@dataclass
class _Outcome:
    """The exit status of what was asked of a rover."""

    status: int = 0


@contextmanager
def _told() -> Iterator[_Outcome]:
    """Tells in one line what a rover refuses, or does not answer, and notes it in the exit status."""
    outcome = _Outcome()
    try:
        yield outcome
    except (CommandFailed, NoAnswer) as failure:
        report(str(failure))
        outcome.status = failure.status


@contextmanager
def _output(path: Path | None, grows: bool = False) -> Iterator[IO[bytes]]:
    """A file to write, or standard output. grows: it is read while it is written; else it is whole or not there."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    from yutu2.system.files import GrowingFile, written

    with GrowingFile(path) if grows else written(path) as file:
        yield file


def _refuse_foreign(foreign_hash: str | None) -> None:
    if foreign_hash is not None:
        from yutu2.recordings.hearing import refuse_foreign

        refuse_foreign(foreign_hash)


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
        status: Any = app(standalone_mode=False)
        sys.stdout.flush()
    except OutputEnded:
        return 0
    except (WrongUse, CommandFailed, NoAnswer) as error:
        report(str(error))
        return error.status
    except typer.TyperException as error:
        if told := error.format_message().replace("\n", " "):
            report(f"{told} (yutu2 --help tells how)")
        return 2
    except typer.Abort:
        return 130
    except OSError as error:
        report(f"{error.filename or 'yutu2'}: {error.strerror or error}")
        return 2
    return status or 0
