"""Ctrl-C ends a command in one line wherever it comes, from the first import on."""

import signal
import subprocess
import sys

import pytest
from yutu2.decode.telemetry import TelemetryDecoder
from yutu2.dictionary.model import load
from yutu2.line import source
from yutu2.line.source import read_source
from yutu2.recordings.reading import read_reports
from yutu2.system.interrupts import Interrupt

# Sends Ctrl-C to itself as a module of that name is about to be imported; "loses" as a library that catches everything
AT_IMPORT = """
import os, signal, sys

class AtImport:
    def find_spec(self, name, path=None, target=None):
        if name == MODULE:
            sys.meta_path.remove(self)
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except BaseException:
                if not LOSES:
                    raise
        return None

MODULE, LOSES = sys.argv.pop(1), sys.argv.pop(1) == "loses"
sys.meta_path.insert(0, AtImport())
from yutu2.__main__ import main
main()
"""


@pytest.fixture
def at_import(environment):
    """`at_import(module, *arguments)`: the command, with a Ctrl-C when it is about to import a module."""

    def run(module, *arguments, handler=signal.SIG_DFL, loses=False):
        return subprocess.run(
            [sys.executable, "-c", AT_IMPORT, module, "loses" if loses else "keeps", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment,
            # A process that a shell has put into the background ignores it
            preexec_fn=lambda: signal.signal(signal.SIGINT, handler),
        )

    return run


@pytest.mark.parametrize("module", ["yutu2.cli.main", "typer"])
def test_while_the_command_line_is_imported(at_import, module):
    done = at_import(module, "--help", loses=module == "typer")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "yutu2: interrupted\n")


@pytest.mark.sampled(1)
@pytest.mark.parametrize("module", ["yutu2.recordings.reading", "numpy.linalg", "matplotlib.figure"])
def test_while_a_command_imports_what_it_needs(at_import, morning_file, tmp_path, module):
    done = at_import(module, "chart", morning_file, "--out", tmp_path / "chart.png")
    assert (done.returncode, done.stderr) == (130, "yutu2: interrupted\n")
    assert list(tmp_path.iterdir()) == []


COMMAND = """
import os, signal, sys, time, weakref
from yutu2.cli import main as cli

class Thing:
    pass

@cli.app.command("work")
def work():
    thing = Thing()
    WORK
    print("it went on")

sys.argv = ["yutu2", "work"]
cli.main()
"""
IN_A_FINALIZER = """
    reference = weakref.ref(thing, lambda reference: signal.raise_signal(signal.SIGINT))
    del thing
    for _ in range(1000):
        time.sleep(0.01)
"""
AS_ANOTHER_ERROR = """
    try:
        signal.raise_signal(signal.SIGINT)
    except BaseException:
        raise ImportError("a library")
"""
SWALLOWED = """
    try:
        signal.raise_signal(signal.SIGINT)
    except BaseException:
        pass
    return 0
"""


IN_EXEC = """
    exec("signal.raise_signal(signal.SIGINT)")  # after which CPython would end itself by the signal
"""


@pytest.mark.parametrize("work", [IN_A_FINALIZER, AS_ANOTHER_ERROR, SWALLOWED, IN_EXEC])
def test_one_that_python_or_a_library_loses_is_one_still(environment, tmp_path, work):
    (tmp_path / "worker.py").write_text(COMMAND.replace("    WORK\n", work))
    # As yutu2 by -m: a module ends in another way than a script
    command = [sys.executable, "-m", "worker"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "yutu2: interrupted\n")


@pytest.mark.slow
def test_in_the_background_of_a_shell_it_stays_ignored(at_import, morning_file):
    for module in ("typer", "yutu2.recordings.reading"):
        done = at_import(module, "decode", morning_file, handler=signal.SIG_IGN)
        assert done.returncode == 0
        assert done.stdout


def test_a_line_that_is_being_opened_is_left_at_once(monkeypatch):
    """Which may take as long as the other end likes; only what is received is ended in good order."""
    monkeypatch.setattr(source, "open_port", lambda url: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        read_reports(read_source("socket://x:1"), TelemetryDecoder(load()))


def test_a_rover_is_ended_with_the_command_that_waits_for_it(start):
    process = start("send", "PING", "--to", "emulator://unix?start=2020-12-01&days=1&speed=1")
    assert process.stdout.readline() == b"PING\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err) == (130, b"yutu2: interrupted\n")


def test_long_work_is_left_at_once_and_the_request_remembered():
    with Interrupt() as interrupt:
        with pytest.raises(KeyboardInterrupt), interrupt.at_once():
            signal.raise_signal(signal.SIGINT)
        assert interrupt.asked


def test_outside_of_it_the_request_is_remembered_alone():
    with Interrupt() as interrupt:
        with interrupt.at_once():
            pass
        signal.raise_signal(signal.SIGINT)
        assert interrupt.asked
