"""Ground tools of the Yutu-2 rover emulator.

A rover is commanded by a program so:

    import yutu2

    with yutu2.connect("emulator://unix?speed=60") as rover:
        rover.send("PING")
        rover.wait_for("ALIVE")
        rover.send("PARAMETER_SET", parameter="HAZARD_HEIGHT", value=0.25)
        drive = rover.post("DRIVE", bearing=315, distance=2.5)  # sent, and not waited for
        print(rover.wait_for("HK_COMPUTER").fields["mode"])
        rover.wait(drive, timeout_s=300)
"""

from yutu2.errors import CommandFailed, LineEnded, NoAnswer, WrongUse

TYPE_CHECKING = False  # as in `typing`, which takes its time to load: until then Ctrl-C is not ours
if TYPE_CHECKING:
    from pathlib import Path

    from yutu2.runs.client import Rover

__all__ = ["CommandFailed", "LineEnded", "NoAnswer", "WrongUse", "__version__", "connect"]

__version__: str


def connect(url: str, craft: str | None = None, key: "str | Path | None" = None) -> "Rover":
    """The rover at the other end of a serial device, or of a URL such as emulator://unix?speed=60.

    craft: to which commands are addressed; None: the one that the URL names, else the rover. key: file with the key
    that secures them; None: the one that the URL names, else none. WrongUse: there is no such line, craft or key. A
    line that ends, breaks or cannot be opened raises LineEnded, from this function and from all of the Rover's.
    """
    # Loaded on use: the command line has no need of it
    from yutu2.runs.client import Rover

    return Rover(url, craft, key)


def __getattr__(name: str) -> str:
    """Return `__version__`, as pyproject.toml has it, or "unknown" where the package is not installed."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Loaded on use: the start of each command has no need of it
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("yutu2")
    except PackageNotFoundError:
        return "unknown"
