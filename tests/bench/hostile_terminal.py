"""Runs every command of yutu2 where standard streams, terminal, disk or encoding are hostile, and prints a table.

Each is a process of its own. A cell is the exit status and the line on standard error, if there is one. Exit status 1:
a command shows a traceback, more than one line of error, an escape sequence on a dumb terminal, or nothing at all where
its result is lost; or it takes more than 2 s to end after Ctrl-C. A full disk is a tmpfs, which needs the superuser of
Linux; elsewhere that column is left out.
"""

import argparse
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from yutu2.dictionary.model import load
from yutu2.uplink.security import make_key

PATIENCE_S = 120  # for a command that ends by itself
LIMIT_S = 2.0  # for one that is interrupted
RELEASED = "import os, sys; from yutu2.__main__ import main; sys.argv = sys.argv[1:]; os.write({ready}, b'x'); main()"
"""Runs the command, and tells when its entry module is there: before that Python searches its folders for yutu2, and
nothing of ours runs that could change what it prints."""
EARLY_MS = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
LATER_MS = (400, 800, 1600)
URL = "emulator://unix?speed=60"
DAY = ("--start", "2020-11-12", "--days", "0.3")
ODD = b"caf\xe9"  # é in Latin-1


@dataclass(frozen=True)
class Command:
    """A command with arguments: {in} is the folder with inputs, {out} an empty one for results.

    status: when nothing is hostile. stdin: what it reads. writes: whether standard output holds something of use.
    """

    line: str
    status: int = 0
    stdin: bytes = b""
    writes: bool = True


COMMANDS = [
    Command("--help"),
    Command("run --start 2020-11-12 --days 0.3"),
    Command("run --start 2020-11-12 --days 0.3 --out {out}/run"),
    Command("decode {in}/run/downlink.tm"),
    Command("decode {in}/run/downlink.tm --format jsonl --account {out}/account.json"),
    Command("decode {in}/run/downlink.tm --format csv --packet HK_POWER --out {out}/power.csv", writes=False),
    Command("decode {in}/run/downlink.tm --format parquet --out {out}/all.parquet", writes=False),
    Command("send PING --to " + URL),
    Command("shell " + URL, stdin=b"PING\n"),
    Command("chart {in}/run --out {out}/chart.svg"),
    Command("route {in}/drive --out {out}/route.svg"),
    Command("products {in}/drive --out {out}"),
    Command("calendar"),
    Command("image build --fs-only --out {out}/yutu2.uf2"),
    Command("flash {in}/none", 2, writes=False),
    Command("key make {out}/key"),
    Command("key export {in}/key --out {out}/yamcs.key"),
    Command("key load {in}/key --port {in}/none", 2, writes=False),
    Command("ports"),
    Command("dictionary list commands"),
    Command("dictionary generate --out {out}/tables.py", writes=False),
    Command("scenario check {in}/day.scenario --out {out}/scenario"),
    Command("plan check {in}/day.plan --out {out}/plan"),
    Command("plan load {in}/day.plan --to " + URL),
    Command("schedule load {in}/day.uplink --to " + URL),
    Command("uplink check {in}/day.uplink --out {out}/uplink"),
]


@dataclass
class Ended:
    """How a command ended under a condition. took_s: from the interrupt to the end, where there was one."""

    status: int
    err: str
    out: str = ""
    took_s: float | None = None
    wrong: list[str] = field(default_factory=list)

    def cell(self) -> str:
        """For the table."""
        lines = self.err.strip().splitlines()
        told = lines[-1].replace("|", "\\|") if lines else ""
        if len(told) > 90:
            told = told[:87] + "..."
        return (
            f"{self.status}"
            + f" {told}" * bool(told)
            + " **WRONG: " * bool(self.wrong)
            + "; ".join(self.wrong)
            + "**" * bool(self.wrong)
        )


class Place:
    """Folders for commands, and the inputs that they take."""

    def __init__(self, folder: Path) -> None:
        self.inputs = folder / "in"
        self._results = folder / "out"
        self._number = 0
        self.inputs.mkdir()
        self._results.mkdir()
        self.odd = Path(os.fsdecode(os.fsencode(folder) + b"/" + ODD))
        dictionary = load().hash.hex()
        plan = f"dictionary {dictionary}\nlunar-day 24\ngo: at sunrise + 2.5d drive bearing=315 distance=2\n"
        (self.inputs / "day.plan").write_text(plan, encoding="utf-8")
        (self.inputs / "day.scenario").write_text("2020-11-12T06:00:00Z reset\n", encoding="utf-8")
        (self.inputs / "day.uplink").write_text("2020-11-12T06:00:00Z PING\n", encoding="utf-8")
        make_key(self.inputs / "key")
        for name, days in (("run", "1"), ("drive", "1.2")):
            start = "2020-11-12" if name == "run" else "2020-11-11T12:00:00Z"
            options = ("--start", start, "--days", days, "--out", str(self.inputs / name))
            subprocess.run([sys.executable, "-m", "yutu2", "run", *options], stdout=subprocess.DEVNULL, check=True)

    def results(self) -> Path:
        """An empty folder."""
        self._number += 1
        folder = self._results / str(self._number)
        folder.mkdir()
        return folder

    def arguments(self, command: Command, out: Path) -> list[str]:
        """Of a command."""
        return [word.replace("{in}", str(self.inputs)).replace("{out}", str(out)) for word in command.line.split()]


