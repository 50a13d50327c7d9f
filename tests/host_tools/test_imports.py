"""No command loads what it does not use, and nothing of Unix alone is needed where a feature does not need it."""

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from yutu2.dictionary.model import load
from yutu2.line.runtime import firmware_command

GOLDEN = Path(__file__).parents[1] / "golden" / "rover_drive.tm"
HEAVY = ("astropy", "cryptography", "matplotlib", "numpy", "prompt_toolkit", "pyarrow", "rich", "spacepackets")
FIELD = "HK_POWER.box_temperature"

# Runs commands one after the other in one process; prints as its last line the exit statuses and the modules loaded
RUN = """
import io, json, sys
from yutu2.cli.main import main

statuses = []
for words in json.loads(sys.argv[1]):
    sys.argv = ["yutu2", *words]
    try:
        main()
    except SystemExit as end:
        statuses.append(end.code)
print(json.dumps([statuses, sorted({name.partition(".")[0] for name in sys.modules})]), flush=True)
"""
# As on a system without them, but for the libraries, which know what to do there
BLOCK = """
import builtins, select, types

ORIGINAL, WITHOUT_POLL = builtins.__import__, types.ModuleType("select")
WITHOUT_POLL.select, WITHOUT_POLL.error = select.select, select.error

def restricted(name, globals=None, locals=None, fromlist=(), level=0):
    if (globals or {}).get("__name__", "").partition(".")[0] == "yutu2":
        if name.partition(".")[0] in ("fcntl", "termios", "tty", "pty"):
            raise ImportError(f"{name} is not there")
        if name == "select":
            return WITHOUT_POLL
    return ORIGINAL(name, globals, locals, fromlist, level)

builtins.__import__ = restricted
"""


def run(script, environment, *commands):
    """Exit statuses of the commands in one process, what they printed, and the modules loaded at its end."""
    words = json.dumps([[str(word) for word in command] for command in commands])
    done = subprocess.run([sys.executable, "-c", script, words], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *printed, last = done.stdout.splitlines()
    statuses, modules = json.loads(last)
    return statuses, "\n".join(printed) + done.stderr, set(modules)


@pytest.fixture
def empty_file(tmp_path):
    path = tmp_path / "empty.tm"
    path.touch()
    return path


def test_help_and_decode_load_no_library_of_other_commands(environment, empty_file):
    statuses, printed, modules = run(RUN, environment, ["--help"], ["send", "--help"], ["decode", empty_file])
    assert statuses == [0, 0, 0], printed
    assert modules & set(HEAVY) == set()
    assert {"typer", "serial"} <= modules  # the names are those of modules


def test_a_chart_alone_loads_what_draws_it(environment, tmp_path):
    statuses, printed, modules = run(RUN, environment, ["chart", GOLDEN, FIELD, "--out", tmp_path / "a.png"])
    assert statuses == [0], printed
    assert modules & set(HEAVY) == {"matplotlib", "numpy", "rich"}


@pytest.fixture
def rover(micropython):
    """`socket://...` of a rover behind a server, as a serial server on the network has it."""
    command = firmware_command(micropython, {"start": "2020-11-12T00:00:00Z", "days": "1", "speed": "60"})
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server, command))
        thread.start()
        yield f"socket://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def serve(server, command):
    """A rover for the first connection, until that ends."""
    try:
        connection, _ = server.accept()
    except OSError:
        return
    with connection, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as child:
        down = threading.Thread(target=pass_on, args=(lambda: child.stdout.read(4096), connection.sendall))
        down.start()
        pass_on(lambda: connection.recv(4096), child.stdin.write)
        child.kill()
        down.join()


def pass_on(read, write):
    try:
        while octets := read():
            write(octets)
    except OSError:
        pass


@pytest.mark.slow
def test_nothing_of_unix_alone_is_needed(environment, rover, tmp_path):
    plan = tmp_path / "mine.plan"
    plan.write_text(f"dictionary {load().hash.hex()}\nlunar-day 24\na: at noon - 2d vnis_detect\n")
    statuses, printed, _ = run(
        BLOCK + RUN,
        environment,
        ["decode", GOLDEN],
        ["chart", GOLDEN, "--out", tmp_path / "overview.png"],
        ["chart", GOLDEN, FIELD, "--out", tmp_path / "field.png"],
        ["products", GOLDEN, "--out", tmp_path],
        ["plan", "check", plan, "--no-dry-run"],
        ["send", "PING", "--to", rover],
    )
    assert statuses == [0] * 6, printed
    assert "ALIVE" in printed
    assert (tmp_path / "products" / "products.json").is_file()


@pytest.mark.parametrize("line", ["import pty", "from termios import tcgetattr", "from select import poll"])
def test_the_block_works(environment, line):
    script = BLOCK + f"exec({line!r}, {{'__name__': 'yutu2.line.port'}})"
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert "ImportError" in done.stderr
