"""Every command and program that the pages of documentation, helps and docstrings show runs, in a copy of a clone."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from yutu2.cli.main import app
from yutu2.dictionary.model import load
from yutu2.firmware import firmware_dir

from .pages import PAGES, commands, fenced, name_of

CHECKOUT = firmware_dir().parent

# Commands that are not run here, by a pattern -> why
NOT_RUN = {
    r"^python3 -m venv ": "makes an environment; tests/host_tools/test_packaging.py does so",
    r"^pip (install|wheel) ": "changes the environment that the tests run in",
    r"yutu2 run --lunar-day 24 --out day24$": "the fixture day24_run has run it",
    r"\bpytest\b": "runs the tests from within the tests; .ci/run runs them all",
    r"^python -m tests\.remake|^yutu2 dictionary generate": "writes into the checkout; test_extending.py runs generate",
    r"^pre-commit |^\.venv/bin/pre-commit |^\.ci/run": "checks the checkout, or everything",
    r"^python -m serial\.tools\.miniterm": "needs a terminal; tests/host_tools/test_packaging.py runs it at one",
    r"^yutu2 key load ": "needs a board",
    r"^yutu2 run --target pico-emulated |emulator://pico": "takes minutes; tests/board runs the emulated Pico",
}
NOT_RUN_OF_HELP = {
    r"^yutu2 key load ": "needs a board",
    r"^yutu2 flash ": "needs a board",
    r"^yutu2 calendar": "takes minutes; tests/host_tools/test_calendar.py runs it",
}

ROVER = "emulator://unix?start=2020-11-12&days=9&speed=60"
SHORT = "emulator://unix?start=2020-11-12&days=0.02&speed=max"
# What is run in place of what a page shows: emulated rovers for lines that are not there, a shorter run for a long one
DEVICE = "/dev/ttyACM0"
REPLACED = {"socket://localhost:5000": shlex.quote(SHORT), "--days 31.5": "--days 1.5"}


def all_commands():
    return [line for page in PAGES for line in commands(page)]


def adapted(line):
    """A command with an emulated rover in place of a device."""
    rover = ROVER + ("&key=rover.key" if "--key rover.key" in line else "")
    line = line.replace(DEVICE, shlex.quote(SHORT if " run --target " in line else rover))
    for shown, run_instead in REPLACED.items():
        line = line.replace(shown, run_instead)
    return line


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
def clone(tmp_path):
    """A folder with what a clone has, and the environment of the tests."""
    for path in CHECKOUT.iterdir():
        if not path.name.startswith("."):
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "dist").mkdir(exist_ok=True)
    return tmp_path


@pytest.fixture
def files(clone):
    """The files that helps name: a plan, a scenario, an uplink file."""
    (page,) = [page for page in PAGES if name_of(page) == "host_tools/README.md"]
    for line in commands(page):
        if line.startswith("cat > ") or line == "cp firmware/lunar_day.plan mine.plan":
            run(line, clone)


def examples() -> Iterator[tuple[str, str]]:
    """The words of each command and group, and the example at the end of its help."""

    def walk(command: typing.Any, words: list[str]) -> Iterator[tuple[str, str]]:
        yield " ".join(words), (command.epilog or "").removeprefix("Example: ")
        for name, child in getattr(command, "commands", {}).items():
            yield from walk(child, [*words, name])

    yield from walk(typer.main.get_command(app), ["yutu2"])


# Slow: dozens of processes, and pictures of a lunar day
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_of_a_page_runs(page, clone, day24_run):
    shutil.copytree(day24_run[1], clone / "day24")
    for line in commands(page):
        if is_run(line, NOT_RUN):
            run(adapted(line), clone)


# Slow: as many processes as there are commands
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_example_of_every_help_runs(clone, files):
    run("yutu2 run --start 2020-11-10T18:00:00Z --days 0.3 --out day24", clone)
    for _, example in examples():
        if is_run(example, NOT_RUN_OF_HELP):
            run(example.replace("yutu2 key make ", "rm -f rover.key && yutu2 key make "), clone)


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_what_is_not_run_is_still_on_a_page(pattern):
    assert any(re.search(pattern, line) for line in all_commands()), "take it out of the list"


@pytest.mark.parametrize("pattern", NOT_RUN_OF_HELP)
def test_what_is_not_run_is_still_in_a_help(pattern):
    assert any(re.search(pattern, example) for _, example in examples()), "take it out of the list"


def test_what_is_replaced_is_still_on_a_page():
    for text in (DEVICE, *REPLACED):
        assert any(text in line for line in all_commands())


def test_the_environment_is_activated_before_the_first_command_that_needs_that():
    for page in PAGES:
        lines = commands(page)
        needs = [
            number for number, line in enumerate(lines) if line.startswith(("yutu2 ", "pip ", "pytest", "pre-commit"))
        ]
        is_activated = any(line.startswith("source .venv/bin/activate") for line in lines[: min(needs, default=0)])
        # Or the page says so in words
        text = " ".join(page.read_text(encoding="utf-8").split())
        assert is_activated or not needs or "in the environment that the [first page](../README.md) makes" in text, page


def test_packages_are_installed_from_the_clone_with_extras_that_there_are():
    extras = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    installed = [
        what
        for page in PAGES
        for what in re.findall(r"pip install (?:-e )?('[^']*'|[^ `\n]+)", page.read_text(encoding="utf-8"))
    ]
    assert len(installed) > 10
    named = [re.fullmatch(r"'\.\[([\w,]+)\]'", what) for what in installed if what != "."]
    assert all(named), installed
    assert {extra for found in named for extra in found[1].split(",")} <= set(extras)


@pytest.mark.parametrize(
    ("page", "what", "extra"),
    [
        ("README.md", "yutu2 image build", "pico"),
        ("firmware/README.md", "yutu2 image build", "pico"),
        ("host_tools/README.md", "--format parquet", "data"),
    ],
)
def test_an_extra_is_installed_before_the_command_that_needs_it(page, what, extra):
    lines = commands(CHECKOUT / page)
    first = next(number for number, line in enumerate(lines) if what in line)
    assert f"pip install '.[{extra}]'" in lines[:first]


def test_every_help_ends_with_an_example_of_its_command():
    assert {words for words, example in examples() if not re.search(rf"(^|\| ){words}( |$)", example)} == set()


PROGRAMS = [
    pytest.param(program, id=f"{name_of(page)}-{number}")
    for page in PAGES
    for number, program in enumerate(fenced(page, "python"))
]


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_of_a_page_prints_something(clone, program):
    assert run(f"python -c {shlex.quote(program)}", clone).strip()


def test_the_program_behind_pyserial_prints_a_frame(clone):
    (program,) = [text for page in PAGES for text in fenced(page, "python") if "serial_for_url" in text]
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