Condition = Callable[[Place, Command], Ended]


def run(place: Place, command: Command, out: Path | None = None, redirect: str = "", **variables: str) -> Ended:
    """A command under a shell, which redirects its streams."""
    arguments = place.arguments(command, out or place.results())
    script = f'"$@" {redirect}' if redirect else 'exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", sys.executable, "-m", "yutu2", *arguments],
        input=command.stdin,
        capture_output=True,
        env=os.environ | variables,
        timeout=PATIENCE_S,
    )
    return Ended(done.returncode, done.stderr.decode(errors="replace"), done.stdout.decode(errors="replace"))


def full_output(place: Place, command: Command) -> Ended:
    """Standard output on a full disk."""
    ended = run(place, command, redirect="> /dev/full")
    if command.writes and ended.status != 2:
        ended.wrong.append("the loss of its output is no error")
    return ended


def closed_output(place: Place, command: Command) -> Ended:
    """Standard output closed."""
    ended = run(place, command, redirect=">&-")
    if command.writes and ended.status != 2:
        ended.wrong.append("the loss of its output is no error")
    return ended


def closed_error(place: Place, command: Command) -> Ended:
    """Standard error closed: what is for it must not go elsewhere."""
    ended = run(place, command, redirect="2>&-")
    if "yutu2:" in ended.out.replace("Usage: yutu2", ""):
        ended.wrong.append("an error on standard output")
    return ended


def full_error(place: Place, command: Command) -> Ended:
    """Standard error on a full disk."""
    return run(place, command, redirect="2> /dev/full")


def closed_input(place: Place, command: Command) -> Ended:
    """Standard input closed."""
    return run(place, command, redirect="<&-")


def reader_gone(place: Place, command: Command) -> Ended:
    """A reader of standard output that has had enough."""
    return run(place, command, redirect="| head -c 1 > /dev/null")


