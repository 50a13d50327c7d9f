"""Every command and program that README, helps and docstrings show runs, in a folder that looks like a clone."""

import os
import re
import shlex
import subprocess
import sys
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from yutu2.cli.main import app
from yutu2.dictionary.model import load
from yutu2.firmware import firmware_dir

CHECKOUT = firmware_dir().parent
README = CHECKOUT / "README.md"
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Commands that are not run here, by a pattern -> why
NOT_RUN = {
    r"^pip install '\.\[pico\]'": "changes the environment that the tests run in",
    r"\bpytest\b": "runs the tests from within the tests; .ci/run runs both suites",
    r"^python -m serial\.tools\.miniterm": "needs a terminal; tests/host_tools/test_packaging.py runs it at one",
    r"^yutu2 key load ": "needs a board",
    r"^yutu2 run --target pico-emulated ": "takes minutes; tests/board runs the emulated Pico",
}
NOT_RUN_OF_HELP = {
    r"^yutu2 key load ": "needs a board",
    r"^yutu2 flash ": "needs a board",
    r"^yutu2 calendar": "takes minutes; tests/host_tools/test_calendar.py runs it",
}

ROVER = "emulator://unix?start=2020-11-12&days=9&speed=60"
SHORT = "emulator://unix?start=2020-11-12&days=0.02&speed=max"
INSTALLATION = "python3 -m venv .venv && .venv/bin/pip install . && "


def blocks(language):
    return [text for found, text in FENCED.findall(README.read_text(encoding="utf-8")) if found == language]


def commands():
    """The lines of the README's shell blocks."""
    return [line for block in blocks("sh") for line in block.splitlines() if line.strip()]


def adapted(line):
    """A command with an emulated rover in place of a device, in the environment that the tests run in."""
    rover = ROVER + ("&key=rover.key" if "--key rover.key" in line else "")
    device = SHORT if " run --target " in line else rover
    line = line.replace(INSTALLATION, "")
    return line.replace("/dev/ttyACM0", shlex.quote(device)).replace("socket://localhost:5000", shlex.quote(SHORT))


def is_run(line, not_run):
    return not any(re.search(pattern, line) for pattern in not_run)


def run(line, folder):
    """Run a command as a shell does, and fail with what it said."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", line],
        cwd=folder,
        env=os.environ | {"PATH": f"{folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{line}\nexit status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture
def clone(tmp_path, readme_block):
    """A folder with what a clone has, the environment of the tests, and the files that the README shows."""
    for path in CHECKOUT.iterdir():
        if not path.name.startswith("."):
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    for name in ("mine.plan", "my.plan"):
        (tmp_path / name).write_text(readme_block("plan"))
    (tmp_path / "trouble.txt").write_text(readme_block("scenario"))
    (tmp_path / "day.uplink").write_text(readme_block("uplink"))
    return tmp_path


def examples() -> Iterator[tuple[str, str]]:
    """The words of each command and group, and the example at the end of its help."""

    def walk(command: typing.Any, words: list[str]) -> Iterator[tuple[str, str]]:
        yield " ".join(words), (command.epilog or "").removeprefix("Example: ")
        for name, child in getattr(command, "commands", {}).items():
            yield from walk(child, [*words, name])

    yield from walk(typer.main.get_command(app), ["yutu2"])


# Slow: lunar days with all their pictures, one after the other
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_command_of_the_readme_runs(clone):
    for line in commands():
        if is_run(line, NOT_RUN):
            run(adapted(line), clone)


# Slow: as many processes as there are commands
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_example_of_every_help_runs(clone):
    run("yutu2 run --start 2020-11-10T18:00:00Z --days 0.3 --out day24", clone)
    for _, example in examples():
        if is_run(example, NOT_RUN_OF_HELP):
            run(example.replace("yutu2 key make ", "rm -f rover.key && yutu2 key make "), clone)


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_what_is_not_run_is_still_in_the_readme(pattern):
    assert any(re.search(pattern, line) for line in commands()), "take it out of the list"


@pytest.mark.parametrize("pattern", NOT_RUN_OF_HELP)
def test_what_is_not_run_is_still_in_a_help(pattern):
    assert any(re.search(pattern, example) for _, example in examples()), "take it out of the list"


def test_what_is_adapted_is_still_in_the_readme():
    for text in (INSTALLATION, "/dev/ttyACM0", "socket://localhost:5000"):
        assert any(text in line for line in commands())


def test_the_environment_is_activated_before_the_first_command_that_needs_that():
    lines = commands()
    first = next(number for number, line in enumerate(lines) if line.startswith(("yutu2 ", "pip ", "pytest")))
    assert any(line.startswith("source .venv/bin/activate ") for line in lines[:first])


def test_every_help_ends_with_an_example_of_its_command():
    assert {words for words, example in examples() if not re.search(rf"(^|\| ){words}( |$)", example)} == set()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_every_program_of_the_readme_prints_something(clone, number):
    program = blocks("python")[number]
    assert run(f"python -c {shlex.quote(program)}", clone).strip()


def test_the_program_behind_pyserial_prints_a_frame(clone):
    (program,) = [text for text in blocks("python") if "serial_for_url" in text]
    assert bytes.fromhex(run(f"python -c {shlex.quote(program)}", clone))[:4] == bytes.fromhex("1ACFFC1D")


def docstring_examples():
    """Module, and the indented text in its docstring, of each module that has such."""
    found = {}
    for path in sorted((CHECKOUT / "host_tools" / "yutu2").rglob("*.py")):
        docstring = compile(path.read_text(encoding="utf-8"), str(path), "exec").co_consts[0]
        lines = re.findall(r"^(?:    .*\n|\n(?=    ))+", docstring or "", re.MULTILINE)
        if text := re.sub(r"^    ", "", "".join(lines), flags=re.MULTILINE).strip():
            name = path.relative_to(CHECKOUT / "host_tools").with_suffix("")
            found[".".join(name.parts).removesuffix(".__init__")] = text + "\n"
    return found


CHECKS = {
    "yutu2": lambda text, clone: run(f"python -c {shlex.quote(text)}", clone),
    "yutu2.mission.plan": lambda text, clone: run("yutu2 plan check example", clone),
    "yutu2.mission.scenario": lambda text, clone: run("yutu2 scenario check example", clone),
    "yutu2.mission.uplink_file": lambda text, clone: run("yutu2 uplink check example", clone),
}


@pytest.mark.slow
@pytest.mark.parametrize("module", docstring_examples())
def test_every_example_of_a_docstring_runs(clone, module):
    text = docstring_examples()[module]
    # A plan names the dictionary that it is written for
    (clone / "example").write_text(re.sub(r"^dictionary .*", f"dictionary {load().hash.hex()}", text))
    assert CHECKS[module](text, clone).strip()


@pytest.mark.slow
def test_the_default_rover_drives_at_once(clone):
    done = run(f"yutu2 send DRIVE bearing=315 distance=5.5 --to {shlex.quote('emulator://unix?speed=60')}", clone)
    assert "TC_DONE" in done


def test_a_board_begins_where_the_default_rover_does():
    settings = Path(firmware_dir() / "settings.txt").read_text(encoding="utf-8")
    assert "\nstart = 2020-11-12T00:00:00Z\n" in settings
