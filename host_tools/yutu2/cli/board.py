"""`yutu2 image`, `flash`, `ports` and `key`: a Raspberry Pi Pico, its line and its key."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yutu2.cli.options import PlanFile, RoverKey, ScenarioFile, UplinkFile, open_output

if TYPE_CHECKING:
    from yutu2.pico.image import ImageReport

app = typer.Typer()
image_app = typer.Typer(
    help="Build images for a Raspberry Pi Pico.",
    epilog="Example: yutu2 image build --out yutu2.uf2",
    no_args_is_help=True,
)
key_app = typer.Typer(
    help="Make, load and export keys, which secure commands.",
    epilog="Example: yutu2 key make rover.key",
    no_args_is_help=True,
)


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
    from yutu2.firmware import firmware_dir
    from yutu2.mission.run_inputs import read_all
    from yutu2.pico.image import build_image, key_file, settings_file, with_run_inputs

    texts = read_all({"scenario": scenario, "plan": plan, "uplink": uplink, "key": key})
    files = with_run_inputs(settings_file(settings), texts) | key_file(key)
    for line in _image_lines(
        build_image(firmware_dir(), out, board=board, base=base, fs_only=fs_only, extra_files=files)
    ):
        print(line)
    return 0


@app.command(epilog="Example: yutu2 flash /dev/ttyACM0")
def flash(
    port: Annotated[str, typer.Argument(help="The serial device of a board that runs MicroPython.")],
    settings: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write this settings file.")] = None,
) -> int:
    """Put the rover on a connected board, through mpremote. Its settings file stays, if it has one."""
    from yutu2.firmware import firmware_dir
    from yutu2.pico.flash_board import flash_board
    from yutu2.pico.image import board_files, settings_file

    files = board_files(firmware_dir())
    print(f"{len(files)} files, {sum(map(len, files.values())):,} octets, to {port}", file=sys.stderr)
    flash_board(port, files, settings_file(settings), keep_settings=settings is None)
    print(f"{port}: done, the rover starts; yutu2 run --target {port} listens to it", file=sys.stderr)
    return 0


@app.command(epilog="Example: yutu2 ports")
def ports() -> int:
    """List the serial ports of this machine, with advice on those that you may not open."""
    from yutu2.line.ports import port_lines

    with open_output(None) as table:
        table.write("\n".join([*port_lines(), ""]).encode())
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
    from yutu2.uplink.security import export_key as export
    from yutu2.uplink.security import lines_for_yamcs

    first = export(file, out)
    print(*lines_for_yamcs(file, out, first), sep="\n")
    return 0


@key_app.command("load", epilog="Example: yutu2 key load rover.key --port /dev/ttyACM0")
def load_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The key, as made by yutu2 key make.")],
    port: Annotated[str, typer.Option(metavar="DEVICE", help="The serial device of a board with the rover on it.")],
) -> int:
    """Put a key on a connected board, through mpremote: from then on it takes secured commands alone."""
    from yutu2.pico.flash_board import load_key as load

    load(port, file)
    print(f"{port}: has the key, the rover starts; yutu2 send PING --to {port} --key {file}", file=sys.stderr)
    return 0


def _image_lines(report: "ImageReport") -> list[str]:
    """Return what an image holds, and what to do with it."""
    kind = "files alone" if report.fs_only else "MicroPython and files"
    return [
        f"{report.path}: {kind} for {report.board}, {report.uf2_size:,} octets",
        f"  {report.files} files of {report.firmware_size:,} octets in all",
        f"  file system: {report.filesystem_used:,} octets used, {report.filesystem_free:,} free",
        report.next_step[0].upper() + report.next_step[1:],
    ]