def dumb_terminal(place: Place, command: Command) -> Ended:
    """A terminal without escape sequences."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "yutu2", *place.arguments(command, place.results())],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=os.environ | {"TERM": "dumb"},
        start_new_session=True,
    )
    os.close(slave)
    shown, until_s, is_typed = b"", time.monotonic() + PATIENCE_S, not command.stdin
    while time.monotonic() < until_s:
        if select.select([master], [], [], 0.1)[0]:
            try:
                shown += os.read(master, 65536)
            except OSError:
                break
        if not is_typed and b"rover>" in shown:
            os.write(master, command.stdin)
            is_typed = True
        if command.stdin and b"TC_DONE" in shown:
            os.write(master, b"\x04")
    process.kill() if process.poll() is None and time.monotonic() >= until_s else None
    os.close(master)
    ended = Ended(process.wait(), "", shown.decode(errors="replace"))
    ended.err = "".join(line + "\n" for line in ended.out.splitlines() if line.startswith("yutu2: "))
    if b"\x1b" in shown:
        ended.wrong.append("escape sequences")
    return ended


def cp1252(place: Place, command: Command) -> Ended:
    """The encoding of an old Windows console."""
    return run(place, command, PYTHONIOENCODING="cp1252")


def c_locale(place: Place, command: Command) -> Ended:
    """No locale, and ASCII alone."""
    return run(place, command, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")


def odd_name(place: Place, command: Command) -> Ended:
    """Names of files that are no UTF-8, for inputs and results."""
    out = Path(os.fsdecode(os.fsencode(place.results()) + b"/" + ODD))
    out.mkdir()
    odd = Place.__new__(Place)
    odd.__dict__.update(place.__dict__)
    odd.inputs = place.odd
    if not place.odd.exists():
        place.odd.symlink_to(place.inputs)
    return run(odd, command, out)


def unusual_home(place: Place, command: Command) -> Ended:
    """A home that is not there and cannot be made."""
    return run(place, command, HOME="/proc/none", XDG_CACHE_HOME="", XDG_CONFIG_HOME="", XDG_STATE_HOME="")


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A tmpfs at a folder."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def full_disk(place: Place, command: Command) -> Ended:
    """No room where results go. An earlier result stays as it was."""
    folder = place.results()
    with mounted(folder, "size=64k"):
        (folder / "filling").write_bytes(bytes(64 << 10))
        ended = run(place, command, folder)
        left = [path.name for path in folder.rglob("*") if path.name.endswith(".part")]
        if left:
            ended.wrong.append(f"leaves {left}")
    if "{out}" in command.line and not command.line.startswith("dictionary") and ended.status != 2:
        ended.wrong.append("the loss of its result is no error")
    return ended


def read_only(place: Place, command: Command) -> Ended:
    """A folder for results that cannot be written."""
    folder = place.results()
    with mounted(folder, "size=64k"):
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        return run(place, command, folder)


def interrupted(moments_ms: tuple[int, ...]) -> Condition:
    """Ctrl-C so long after the entry module of yutu2 is there, at each of these moments."""

    def run_all(place: Place, command: Command) -> Ended:
        worst: Ended | None = None
        for moment_ms in moments_ms:
            ended = _interrupted(place, command, moment_ms)
            _judge(ended)
            if worst is None or ended.wrong or (not worst.wrong and (ended.took_s or 0) > (worst.took_s or 0)):
                worst = ended
        assert worst is not None
        return worst

    return run_all


def _interrupted(place: Place, command: Command, moment_ms: int) -> Ended:
    ready, release = os.pipe()
    arguments = place.arguments(command, place.results())
    process = subprocess.Popen(
        [sys.executable, "-c", RELEASED.format(ready=release), "yutu2", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(release,),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    os.close(release)
    os.read(ready, 1)
    os.close(ready)
    if command.stdin:
        # More may come: a shell goes on until it is interrupted
        process.stdin.write(command.stdin)
        process.stdin.flush()
    time.sleep(moment_ms / 1000)
    is_over = process.poll() is not None
    begin_s = time.monotonic()
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    took_s = time.monotonic() - begin_s
    ended = Ended(process.returncode, err.decode(errors="replace"), out.decode(errors="replace"))
    if not is_over:
        ended.took_s = took_s
        if took_s > LIMIT_S:
            ended.wrong.append(f"{took_s:.1f} s after Ctrl-C at {moment_ms} ms")
        # One that was about to end may do so
        if ended.status not in (130, command.status):
            ended.wrong.append(f"exit status {ended.status} after Ctrl-C at {moment_ms} ms")
    return ended


def _judge(ended: Ended) -> None:
    if "Traceback" in ended.err + ended.out or "Exception ignored" in ended.err:
        ended.wrong.append("a traceback")
    errors = [line for line in ended.err.splitlines() if line.startswith("yutu2: ")]
    if len(errors) > 1 or (ended.status not in (0, 130) and len(ended.err.splitlines()) > 2):
        ended.wrong.append(f"{len(ended.err.splitlines())} lines of error")


CONDITIONS: dict[str, Condition] = {
    "full output": full_output,
    "closed output": closed_output,
    "reader gone": reader_gone,
    "closed error": closed_error,
    "full error": full_error,
    "closed input": closed_input,
    "dumb terminal": dumb_terminal,
    "cp1252": cp1252,
    "C locale": c_locale,
    "name not UTF-8": odd_name,
    "no home": unusual_home,
    "full disk": full_disk,
    "read-only": read_only,
    "Ctrl-C, 0 to 100 ms": interrupted(EARLY_MS),
    "Ctrl-C, 0.4 to 1.6 s": interrupted(LATER_MS),
}


def main() -> int:
    """Prints the table. Gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="WORD", action="append", help="commands that begin with it; may be repeated")
    parser.add_argument("--condition", metavar="NAME", action="append", help="only this one; may be repeated")
    given = parser.parse_args()
    conditions = {name: CONDITIONS[name] for name in given.condition or CONDITIONS}
    if os.name != "posix" or os.geteuid() != 0:
        for name in ("full disk", "read-only"):
            conditions.pop(name, None)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="yutu2-") as folder:
        place = Place(Path(folder))
        for command in (one for one in COMMANDS if one.line.startswith(tuple(given.only or [""]))):
            print(f"\n### yutu2 {command.line}\n\n| condition | exit status and line |\n|---|---|", flush=True)
            for name, condition in conditions.items():
                ended = condition(place, command)
                if not name.startswith("Ctrl-C"):
                    _judge(ended)
                wrong += bool(ended.wrong)
                cell = ended.cell().replace(folder, "")
                print(f"| {name} | {cell} |", flush=True)
    print(f"\n{wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
